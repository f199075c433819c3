"""What is committed of a database in memory, and transactions on it: snapshots, conflicts, unique indexes, deaths."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import Any, Self

from pymongo.errors import BulkWriteError, PyMongoError

from tests.memory.queries import Document, Query, matches

Documents = Mapping[str, Document]
Interlude = Callable[[], Awaitable[None]]

NONE: Documents = MappingProxyType({})


class ConflictError(PyMongoError):
    """Another transaction wrote one of the documents since this one began."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a write conflict in {name}", ["TransientTransactionError"])


class CrashError(BaseException):
    """The process died: nothing that it had not committed is there, and nobody was answered about what it had.

    No fault that the process itself could meet, park or answer: so it is not an ``Exception``.
    """


@dataclass
class Faults:
    """What goes wrong at the next commit; each happens once."""

    interlude: Interlude | None = None
    """What others do between the end of the next transaction and its commit."""
    dies_before_commit: bool = False
    dies_after_commit: bool = False
    passing: int = 0
    """How many commits come before the one at which it dies."""


@dataclass
class Store:
    """The committed documents of one database; a commit replaces whole mappings, so that old ones are snapshots."""

    committed: dict[str, Documents] = field(default_factory=dict)
    unique: dict[str, list[tuple[tuple[str, ...], Query]]] = field(default_factory=dict)
    """The unique indexes of each collection: their fields, and which documents they are about."""
    faults: Faults = field(default_factory=Faults)
    commits: int = 0

    def commit(self, base: Mapping[str, Documents], writes: Mapping[str, Mapping[str, Document | None]]) -> None:
        """Make ``writes`` the newest, unless others wrote the same documents since ``base`` was the newest."""
        for name, changed in writes.items():
            newest, known = self.committed.get(name, NONE), base.get(name, NONE)
            if newest is not known and any(newest.get(id_) is not known.get(id_) for id_ in changed):
                raise ConflictError(name)
        after = {name: _merged(self.committed.get(name, NONE), changed) for name, changed in writes.items()}
        for name, changed in writes.items():
            self._refuse_doubles(name, after[name], changed)
        self.committed |= after
        self.commits += bool(writes)

    def _refuse_doubles(self, name: str, after: Documents, changed: Mapping[str, Document | None]) -> None:
        for keys, about in self.unique.get(name, ()):
            indexed = {id_: document for id_, document in changed.items() if document and matches(document, about)}
            new = {tuple(document.get(key) for key in keys): id_ for id_, document in indexed.items()}
            if not new:
                continue
            for id_, document in after.items():
                if matches(document, about) and new.get(tuple(document.get(key) for key in keys), id_) != id_:
                    raise doubled(name, id_)


def _merged(before: Documents, changed: Mapping[str, Document | None]) -> Documents:
    return {id_: document for id_, document in {**before, **changed}.items() if document is not None}


def doubled(name: str, id_: str) -> BulkWriteError:
    return BulkWriteError({"writeErrors": [{"code": 11000, "errmsg": f"E11000 duplicate key in {name}: {id_}"}]})


class Session:
    """A session, with at most one transaction: a snapshot, and what was written on it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.base: dict[str, Documents] = {}
        self.writes: dict[str, dict[str, Document | None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def start_transaction(self, **_: Any) -> None:
        """Take a snapshot."""
        self.base, self.writes = dict(self._store.committed), {}

    async def abort_transaction(self) -> None:
        """Forget what was written."""
        self.writes = {}

    async def with_transaction(self, work: Callable[[Any], Awaitable[Any]], **_: Any) -> Any:
        """Run ``work`` and commit, again where it meets a conflict; the store's faults happen on the way."""
        faults = self._store.faults
        while True:
            self.start_transaction()
            try:
                result = await work(self)
                interlude, faults.interlude = faults.interlude, None
                if interlude is not None:
                    await interlude()
                faults.passing -= bool(self.writes)
                self._die(before=True)
                self._store.commit(self.base, self.writes)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
            else:
                self._die(before=False)
                return result

    def _die(self, *, before: bool) -> None:
        faults, name = self._store.faults, "dies_before_commit" if before else "dies_after_commit"
        if self.writes and faults.passing < 0 and getattr(faults, name):
            setattr(faults, name, False)
            raise CrashError(name)

    def documents(self, name: str) -> Documents:
        """The documents of a collection as this transaction sees them."""
        base, writes = self.base.get(name, NONE), self.writes.get(name)
        return _merged(base, writes) if writes else base
