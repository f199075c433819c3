"""Everything of an organisation over HTTP, as JSON Lines: what a school takes along when it leaves (IMP-5)."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from starlette.responses import StreamingResponse

from carnet.http.calls import Call, reads
from carnet.http.routes import router
from carnet.mongo import Collection, Database

SCOPE = "export:all"
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


def export_routes(exported: Sequence[Exported]) -> APIRouter:
    """The route of what a service has of an organisation."""
    routes = router(tags=["export"])
    Reads = Annotated[Call, reads(SCOPE, staff=True)]  # noqa: N806 # a type that depends on the scope

    @routes.get(
        "/export.jsonl",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/jsonl": {}}}},
    )
    async def export_everything(call: Reads) -> StreamingResponse:
        """Read all that this service keeps for the organisation: a JSON document a line, by its ``collection``.

        What is written meanwhile may be in it or not.
        """
        return StreamingResponse(
            lines_of(call.database, call.organisation, exported),
            media_type="application/jsonl",
            headers={"Cache-Control": "no-store"},
        )

    return routes


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
