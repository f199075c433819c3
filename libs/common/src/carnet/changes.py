"""Word of what was committed, so that the tasks that work on it are woken and need not poll.

A process knows its own commits at once. Of those of other processes a worker learns by one change
stream of MongoDB, which ``ChangeStream`` follows. A wake names a collection and nothing more: who is
woken looks for itself. So nothing depends on a wake: it may come twice, and for one that is lost
everybody looks now and then anyway. For the same reason the stream keeps no resume token, which
could be lost: after every interruption it begins at the present, and everybody is woken once.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pymongo.errors import PyMongoError

from carnet.observe import log

if TYPE_CHECKING:
    from carnet.mongo import Database

READ_EVERY = 0.01
"""Seconds between two reads of the stream while changes come, at least."""

WAITED_MS = 2_000
"""How long the server waits for a change before it answers that there is none, in milliseconds."""

LONGEST_PAUSE = 5.0
"""The longest pause before an interrupted stream is opened again, in seconds."""


class Changes:
    """Wakes those who wait for changes of collections, within one process."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Event]] = {}

    def of(self, *collections: str) -> asyncio.Event:
        """An event that is set whenever one of these collections may have changed; who waits for it clears it."""
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
    every write to any database of the server wakes it there, which costs more than the reads.
    """

    def __init__(self, database: "Database", *, pace: float = 0.0) -> None:
        self._database = database
        self._pace = max(READ_EVERY, pace)

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
        motor, names = self._database.motor, self._database.changes.collections
        # The driver's own stream takes a thread for every single change; a whole batch is read here at once.
        async with await self._database.client.start_session() as session:
            opened = await motor.command(
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
                more = {"getMore": cursor, "collection": "$cmd.aggregate", "maxTimeMS": WAITED_MS}
                answer: Mapping[str, Any] = await motor.command(more, session=session)
                if cursor != (cursor := answer["cursor"]["id"]):
                    return  # the server has ended the stream: the database was dropped
                if changed := {change["ns"]["coll"] for change in answer["cursor"]["nextBatch"]}:
                    yield changed
                    await asyncio.sleep(self._pace)
