"""Files that an API answers: PDFs that are shown, and files that are saved."""

from typing import Any

from starlette.responses import Response

from backoffice.web.visits import Visit


async def pdf_shown(visit: Visit, path: str, name: str, **query: Any) -> Response:
    """The PDF at ``path``, shown under the file name ``name``, of plain ASCII. Raises what the API refuses."""
    return await _answered(visit, path, f'inline; filename="{name}.pdf"', "application/pdf", **query)


async def xml_saved(visit: Visit, path: str, name: str) -> Response:
    """The XML file at ``path``, saved under the file name ``name``, of plain ASCII. Raises what the API refuses."""
    return await _answered(visit, path, f'attachment; filename="{name}.xml"', "application/xml")


async def _answered(visit: Visit, path: str, disposition: str, media_type: str, **query: Any) -> Response:
    async with visit.api.stream(path, **query) as pieces:
        content = b"".join([piece async for piece in pieces])
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)
