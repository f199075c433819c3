"""Everything of an organisation over HTTP, as JSON Lines: what a school takes along when it leaves (IMP-5)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from carnet.exporting.collections import Exported, lines_of
from carnet.http.calls import Call, reads
from carnet.http.routes import router

SCOPE = "export:all"


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
