"""Subscriptions by the month, a year that passes for them, and what must have been billed of it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from carnet.dates import months_after, utc_now
from carnet.events.contracts import OnSite
from carnet.mongo import Document
from carnet.organisations import ORGANISATIONS as KNOWN
from catalog.domain.organisations import move_clock
from catalog.store import ORGANISATIONS
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.products import Addition
from contracts.contracts.store import CONTRACTS
from payments.schedules.store import SCHEDULES
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.load import FAMILIES, Load, eventually
from tests.integration.verify.plot import CURRENCY, there

PRICE = 4_500
MINIMUM = 2
SIDE_BY_SIDE = 16
"""Contracts that are opened at the same instant."""


class Subscribers:
    """Families with so many subscriptions, which begin on the days of one month."""

    def __init__(self, load: Load, count: int) -> None:
        self._load = load
        self._world = load.world
        self._count = count
        self._began = utc_now().date()
        self.today = self._began
        self.first_days: dict[str, date] = {}
        """The first day of each subscription, by its contract."""

    async def open(self) -> None:
        """Sell them all."""
        details = {"kind": "subscription", "unit": "month", "every": 1, "minimum": MINIMUM}
        await self._load.product("studio", details, PRICE)
        studio = self._load.season.products["studio"]

        async def offered() -> bool:
            await self._load.know_products()
            return studio in self._load.offered and self._load.offered[studio].status == "on_sale"

        await eventually(offered, "contracts has received the subscription")
        sold = self._load.addition("studio")
        for first in range(0, self._count, SIDE_BY_SIDE):
            numbers = range(first, min(first + SIDE_BY_SIDE, self._count))
            await asyncio.gather(*(self._open(number, sold) for number in numbers))

    async def _open(self, number: int, sold: Addition) -> None:
        offer = await self._load.offer(FAMILIES[number % len(FAMILIES)])
        first = self._began + timedelta(days=number % 31)
        addition = Addition(sold.product, sold.format, sold.tariff, first_day=first)
        opening = Opening("on_site", OnSite(), CURRENCY, (addition,))
        contract = await self._world.decide(
            "contracts", CONTRACTS, None, lambda _, context: open_contract(opening, offer, context)
        )
        self.first_days[contract.id] = first

    async def month_passes(self, month: int) -> None:
        """The school's clock shows noon, so many months after all were sold; contracts knows it."""
        self.today = months_after(self._began, month, self._began.day)
        noon = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        school = self._world.organisation
        await self._world.decide(
            "catalog", ORGANISATIONS, school, lambda before, context: move_clock(there(before), noon, context)
        )
        organisations = self._world.databases["contracts"][KNOWN.name]

        async def known() -> bool:
            found = await organisations.find_one({"_id": school})
            return found is not None and KNOWN.read(found).today(utc_now()) >= self.today

        await eventually(known, "contracts knows the date")

    async def all_billed(self) -> None:
        """Return once nothing is to be billed by today, and each schedule covers what was."""
        contracts = self._world.databases["contracts"][CONTRACTS.name]
        due = {"bill_on": {"$gt": "", "$lte": self.today.isoformat()}}

        async def missing() -> dict[str, int]:
            return {"subscriptions to bill": await contracts.count_documents(due)}

        await comes_to_nothing(missing)

    async def hold(self) -> int:
        """Every period was billed once, on its day, and is a charge of its schedule; returns how many there are."""
        kept = {each["_id"]: each for each in await self._all("contracts", CONTRACTS.name)}
        schedules = {each["_id"]: each for each in await self._all("payments", SCHEDULES.name)}
        added = await self._added()
        assert kept.keys() >= self.first_days.keys()
        periods = 0
        for contract, first in self.first_days.items():
            lines = [line["purchase"] for line in kept[contract]["lines"]]
            due = self._due(first)
            assert [line["period"] for line in lines] == list(range(1, due + 1)), (contract, first, len(lines))
            days = [months_after(first, number, first.day) for number in range(due + 1)]
            tiles = [(one.isoformat(), (after - timedelta(days=1)).isoformat()) for one, after in pairwise(days)]
            assert [(line["first_day"], line["last_day"]) for line in lines] == tiles, contract
            # The minimum term with the sale, each next one from the first day of the period before it.
            on = [self._began] * MINIMUM + days[MINIMUM - 1 : due - 1]
            assert added[contract] == [each.isoformat() for each in on], contract
            charges = [(each["line"], each["amount"], each["due"]) for each in schedules[contract]["charges"]]
            assert charges == [(line["line"], PRICE, line["first_day"]) for line in lines], contract
            assert sum(each["amount"] for each in schedules[contract]["instalments"]) == due * PRICE, contract
            periods += due
        return periods

    def _due(self, first: date) -> int:
        """How many periods are billed by today: one ahead of the last that has begun, the minimum term at least."""
        begun = next(number for number in range(1_000) if months_after(first, number, first.day) > self.today)
        return max(begun + 1, MINIMUM)

    async def _added(self) -> Mapping[str, list[str]]:
        """The days on which the journal says that each period was added, in their order, by contract."""
        query = {"type": "carnet.contracts.ProductAdded.v1"}
        rows = self._world.databases["contracts"]["journal"].find(query).sort([("aggregate", 1), ("sequence", 1)])
        found = dict[str, list[str]]()
        async for row in rows:
            found.setdefault(row["aggregate"], []).append(row["data"]["effective_on"])
        return found

    async def _all(self, service: str, collection: str) -> list[Document]:
        found: list[Any] = await self._world.databases[service][collection].find().to_list(None)
        return found
