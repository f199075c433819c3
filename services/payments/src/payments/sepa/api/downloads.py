"""Files for the bank, as they are downloaded."""

from typing import Any

from starlette.responses import Response

BYTES = "application/octet-stream"

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The file.",
    }
}
"""What a route that answers a file declares."""


def downloaded(content: bytes, name: str) -> Response:
    """The file, saved under that name; it has bank accounts, so nobody on the way keeps it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=BYTES, headers=headers)
