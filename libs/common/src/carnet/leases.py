"""Which worker holds which slots: leases that run out by themselves, shared out evenly.

Every worker of a service says that it is there, keeps its slots by renewing them, gives back
what is above its fair share and takes what is free. Times are the server's, so clocks that
disagree do no harm. A worker trusts its leases only until they would have run out by its own
monotonic clock, counted from before the renewal.
"""

import asyncio
import time
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from carnet.generation import standing_of
from carnet.journal import SLOTS
from carnet.mongo import Database, is_transient
from carnet.observe import log
from carnet.pauses import pause

LEASE_SECONDS = 6.0
"""How long a slot stays with a worker that no longer renews it."""

RENEWAL_SECONDS = 2.0
"""How often a worker renews its leases."""


class RestoredError(Exception):
    """The database was restored while this worker was running: it ends, and reads everything anew when it starts."""


class Leases:
    """The slots that one worker holds. Call ``tick`` every ``RENEWAL_SECONDS``."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker
        self._slots: frozenset[int] = frozenset()
        self._trusted_until = 0.0

    @property
    def slots(self) -> frozenset[int]:
        """The slots held now; none once the leases can't be trusted any more."""
        return self._slots if time.monotonic() < self._trusted_until else frozenset()

    async def prepare(self) -> None:
        """Make the lease of every slot where it is missing."""
        leases = self._database["leases"]
        if await leases.count_documents({}) < SLOTS:
            fresh: dict[str, Any] = {"owner": None, "epoch": 0, "until": None}
            await leases.bulk_write(
                [UpdateOne({"_id": slot}, {"$setOnInsert": fresh}, upsert=True) for slot in range(SLOTS)]
            )

    async def tick(self) -> None:
        """Renew, give back what is above the fair share, take what is free below it."""
        asked = time.monotonic()
        await self._check_not_restored()
        await self._database["workers"].update_one({"_id": self._worker}, {"$currentDate": {"seen": True}}, upsert=True)
        renewed = await self._renew()
        share = -(-SLOTS // max(1, await self._alive()))
        # Only this worker takes slots for itself: as many as before are the same as before.
        held = sorted(self._slots) if renewed == len(self._slots) else await self._held()
        if len(held) > share:
            self._slots &= frozenset(held[:share])  # not used any more, before another may take them
            await self._give_back(held[share:])
            held = held[:share]
        elif len(held) < share:
            await self._take(share - len(held))
            held = await self._held()
        self._slots = frozenset(held)
        self._trusted_until = asked + LEASE_SECONDS * 0.8

    async def release(self) -> None:
        """Give everything back and say goodbye, so that others need not wait."""
        self._slots = frozenset()
        await self._database["leases"].update_many({"owner": self._worker}, {"$set": {"owner": None, "until": None}})
        await self._database["workers"].delete_one({"_id": self._worker})

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

    async def _check_not_restored(self) -> None:
        # A restore refuses to begin while a worker is connected; one that was cut off meanwhile must not go on.
        standing = await standing_of(self._database)
        if standing.restoring is not None or standing.generation > self._database.generation:
            self._slots = frozenset()
            raise RestoredError(f"{self._database.name} was restored while this worker was running")

    async def _renew(self) -> int:
        """Renew every lease held; returns how many these are."""
        renewed = await self._database["leases"].update_many({"owner": self._worker}, [_until()])
        return renewed.matched_count

    async def _alive(self) -> int:
        recent = {"$gt": ["$seen", {"$subtract": ["$$NOW", int(LEASE_SECONDS * 1000)]}]}
        return await self._database["workers"].count_documents({"$expr": recent})

    async def _held(self) -> list[int]:
        found = await self._database["leases"].find({"owner": self._worker}, {"_id": 1}).sort("_id", 1).to_list(None)
        return [lease["_id"] for lease in found]

    async def _give_back(self, slots: list[int]) -> None:
        await self._database["leases"].update_many(
            {"_id": {"$in": slots}, "owner": self._worker}, {"$set": {"owner": None, "until": None}}
        )

    async def _take(self, count: int) -> None:
        free: dict[str, Any] = {"$or": [{"owner": None}, {"$expr": {"$lt": ["$until", "$$NOW"]}}]}
        found = await self._database["leases"].find(free, {"_id": 1}).limit(count).to_list(None)
        if found:
            await self._database["leases"].update_many(
                {"_id": {"$in": [lease["_id"] for lease in found]}, **free},
                [{"$set": {"owner": self._worker, "epoch": {"$add": ["$epoch", 1]}}}, _until()],
            )


def _until() -> dict[str, Any]:
    return {"$set": {"until": {"$add": ["$$NOW", int(LEASE_SECONDS * 1000)]}}}
