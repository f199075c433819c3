"""The client, one service's database, and the collections and indexes that every service has."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from carnet.changes import Changes
from carnet.generation import SUITE, enter
from carnet.journal import ROWS
from carnet.mongo.collections import Collection, Document


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

    @classmethod
    def open(cls, url: str, name: str) -> Self:
        """A database at a MongoDB URL; the connection is made at the first use."""
        with _without_stack():
            client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
                url,
                serverSelectionTimeoutMS=4_000,
                retryWrites=True,
                w="majority",
                appname=appname_of(name),
                tz_aware=True,
            )
        return cls(client, name)

    def __getitem__(self, collection: str) -> AsyncIOMotorCollection[Document]:
        return self.motor[collection]

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

    async def answers(self) -> bool:
        """Whether the server answers within two seconds."""
        try:
            await asyncio.wait_for(self.client.admin.command("ping"), 2)
        except (PyMongoError, TimeoutError):
            return False
        return True

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


def appname_of(database: str) -> str:
    """The name under which the processes that use a database are seen at the server."""
    return f"carnet {database}"


KIT_COLLECTIONS: dict[str, Sequence[IndexModel]] = {
    ROWS: (
        IndexModel([("aggregate", 1), ("sequence", 1)], unique=True, name="aggregate_sequence"),
        IndexModel(
            [("pending", 1), ("_id", 1), ("slot", 1)], name="unpublished", partialFilterExpression={"pending": True}
        ),
        IndexModel([("request", 1)], name="of_request", partialFilterExpression={"request": {"$gt": ""}}),
    ),
    "marks": (),
    "parked": (IndexModel([("topic", 1), ("aggregate", 1), ("sequence", 1)], name="in_order"),),
    "discarded": (
        IndexModel([("parked", 1)], name="parked"),
        IndexModel([("at", -1)], name="latest"),
        IndexModel([("topic", 1), ("at", -1)], name="latest_of_topic"),
    ),
    "paused_topics": (),
    "leases": (IndexModel([("owner", 1)], name="owner"),),
    "view_rebuilds": (),
    "workers": (),
    "secrets": (),
    SUITE: (),
    "idempotency": (IndexModel([("at", 1)], name="expiry", expireAfterSeconds=24 * 3600),),
}
"""The kit's own collections, in every service's database, with their indexes."""
