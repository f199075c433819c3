"""The tests find a query of a service that no index serves."""

import pytest

from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from notifications.store import COLLECTIONS, MAILS, mails_of_organisation
from tests.explained import explained


async def test_a_query_of_a_service_without_an_index_is_found(servers: Servers, namespace: str) -> None:
    database = Database.open(servers.mongo_url, f"{namespace}carnet_notifications")
    await database[MAILS.name].insert_one({"organisation": "of the tests"})

    async def ask() -> None:
        async with explained(servers, set()):
            await mails_of_organisation(database, new_id(), None, before=None, limit=5)
            await database[MAILS.name].find({"of": "the tests"}).to_list(None)

    with pytest.raises(AssertionError, match="mails") as raised:
        await ask()
    assert "COLLSCAN" in str(raised.value)
    assert "'of'" not in str(raised.value)  # what tests ask
    await database.prepare(COLLECTIONS)
    await ask()
    database.close()
