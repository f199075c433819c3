"""What a service exports of an organisation: its collections, as JSON Lines (IMP-5). Workers know it: no HTTP here."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from carnet.mongo import Collection, Database

_AT_ONCE = 65_536
"""Bytes of a piece of the answer."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A collection whose documents are exported; ``without`` are secrets in it, as pydantic names what is left out."""

    collection: Collection[Any]
    without: Mapping[str, Any] = field(default_factory=dict)
    by: str = "organisation"
    """The field that names the organisation."""
    derived: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """What follows from a document and is not kept in it, by name: others cannot know how."""


async def lines_of(database: Database, organisation: str, exported: Sequence[Exported]) -> AsyncIterator[bytes]:
    """What is kept of an organisation, as JSON Lines, in pieces of some lines."""
    piece = bytearray()
    for each in exported:
        collection = each.collection
        async for document in database[collection.name].find({each.by: organisation}):
            state = collection.read(document)
            fields = state.model_dump(mode="json", exclude=dict(each.without))
            derived = {name: of(state) for name, of in each.derived.items()}
            piece += orjson.dumps({**fields, **derived, "collection": collection.name}) + b"\n"
            if len(piece) >= _AT_ONCE:
                yield bytes(piece)
                piece.clear()
    yield bytes(piece)
