"""Typed collections of states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from pymongo import DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateMany, UpdateOne

from carnet.decisions import S

Document = dict[str, Any]
Write = InsertOne[Document] | ReplaceOne[Document] | UpdateOne | UpdateMany | DeleteOne


@dataclass(frozen=True)
class Collection(Generic[S]):
    """A typed collection of states: ``_id`` is the state's id, the rest its fields as JSON values.

    ``schema`` numbers the shape of the documents; ``upcasts[n]`` turns a document of shape n
    into one of shape n + 1 when it is read. ``derived`` gives fields that only queries need:
    they are written beside the state's own and passed over when it is read.
    """

    name: str
    model: type[S]
    indexes: Sequence[IndexModel] = ()
    schema: int = 1
    upcasts: Mapping[int, Callable[[Document], Document]] = field(default_factory=dict)
    derived: Callable[[S], Document] | None = None

    def read(self, document: Mapping[str, Any]) -> S:
        """The state in a document, brought up to the present shape."""
        fields = dict(document)
        for shape in range(fields.pop("schema", 1), self.schema):
            fields = self.upcasts[shape](fields)
        fields["id"] = fields.pop("_id")
        return self.model.model_validate(fields)

    def write(self, state: S) -> Document:
        """The document that keeps a state."""
        fields = state.model_dump(mode="json")
        document = {"_id": fields.pop("id"), "schema": self.schema, **fields}
        return document if self.derived is None else document | self.derived(state)
