"""A school at work while its workers are broken: several desks at once, each contract after contract."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from carnet.events.contracts import AtOnce, Instalments, OnSite
from carnet.mongo import is_transient
from carnet_suite.servers import Servers
from catalog.domain.products import archive_product
from catalog.store import PRODUCTS as CATALOG_PRODUCTS
from contracts.accounts.domain import AccountFields, edit_account
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.domain.changes import Change, cancel_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.store import CONTRACTS, PRODUCTS
from payments.schedules.store import SCHEDULES
from tests.integration.verify.plot import Plot, there
from tests.integration.verify.world import World
from tests.waits import BOUND

R = TypeVar("R")

BETWEEN_STEPS = 0.15
"""Seconds that a desk takes between two steps: so that all desks together take about fifteen decisions a second."""


FAMILIES = ("martin", "petit", "moreau")


async def steadily(ask: Callable[[], Awaitable[R]]) -> R:
    """As a client of the API does: again, while the database does not answer."""
    async with asyncio.timeout(BOUND):
        while True:
            try:
                return await ask()
            except Exception as error:
                if not is_transient(error):
                    raise
                await asyncio.sleep(0.1)


async def eventually(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until it holds; what is waited for is done by other processes."""
    try:
        async with asyncio.timeout(BOUND):
            while not await steadily(holds):  # noqa: ASYNC110 # other processes do it
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"in {BOUND:.0f} s it did not come to this: {what}") from None


class SteadyWorld(World):
    """The services' own decisions, saved where their workers find them, and counted."""

    decided = 0

    async def decide(self, *arguments: Any, **named: Any) -> Any:
        decided = await steadily(lambda: super(SteadyWorld, self).decide(*arguments, **named))
        self.decided += 1
        return decided


class Load(Plot):
    """What the school does all the time: products, contracts, changes, payments, accounts."""

    world: SteadyWorld

    def __init__(self, servers: Servers, namespace: str) -> None:
        super().__init__(SteadyWorld(servers, namespace))
        self.paid: dict[str, int] = {}
        """What was received for each contract, in minor units."""
        self._count = 0

    async def prepare(self) -> None:
        """A school with products on sale and families, which contracts knows through the workers."""
        await self._school()
        await self._families()
        await eventually(self._products_known, "contracts knows all products")

    async def _products_known(self) -> bool:
        documents = await self.world.databases["contracts"][PRODUCTS.name].find({"status": "on_sale"}).to_list(None)
        self.offered = {document["_id"]: PRODUCTS.read(document) for document in documents}
        return self.offered.keys() >= set(self.season.products.values())

    async def bait(self) -> tuple[str, str]:
        """A contract and a product, by their ids, that something can be published about."""
        contract = await self.open("bait", FAMILIES[0], Instalments(count=2), "ballet")
        await self.product("bait", {"kind": "item"}, 1_000)
        return contract.id, self.season.products["bait"]

    async def take_bait(self, product: str) -> None:
        """Report something of both."""
        await self.change("bait", FAMILIES[0], Change(add=(self.addition("workshop"),)))
        await self.world.decide("catalog", CATALOG_PRODUCTS, product, lambda before, _: archive_product(there(before)))

    @asynccontextmanager
    async def flowing(self) -> Any:
        """Work at all desks while the block lasts; what was begun is finished, if need be after it."""
        closing = asyncio.Event()
        stories = (self._discounted, self._granted, self._refunded, self._cancelled_whole)
        async with asyncio.TaskGroup() as desks:
            for desk in range(len(stories)):
                desks.create_task(self._at_desk(stories[desk], desk, closing))
            try:
                yield
            finally:
                closing.set()

    async def more(self, decisions: int) -> None:
        """Return once so many more decisions have been taken."""
        wanted = self.world.decided + decisions

        async def taken() -> bool:
            return self.world.decided >= wanted

        await eventually(taken, f"{decisions} more decisions")

    async def _at_desk(self, story: Callable[[str, str], Awaitable[None]], desk: int, closing: asyncio.Event) -> None:
        while not closing.is_set():
            self._count += 1
            await story(f"contract {self._count}", FAMILIES[desk % len(FAMILIES)])

    async def _step(self) -> None:
        await asyncio.sleep(BETWEEN_STEPS)

    async def _discounted(self, name: str, family: str) -> None:
        """Instalments that move with every change."""
        opened = await self.open(name, family, Instalments(count=3), "ballet", "jazz")
        await self._step()
        await self.change(name, family, Change(add=(self.addition("workshop"),)))
        await self._step()
        await self.change(name, family, Change(discounts=(self.season.products["discount"],)))
        await self._step()
        await self.change(name, family, Change(edit=(Edit(opened.lines[0].id, price=31_000),)))
        await self._step()
        await self.product(f"item of {name}", {"kind": "item"}, 1_000)
        await self._step()

    async def _granted(self, name: str, family: str) -> None:
        """A credit that is granted by the payment, and something added afterwards."""
        opened = await self.open(name, family, AtOnce(), "credit", "workshop")
        await self._receive(name, opened)
        await self._step()
        await self.change(name, family, Change(add=(self.addition("jazz"),)))
        await self._step()

    async def _refunded(self, name: str, family: str) -> None:
        """Paid in full, then discounted: a refund line."""
        opened = await self.open(name, family, AtOnce(), "jazz")
        await self._receive(name, opened)
        await self._step()
        await self.change(name, family, Change(discounts=(self.season.products["discount"],)))
        await self._step()

    async def _cancelled_whole(self, name: str, family: str) -> None:
        """On site, cancelled; and the account is written anew."""
        opened = await self.open(name, family, OnSite(), "workshop", mode="on_site")
        await self._step()
        tags = AccountFields(language="fr", tags=(name,))
        await self.world.decide(
            "contracts", ACCOUNTS, self.season.accounts[family], lambda before, _: edit_account(there(before), tags)
        )
        await self._step()
        await self.world.decide(
            "contracts", CONTRACTS, opened.id, lambda before, context: cancel_contract(there(before), context)
        )
        await self._step()

    async def _receive(self, name: str, contract: Contract) -> None:
        """Record the payment of the whole contract, once payments has its schedule."""
        covering = {"_id": contract.id, "covers": contract.version}
        schedules = self.world.databases["payments"][SCHEDULES.name]

        async def there_is_one() -> bool:
            return await schedules.count_documents(covering) == 1

        await eventually(there_is_one, f"payments has the schedule of {name}")
        await steadily(lambda: self.pay(name, contract.total))
        self.paid[contract.id] = contract.total
        self.world.decided += 1
