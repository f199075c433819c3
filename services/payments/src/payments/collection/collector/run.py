"""The timed work of the worker: rounds that start what is due, ask providers and save what they say.

A round takes orders that wait to be looked at (asked for by hand, unanswered, left behind by a
worker that is gone), fills up with what is due, and asks for all of them side by side. Whatever is handed to a provider
is saved before, with a claim that lasts longer than the answer can take; when the claim runs out, another worker asks
the provider what became of it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from carnet.dates import utc_now
from carnet.due import rounds
from carnet.ids import new_id
from carnet.journal import ROWS
from carnet.leases import Leases
from carnet.mongo import Database, patiently
from payments.collection.collector.asking import Asker
from payments.collection.collector.calendars import Calendars, Clocks
from payments.collection.collector.intents import Hand, Intents
from payments.collection.domain.orders import Order
from payments.collection.measures import ORDERS_WAITING
from payments.collection.outcomes import OrderAnswer, save_outcomes
from payments.collection.store.orders import DUE_ORDERS, ORDERS, put_off, to_providers
from payments.provider.interface import Provider

LANES = 2
"""Rounds side by side, each on slots of its own: while one saves, the other asks."""

ORDERS_PER_CALL, MOST_ORDERS = 10, 200
"""How many orders one round takes for each call that may be in flight, and at most."""

HANDING_SECONDS = 20.0
"""How long after its claim an order may be handed over."""

DATABASE_PATIENCE = 15.0
"""Seconds for which a transient fault of the database is waited out once a provider has answered."""

SAVE_SECONDS = 0.25
"""How long the answers of providers wait for others to be saved with them."""

IDLE_SECONDS = 0.5
"""The shortest time between two rounds after one that found nothing to be done."""

REFUSED_SECONDS = 2.0
"""How long an order waits if its provider does not take it at the moment."""

WATCH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls that one process has in flight to each provider at most, and the seconds within which each ends."""

    calls: int
    seconds: float

    @property
    def claim(self) -> timedelta:
        """How long a claim lasts: an order handed over at the last moment is found or sent, and saved, before."""
        return timedelta(seconds=HANDING_SECONDS + 2 * self.seconds + DATABASE_PATIENCE)

    @property
    def orders(self) -> int:
        """How many orders a round takes."""
        return min(self.calls * ORDERS_PER_CALL, MOST_ORDERS)


class Collector:
    """The run of one worker; it does nothing if no provider is configured."""

    def __init__(self, database: Database, providers: Mapping[str, Provider], limits: Limits) -> None:
        self._database = database
        self._providers = providers
        self._limits = limits
        self._calendars = Calendars(database)
        self._clocks = Clocks(self._calendars, providers)
        self._asker = Asker(providers, self._clocks, calls=limits.calls)
        self._intents = Intents(database, self._calendars, providers.keys())

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Collect in the slots held, until ``stopping`` is set."""
        if not self._providers:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(leases, stopping))
            for lane in range(LANES):
                tasks.create_task(self._lane(lane, leases, stopping))

    async def close(self) -> None:
        """Close the connections to the providers."""
        for provider in self._providers.values():
            await provider.close()

    async def round(self, slots: frozenset[int], stopping: asyncio.Event) -> int:
        """Take a batch of orders in these slots and see what becomes of them; returns how many they were."""
        accepting = [name for name, provider in self._providers.items() if provider.accepts]
        if not slots or not accepting:
            return 0
        now, handing_ends = utc_now(), time.monotonic() + HANDING_SECONDS
        hand = Hand(claim=new_id(), until=now + self._limits.claim, providers=accepting)
        orders = list(
            await DUE_ORDERS.claim(
                self._database,
                slots,
                claim=hand.claim,
                now=now,
                until=hand.until,
                limit=self._limits.orders,
                where=to_providers(accepting),
            )
        )
        if len(orders) < self._limits.orders:
            orders += await self._intents.start_due(slots, hand, self._limits.orders - len(orders))
        await self._ask_all(orders, lambda: not stopping.is_set() and time.monotonic() < handing_ends)
        return len(orders)

    async def _lane(self, lane: int, leases: Leases, stopping: asyncio.Event) -> None:
        def slots() -> frozenset[int]:
            return frozenset(slot for slot in leases.slots if slot % LANES == lane)

        async def due_in() -> float:
            # A provider does not report when it accepts orders again: it is asked again.
            accepting = [name for name, provider in self._providers.items() if provider.accepts]
            if len(accepting) < len(self._providers):
                return IDLE_SECONDS
            return await DUE_ORDERS.due_in(self._database, slots(), to_providers(accepting))

        await rounds(
            lambda: self.round(slots(), stopping),
            what="collecting",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(ORDERS.name, ROWS),
            due_in=due_in,
        )

    async def _ask_all(self, orders: Sequence[Order], may_ask: Callable[[], bool]) -> None:
        """Ask for all of them, and save what is said of them as it comes."""
        asking = {asyncio.create_task(self._asker.ask(order, may_ask)): order for order in orders}
        try:
            while asking:
                done, _ = await asyncio.wait(asking, timeout=SAVE_SECONDS)
                ended = [(asking.pop(task), task.result()) for task in done]
                await self._save([answer for _, answer in ended if answer])
                await self._put_off([order for order, answer in ended if answer is None], may_ask)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    async def _save(self, answers: Sequence[OrderAnswer]) -> None:
        await patiently(lambda: save_outcomes(self._database, answers), DATABASE_PATIENCE)

    async def _put_off(self, orders: Sequence[Order], may_ask: Callable[[], bool]) -> None:
        """Give back what was not asked for: at once where this worker could not, later where the provider refused."""
        if orders:
            until = utc_now() + timedelta(seconds=REFUSED_SECONDS if may_ask() else 0)
            await patiently(lambda: put_off(self._database, orders, until), DATABASE_PATIENCE)

    async def _watch(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Send providers the clocks that have moved, and show operators how many orders wait."""

        async def look() -> int:
            await self._calendars.refresh()
            await self._clocks.send_moved(leases.slots)
            ORDERS_WAITING.set(await DUE_ORDERS.count(self._database, utc_now(), to_providers(self._providers)))
            return 0

        await rounds(look, what="collecting", idle=WATCH_SECONDS, stopping=stopping)
