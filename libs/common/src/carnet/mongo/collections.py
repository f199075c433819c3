"""Typed collections of states, and the views that are declared with them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from pymongo import DeleteMany, DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateMany, UpdateOne

from carnet.decisions import S, State

Document = dict[str, Any]
Write = InsertOne[Document] | ReplaceOne[Document] | UpdateOne | UpdateMany | DeleteOne | DeleteMany

REBUILT = "views_rebuilt"
"""A field that a rebuild raises in the document of a state whose views it corrects: a change then conflicts with it."""

Rows = Mapping[str, Document]
"""Rows of a view, by their id: each with the fields that it is to have."""


@dataclass(frozen=True)
class Join(Generic[S]):
    """The other state of which a view shows something: ``key`` gives its id."""

    collection: "Collection[Any]"
    key: Callable[[S], str]


@dataclass(frozen=True)
class View(Generic[S]):
    """Rows of another collection that show a state: they are saved whenever the state is, and made anew by a command.

    ``show`` is pure: the rows of a state and of the one that it ``joins``, None if that is not known. ``owner`` is the
    field of a row that has the id of its state. ``leaves`` names the fields that this state can say nothing about,
    since an older release has saved it: a row keeps what it has there.
    """

    collection: "Collection[Any]"
    show: Callable[[S, Any], Iterable[State]]
    owner: str = "_id"
    joins: Join[S] | None = None
    leaves: Callable[[S], Sequence[str]] | None = None

    def rows(self, state: S | None, joined: State | None) -> Rows:
        """The rows that show a state; none if there is no state."""
        left = self._left(state)
        return {id_: self._fields(row, left) for id_, row in self._shown(state, joined).items()}

    def writes(self, before: S | None, after: S | None, joined: State | None) -> Iterable[Write]:
        """What brings the rows from one state to the next: only the rows that differ are written."""
        # Rows are compared before documents are made of them, which is most of the work.
        old, new = self._shown(before, joined), self._shown(after, joined)
        left = self._left(after)
        as_before = left == self._left(before)
        yield from (DeleteOne({"_id": gone}) for gone in old.keys() - new.keys())
        for id_, row in new.items():
            if not (as_before and row == old.get(id_)):
                yield UpdateOne({"_id": id_}, {"$set": self._fields(row, left)}, upsert=True)

    def _shown(self, state: S | None, joined: State | None) -> Mapping[str, State]:
        return {row.id: row for row in self.show(state, joined)} if state is not None else {}

    def _left(self, state: S | None) -> Sequence[str]:
        return self.leaves(state) if self.leaves and state is not None else ()

    def _fields(self, row: State, left: Sequence[str]) -> Document:
        document = self.collection.write(row)
        return {name: value for name, value in document.items() if name != "_id" and name not in left}


@dataclass(frozen=True)
class Repeated(Generic[S]):
    """Fields of a state that the rows of another collection repeat: they are saved there whenever they change.

    ``by`` is the field of a row that has the id of the state; ``where`` says whether the state has rows at all.
    """

    collection: "Collection[Any]"
    by: str
    fields: Callable[[S], Document]
    where: Callable[[S], bool]

    def writes(self, before: S | None, after: S | None) -> Iterable[Write]:
        """What brings the fields from one state to the next."""
        if after is None or not self.where(after):
            return
        fields = self.fields(after)
        if before is None or fields != self.fields(before):
            yield UpdateMany({"organisation": after.organisation, self.by: after.id}, {"$set": fields})


@dataclass(frozen=True)
class Collection(Generic[S]):
    """A typed collection of states: ``_id`` is the state's id, the rest its fields as JSON values.

    ``schema`` numbers the shape of the documents; ``upcasts[n]`` turns a document of shape n
    into one of shape n + 1 when it is read; a document of a shape that only a newer release knows
    keeps its number. ``derived`` gives, by name, fields that only queries need:
    they are written beside the state's own and left out when it is read. ``views`` and ``repeated`` are
    what shows a state elsewhere, saved with it.
    """

    name: str
    model: type[S]
    indexes: Sequence[IndexModel] = ()
    schema: int = 1
    upcasts: Mapping[int, Callable[[Document], Document]] = field(default_factory=dict)
    derived: Mapping[str, Callable[[S], Any]] = field(default_factory=dict)
    views: Sequence[View[S]] = ()
    repeated: Sequence[Repeated[S]] = ()

    @property
    def is_shown(self) -> bool:
        """Whether something else shows its states."""
        return bool(self.views or self.repeated)

    def read(self, document: Mapping[str, Any]) -> S:
        """The state in a document, brought up to the present shape."""
        fields = dict(document)
        found = fields.pop("schema", 1)
        for shape in range(found, self.schema):
            fields = self.upcasts[shape](fields)
        if found > self.schema:  # with it as an unknown field of the state, no upcast will touch what a newer one wrote
            fields["schema"] = found
        fields["id"] = fields.pop("_id")
        for name in (*self.derived, REBUILT):
            fields.pop(name, None)
        return self.model.model_validate(fields)

    def write(self, state: S) -> Document:
        """The document that keeps a state."""
        fields = state.model_dump(mode="json")
        document = {"_id": fields.pop("id"), "schema": self.schema, **fields}
        return document | {name: of(state) for name, of in self.derived.items()}

    def found_by(self, state: S) -> Document:
        """The fields of its document that follow from the others: those that only queries need."""
        computed = state.model_dump(mode="json", include=set(self.model.model_computed_fields))
        return computed | {name: of(state) for name, of in self.derived.items()}


Wanted = Iterable[tuple[Collection[Any], str]]
"""The states that something reads: collection and id."""


@dataclass(frozen=True, eq=False)
class Link:
    """States that others name: a ``field`` in the documents of ``source`` has the id of one of ``target``, or several.

    What is read with the links that lead from it needs no second query for the states that they lead to.
    """

    source: Collection[Any]
    field: str
    target: Collection[Any]
