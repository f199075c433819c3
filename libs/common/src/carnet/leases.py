"""Which worker holds which slots, shared out evenly.

Every worker of a service keeps saying that it is there, which is one small write. It holds its slots as long as it
does; it gives back what is above its fair share and takes what is free. Times are the server's, so clocks that disagree
do no harm. A worker trusts its leases only until they would have run out by its own monotonic clock, counted from
before it said so.

A worker that has been silent for ``LEASE_SECONDS`` is dead: the first that notices removes its document, in one step
with the check, and its slots are free. If it lives after all, it finds its document missing, holds nothing any more,
and joins again under another name, so that it never holds slots which the others believe to be free.

Each lease also has an instant ``until``, by which older releases go, as they know no other sign of life. It is far
ahead and rarely renewed: to write all leases every two seconds was most of what an idle suite cost.
"""

import asyncio
import time
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from carnet.generation import database_state
from carnet.journal import SLOTS
from carnet.mongo import Database, is_transient
from carnet.mongo.kit import LEASES, WORKERS
from carnet.observe import log
from carnet.pauses import pause

LEASE_SECONDS = 6.0
"""How long slots stay with a worker that no longer says that it is there."""

RENEWAL_SECONDS = 2.0
"""How often a worker says that it is there."""

UNTIL_SECONDS = 300.0
"""How far ahead ``until`` of a lease is; it is renewed after a third of that."""


class RestoredError(Exception):
    """The database was restored while this worker was running: it ends, and reads everything anew when it starts."""


class Leases:
    """The slots that one worker holds. Call ``tick`` every ``RENEWAL_SECONDS``."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker
        self._joined = 0
        self._slots: frozenset[int] = frozenset()
        self._trusted_until = 0.0
        self._renewed_at = 0.0

    @property
    def slots(self) -> frozenset[int]:
        """The slots held now; none once the leases can't be trusted any more."""
        return self._slots if time.monotonic() < self._trusted_until else frozenset()

    async def prepare(self) -> None:
        """Make the lease of every slot where it is missing."""
        leases = self._database[LEASES]
        if await leases.count_documents({}) < SLOTS:
            fresh: dict[str, Any] = {"owner": None, "epoch": 0, "until": None}
            await leases.bulk_write(
                [UpdateOne({"_id": slot}, {"$setOnInsert": fresh}, upsert=True) for slot in range(SLOTS)]
            )

    async def tick(self) -> None:
        """Say that the worker is there, give back what is above the fair share, take what is free below it."""
        asked, before = time.monotonic(), self.slots
        await self._check_not_restored()
        await self._say_alive()
        alive = await self._alive()
        share = -(-SLOTS // max(1, len(alive)))
        if asked - self._renewed_at > UNTIL_SECONDS / 3:
            await self._renew(asked)
        if len(self._slots) > share:
            held = sorted(self._slots)
            self._slots = frozenset(held[:share])  # not used any more, before another may take them
            await self._give_back(held[share:])
        elif len(self._slots) < share:
            await self._take(share - len(self._slots), alive)
        self._trusted_until = asked + LEASE_SECONDS * 0.8
        if self._slots - before:  # there may be work in them, which no change will announce any more
            self._database.changes.announce(self._database.changes.collections)

    async def release(self) -> None:
        """Give everything back and say goodbye, so that others need not wait."""
        self._slots = frozenset()
        await self._database[LEASES].update_many({"owner": self._name}, {"$set": {"owner": None, "until": None}})
        await self._database[WORKERS].delete_one({"_id": self._name})

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the leases until ``stopping`` is set."""
        while not stopping.is_set():
            try:
                await self.tick()
            except PyMongoError as error:
                if not is_transient(error):
                    raise
                # The slots stay trusted only as long as the leases may last; the next round asks again.
                log.warning("the leases could not be renewed", error=type(error).__name__)
            await pause(RENEWAL_SECONDS, until=stopping)

    @property
    def _name(self) -> str:
        """The name of this worker in the leases: another one each time that it joins."""
        return self._worker if self._joined <= 1 else f"{self._joined}.{self._worker}"

    async def _check_not_restored(self) -> None:
        # A restore refuses to begin while a worker is connected; one that was cut off meanwhile must not go on.
        state = await database_state(self._database)
        if state.restoring is not None or state.generation > self._database.generation:
            self._slots = frozenset()
            raise RestoredError(f"{self._database.name} was restored while this worker was running")

    async def _say_alive(self) -> None:
        workers, now = self._database[WORKERS], {"$currentDate": {"seen": True}}
        if self._joined and (await workers.update_one({"_id": self._name}, now)).matched_count:
            return
        self._slots = frozenset()  # it joins, or was held for dead: whatever it held may be another's
        self._joined += 1
        await workers.update_one({"_id": self._name}, now, upsert=True)

    async def _alive(self) -> set[str]:
        """The names of the workers that are there; the documents of others are removed."""
        workers = self._database[WORKERS]
        silent = {"$lt": ["$seen", {"$subtract": ["$$NOW", int(LEASE_SECONDS * 1000)]}]}
        found = await workers.find({}, {"silent": silent}).to_list(None)
        for worker in found:
            if worker["silent"]:
                await workers.delete_one({"_id": worker["_id"], "$expr": silent})
        return {worker["_id"] for worker in found if not worker["silent"]}

    async def _renew(self, asked: float) -> None:
        """Renew ``until`` of every lease of this worker's name, which nobody else takes while it is there."""
        leases = self._database[LEASES]
        renewed = await leases.update_many({"owner": self._name}, [_until()])
        if renewed.matched_count != len(self._slots):  # a fault came between writing and knowing it
            self._slots = await self._held()
        self._renewed_at = asked

    async def _held(self) -> frozenset[int]:
        found = await self._database[LEASES].find({"owner": self._name}, {"_id": 1}).to_list(None)
        return frozenset(lease["_id"] for lease in found)

    async def _give_back(self, slots: list[int]) -> None:
        await self._database[LEASES].update_many(
            {"_id": {"$in": slots}, "owner": self._name}, {"$set": {"owner": None, "until": None}}
        )

    async def _take(self, count: int, alive: set[str]) -> None:
        """Take up to ``count`` slots that no present worker holds."""
        leases = self._database[LEASES]
        found = await leases.find({"owner": {"$nin": sorted(alive)}}).limit(count).to_list(None)
        # Who joined meanwhile may have taken some: a worker says that it is there before it takes anything.
        alive = await self._alive()
        take = [{"$set": {"owner": self._name, "epoch": {"$add": ["$epoch", 1]}}}, _until()]
        # Only as it was found: an older release joins again under its old name, and renews what it held before.
        operations = [
            UpdateOne({"_id": lease["_id"], "owner": lease["owner"], "until": lease["until"]}, take)
            for lease in found
            if lease["owner"] not in alive
        ]
        if operations:
            await leases.bulk_write(operations, ordered=False)
        self._slots = await self._held()


def _until() -> dict[str, Any]:
    return {"$set": {"until": {"$add": ["$$NOW", int(UNTIL_SECONDS * 1000)]}}}
