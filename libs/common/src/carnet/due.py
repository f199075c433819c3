"""Work that falls due: claimed by one worker at a time, and looked for until the worker stops.

A document is due from the instant in one of its fields. A claim moves that instant to its own end,
so what a killed worker leaves behind falls due again. Workers share the work by slots.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from carnet.dates import utc_now, write_instant
from carnet.decisions import S
from carnet.journal import SLOTS
from carnet.mongo import Collection, Database, Document, is_transient
from carnet.observe import log
from carnet.pauses import pause

R = TypeVar("R")

SWEPT_EVERY = 5.0
"""The most seconds between two looks: a fallback for lost wakes, and for slots that were taken over."""


FAULT_SECONDS = 600.0
"""How long work that failed by a fault of Carnet's own is left alone."""


@dataclass(slots=True)
class Aside:
    """What is left alone for a while, by this process."""

    until: dict[str, float] = field(default_factory=dict)

    def put(self, id_: str, seconds: float = FAULT_SECONDS) -> None:
        """Leave it alone for so many seconds."""
        self.until[id_] = time.monotonic() + seconds

    @property
    def now(self) -> list[str]:
        """What is left alone now."""
        self.until = {id_: until for id_, until in self.until.items() if until > time.monotonic()}
        return list(self.until)


async def all_or_each(
    items: Sequence[str], do: Callable[[Sequence[str]], Awaitable[R]], failed: Callable[[str], Awaitable[R]]
) -> list[R]:
    """Do these items at once, or each alone if a permanent fault ends that: one at fault stops no other.

    ``do`` does items in one transaction, and returns what came of them; what came of one that fails alone is what
    ``failed`` returns. Raises transient faults, and permanent ones where there is no item.
    """
    try:
        return [await do(items)]
    except Exception as error:
        if is_transient(error) or not items:
            raise
        if len(items) == 1:
            return [await failed(items[0])]  # within the handler, so that it can log the fault
    return [came for item in items for came in await all_or_each([item], do, failed)]


def in_slots(slots: frozenset[int]) -> Document:
    """The part of a query that keeps to these slots."""
    return {} if len(slots) == SLOTS else {"slot": {"$in": sorted(slots)}}


@dataclass(frozen=True)
class Due(Generic[S]):
    """The documents of a collection that fall due.

    ``instant`` is the field from which on a document is due, ``claims`` the one that counts how often it was
    claimed; a claim also writes ``claim`` and the fields of ``claimed``. The collection has an index on ``instant``
    and ``slot``, partial to an ``instant`` that is set.
    """

    collection: Collection[S]
    instant: str
    claims: str
    claimed: Mapping[str, Any] = field(default_factory=dict)

    def query(self, now: datetime, where: Mapping[str, Any] | None = None) -> Document:
        """The filter of what is due at ``now``, narrowed by ``where``."""
        return {**(where or {}), self.instant: {"$gt": "", "$lte": write_instant(now)}}

    async def claim(
        self,
        database: Database,
        slots: frozenset[int],
        *,
        claim: str,
        now: datetime,
        until: datetime,
        limit: int,
        where: Mapping[str, Any] | None = None,
    ) -> tuple[S, ...]:
        """Claim up to ``limit`` documents of these slots until ``until``, the longest due first.

        Each document is claimed by one worker, however many look at the same time: the update checks again.
        """
        documents = database[self.collection.name]
        due = self.query(now, where)
        ordered = documents.find({**due, **in_slots(slots)}, {"_id": 1}).sort(self.instant, 1).limit(limit)
        ids = [document["_id"] for document in await ordered.to_list(None)]
        if not ids:
            return ()
        await documents.update_many(
            {"_id": {"$in": ids}, **due},
            {
                "$set": {**self.claimed, "claim": claim, self.instant: write_instant(until)},
                "$inc": {self.claims: 1},
            },
        )
        taken = await documents.find({"_id": {"$in": ids}, "claim": claim}, batch_size=limit + 1).to_list(None)
        return tuple(self.collection.read(document) for document in taken)

    async def put_off(
        self, database: Database, claim: str, ids: Iterable[str], until: datetime, *, counts: bool = False
    ) -> None:
        """Give back what ``claim`` holds of these, to fall due at ``until``; the claim counts only if so said."""
        await database[self.collection.name].update_many(
            {"_id": {"$in": list(ids)}, "claim": claim, self.instant: {"$gt": ""}},
            {
                "$set": {"claim": None, self.instant: write_instant(until)},
                **({} if counts else {"$inc": {self.claims: -1}}),
            },
        )

    async def due_in(self, database: Database, slots: frozenset[int], where: Mapping[str, Any] | None = None) -> float:
        """In how many seconds the next document of these slots falls due; infinite where there is none."""
        waiting = {**(where or {}), self.instant: {"$gt": ""}, **in_slots(slots)}
        found = await database[self.collection.name].find_one(waiting, {self.instant: 1}, sort=[(self.instant, 1)])
        if found is None:
            return math.inf
        return (datetime.fromisoformat(found[self.instant]) - utc_now()).total_seconds()

    async def count(self, database: Database, now: datetime, where: Mapping[str, Any] | None = None) -> int:
        """How many documents of all slots are due."""
        return await database[self.collection.name].count_documents(self.query(now, where))


async def rounds(
    look: Callable[[], Awaitable[int]],
    *,
    what: str,
    idle: float,
    stopping: asyncio.Event,
    changed: asyncio.Event | None = None,
    due_in: Callable[[], Awaitable[float]] | None = None,
    full: int = 1,
) -> None:
    """Call ``look`` until ``stopping`` is set; after one that found less than ``full`` wait ``idle`` seconds.

    ``look`` returns how much it found: by default it looks again at once where that is anything. A transient fault is
    logged with ``what`` waits, and looked at again. With ``changed`` it waits until that is set and ``idle`` is only
    the shortest time between two looks; ``due_in`` then says in how many seconds the next falls due, which are waited
    for at most (``SWEPT_EVERY`` alone).
    """
    while not stopping.is_set():
        started = time.monotonic()
        if changed is not None:
            changed.clear()  # before the look: what is committed during it wakes again
        try:
            found = await look()
            wait = SWEPT_EVERY if found >= full or due_in is None else min(SWEPT_EVERY, max(0.0, await due_in()))
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning(f"{what} waits for the database", error=type(error).__name__)
            found, wait = 0, idle
        if found >= full:
            continue
        if changed is None:
            await pause(idle, until=stopping)
            continue
        await _either(changed, stopping, wait)
        await pause(started + idle - time.monotonic(), until=stopping)


async def _either(changed: asyncio.Event, stopping: asyncio.Event, seconds: float) -> None:
    """Wait until one of the two is set, for at most so many seconds."""
    waiting = {asyncio.ensure_future(changed.wait()), asyncio.ensure_future(stopping.wait())}
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
