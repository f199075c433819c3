"""Notices of what was committed, which wake the tasks that work on it, so that they need not poll.

A process knows its own commits at once. Of those of other processes a worker learns by one change
stream of MongoDB, which ``ChangeStream`` follows. A wake names a collection and nothing more: the task that is woken
looks for itself. So nothing depends on a wake: it may come twice, and since one may be lost, every task also looks now
and then. For the same reason the stream keeps no resume token, which could be lost: after every interruption it begins
at the present, and everybody is woken once.
"""

import asyncio
import contextlib
import math
import random
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pymongo.errors import PyMongoError

from carnet.observe import log

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorClientSession

    from carnet.mongo import Database

READ_EVERY = 0.01
"""Seconds between two reads of the stream while changes come, at least."""

WAITED_MS = 2_000
"""How long the server waits for a change before it answers that there is none, in milliseconds."""

READ_SELDOM = 0.1
"""The pace, in seconds, from which on a stream does not wait at the server while that is busy."""

BUSY_WRITES = 20
"""So many writes to all databases of the server within a second mean that it is busy; an idle suite makes three."""

BUSY_SECONDS = 1.0
"""How long a server counts as busy after that was seen."""

QUIET_PACE = 0.25
"""Seconds between two looks at least, after one that has found nothing."""

LOOKED_MS = 1
"""How long a read waits that only takes what is there, in milliseconds."""

LONGEST_PAUSE = 5.0
"""The longest pause before an interrupted stream is opened again, in seconds."""


class Changes:
    """Wakes those who wait for changes of collections, within one process."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Event]] = {}

    def of(self, *collections: str) -> asyncio.Event:
        """An event that is set whenever one of these collections may have changed; the waiting task clears it."""
        changed = asyncio.Event()
        for name in collections:
            self._waiting.setdefault(name, []).append(changed)
        return changed

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections that somebody waits for."""
        return tuple(sorted(self._waiting))

    def announce(self, collections: Iterable[str]) -> None:
        """Wake those who wait for one of these collections."""
        for name in collections:
            for changed in self._waiting.get(name, ()):
                changed.set()


class ChangeStream:
    """Announces what other processes insert into the collections that somebody waits for.

    After a change it is read again ``pace`` seconds later: what comes meanwhile is read together. While a read waits,
    every write to any database of the server wakes it there, which costs more than the reads: so a stream whose pace is
    at least ``READ_SELDOM`` only looks, at that pace, while the server is busy; after a look that has found nothing, at
    the pace of ``QUIET_PACE``.

    With ``gathers``, in seconds, a change that follows another one soon is announced so much later, with those that
    come meanwhile. One that comes after a pause of twice that is announced at once.
    """

    def __init__(self, database: "Database", *, pace: float = 0.0, gathers: float = 0.0) -> None:
        self._database = database
        self._pace = max(READ_EVERY, pace)
        self._gathers = gathers
        self._changed_at = -math.inf
        self._busy_until = -math.inf

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow the stream until ``stopping`` is set. No fault ends it: it is opened again."""
        following = asyncio.create_task(self._keep_following())
        try:
            await stopping.wait()
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following

    async def _keep_following(self) -> None:
        attempt = 0
        while True:
            try:
                async for names in self._names():
                    attempt = 0
                    self._database.changes.announce(names)
            except PyMongoError as error:
                attempt += 1
                wait = min(0.1 * 2**attempt, LONGEST_PAUSE) * random.uniform(0.5, 1)
                log.warning("the change stream was interrupted", error=type(error).__name__, wait=wait)
                await asyncio.sleep(wait)

    async def _names(self) -> AsyncIterator[set[str]]:
        """The names of changed collections: first all of them, as some may have changed before the stream began."""
        names = self._database.changes.collections
        # The driver's own stream takes a thread for every single change; a whole batch is read here at once.
        async with await self._database.client.start_session() as session:
            opened = await self._database.motor.command(
                {
                    "aggregate": 1,
                    "pipeline": [
                        {"$changeStream": {}},
                        {"$match": {"operationType": "insert", "ns.coll": {"$in": list(names)}}},
                        {"$project": {"ns.coll": 1}},
                    ],
                    "cursor": {},
                    "readConcern": {"level": "majority"},
                },
                session=session,
            )
            yield set(names)
            cursor = opened["cursor"]["id"]
            while names == self._database.changes.collections:  # else others wait for more by now
                looks = self._pace >= READ_SELDOM and time.monotonic() < self._busy_until
                changed = await self._read(cursor, session, LOOKED_MS if looks else WAITED_MS)
                if changed is None:
                    return
                if changed and self._comes_soon():
                    await asyncio.sleep(self._gathers)
                    more = await self._read(cursor, session, LOOKED_MS)
                    yield changed | (more or set())
                    if more is None:
                        return
                    continue
                if changed:
                    yield changed
                if changed or looks:
                    await asyncio.sleep(self._pace if changed else max(self._pace, QUIET_PACE))

    async def _read(self, cursor: int, session: "AsyncIOMotorClientSession", wait: int) -> set[str] | None:
        """The names of the collections that have changed; None if the server has ended the stream with the database."""
        more = {"getMore": cursor, "collection": "$cmd.aggregate", "maxTimeMS": wait}
        answer: Mapping[str, Any] = await self._database.motor.command(more, session=session)
        # The server's time counts the writes of each second.
        if (written := answer.get("operationTime")) is not None and written.inc >= BUSY_WRITES:
            self._busy_until = time.monotonic() + BUSY_SECONDS
        if answer["cursor"]["id"] != cursor:
            return None
        return {change["ns"]["coll"] for change in answer["cursor"]["nextBatch"]}

    def _comes_soon(self) -> bool:
        """Whether the change that was just read is to wait for others."""
        before, self._changed_at = self._changed_at, time.monotonic()
        return self._changed_at - before < 2 * self._gathers
