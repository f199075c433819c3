"""The page of the export: what it has, and its download (IMP-5)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, BinaryIO, cast

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from backoffice.web import Visit, needs, pages
from carnet.exporting.archive import write_archive

routes = pages()

Exports = Annotated[Visit, needs("export:all")]


@routes.get("/export")
async def show_export(visit: Exports) -> Response:
    """Say what the export has."""
    return await visit.page("exports/export.html")


@routes.get("/export/archive.zip")
async def download_export(visit: Exports) -> Response:
    """The export, as it is now: written beside first, so that one that fails is an error and no broken file."""

    async def lines(service: str) -> AsyncIterator[bytes]:
        rest = b""
        async with visit.api.stream(f"/{service}/v1/export.jsonl") as pieces:
            async for piece in pieces:
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    yield line
        yield rest

    with NamedTemporaryFile(delete=False) as file:
        try:
            await write_archive(cast("BinaryIO", file), lines, visit.language.code)
        except BaseException:
            await asyncio.to_thread(Path(file.name).unlink)
            raise
    return FileResponse(
        file.name,
        media_type="application/zip",
        filename=visit.gettext("carnet-export") + ".zip",
        background=BackgroundTask(Path(file.name).unlink),
    )
