"""The client, one service's database, and the collections and indexes that every service has."""

import asyncio
import sys
import time
from collections.abc import Collection as Group
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from motor.frameworks.asyncio import run_on_executor
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import IndexModel
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from carnet.changes import Changes
from carnet.decisions import S
from carnet.generation import enter
from carnet.mongo.collections import Collection, Document, Link, Write
from carnet.mongo.faults import VersionConflictError, may_have_committed
from carnet.mongo.kit import KIT_COLLECTIONS

MOST_JOINED = 16
"""How many documents of several collections are read by one command at most: it answers with one document of them all,
which must not be larger than MongoDB allows."""


@contextmanager
def _without_stack() -> Iterator[None]:
    """Make a client without a note of the stack: it would keep the sources of all modules on it in memory, 2 MB."""
    sys.tracebacklimit = 0
    try:
        yield
    finally:
        del sys.tracebacklimit


class Database:
    """One service's database."""

    generation: int = 0
    """The generation that its events are published with, read by ``prepare``: it only changes while no process runs."""

    def __init__(self, client: AsyncIOMotorClient[Document], name: str) -> None:
        self.client = client
        self.name = name
        self.changes = Changes()
        self.motor: AsyncIOMotorDatabase[Document] = client.get_database(
            name, write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority")
        )
        self._collections: dict[str, AsyncIOMotorCollection[Document]] = {}

    @classmethod
    def open(cls, url: str, name: str, *, appname: str | None = None) -> Self:
        """A database at a MongoDB URL; the connection is made at the first use.

        The server knows the connections by ``appname``: by default those of a process of the service, which a restore
        waits for.
        """
        with _without_stack():
            client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
                url,
                serverSelectionTimeoutMS=4_000,
                retryWrites=True,
                w="majority",
                appname=appname or appname_of(name),
                tz_aware=True,
            )
        return cls(client, name)

    def __getitem__(self, collection: str) -> AsyncIOMotorCollection[Document]:
        # The driver makes a new object each time, which takes longer than to look it up.
        found = self._collections.get(collection)
        if found is None:
            found = self._collections[collection] = self.motor[collection]
        return found

    async def prepare(self, collections: Iterable[Collection[Any]]) -> None:
        """Make the collections and their indexes where they are missing.

        The journal's and the kit's own collections are made too, with what a service adds to their indexes. Making a
        collection inside a transaction would wait for every other one, so all are made here. Raises
        ``BeingRestoredError``.
        """
        self.generation = await enter(self)
        wanted: dict[str, Sequence[IndexModel]] = dict(KIT_COLLECTIONS)
        for each in collections:
            wanted[each.name] = (*wanted.get(each.name, ()), *each.indexes)
        present = set(await self.motor.list_collection_names())
        for name, indexes in wanted.items():
            if name not in present:
                await self._create(name)
            if indexes:
                await self.motor[name].create_indexes(list(indexes))

    async def _create(self, name: str) -> None:
        try:
            # The driver's own check would raise another error, where two processes start side by side.
            await self.motor.create_collection(name, check_exists=False)
        except OperationFailure as error:
            if error.code != 48:  # another process has just made it
                raise

    async def state_of(self, collection: Collection[S], organisation: str, id_: str) -> S | None:
        """The state of that id in the organisation as it is now; None if it is unknown or foreign (ORG-1)."""
        found = await self[collection.name].find_one({"_id": id_, "organisation": organisation})
        return None if found is None else collection.read(found)

    async def answers(self) -> bool:
        """Whether the server answers within two seconds."""
        try:
            await asyncio.wait_for(self.client.admin.command("ping"), 2)
        except (PyMongoError, TimeoutError):
            return False
        return True

    async def read_together(
        self, ids: Mapping[str, Group[str]], session: AsyncIOMotorClientSession, links: Sequence[Link] = ()
    ) -> Mapping[str, Sequence[Document]]:
        """The documents of these ids by collection, in a transaction: with one command where they are few.

        What ``links`` lead to from them is read by the same command; where they are many, it is not.
        """
        linked = sum(len(ids[link.source.name]) for link in links)
        if len(ids) + len(links) == 1 or sum(map(len, ids.values())) + linked > MOST_JOINED:
            return await self._read_in_turn(ids, session)
        stages: list[Document] = [{"$documents": [{}]}]
        for name, wanted in ids.items():
            stages.append({"$lookup": {"from": name, "pipeline": [{"$match": _of(wanted)}], "as": name}})
        for place, link in enumerate(links):
            named = {"localField": f"{link.source.name}.{link.field}", "foreignField": "_id"}
            stages.append({"$lookup": {"from": link.target.name, **named, "as": _led_to(place)}})
        # The options: without them instants would have no time zone.
        answer: Document = await self.motor.command(
            {"aggregate": 1, "pipeline": stages, "cursor": {}}, session=session, codec_options=self.motor.codec_options
        )
        found: dict[str, Sequence[Document]] = answer["cursor"]["firstBatch"][0]
        for place, link in enumerate(links):
            found[link.target.name] = [*found.get(link.target.name, ()), *found.pop(_led_to(place))]
        return found

    async def _read_in_turn(
        self, ids: Mapping[str, Group[str]], session: AsyncIOMotorClientSession
    ) -> Mapping[str, Sequence[Document]]:
        found: dict[str, Sequence[Document]] = {}
        for name, wanted in ids.items():
            # The server's first batch is 101 documents by default: the rest would cost a second round trip.
            cursor = self[name].find(_of(wanted), session=session, batch_size=len(wanted) + 1)
            found[name] = await cursor.to_list(None)
        return found

    def session(self) -> AsyncIOMotorClientSession:
        """A session of the client. It asks the server for nothing, so no thread is needed, which the driver takes."""
        return AsyncIOMotorClientSession(self.client.delegate.start_session(), self.client)

    async def write_together(
        self,
        operations: Mapping[str, Sequence[Write]],
        session: AsyncIOMotorClientSession,
        *,
        in_order: Group[str] = (),
        replaced: Mapping[str, int],
        patience: float | None = None,
    ) -> None:
        """Write to several collections in a transaction, with one command for each, and commit it.

        Raises ``VersionConflictError`` where fewer documents of a collection were there than are ``replaced`` in it.
        A commit whose outcome is unknown is tried again for ``patience`` seconds; without them nothing is committed.
        """
        on = session.delegate

        def write() -> bool:
            for name, writes in operations.items():
                result = self[name].delegate.bulk_write(writes, ordered=name in in_order, session=on)
                if result.matched_count < replaced.get(name, 0):
                    raise VersionConflictError(name)
            if patience is None:
                return True
            try:
                on.commit_transaction()
            except PyMongoError as error:
                if not may_have_committed(error):
                    raise
                return False
            return True

        # The driver hands every command to a thread: here they go to one thread together.
        done = await _to_its_end(run_on_executor(self.client.get_io_loop(), write))  # type: ignore[no-untyped-call] # Motor's
        deadline = time.monotonic() + (patience or 0.0)
        while not done:  # not in the thread, for which the process would wait when it ends
            try:
                await session.commit_transaction()
                done = True
            except PyMongoError as error:
                if not may_have_committed(error) or time.monotonic() > deadline:
                    raise

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


async def _to_its_end(thread: asyncio.Future[bool]) -> bool:
    """What a thread returned, which goes on though its task is cancelled: until then the session is its own."""
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise


def _of(ids: Group[str]) -> Document:
    """The filter that finds the documents of these ids."""
    return {"_id": next(iter(ids))} if len(ids) == 1 else {"_id": {"$in": list(ids)}}


def _led_to(place: int) -> str:
    """The field of an answer that has what the link at that place leads to: no name of a collection."""
    return f"{place} linked"


def appname_of(database: str) -> str:
    """The name under which the processes that use a database are seen at the server."""
    return f"carnet {database}"
