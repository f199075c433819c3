"""The contracts service on a real database: its API in this process, its reactions fed with records."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from carnet.batches import Batches
from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.events.catalog import (
    ClientCreditDetails,
    Contact,
    CourseDetails,
    Details,
    DiscountDetails,
    Format,
    OrganisationChanged,
    ProductChanged,
    Tariff,
)
from carnet.events.payments import Balance, ContractPaid, Instalment, ScheduleCreated
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet_suite.servers import Servers
from contracts.accounts.domain import Account, MemberFields, OpenAccount, open_account
from contracts.accounts.store import ACCOUNTS
from contracts.app import build_api
from contracts.config import ContractsSettings
from contracts.reactions import REACTIONS
from tests.callers import Signer, client_of, command
from tests.records import Given, record
from tests.servers import sweep
from tests.waits import BOUND

NOWHERE = "http://127.0.0.1:9"
"""Nobody answers there."""

SCOPES = "contracts:read contracts:write"


@dataclass
class Product:
    """A product of one format and one tariff, as the catalog publishes it."""

    details: Details
    price: int = 30000
    participant: bool = True
    status: str = "on_sale"
    id: str = field(default_factory=new_id)
    format: str = field(default_factory=new_id)
    tariff: str = field(default_factory=new_id)

    @property
    def published(self) -> ProductChanged:
        tariff = Tariff(id=self.tariff, name="Full", price=self.price)
        sold = (Format(id=self.format, name="A term", tariffs=(tariff,)),)
        return ProductChanged(
            product=self.id,
            name=f"A {self.details.kind}",
            status=self.status,
            vat_rate=2000,
            participant=self.participant,
            formats=() if self.details.kind == "discount" else sold,
            details=self.details,
        )

    def bought_for(self, participant: str | None) -> dict[str, Any]:
        addition = {"product": self.id, "format": self.format, "tariff": self.tariff}
        return addition if participant is None else addition | {"participant": participant}


def a_course(price: int = 30000) -> Product:
    return Product(CourseDetails(), price)


def a_credit(value: int = 5000) -> Product:
    return Product(ClientCreditDetails(value=value), value, participant=False)


def ten_percent() -> Product:
    return Product(DiscountDetails(rate=1000), participant=False)


@dataclass
class School:
    """An organisation with a family, its callers, and what its service receives."""

    app: FastAPI
    client: httpx.AsyncClient
    signer: Signer
    organisation: str = field(default_factory=new_id)
    sequences: dict[str, int] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        database: Database = self.app.state.carnet.database
        return database

    @property
    def staff(self) -> dict[str, str]:
        return self.signer.headers(self.organisation, SCOPES)

    def client_of(self, account: str) -> dict[str, str]:
        return self.signer.headers(self.organisation, SCOPES, kind="client", account=account, sub="owner-1")

    async def handles(self, *records: Given) -> None:
        tables = {table.topic.name: table for table in REACTIONS}
        for each in records:
            await Batches("contracts", self.database, tables[each.topic]).apply([each])

    async def sells(self, *products: Product) -> None:
        for product in products:
            sequence = self.sequences[product.id] = self.sequences.get(product.id, 0) + 1
            await self.handles(
                record(product.published, aggregate=product.id, sequence=sequence, organisation=self.organisation)
            )

    async def is_described(self) -> None:
        """The catalog publishes the organisation's profile."""
        body = OrganisationChanged(
            organisation=self.organisation,
            name="School of dance",
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("en",),
            contact=Contact(),
            support_email="help@example.org",
            mode="test",
        )
        await self.handles(record(body, aggregate=self.organisation, sequence=1, organisation=self.organisation))

    async def family(self) -> "Family":
        """A family of one adult and one child."""
        owner = MemberFields(kind="adult", first_name="Ada", last_name="Byron")
        child = MemberFields(kind="child", first_name="Ben", last_name="Byron")
        now = utc_now()
        context = Context(now=now, today=now.date(), actor=Actor("user", "t"), change=new_id(), new_id=new_id)
        decision = open_account(
            OpenAccount(language="en", owner=owner, members=(child,)), new_id(), self.organisation, context
        )

        async def keep(unit: Unit) -> Account:
            return unit.decide(ACCOUNTS, decision, context)

        account = await transact(self.database, keep)
        return Family(self, account.id, account.members[0].id, account.members[1].id)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=dict(headers or self.staff))

    async def post(
        self,
        path: str,
        body: Any,
        *,
        version: int | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = command(headers or self.staff, key=key, version=version)
        return await self.client.post(path, json=body, headers=sent)

    async def count_contracts(self) -> int:
        return await self.database["contracts"].count_documents({"organisation": self.organisation})

    async def journal(self, contract: str) -> list[dict[str, Any]]:
        return await self.database["journal"].find({"aggregate": contract}).sort("sequence", 1).to_list(None)


@dataclass
class Family:
    """A client account of the school."""

    school: School
    account: str
    owner: str
    child: str

    def buying(self, *products: Product, discounts: tuple[Product, ...] = (), **fields: Any) -> dict[str, Any]:
        """The body of an opening."""
        return {
            "account": self.account,
            "mode": "online",
            "sale": {"start": "instalments", "count": 3},
            "add": [product.bought_for(self.child if product.participant else None) for product in products],
            "discounts": [{"product": discount.id} for discount in discounts],
            **fields,
        }

    async def opens(self, *products: Product, discounts: tuple[Product, ...] = (), **fields: Any) -> dict[str, Any]:
        """A contract with these products, as the API answers it."""
        answer = await self.school.post("/v1/contracts", self.buying(*products, discounts=discounts, **fields))
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    def schedule(self, contract: Mapping[str, Any], *, paid: int = 0, sequence: int = 1) -> Given:
        """Payments publishes the schedule of the contract as it is."""
        total = contract["total"]["amount"]
        planned = total - paid
        body = ScheduleCreated(
            contract=contract["id"],
            account=self.account,
            mode="online",
            currency="EUR",
            effective_on=date(2026, 11, 22),
            change=new_id(),
            covers=contract["version"],
            balance=Balance(total=total, paid=paid, processing=0, planned=planned, unscheduled=0, refund_due=0),
            instalments=(Instalment(id=new_id(), due=date(2026, 12, 1), amount=planned),) if planned else (),
        )
        return record(body, aggregate=contract["id"], sequence=sequence, organisation=self.school.organisation)

    def schedule_moves(self, contract: Mapping[str, Any], sequence: int) -> Given:
        """Payments publishes something more of the schedule."""
        body = ContractPaid(
            contract=contract["id"],
            account=self.account,
            currency="EUR",
            covers=contract["version"],
            total=contract["total"]["amount"],
            effective_on=date(2026, 11, 22),
        )
        return record(body, aggregate=contract["id"], sequence=sequence, organisation=self.school.organisation)


def settings_for(
    servers: Servers,
    namespace: str,
    signer: Signer,
    *,
    payments_url: str = NOWHERE,
    catalog_url: str = NOWHERE,
    credits_url: str = NOWHERE,
) -> ContractsSettings:
    return ContractsSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        issuers=(signer.issuer,),
        payments_url=payments_url,
        catalog_url=catalog_url,
        peers_timeout=BOUND,
        credits_url=credits_url,
    )


@asynccontextmanager
async def swept(servers: Servers) -> AsyncIterator[str]:
    """A namespace for several tests, swept away at the end."""
    namespace = f"t{secrets.token_hex(4)}"
    yield namespace
    await sweep(servers, namespace)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.make(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
async def service(servers: Servers, signer: Signer) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The API, shared: each test has an organisation of its own."""
    async with swept(servers) as namespace:
        app = build_api(settings_for(servers, namespace, signer))
        async with client_of(app) as client:
            yield app, client


@pytest.fixture
async def school(service: tuple[FastAPI, httpx.AsyncClient], signer: Signer) -> School:
    school = School(*service, signer)
    await school.is_described()
    return school


@pytest.fixture
async def family(school: School) -> Family:
    return await school.family()
