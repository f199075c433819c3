"""The payments service on a real database, fed with records as Kafka hands them over."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from carnet.batches import Batches
from carnet.dates import utc_now
from carnet.events import credits
from carnet.events.base import Event
from carnet.events.catalog import Contact, OrganisationChanged
from carnet.events.contracts import (
    AccountChanged,
    AccountErased,
    AccountPersonal,
    ContractChanged,
    ContractOpened,
    ContractTerms,
    DatedCharge,
    Instalments,
    Member,
    MemberPersonal,
    Sale,
)
from carnet.events.imports import Imported
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from payments.app import build_api
from payments.collections import COLLECTIONS
from payments.config import PaymentsSettings
from payments.follow_up.domain import FollowUp
from payments.follow_up.store import FOLLOW_UPS
from payments.reactions import REACTIONS
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES
from tests.callers import Signer, client_of, command
from tests.links import LINK_KEYS
from tests.records import Given, record
from tests.servers import open_database, prepare_once

SALE_DAY = date(2026, 11, 21)


@dataclass
class Family:
    """An account and what it is published with: one adult, the owner, and one child."""

    organisation: str
    owner_name: tuple[str, str] = ("Inès", "Martin")
    child_name: tuple[str, str] = ("Noé", "Martin")
    account: str = field(default_factory=new_id)
    owner: str = field(default_factory=new_id)
    child: str = field(default_factory=new_id)
    number: str | None = None

    def changed(self, sequence: int = 1, *, erased: Sequence[str] = ()) -> Given:
        names = {self.owner: self.owner_name, self.child: self.child_name}
        people = [
            MemberPersonal(id=each, first_name=first, last_name=last)
            for each, (first, last) in names.items()
            if each not in erased
        ]
        body = AccountChanged(
            account=self.account,
            owner=self.owner,
            language="fr",
            members=(
                Member(id=self.owner, kind="adult", erased=self.owner in erased),
                Member(id=self.child, kind="child", erased=self.child in erased),
            ),
            personal=AccountPersonal(members=tuple(people)),
            number=self.number,
        )
        return record(body, aggregate=self.account, sequence=sequence, organisation=self.organisation)

    def erased(self, sequence: int) -> Given:
        return record(AccountErased(), aggregate=self.account, sequence=sequence, organisation=self.organisation)


@dataclass
class Story:
    """A contract and its records, in sequence, each change one event here."""

    family: Family
    contract: str = field(default_factory=new_id)
    sequence: int = 0
    total: int = 0
    number: str | None = None

    def _record(self, body: Event, change: str | None) -> Given:
        self.sequence += 1
        return record(
            body,
            aggregate=self.contract,
            sequence=self.sequence,
            organisation=self.family.organisation,
            change=change,
        )

    def opened(
        self,
        total: int,
        sale: Sale | None = None,
        *,
        mode: str = "online",
        on: date = SALE_DAY,
        change: str | None = None,
        charges: tuple[DatedCharge, ...] = (),
        imported: Imported | None = None,
    ) -> Given:
        """Without charges, as it was published before there were terms."""
        self.total = total
        body = ContractOpened(
            contract=self.contract,
            account=self.family.account,
            mode=mode,  # type: ignore[arg-type]
            sale=sale or Instalments(count=3),
            currency="EUR",
            total=total,
            live_lines=1,
            effective_on=on,
            version=self.sequence + 1,
            number=self.number,
            terms=self._terms(charges),
            imported=imported,
        )
        return self._record(body, change)

    def _terms(self, charges: tuple[DatedCharge, ...]) -> ContractTerms | None:
        terms = ContractTerms(total=self.total, live_lines=1, version=self.sequence + 1, charges=charges)
        return terms if charges else None

    def changed(
        self,
        total: int,
        *,
        live_lines: int = 1,
        on: date = SALE_DAY,
        change: str | None = None,
        charges: tuple[DatedCharge, ...] = (),
    ) -> Given:
        """Without charges, as it was published before there were terms."""
        before, self.total = self.total, total
        body = ContractChanged(
            contract=self.contract,
            account=self.family.account,
            mode="online",
            currency="EUR",
            total_before=before,
            total_after=total,
            live_lines=live_lines,
            effective_on=on,
            version=self.sequence + 1,
            terms=self._terms(charges),
        )
        return self._record(body, change)


@dataclass
class Credit:
    """A client credit and its records, in sequence, as credits tells them."""

    family: Family
    amount: int = 500
    credit: str = field(default_factory=new_id)
    sequence: int = 0

    def published(self, body: Event) -> Given:
        self.sequence += 1
        organisation = self.family.organisation
        return record(body, aggregate=self.credit, sequence=self.sequence, organisation=organisation)

    def issued(self, **fields: Any) -> Given:
        usual = {
            "credit": self.credit,
            "account": self.family.account,
            "amount": self.amount,
            "left": self.amount,
            "currency": "EUR",
            "origin": "staff",
            "effective_on": SALE_DAY,
        }
        return self.published(credits.CreditIssued.model_validate(usual | fields))

    def bounced(self) -> Given:
        """The bank took all of the cheque back that it came by, and nothing of it was used."""
        body = credits.DepositReversed(
            credit=self.credit,
            account=self.family.account,
            amount=self.amount,
            taken=self.amount,
            due=0,
            left=0,
            currency="EUR",
            method="cheque",
            reason="bounced_cheque",
            effective_on=SALE_DAY,
        )
        return self.published(body)

    def sold_by(self, contract: str) -> Given:
        body = credits.CreditGranted(
            credit=self.credit,
            account=self.family.account,
            amount=self.amount,
            left=self.amount,
            currency="EUR",
            contract=contract,
            line=self.credit,
            effective_on=SALE_DAY,
        )
        return self.published(body)

    def suspended(self, contract: str, request: str, amount: int) -> Given:
        """The answer to a request: the contract that sold it is not paid any more."""
        body = credits.CreditUseRefused(
            request=request,
            credit=self.credit,
            contract=contract,
            amount=amount,
            reason="more-than-left",
            effective_on=SALE_DAY,
            suspended=True,
        )
        return record(body, aggregate=request, sequence=1, organisation=self.family.organisation)

    def used(self, contract: str, request: str, amount: int) -> Given:
        """The answer to a request: it is used."""
        body = credits.CreditUsed(
            credit=self.credit,
            account=self.family.account,
            amount=amount,
            left=0,
            currency="EUR",
            contract=contract,
            request=request,
            effective_on=SALE_DAY,
        )
        return self.published(body)

    def refused(self, contract: str, request: str, amount: int, reason: str = "more-than-left") -> Given:
        """The answer to a request, published in its own sequence: it is refused."""
        body = credits.CreditUseRefused(
            request=request,
            credit=self.credit,
            contract=contract,
            amount=amount,
            reason=reason,  # type: ignore[arg-type]
            effective_on=SALE_DAY,
        )
        return record(body, aggregate=request, sequence=1, organisation=self.family.organisation)


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


def clock_at(day: date) -> int:
    """How far ahead the clock of a test organisation is for its today to be ``day``."""
    return int((datetime.combine(day, time(12), UTC) - utc_now()).total_seconds())


def organisation_record(
    organisation: str, sequence: int = 1, *, currency: str = "EUR", clock_ahead: int = 0, mode: str = "test"
) -> Given:
    body = OrganisationChanged(
        organisation=organisation,
        name="École de danse du Nord",
        currency=currency,
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="aide@example.org",
        mode=mode,  # type: ignore[arg-type]
        clock_ahead=clock_ahead,
    )
    return record(body, aggregate=organisation, sequence=sequence, organisation=organisation)


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
SANDBOX_SECRET = "the secret of the tests"  # noqa: S105
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
