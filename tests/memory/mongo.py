"""MongoDB in memory, beneath the real units of work: snapshots, conflicts, unique indexes, transactions that run again.

Documents go through BSON both ways, so that what MongoDB can't hold is not held here either.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import bson
from bson.codec_options import CodecOptions
from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne

from carnet.changes import Changes
from carnet.mongo import KIT_COLLECTIONS, Collection, Database, VersionConflictError
from tests.memory.queries import Document, NotSpokenError, Query, in_order, matches, projected, updated
from tests.memory.stages import aggregated
from tests.memory.store import NONE, Documents, Session, Store, doubled

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)


@dataclass(frozen=True)
class Counted:
    """What a write answers of how much it did."""

    matched_count: int = 0
    modified_count: int = 0
    deleted_count: int = 0
    upserted_count: int = 0


class Cursor:
    """The documents that a query found, to be sorted, limited and read."""

    def __init__(self, found: Iterable[Document], projection: Any) -> None:
        self._found = list(found)
        self._projection = projection
        self._most = 0
        self._read = 0

    def sort(self, key: str | Sequence[tuple[str, int]], direction: int = 1) -> Self:
        """In this order."""
        self._found = in_order(self._found, [(key, direction)] if isinstance(key, str) else key)
        return self

    def limit(self, most: int) -> Self:
        """No more than that; zero is all."""
        self._most = most
        return self

    def hint(self, _: Any) -> Self:
        """By that index: here there is none to choose."""
        return self

    def allow_disk_use(self, _: object) -> Self:
        """There is no disk."""
        return self

    async def to_list(self, length: int | None = None) -> list[Document]:
        """The next ``length`` of them, or all that are left."""
        found = self._found[: self._most] if self._most else self._found
        page = found[self._read : None if length is None else self._read + length]
        self._read += len(page)
        return [dict(projected(document, self._projection)) for document in page]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in await self.to_list():
            yield document


class Documentary:
    """One collection, as the driver offers it; every call without a session is a commit of its own."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def find(self, query: Query | None = None, projection: Any = None, session: Any = None, **options: Any) -> Cursor:
        """The documents that ``query`` finds."""
        cursor = Cursor(self._found(self._documents(session), query or {}), projection)
        if options.get("sort"):
            cursor.sort(options["sort"])
        return cursor.limit(options.get("limit", 0))

    async def find_one(
        self, query: Query, projection: Any = None, *, session: Any = None, sort: Any = None, **_: Any
    ) -> Document | None:
        """The first of them."""
        found = await self.find(query, projection, session=session, sort=sort, limit=1).to_list()
        return found[0] if found else None

    async def count_documents(self, query: Query, *, session: Any = None, limit: int = 0, **_: Any) -> int:
        """How many there are."""
        return len(await self.find(query, {"_id": 1}, session=session, limit=limit).to_list())

    def aggregate(self, stages: Sequence[Query], session: Any = None, **_: Any) -> Cursor:
        """What the stages make of the documents."""
        return Cursor(aggregated(self._documents(session).values(), stages), None)

    async def bulk_write(self, operations: Sequence[Any], *, session: Any = None, **_: Any) -> Counted:
        """Carry out several writes, in order."""
        counts = [0, 0, 0]
        with _Writing(self._store, session) as writing:
            for operation in operations:
                for place, count in enumerate(self._carry_out(writing, operation)):
                    counts[place] += count
        return Counted(counts[0], counts[0], counts[1], counts[2])

    async def update_one(self, query: Query, update: Any, *, upsert: bool = False, session: Any = None) -> Counted:
        """Update the first that ``query`` finds."""
        return await self.bulk_write([UpdateOne(query, update, upsert=upsert)], session=session)

    async def update_many(self, query: Query, update: Any, *, session: Any = None, **_: Any) -> Counted:
        """Update all that ``query`` finds."""
        return await self.bulk_write([UpdateMany(query, update)], session=session)

    async def replace_one(self, query: Query, document: Any, *, upsert: bool = False, session: Any = None) -> Counted:
        """Replace the first that ``query`` finds."""
        return await self.bulk_write([ReplaceOne(query, document, upsert=upsert)], session=session)

    async def insert_one(self, document: Document, *, session: Any = None) -> Counted:
        """Add a document."""
        return await self.bulk_write([InsertOne(document)], session=session)

    async def delete_one(self, query: Query, *, session: Any = None) -> Counted:
        """Delete the first that ``query`` finds."""
        return await self.bulk_write([DeleteOne(query)], session=session)

    async def delete_many(self, query: Query, *, session: Any = None) -> Counted:
        """Delete all that ``query`` finds."""
        return await self.bulk_write([DeleteMany(query)], session=session)

    async def find_one_and_update(
        self,
        query: Query,
        update: Any,
        *,
        session: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: Any = False,
        **_: Any,
    ) -> Document | None:
        """Update the first that ``query`` finds, or add it, and answer it as it was or, where asked, as it is."""
        before = await self.find_one(query, session=session, sort=sort)
        if before is None:
            if not upsert:
                return None
            await self.update_one(query, update, upsert=True, session=session)
            return await self.find_one(query, session=session) if return_document else None
        await self.update_one({"_id": before["_id"]}, update, session=session)
        return await self.find_one({"_id": before["_id"]}, session=session) if return_document else before

    def _documents(self, session: Session | None) -> Documents:
        return session.documents(self.name) if session else self._store.committed.get(self.name, NONE)

    @staticmethod
    def _found(documents: Documents, query: Query) -> list[Document]:
        wanted = query.get("_id")
        if isinstance(wanted, str):
            candidates: Iterable[Document] = filter(None, [documents.get(wanted)])
        elif isinstance(wanted, Mapping) and set(wanted) == {"$in"}:
            candidates = filter(None, (documents.get(id_) for id_ in dict.fromkeys(wanted["$in"])))
        else:
            candidates = documents.values()
        return [document for document in candidates if matches(document, query)]

    def _carry_out(self, writing: "_Writing", operation: Any) -> tuple[int, int, int]:
        """One write: how many documents it matched, deleted and added. The driver keeps what it does to itself."""
        documents = writing.documents(self.name)
        if isinstance(operation, InsertOne):
            document = operation._doc  # the driver's operations have no other reading
            document.setdefault("_id", f"_{writing.count(self.name)}")
            if document["_id"] in documents:
                raise doubled(self.name, document["_id"])
            writing.write(self.name, document["_id"], document)
            return 0, 0, 1
        query = operation._filter
        found = self._found(documents, query)
        if isinstance(operation, DeleteOne | DeleteMany):
            gone = found if isinstance(operation, DeleteMany) else found[:1]
            for document in gone:
                writing.write(self.name, document["_id"], None)
            return 0, len(gone), 0
        if getattr(operation, "_array_filters", None):
            raise NotSpokenError("array filters")
        change = operation._doc
        replacing = isinstance(operation, ReplaceOne)
        if not found and getattr(operation, "_upsert", False):
            seed = {name: value for name, value in query.items() if not isinstance(value, Mapping)}
            document = {"_id": query["_id"], **change} if replacing else updated(seed, change, inserted=True)
            writing.write(self.name, document["_id"], document)
            return 0, 0, 1
        concerned = found if isinstance(operation, UpdateMany) else found[:1]
        for document in concerned:
            after = {"_id": document["_id"], **change} if replacing else updated(document, change)
            writing.write(self.name, document["_id"], after)
        return len(concerned), 0, 0


