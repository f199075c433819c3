"""A school whose families have instalments due all at once, each with the payment method that it was dealt."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from carnet.dates import utc_now, write_instant
from carnet.events.contracts import Instalments
from carnet.ids import new_id
from carnet.mongo import Unit, transact
from catalog.domain.organisations import move_clock
from catalog.store import ORGANISATIONS
from contracts.accounts.domain import OpenAccount, open_account
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.products import Offer
from contracts.contracts.store import CONTRACTS
from payments.collection.domain.calendars import CollectionCalendar, change_calendar
from payments.collection.store.calendars import CALENDARS
from payments.collection.store.orders import ORDERS
from payments.payment_methods.domain import PaymentMethod, PaymentMethods, add_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.schedules.store import SCHEDULES
from tests.chaos.load import Load, steadily
from tests.chaos.size import SIZE
from tests.chaos.tokens import Token
from tests.integration.verify.plot import CURRENCY, there

FIRST_DUE = timedelta(days=40)
ALL_DUE = 400
"""After so many days every instalment is due."""

AT_ONCE = 50
"""Families that are made in one transaction."""


async def comes_to_nothing(look: Callable[[], Awaitable[dict[str, int]]]) -> None:
    """Wait until all that ``look`` counts is zero, however long that takes, while something moves."""
    before, since = await steadily(look), time.monotonic()
    while any(before.values()):
        await asyncio.sleep(SIZE.every)
        now = await steadily(look)
        if now != before:
            before, since = now, time.monotonic()
        assert time.monotonic() - since < SIZE.stalled, f"for {SIZE.stalled:.0f} s there have been {now}"


class Families:
    """Families with one contract each, on the load's school."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._world = load.world
        self._began = utc_now().date()
        self._day = date.min
        self.tokens: dict[str, Token] = {}
        """The token of each contract."""

    async def open(self, tokens: Sequence[Token], each: int) -> None:
        """A contract of ``each`` instalments for each token; nothing of it is due yet."""
        calendar = CollectionCalendar(id=self._world.organisation, organisation=self._world.organisation)
        await self._world.decide(
            "payments", CALENDARS, self._world.organisation, lambda *_: change_calendar(calendar, 6, (3,))
        )
        numbered = list(enumerate(tokens))
        for first in range(0, len(numbered), AT_ONCE):
            accounts = {new_id(): family for family in numbered[first : first + AT_ONCE]}
            await self._in("payments", partial(self._methods, accounts=accounts))
            opened = await self._in("contracts", partial(self._contracts, accounts=accounts, each=each))
            self.tokens |= opened
        await comes_to_nothing(self._without_schedule)

    async def _in(self, service: str, work: Callable[[Unit], Awaitable[Any]]) -> Any:
        return await steadily(lambda: transact(self._world.databases[service], work))

    async def _methods(self, unit: Unit, accounts: dict[str, tuple[int, Token]]) -> None:
        for account, (number, token) in accounts.items():
            method = PaymentMethod(
                id=new_id(),
                provider="sandbox",
                kind=token.kind,
                token=token.of(number),
                label=None,
                added_at=utc_now(),
            )
            methods = PaymentMethods(id=account, organisation=self._world.organisation)
            unit.decide(PAYMENT_METHODS, add_method(methods, method, prefer=True), self._world.context())

    async def _contracts(self, unit: Unit, accounts: dict[str, tuple[int, Token]], each: int) -> dict[str, Token]:
        opened = {}
        for account, (number, token) in accounts.items():
            owner = {"kind": "adult", "first_name": "Inès", "last_name": str(number), "email": f"f{number}@a.example"}
            command = OpenAccount.model_validate({"language": "fr", "owner": owner})
            context = self._world.context()
            family = unit.decide(ACCOUNTS, open_account(command, account, self._world.organisation, context), context)
            sale = Instalments(count=each, first_due=context.today + FIRST_DUE)
            opening = Opening("online", sale, CURRENCY, (self._load.addition("ballet"),))
            offer = Offer(self._load.offered, family)
            contract = unit.decide(CONTRACTS, open_contract(opening, offer, context), context)
            opened[contract.id] = token
        return opened

    async def _without_schedule(self) -> dict[str, int]:
        made = await self._world.databases["payments"][SCHEDULES.name].count_documents({})
        return {"contracts without a schedule": len(self.tokens) - made}

    async def days_pass(self, days: int) -> None:
        """The school's clock shows noon, so many days after all was due."""
        self._day = self._began + timedelta(days=ALL_DUE + days)
        noon = datetime(self._day.year, self._day.month, self._day.day, 12, tzinfo=UTC)
        await self._world.decide(
            "catalog",
            ORGANISATIONS,
            self._world.organisation,
            lambda before, context: move_clock(there(before), noon, context),
        )

    async def all_asked(self) -> None:
        """Return once nothing that is due has yet to be asked of the provider, or of it again."""
        await comes_to_nothing(self._to_ask)

    async def started(self, share: float) -> None:
        """Return once such a share of the instalments is out of what is due."""
        wanted = int(share * SIZE.instalments)

        async def missing() -> dict[str, int]:
            orders = await self._world.databases["payments"][ORDERS.name].count_documents({})
            return {"attempts too few": max(wanted - orders, 0)}

        await comes_to_nothing(missing)

    async def all_reported(self) -> None:
        """Return once the late successes are known, too."""
        failed = {"token": {"$regex": "^tok_late_success"}, "status": "failed"}

        async def look() -> dict[str, int]:
            orders = self._world.databases["payments"][ORDERS.name]
            return {**await self._to_ask(), "late successes": await orders.count_documents(failed)}

        await comes_to_nothing(look)

    async def all_over(self) -> None:
        """Return once the provider is at nothing but what it never ends here; what no webhook reports is asked for."""
        orders = self._world.databases["payments"][ORDERS.name]
        lost = {"token": {"$regex": "^tok_webhook_lost"}, "status": "pending", "claim": None}

        async def look() -> dict[str, int]:
            soon = write_instant(utc_now() + timedelta(seconds=30))
            now = {"$set": {"check_at": write_instant(utc_now())}}
            await orders.update_many({**lost, "check_at": {"$gt": soon}}, now)
            under_way = {"status": "pending", "token": {"$not": {"$regex": "^tok_debit_success:300"}}}
            return {**await self._to_ask(), "orders under way": await orders.count_documents(under_way)}

        await comes_to_nothing(look)

    async def _to_ask(self) -> dict[str, int]:
        payments = self._world.databases["payments"]
        due = {"organisation": self._world.organisation, "collect_on": {"$lte": self._day.isoformat()}}
        moved = {"_id": self._world.organisation, "clock_ahead": {"$lt": self._ahead()}}
        return {
            "clocks behind": await payments["organisations"].count_documents(moved),
            "schedules with something due": await payments[SCHEDULES.name].count_documents(due),
            "orders without an answer": await payments[ORDERS.name].count_documents({"status": "asked"}),
        }

    def _ahead(self) -> int:
        """The seconds by which the school's clock must be ahead for its day to have come."""
        begins = datetime(self._day.year, self._day.month, self._day.day, 6, tzinfo=UTC)
        return int((begins - utc_now()).total_seconds())
