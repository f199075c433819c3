"""Views made anew, and compared with their states: after a restore, a fault, or a release that shows more.

Saving a state saves its views, so this is no part of daily work. It may run beside the suite: each page is a
transaction of its own, which a change of one of its states makes run again.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymongo import DeleteOne, UpdateOne

from carnet.decisions import S
from carnet.mongo import REBUILT, Collection, Database, Document, Unit, View, Write, look, patiently, transact
from carnet.mongo.kit import VIEW_REBUILDS

PAGE = 200
"""How many states one transaction compares with their views."""

PATIENCE = 60.0
"""Seconds for which a page is tried again while the suite changes its states."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of a view, or the document of a state, that is not what the state makes of it."""

    collection: str
    id: str
    state: str
    what: str
    """The names of the fields that differ; or that the row is missing, of no state, or that the state is unreadable."""

    @property
    def unreadable(self) -> bool:
        """Whether the state itself can't be read, so that nothing can be corrected."""
        return self.what == UNREADABLE


UNREADABLE = "its state is unreadable"
LEFT_OVER = "a row of no state"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is: so many states were read, so many rows and documents differed and were corrected."""

    read: int = 0
    differed: int = 0
    unreadable: int = 0
    """How many documents could not be read as states: what shows them was left as it is."""
    after: str = ""
    """The id of the last state that was read; empty at the beginning."""
    done: bool = False


_KEPT = ("read", "differed", "unreadable", "after")


def shown(collections: Iterable[Collection[Any]]) -> list[Collection[Any]]:
    """The collections whose states are shown somewhere, or found by fields that follow from others."""
    return [each for each in collections if each.views or each.derived or each.model.model_computed_fields]


async def progress_of(database: Database, collection: Collection[Any]) -> Progress | None:
    """How far a rebuild came that was interrupted; None if none was."""
    return _progress(await database[VIEW_REBUILDS].find_one({"_id": collection.name}))


async def rebuild(database: Database, collection: Collection[S]) -> AsyncIterator[Progress]:
    """Make what shows the states of a collection anew; how far it is, after each page.

    One that was interrupted goes on where it ended. Only what differs is written.
    """
    while True:
        progress = await patiently(lambda: transact(database, lambda unit: _rebuild_page(unit, collection)), PATIENCE)
        if progress.done:
            break
        yield progress
    left_over = 0
    for view in collection.views:
        async for row, _ in _left_over(database, collection, view):
            await database[view.collection.name].delete_one({"_id": row})
            left_over += 1
    await database[VIEW_REBUILDS].delete_one({"_id": collection.name})
    yield replace(progress, differed=progress.differed + left_over)


async def compare(database: Database, collection: Collection[S]) -> AsyncIterator[Difference]:
    """What shows the states of a collection otherwise than they are; nothing is written."""
    after = ""
    while True:
        ids, found, _ = await look(database, lambda unit, after=after: _page(unit, collection, after))  # type: ignore[misc] # a default of a lambda
        for difference in found:
            yield difference
        if not ids:
            break
        after = ids[-1]
    for view in collection.views:
        async for row in _left_over(database, collection, view):
            yield Difference(view.collection.name, *row, LEFT_OVER)


async def _rebuild_page(unit: Unit, collection: Collection[S]) -> Progress:
    before = _progress(await unit.database[VIEW_REBUILDS].find_one({"_id": collection.name}, session=unit.session))
    before = before or Progress()
    ids, differences, writes = await _page(unit, collection, before.after)
    for name, write in writes:
        unit.write(name, write)
    if not ids:
        return replace(before, done=True)
    unreadable = sum(difference.unreadable for difference in differences)
    progress = Progress(
        read=before.read + len(ids),
        differed=before.differed + len(differences) - unreadable,
        unreadable=before.unreadable + unreadable,
        after=ids[-1],
    )
    kept = {name: getattr(progress, name) for name in _KEPT}
    unit.write(VIEW_REBUILDS, UpdateOne({"_id": collection.name}, {"$set": kept}, upsert=True))
    return progress


async def _page(
    unit: Unit, collection: Collection[S], after: str
) -> tuple[list[str], list[Difference], list[tuple[str, Write]]]:
    """The ids of the next states, what differs of them, and the writes that correct it, each with its collection."""
    documents = await (
        unit.database[collection.name]
        .find({"_id": {"$gt": after}}, session=unit.session, batch_size=PAGE + 1)
        .sort("_id", 1)
        .limit(PAGE)
        .to_list(None)
    )
    states: list[S] = []
    differences: list[Difference] = []
    writes: list[tuple[str, Write]] = []
    for document in documents:
        id_ = document["_id"]
        try:
            state = collection.read(document)
        except (ValueError, LookupError, TypeError):
            differences.append(Difference(collection.name, id_, id_, UNREADABLE))
            continue
        states.append(state)
        fields = {name: value for name, value in collection.found_by(state).items() if document.get(name) != value}
        if fields:
            differences.append(Difference(collection.name, id_, id_, ", ".join(sorted(fields))))
            writes.append((collection.name, UpdateOne({"_id": id_}, {"$set": fields})))
    for view in collection.views:
        for difference, write in await _rows(unit, view, states):
            differences.append(difference)
            writes.append((view.collection.name, write))
            # A change of the state that is under way conflicts with this, whichever rows it writes.
            writes.append((collection.name, UpdateOne({"_id": difference.state}, {"$inc": {REBUILT: 1}})))
    return [document["_id"] for document in documents], differences, writes


async def _rows(unit: Unit, view: View[S], states: Sequence[S]) -> list[tuple[Difference, Write]]:
    """The rows of a view that differ from what these states make of them, each with the write that corrects it."""
    name = view.collection.name
    if view.joins is not None:
        await unit.load(view.joins.collection, [view.joins.key(state) for state in states])
    owned: dict[str, dict[str, Document]] = {state.id: {} for state in states}
    found = unit.database[name].find({view.owner: {"$in": list(owned)}}, session=unit.session, batch_size=PAGE + 1)
    for row in await found.to_list(None):
        owned[row[view.owner]][row["_id"]] = row
    differing: list[tuple[Difference, Write]] = []
    for state in states:
        joined = unit.get(view.joins.collection, view.joins.key(state)) if view.joins is not None else None
        rows, kept = view.rows(state, joined), owned[state.id]
        for id_, fields in rows.items():
            row = kept.get(id_, {})
            wrong = [field for field, value in fields.items() if field not in row or row[field] != value]
            if wrong:
                what = ", ".join(sorted(wrong)) if row else "missing"
                write = UpdateOne({"_id": id_}, {"$set": fields}, upsert=True)
                differing.append((Difference(name, id_, state.id, what), write))
        gone = kept.keys() - rows.keys()
        differing += [(Difference(name, id_, state.id, LEFT_OVER), DeleteOne({"_id": id_})) for id_ in gone]
    return differing


async def _left_over(
    database: Database, collection: Collection[Any], view: View[Any]
) -> AsyncIterator[tuple[str, str]]:
    """The rows of a view whose state does not exist, each with the id of that state.

    States are read after their rows, so that a row is never newer than what was read of its state.
    """
    after = ""
    while True:
        rows = await (
            database[view.collection.name]
            .find({"_id": {"$gt": after}}, {view.owner: 1}, batch_size=PAGE + 1)
            .sort("_id", 1)
            .limit(PAGE)
            .to_list(None)
        )
        if not rows:
            return
        owners = {"$in": list({row[view.owner] for row in rows})}
        states = await database[collection.name].find({"_id": owners}, {"_id": 1}, batch_size=PAGE + 1).to_list(None)
        known = {state["_id"] for state in states}
        for row in rows:
            if row[view.owner] not in known:
                yield row["_id"], row[view.owner]
        after = rows[-1]["_id"]


def _progress(document: Document | None) -> Progress | None:
    return Progress(**{name: document[name] for name in _KEPT}) if document else None
