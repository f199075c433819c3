"""The payments service on a real database, fed with records as Kafka hands them over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from carnet.batches import Batches
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from payments.app import build_api
from payments.collections import COLLECTIONS
from payments.config import PaymentsSettings
from payments.follow_up.domain import FollowUp
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.reactions import REACTIONS
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES
from tests.callers import Signer, client_of, command
from tests.integration.payments.received_records import SALE_DAY, Family, clock_at, organisation_record
from tests.links import LINK_KEYS
from tests.records import Given
from tests.servers import open_database, prepare_once


@dataclass
class Payments:
    """The service without its processes: its database and its tables of reactions."""

    database: Database
    organisation: str

    def __post_init__(self) -> None:
        self._batches = {table.topic.name: Batches("payments", self.database, table) for table in REACTIONS}

    async def handles(self, *records: Given) -> None:
        """Apply records of one topic, as one batch."""
        (topic,) = {each.topic for each in records}
        await self._batches[topic].apply(records)

    async def schedule(self, contract: str) -> Schedule:
        found = await self.database[SCHEDULES.name].find_one({"_id": contract})
        assert found is not None
        return SCHEDULES.read(found)

    async def row(self, contract: str) -> FollowUp:
        found = await self.database[FOLLOW_UPS.name].find_one({"_id": contract})
        assert found is not None
        return FOLLOW_UPS.read(found)

    async def published(self, contract: str) -> list[dict[str, Any]]:
        return await self.database["journal"].find({"aggregate": contract}).sort("sequence", 1).to_list(None)

    async def names_published(self, contract: str) -> list[str]:
        return [row["type"].split(".")[2] for row in await self.published(contract)]


@pytest.fixture
async def database(servers: Servers, namespace: str) -> AsyncIterator[Database]:
    opened = open_database(servers, f"{namespace}carnet_payments")
    await prepare_once(opened, COLLECTIONS)
    yield opened
    opened.close()


@pytest.fixture
def payments(database: Database) -> Payments:
    return Payments(database, new_id())


@pytest.fixture
def family(payments: Payments) -> Family:
    return Family(payments.organisation)


ALL_SCOPES = "payments:read payments:collect payments:correct payments:methods payments:books"
NOWHERE = "http://127.0.0.1:9"
"""Where the sandbox would be: the API knows it by its name and its signature, and never calls it."""
SANDBOX_SECRET = "the secret of the tests"  # noqa: S105 # no real one
SEPA_KEY = "c2VwYSBrZXkgb2YgdGhlIHRlc3RzLCAzMiBieXRlcyE="


@dataclass
class Desk:
    """The API of payments with callers, on the database that ``payments`` feeds."""

    client: httpx.AsyncClient
    payments: Payments
    signer: Signer
    settings: PaymentsSettings

    @asynccontextmanager
    async def restarted(self, **changes: Any) -> AsyncIterator["Desk"]:
        """The same with an API of its own, whose settings have these changes."""
        settings = self.settings.model_copy(update=changes)
        async with client_of(build_api(settings)) as client:
            yield replace(self, client=client, settings=settings)

    def headers(self, scopes: str = ALL_SCOPES, organisation: str | None = None, **claims: Any) -> dict[str, str]:
        return self.signer.headers(organisation or self.payments.organisation, scopes, **claims)

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query, headers=headers or self.headers())

    async def post(
        self, path: str, body: Any, *, version: int | None = None, key: str | None = None, **claims: Any
    ) -> httpx.Response:
        return await self.client.post(
            path, json=body, headers=command(self.headers(**claims), key=key, version=version)
        )

    async def put(self, path: str, body: Any, *, version: int, **claims: Any) -> httpx.Response:
        headers = command(self.headers(**claims), version=version)
        return await self.client.put(path, json=body, headers=headers)

    async def delete(self, path: str, **claims: Any) -> httpx.Response:
        return await self.client.delete(path, headers=self.headers(**claims))

    async def move(self, contract: str, what: str, body: Any, *, version: int, key: str | None = None) -> Any:
        """Change what is to come of a contract: its ``planning``, or one of its instalments (PAY-5)."""
        return await self.post(f"/v1/schedules/{contract}/{what}", body, version=version, key=key)

    async def pay(self, contract: str, amount: int, *, version: int, key: str | None = None, **more: Any) -> Any:
        body = {"amount": euros(amount), "method": "cash", **more}
        return await self.post(f"/v1/schedules/{contract}/payments", body, version=version, key=key)


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def stages(plan: Any) -> set[str]:
    """The stages of a query's plan, as MongoDB explains it."""
    if isinstance(plan, dict):
        own = {plan["stage"]} if "stage" in plan else set()
        return own.union(*(stages(value) for value in plan.values()))
    return set().union(*(stages(each) for each in plan)) if isinstance(plan, list) else set()


@pytest.fixture
async def desk(servers: Servers, namespace: str, payments: Payments, tmp_path: Path) -> AsyncIterator[Desk]:
    signer = Signer.make(tmp_path)
    settings = PaymentsSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        issuers=(signer.issuer,),
        sandbox_url=NOWHERE,
        sandbox_secret=SANDBOX_SECRET,
        webhook_url=NOWHERE,
        link_keys=LINK_KEYS,
        sepa_keys=SecretStr(SEPA_KEY),
        books_settle=0,
    )
    await payments.handles(organisation_record(payments.organisation, clock_ahead=clock_at(SALE_DAY)))
    async with client_of(build_api(settings)) as client:
        yield Desk(client, payments, signer, settings)
