"""A school with families whose instalments are due, and what collects them from a provider played by hand."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from carnet.dates import utc_now, write_instant
from carnet.events.contracts import Instalments
from carnet.ids import new_id
from carnet.journal import SLOTS
from carnet.mongo import Database
from payments.collection.collector.run import Collector, Limits
from payments.collection.domain.orders import Order
from payments.collection.store.orders import ORDERS
from payments.payment_methods.domain import PaymentMethod, PaymentMethods, add_method
from payments.payment_methods.store import PAYMENT_METHODS
from tests.integration.payments.conftest import Payments
from tests.integration.payments.received_records import Family, Story, clock_at, organisation_record
from tests.providers import PlayedProvider
from tests.waits import BOUND

FIRST_DUE = date(2026, 12, 5)
ALL = frozenset(range(SLOTS))
GOING_ON = asyncio.Event()


@dataclass
class Office:
    """A school with families whose first instalment of three is due, and what collects it."""

    payments: Payments
    provider: PlayedProvider = field(default_factory=PlayedProvider)
    sequence: int = 0

    @property
    def database(self) -> Database:
        return self.payments.database

    def collector(self, **limits: Any) -> Collector:
        return Collector(self.database, {"sandbox": self.provider}, Limits(**{"calls": 16, "seconds": BOUND, **limits}))

    async def on(self, day: date, *, hour: int = 12) -> None:
        """Set the clock of the school to noon of that day, or to another hour in UTC."""
        self.sequence += 1
        ahead = clock_at(day) + (hour - 12) * 3600
        await self.payments.handles(organisation_record(self.payments.organisation, self.sequence, clock_ahead=ahead))

    async def family(self, token: str | None = "success", amount: int = 900) -> str:  # noqa: S107 # a card of the sandbox
        """A family with a contract in three instalments; its contract."""
        family = Family(self.payments.organisation)
        story = Story(family)
        await self.payments.handles(story.opened(amount, Instalments(count=3, first_due=FIRST_DUE)))
        if token is not None:
            await self.method(family.account, token)
        return story.contract

    async def method(self, account: str, token: str) -> None:
        """Give an account a payment method, where adding one is not what the test is about."""
        methods = PaymentMethods(id=account, organisation=self.payments.organisation)
        added = PaymentMethod(id=new_id(), provider="sandbox", kind="card", token=token, label=None, added_at=utc_now())
        state = add_method(methods, added, prefer=True).state
        await self.database[PAYMENT_METHODS.name].insert_one(PAYMENT_METHODS.write(state))

    async def orders(self, contract: str | None = None) -> list[Order]:
        query = {} if contract is None else {"contract": contract}
        found = await self.database[ORDERS.name].find(query).sort("_id", 1).to_list(None)
        return [ORDERS.read(document) for document in found]

    async def order(self, contract: str) -> Order:
        (order,) = await self.orders(contract)
        return order

    async def time_passes(self) -> None:
        """Every claim runs out and every wait ends."""
        past = write_instant(utc_now() - timedelta(seconds=1))
        await self.database[ORDERS.name].update_many({"check_at": {"$gt": ""}}, {"$set": {"check_at": past}})

    async def rounds(self, collector: Collector | None = None) -> None:
        """Rounds until nothing is left to be done now."""
        collector = collector or self.collector()
        while await collector.round(ALL, GOING_ON):
            pass

    async def names(self, contract: str) -> list[str]:
        return (await self.payments.names_published(contract))[1:]
