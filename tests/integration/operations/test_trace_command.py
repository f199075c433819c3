"""`carnet trace`: what one request led to, read from the journals and the mails of five services."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from carnet.decisions import Actor, Context
from carnet.events.payments import ContractPaid
from carnet.ids import new_id
from carnet.journal import ROWS, Origin, coming_from, rows_of
from carnet.mongo import Database
from carnet_operations.services import SERVICES
from carnet_operations.trace import way_of
from carnet_suite.servers import Servers
from notifications.domain.mails import new_mail
from notifications.mails import contract_paid
from notifications.store import MAILS
from tests.integration.operations.conftest import Carnet
from tests.servers import open_database

NOW = datetime.now(UTC)


class Journals:
    """The five databases, filled with what requests left there."""

    def __init__(self, databases: dict[str, Database]) -> None:
        self.databases = databases
        self.organisation, self.account, self.contract = new_id(), new_id(), new_id()

    async def write(self, service: str, request: str | None, change: str, seconds: int = 0) -> str:
        """Write the row of an event; its aggregate."""
        now, aggregate = NOW + timedelta(seconds=seconds), new_id()
        context = Context(now=now, today=now.date(), actor=Actor("user", "anna"), change=change, new_id=new_id)
        with coming_from(Origin(request=request)):
            rows = rows_of(aggregate, self.organisation, 0, [self.paid], context)
        await self.databases[service][ROWS].insert_many(rows)
        return aggregate

    async def mail(self, request: str | None, change: str) -> str:
        """Keep a mail that was failed; its id."""
        facts = contract_paid.Facts.of(self.paid)
        mail = new_mail(
            facts,
            organisation=self.organisation,
            account=self.account,
            cause=new_id(),
            change=change,
            slot=0,
            now=NOW + timedelta(seconds=5),
            request=request,
        )
        failed = mail.model_copy(update={"status": "failed", "due": None, "reason": "no-address"})
        await self.databases["notifications"][MAILS.name].insert_one(MAILS.write(failed))
        return mail.id

    @property
    def paid(self) -> ContractPaid:
        return ContractPaid(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            covers=1,
            total=5_000,
            effective_on=NOW.date(),
        )


@pytest.fixture
async def journals(servers: Servers, namespace: str) -> AsyncIterator[Journals]:
    databases = {name: open_database(servers, f"{namespace}carnet_{name}") for name in SERVICES}
    for name, database in databases.items():
        await database.prepare([MAILS] if name == "notifications" else [])
    yield Journals(databases)
    for database in databases.values():
        database.close()


async def test_a_request_is_shown_in_order_of_time(carnet: Carnet, journals: Journals) -> None:
    change = new_id()
    second = await journals.write("payments", "shop-1", change, seconds=1)
    first = await journals.write("contracts", "shop-1", change)
    other = await journals.write("contracts", "shop-2", new_id())
    mail = await journals.mail("shop-1", change)
    ran = await carnet("trace", "shop-1")
    assert ran.code == 0, ran.wrong
    lines = ran.said.splitlines()
    assert lines[:3] == ["request shop-1", f"change {change}", f"organisation {journals.organisation}"]
    assert [line.split(maxsplit=1)[1] for line in lines[3:]] == [
        f"contracts      ContractPaid {first} #1 by user:anna",
        f"payments       ContractPaid {second} #1 by user:anna",
        f"notifications  mail contract_paid {mail}: failed (no-address)",
    ]
    assert other not in ran.said


async def test_a_change_is_shown_with_the_whole_of_its_request(carnet: Carnet, journals: Journals) -> None:
    change = new_id()
    made = await journals.write("contracts", "shop-1", change)
    # Of an earlier release: its reaction bears the change only.
    followed = await journals.write("payments", None, change, seconds=1)
    beside = await journals.write("credits", "shop-1", new_id(), seconds=2)
    ran = await carnet("trace", change)
    assert ran.code == 0, ran.wrong
    assert all(aggregate in ran.said for aggregate in (made, followed, beside))


@pytest.mark.parametrize(
    "id_", ["nobody", "0193a0de-0000-7000-8000-000000000001", "ffffffff-ffff-7fff-8fff-ffffffffffff"]
)
async def test_an_unknown_id_says_so(carnet: Carnet, journals: Journals, id_: str) -> None:
    ran = await carnet("trace", id_)
    assert (ran.code, ran.said) == (1, "")
    assert f"Nothing bears the id {id_}" in ran.wrong


async def test_an_index_answers_for_the_request(journals: Journals) -> None:
    await journals.write("contracts", "shop-1", new_id())
    await way_of(journals.databases, "shop-1")
    for service, collection in (("contracts", ROWS), ("notifications", MAILS.name)):
        plan = await journals.databases[service][collection].find({"request": "shop-1"}).explain()
        assert "of_request" in str(plan["queryPlanner"]["winningPlan"])
