"""Showing a PDF that an API answers."""

from typing import Any

from starlette.responses import Response

from backoffice.web.visits import Visit


async def pdf_shown(visit: Visit, path: str, name: str, **query: Any) -> Response:
    """The PDF at ``path``, shown under the file name ``name``, of plain ASCII. Raises what the API refuses."""
    async with visit.api.stream(path, **query) as pieces:
        content = b"".join([piece async for piece in pieces])
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)
