"""What one transaction asks of MongoDB, recorded so that it can be played again without Carnet."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from carnet.mongo import Database

Play = Callable[[Database, AsyncIOMotorClientSession], Awaitable[Any]]


@dataclass
class Recording(Database):
    """A database that works as usual and records the calls that are part of a transaction."""

    database: Database
    calls: list[Play] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Share the connection."""
        super().__init__(self.database.client, self.database.name)

    def __getitem__(self, collection: str) -> Any:
        """The collection, whose calls are recorded."""
        return _RecordedCollection(self, collection)

    async def read_together(self, ids: Any, session: Any, *_: Any) -> Any:
        """One query per collection: so each call is recorded as a loop makes it that knows nothing of Carnet."""
        return await self._read_in_turn(ids, session)

    async def write_together(self, operations: Any, session: Any, *, in_order: Any = (), **_: Any) -> None:
        """Likewise the writes."""
        for name, writes in operations.items():
            await self[name].bulk_write(writes, ordered=name in in_order, session=session)

    def taken(self) -> list[Play]:
        """The calls since the last time."""
        calls, self.calls = self.calls, []
        return calls


class _RecordedCollection:
    def __init__(self, recording: Recording, name: str) -> None:
        self._recording = recording
        self._name = name

    def find(self, *arguments: Any, session: Any = None, **options: Any) -> Any:
        name = self._name

        async def play(database: Database, session: AsyncIOMotorClientSession) -> Any:
            return await database[name].find(*arguments, session=session, **options).to_list(None)

        if session is not None:
            self._recording.calls.append(play)
        return self._recording.motor[name].find(*arguments, session=session, **options)

    def __getattr__(self, call: str) -> Any:
        """Any other call is no part of a transaction, and is only passed on."""
        return getattr(self._recording.motor[self._name], call)

    async def bulk_write(self, writes: Any, *, ordered: bool, session: Any) -> Any:
        name, kept = self._name, list(writes)

        async def play(database: Database, session: AsyncIOMotorClientSession) -> Any:
            return await database[name].bulk_write(kept, ordered=ordered, session=session)

        self._recording.calls.append(play)
        return await self._recording.motor[name].bulk_write(writes, ordered=ordered, session=session)


async def play(database: Database, calls: list[Play]) -> None:
    """The same calls in one transaction of the same settings, and nothing else."""

    async def body(session: AsyncIOMotorClientSession) -> None:
        for call in calls:
            await call(database, session)

    async with await database.client.start_session() as session:
        await session.with_transaction(
            body, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
        )


async def play_writes(database: Database, calls: list[Play]) -> None:
    """Only the writes of the calls, as a loop makes them that knows in advance what to write."""
    await play(database, [call for call in calls if call.__qualname__.startswith("_RecordedCollection.bulk_write")])