class _Writing:
    """Where writes go: to the transaction of a session, or to a commit of their own."""

    def __init__(self, store: Store, session: Session | None) -> None:
        self._store = store
        self._own = session is None
        self._session = session or Session(store)

    def __enter__(self) -> Self:
        if self._own:
            self._session.start_transaction()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own and kind is None:
            self._store.commit(self._session.base, self._session.writes)

    def documents(self, name: str) -> Documents:
        return self._session.documents(name)

    def write(self, name: str, id_: str, document: Document | None) -> None:
        self._session.writes.setdefault(name, {})[id_] = None if document is None else _kept(document)

    def count(self, name: str) -> int:
        return len(self.documents(name))


def _kept(document: Document) -> Document:
    """The document as MongoDB would hand it out again."""
    return bson.decode(bson.encode(document), _AWARE)


class Client:
    """The driver's client."""

    def close(self) -> None:
        """Nothing is open."""


class _Collections(dict[str, Documentary]):
    def __init__(self, store: Store) -> None:
        self._store = store

    def __missing__(self, name: str) -> Documentary:
        self[name] = Documentary(self._store, name)
        return self[name]


class MemoryDatabase(Database):
    """A service's database in memory. ``store`` has what is committed, and the faults to come."""

    def __init__(self, name: str, collections: Iterable[Collection[Any]]) -> None:
        self.name = name
        self.changes = Changes()
        self.store = Store()
        self.client = Client()  # as much of the driver as is used
        self.motor = _Collections(self.store)
        wanted = {collection.name: collection.indexes for collection in collections} | KIT_COLLECTIONS
        for collection, indexes in wanted.items():
            unique = [index.document for index in indexes if index.document.get("unique")]
            self.store.unique[collection] = [
                (tuple(index["key"]), index.get("partialFilterExpression", {})) for index in unique
            ]

    def __getitem__(self, collection: str) -> Any:
        """A collection: made anew each time, which costs nothing here."""
        return self.motor[collection]

    def session(self) -> Any:
        """A session."""
        return Session(self.store)

    async def read_together(self, ids: Mapping[str, Any], session: Any, *_: Any) -> Mapping[str, Sequence[Document]]:
        """The documents of these ids, collection by collection: there are no round trips to spare."""
        return await self._read_in_turn(ids, session)

    async def write_together(
        self, operations: Mapping[str, Sequence[Any]], session: Any, *, replaced: Mapping[str, int], **_: Any
    ) -> None:
        """Likewise the writes."""
        for name, writes in operations.items():
            result = await self[name].bulk_write(writes, session=session)
            if result.matched_count < replaced.get(name, 0):
                raise VersionConflictError(name)

    def documents(self, collection: str) -> Documents:
        """The committed documents of a collection, by id."""
        return self.store.committed.get(collection, NONE)

    def states(self, collection: Collection[Any]) -> dict[str, Any]:
        """The committed states of a collection, by id."""
        return {id_: collection.read(document) for id_, document in self.documents(collection.name).items()}
