"""Spreadsheets: the CSV of an API as it is, and as XLSX with numbers and dates that spreadsheets count with."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import date
from decimal import Decimal

from starlette.responses import Response, StreamingResponse
from xlsxwriter import Workbook

from backoffice.languages import Language
from backoffice.web.visits import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_SEPARATORS = {"fr": ";", "en": ","}
_AMOUNT = re.compile(r"-?[0-9]+[.,][0-9]{1,4}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WIDEST = 60


Source = AbstractAsyncContextManager[AsyncIterator[bytes]]
"""The CSV of an API, in pieces: what ``Api.stream`` gives."""


async def as_csv(visit: Visit, source: Source, name: str) -> Response:
    """The CSV as a file, sent on as it comes. ``name`` is the file's, in the language of the person."""
    pieces = await source.__aenter__()

    async def sent() -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        finally:
            await source.__aexit__(None, None, None)

    return StreamingResponse(sent(), media_type="text/csv; charset=utf-8", headers=await _named(visit, name, "csv"))


async def as_xlsx(visit: Visit, source: Source, name: str, title: str) -> Response:
    """The CSV as a workbook; ``title`` is that of its sheet."""
    async with source as pieces:
        book = await workbook(pieces, visit.language, title)
    return Response(book, media_type=XLSX, headers=await _named(visit, name, "xlsx"))


async def _named(visit: Visit, name: str, ending: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}-{await visit.today()}.{ending}"'}


async def workbook(pieces: AsyncIterator[bytes], language: Language, title: str) -> bytes:
    """The workbook of a CSV that an API sends in the form of ``language``."""
    raw = b"".join([piece async for piece in pieces])
    return await asyncio.to_thread(_written, raw.decode("utf-8-sig"), language.code, title)


def _written(text: str, language: str, title: str) -> bytes:
    rows = list(csv.reader(io.StringIO(text), delimiter=_SEPARATORS[language]))
    out = io.BytesIO()
    # Texts are texts: what begins with = is no formula, what looks like an address no link.
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title[:31])
    heading = book.add_format({"bold": True, "bottom": 1})
    amount, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if at == 0:
                sheet.write_string(at, column, cell, heading)
            elif _AMOUNT.fullmatch(cell):
                sheet.write_number(at, column, Decimal(cell.replace(",", ".")), amount)
            elif _DAY.fullmatch(cell):
                sheet.write_datetime(at, column, date.fromisoformat(cell), day)
            elif cell:
                # The CSV marks what would read as a formula; here a text is one already.
                sheet.write_string(at, column, cell.removeprefix("'"))
    for column in range(len(rows[0]) if rows else 0):
        widest = max((len(row[column]) for row in rows[:500] if column < len(row)), default=8)
        sheet.set_column(column, column, min(widest + 2, _WIDEST))
    if rows:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows) - 1, max(len(rows[0]) - 1, 0))
    book.close()
    return out.getvalue()
