"""One unit of work: states loaded, decided on, and saved in bulk in one transaction."""

from collections.abc import Collection as Group
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import DeleteOne, InsertOne, ReplaceOne

from carnet.decisions import Context, Decision, S, State
from carnet.journal import ROWS, JournalRow, rows_of
from carnet.mongo.collections import Collection, Document, Link, Wanted, Write
from carnet.mongo.database import Database
from carnet.mongo.faults import ForeignError, NotLoadedError
from carnet.refusals import unknown

NOTHING: Mapping[str, Group[str]] = MappingProxyType({})


class Unit:
    """One unit of work in one transaction: an identity map over collections, saved in bulk at its end.

    States are loaded before they are decided on; everything that was saved or put is written
    with one command per collection, together with the journal. A unit may do several pieces of
    work, each for one organisation: within a ``piece`` a state of another organisation is never
    handed out nor saved (ORG-1).
    """

    def __init__(self, database: Database, session: AsyncIOMotorClientSession) -> None:
        self.database = database
        self._session = session
        self._closed = False
        self._organisation: str | None = None
        self._found: dict[tuple[str, str], Any] = {}
        self._states: dict[tuple[str, str], State | None] = {}
        self._shown: dict[tuple[str, str], State] = {}
        self._collections: dict[str, Collection[Any]] = {}
        self._versioned: set[tuple[str, str]] = set()
        self._touched: dict[tuple[str, str], None] = {}
        self._seen: set[tuple[str, str]] = set()
        self._rows: list[JournalRow] = []
        self._writes: dict[str, list[Write]] = {}
        self._in_order: set[str] = set()
        self.written: set[str] = set()
        """The collections that ``flush`` has written to."""

    # Pieces of work

    @property
    def organisation(self) -> str:
        """The organisation of the present piece of work; raises ``RuntimeError`` if there is none."""
        if self._organisation is None:
            raise RuntimeError("only a piece of work has an organisation: begin one with unit.piece()")
        return self._organisation

    @contextmanager
    def piece(self, organisation: str) -> Iterator[None]:
        """One piece of work, done for one organisation (ORG-1).

        Where it raises, the unit forgets what the piece has saved, so that the other pieces of
        the same transaction can go on. A piece within another is of the same organisation.
        """
        outer, point = self._organisation, self._savepoint()
        if outer not in (None, organisation):
            raise RuntimeError("a piece of work has one organisation")
        self._organisation = organisation
        if outer is None:
            self._seen = set()
        try:
            yield
        except BaseException:
            self._undo(point)
            raise
        finally:
            self._organisation = outer

    # Reading

    @property
    def session(self) -> AsyncIOMotorClientSession:
        """The session of the transaction, which every query names; ``NotLoadedError`` once the unit is closed."""
        if self._closed:
            raise NotLoadedError
        return self._session

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Decide on what is loaded: within this nothing more is read.

        A query would not see what other pieces of work have saved in this unit, as that is not written yet.
        """
        self._closed = True
        try:
            yield
        finally:
            self._closed = False

    async def load(self, collection: Collection[S], ids: Iterable[str]) -> None:
        """Load the states of these ids, in one query; those loaded before stay as they are."""
        await self.load_all((collection, id_) for id_ in ids)

    async def load_all(
        self, wanted: Wanted, *, beside: Mapping[str, Group[str]] = NOTHING, links: Iterable[Link] = ()
    ) -> Mapping[str, Sequence[Document]]:
        """Load these states, each a collection and an id, in one query; those loaded before stay as they are.

        Returns the documents with the ids of ``beside``, by collection, read by the same query. Where there is much to
        read it is one query per collection; otherwise what ``links`` lead to is loaded by that query, too.
        """
        ids: dict[str, dict[str, None]] = {}
        for collection, id_ in wanted:
            if (collection.name, id_) not in self._states:
                self._collections[collection.name] = collection
                ids.setdefault(collection.name, {})[id_] = None
        if not ids and not beside:
            return {}
        session = self.session
        for name, of_one in ids.items():
            self._states |= {(name, id_): None for id_ in of_one}
        leading = [link for link in links if link.source.name in ids]
        self._collections |= {link.target.name: link.target for link in leading}
        found = await self.database.read_together({**beside, **ids}, session, leading)
        for name in dict.fromkeys((*ids, *(link.target.name for link in leading))):
            collection, wanted_ids = self._collections[name], ids.get(name, {})
            for document in found.get(name, ()):
                key = (name, document["_id"])
                if key in self._states and key[1] not in wanted_ids:
                    continue  # a link leads to what was loaded before
                self._states[key] = state = collection.read(document)
                self._found[key] = document.get("version", 0)
                if collection.is_shown:
                    self._shown[key] = state
        return {name: found[name] for name in beside}

    def get(self, collection: Collection[S], id_: str) -> S | None:
        """The state of that id, loaded before or saved since; None if there is none.

        Raises ``ForeignError`` where it belongs to another organisation than the work.
        """
        key = (collection.name, id_)
        state = cast("S | None", self._states[key])
        if state is not None and self._organisation not in (None, state.organisation):
            raise ForeignError(f"{collection.name} {id_} belongs to another organisation")
        self._seen.add(key)
        return state

    def loaded(self, collection: Collection[S]) -> Sequence[S]:
        """The states of a collection that were loaded or saved before, of the present piece of work's organisation."""
        found = {
            key: cast("S", state)
            for key, state in self._states.items()
            if key[0] == collection.name and state is not None and state.organisation == self.organisation
        }
        self._seen.update(found)
        return list(found.values())

    async def one(self, collection: Collection[S], id_: str, *, what: str) -> S:
        """The state of that id; raises the same refusal where it is unknown or foreign (ORG-1)."""
        await self.load(collection, [id_])
        try:
            state = self.get(collection, id_)
        except ForeignError:
            state = None
        if state is None:
            raise unknown(what, id_)
        return state

    # Writing

    def decide(self, collection: Collection[S], decision: Decision[S], context: Context) -> S:
        """Save what was decided, by compare-and-set, with a journal row for each of its events.

        Returns the state with its new version, which is the sequence of its last event. Raises
        ``ForeignError`` where it belongs to another organisation than the work, as ``put`` does.
        """
        state = decision.state
        if not decision.events:
            return state
        rows = rows_of(state.id, state.organisation, state.version, decision.events, context)
        saved = state.model_copy(update={"version": rows[-1]["sequence"]})
        self._rows.extend(rows)
        self._touch(collection, saved)
        self._versioned.add((collection.name, state.id))
        return saved

    def put(self, collection: Collection[S], state: S) -> None:
        """Keep a state that publishes nothing itself: a copy of another service's, or a view."""
        self._touch(collection, state)

    def remove(self, collection: Collection[S], id_: str) -> None:
        """Remove the copy or view of that id."""
        self._collections[collection.name] = collection
        self._states[collection.name, id_] = None
        self._touched[collection.name, id_] = None

    def write(self, collection: str, *operations: Write, in_order: bool = False) -> None:
        """Add a store's own writes, which go with the rest in one command per collection.

        ``in_order`` says that one builds on another; without it the server may take them as it likes.
        """
        self._writes.setdefault(collection, []).extend(operations)
        if in_order:
            self._in_order.add(collection)

    def insert(self, collection: str, document: Document) -> None:
        """Add a document that is no state; the whole unit fails where its ``_id`` is there already."""
        self.write(collection, InsertOne(document))

    def _touch(self, collection: Collection[S], state: S) -> None:
        for owned in (self._states.get((collection.name, state.id)), state):
            if owned is not None and self._organisation not in (None, owned.organisation):
                raise ForeignError(f"{collection.name} {state.id} belongs to another organisation")
        self._collections[collection.name] = collection
        self._states[collection.name, state.id] = state
        self._touched[collection.name, state.id] = None
        self._seen.add((collection.name, state.id))

    @property
    def concerned(self) -> Sequence[str]:
        """The client accounts whose people the present piece of work may have named (ORG-4): those of what it saw."""
        seen = filter(None, map(self._states.get, self._seen))
        return sorted({account for state in seen if (account := state.concerns)})

    def _savepoint(self) -> tuple[Any, ...]:
        """What ``_undo`` goes back to."""
        return (
            dict(self._states),
            set(self._versioned),
            dict(self._touched),
            len(self._rows),
            {name: len(operations) for name, operations in self._writes.items()},
        )

    def _undo(self, point: tuple[Any, ...]) -> None:
        """Forget everything since ``_savepoint``."""
        self._states, self._versioned, self._touched, rows, lengths = point
        del self._rows[rows:]
        for name, operations in self._writes.items():
            del operations[lengths.get(name, 0) :]

    async def flush(self, *, patience: float | None = None) -> None:
        """Write everything: one command per collection, the views of states and the journal among them.

        With ``patience``, in seconds, what is written is committed too (``Database.write_together``).
        """
        await self.load_all(self._joined())
        operations = {name: list(writes) for name, writes in self._writes.items() if writes}
        replaced: dict[str, int] = {}
        for name, id_ in self._touched:
            operations.setdefault(name, []).append(self._operation(name, id_, replaced))
            for view, write in self._views(self._collections[name], id_):
                operations.setdefault(view, []).append(write)
        if self._rows:
            operations[ROWS] = [*operations.get(ROWS, []), *(InsertOne(cast("Document", row)) for row in self._rows)]
        self.written |= operations.keys()
        if operations:
            await self.database.write_together(
                operations, self.session, in_order=self._in_order, replaced=replaced, patience=patience
            )
        self._shown |= {key: state for key in self._touched if (state := self._states[key]) is not None}
        self._touched.clear()
        self._rows.clear()
        self._writes.clear()

    def _joined(self) -> Iterator[tuple[Collection[Any], str]]:
        """What the views of the saved states show of other states."""
        for name, id_ in self._touched:
            state = self._states[name, id_] or self._shown.get((name, id_))
            for view in self._collections[name].views:
                if state is not None and view.joins is not None:
                    yield view.joins.collection, view.joins.key(state)

    def _views(self, collection: Collection[Any], id_: str) -> Iterator[tuple[str, Write]]:
        """The writes that bring what shows a state up to it, each with the name of its collection."""
        key = (collection.name, id_)
        before, after = self._shown.get(key), self._states[key]
        for view in collection.views:
            joined = None
            if view.joins is not None and (shown := after or before) is not None:
                joined = self._states[view.joins.collection.name, view.joins.key(shown)]
            yield from ((view.collection.name, write) for write in view.writes(before, after, joined))
        for repeated in collection.repeated:
            yield from ((repeated.collection.name, write) for write in repeated.writes(before, after))

    def _operation(self, name: str, id_: str, replaced: dict[str, int]) -> Write:
        key = (name, id_)
        state = self._states[key]
        if state is None:
            return DeleteOne({"_id": id_})
        document = self._collections[name].write(state)
        if key not in self._found:
            if key in self._versioned:
                return InsertOne(document)
            return ReplaceOne({"_id": id_}, document, upsert=True)
        replaced[name] = replaced.get(name, 0) + 1
        condition = {"_id": id_, "version": self._found[key]} if key in self._versioned else {"_id": id_}
        return ReplaceOne(condition, document)
