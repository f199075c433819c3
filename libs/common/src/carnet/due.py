"""Work that falls due: claimed by one worker at a time, and looked for until the worker stops.

A document is due from the instant in one of its fields. A claim moves that instant to its own end,
so what a killed worker leaves behind falls due again by itself. Workers share the work by slots.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from carnet.dates import write_instant
from carnet.decisions import S
from carnet.journal import SLOTS
from carnet.mongo import Collection, Database, Document, is_passing
from carnet.observe import log
from carnet.pauses import pause


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

        Whoever else looks at the same time, each document is claimed by one: the update looks again.
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

    async def put_off(self, database: Database, claim: str, ids: Iterable[str], until: datetime) -> None:
        """Give back what ``claim`` holds of these, to fall due at ``until``; the claim does not count."""
        await database[self.collection.name].update_many(
            {"_id": {"$in": list(ids)}, "claim": claim, self.instant: {"$gt": ""}},
            {"$set": {"claim": None, self.instant: write_instant(until)}, "$inc": {self.claims: -1}},
        )

    async def count(self, database: Database, now: datetime, where: Mapping[str, Any] | None = None) -> int:
        """How many documents of all slots are due."""
        return await database[self.collection.name].count_documents(self.query(now, where))


async def rounds(look: Callable[[], Awaitable[int]], *, what: str, idle: float, stopping: asyncio.Event) -> None:
    """Call ``look`` until ``stopping`` is set; after one that found nothing wait ``idle`` seconds.

    ``look`` returns how much it found. A transient fault is logged with ``what`` waits, and looked at again.
    """
    while not stopping.is_set():
        try:
            found = await look()
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning(f"{what} waits for the database", error=type(error).__name__)
            found = 0
        if not found:
            await pause(idle, until=stopping)
