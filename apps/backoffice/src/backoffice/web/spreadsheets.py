"""Spreadsheets: the CSV of an API as it is, and as XLSX with numbers and dates that spreadsheets count with."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Container, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from decimal import Decimal

from starlette.responses import Response, StreamingResponse
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from backoffice.languages import Language
from backoffice.web.visits import Visit
from carnet.spreadsheets import AMOUNTS, FORMS, FRENCH, SUMMED, Form, plain

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_DAYS = {"fr": "dd/mm/yyyy", "en": "yyyy-mm-dd"}
_AMOUNT = re.compile(r"-?[0-9]+([.,]([0-9]{1,4}))?")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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


async def as_xlsx(visit: Visit, source: Source, name: str, title: str, *, totals: bool = False) -> Response:
    """The CSV as a workbook; ``title`` is that of its sheet, ``totals`` whether its last row sums up the amounts."""
    async with source as pieces:
        book = await workbook(pieces, visit.language, title, totals=totals)
    return Response(book, media_type=XLSX, headers=await _named(visit, name, "xlsx"))


async def _named(visit: Visit, name: str, ending: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}-{await visit.today()}.{ending}"'}


async def workbook(pieces: AsyncIterator[bytes], language: Language, title: str, *, totals: bool = False) -> bytes:
    """The workbook of a CSV that an API sends in the form of ``language``."""
    raw = b"".join([piece async for piece in pieces])
    return await asyncio.to_thread(_written, raw.decode("utf-8-sig"), FORMS[language.code], title, totals)


def _written(text: str, form: Form, title: str, totals: bool) -> bytes:
    headings, rows = _for_people(list(csv.reader(io.StringIO(text), delimiter=form.separator)), form)
    amounts = {at for at, heading in enumerate(headings) if heading.casefold() in _words(AMOUNTS, form)}
    out = io.BytesIO()
    # Texts are texts: what begins with = is no formula, what looks like an address no link.
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title[:31])
    heading = book.add_format({"bold": True, "bottom": 1})
    number = _number_format(row[at] for row in rows for at in amounts if at < len(row))
    amount, day = book.add_format({"num_format": number}), book.add_format({"num_format": _DAYS[form.language]})
    for column, each in enumerate(headings):
        sheet.write_string(0, column, each, heading)
    for at, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if column in amounts and _AMOUNT.fullmatch(cell):
                sheet.write_number(at, column, _decimal(cell), amount)
            elif _DAY.fullmatch(cell):
                sheet.write_datetime(at, column, date.fromisoformat(cell), day)
            elif cell:
                # The CSV marks what would read as a formula; here a text is one already.
                sheet.write_string(at, column, plain(cell))
    for column, each in enumerate(headings):
        widest = max((len(row[column]) for row in rows[:500] if column < len(row)), default=0)
        sheet.set_column(column, column, min(max(widest, len(each)) + 2, _WIDEST))
    if headings:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(headings) - 1)
    if totals and rows:
        summed = {at for at in amounts if headings[at].casefold() in _words(SUMMED, form)}
        _sum_up(sheet, rows, summed, book.add_format({"bold": True, "top": 1}), (number, book))
    book.close()
    return out.getvalue()


def _sum_up(
    sheet: Worksheet, rows: Sequence[Sequence[str]], columns: Iterable[int], bold: Format, of: tuple[str, Workbook]
) -> None:
    """A last row with the sums of what a filter leaves visible."""
    number, book = of
    amount = book.add_format({"bold": True, "top": 1, "num_format": number})
    last = len(rows) + 1
    sheet.write_string(last, 0, "Total", bold)
    for column in columns:
        place = f"{xl_col_to_name(column)}2:{xl_col_to_name(column)}{last}"
        total = sum((_decimal(row[column]) for row in rows if _AMOUNT.fullmatch(row[column])), Decimal())
        sheet.write_formula(last, column, f"=SUBTOTAL(109,{place})", amount, float(total))


def _for_people(table: Sequence[Sequence[str]], form: Form) -> tuple[list[str], list[list[str]]]:
    """The headings and rows, with the numbers that people say in the place of ids, and words without underscores."""
    if not table:
        return [], []
    headings, rows = list(table[0]), [list(row) for row in table[1:]]
    number, contract = form.word("number"), form.word("contract")
    ids = {at for at in range(len(headings)) if _are_ids([row[at] for row in rows])}
    number_at = headings.index(number) if number in headings else None
    if number_at is not None and contract in headings and (at := headings.index(contract)) in ids:
        if all(row[number_at] for row in rows if row[at]):
            for row in rows:
                row[at] = row[number_at]
            ids = (ids - {at}) | {number_at}
        else:
            ids -= {at}
    kept = [at for at in range(len(headings)) if at not in ids]
    fixed = _words(FRENCH.words, form)
    shown = [[_spaced(row[at], fixed) for at in kept] for row in rows]
    return [_spaced(headings[at], fixed) for at in kept], shown


def _are_ids(cells: Sequence[str]) -> bool:
    return any(cells) and all(_ID.fullmatch(cell) for cell in cells if cell)


def _spaced(cell: str, fixed: Container[str]) -> str:
    return cell.replace("_", " ") if cell in fixed else cell


def _words(names: Iterable[str], form: Form) -> frozenset[str]:
    """What headings and fixed values are called in the language of the form, as the API or people write them."""
    words = {form.word(name) for name in names}
    return frozenset(words | {each.replace("_", " ") for each in words})


def _decimal(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "."))


def _number_format(amounts: Iterable[str]) -> str:
    """The format of amounts with so many decimals as they have."""
    found = (_AMOUNT.fullmatch(cell) for cell in amounts)
    digits = max((len(match[2] or "") for match in found if match), default=2)
    return "#,##0" + ("." + "0" * digits if digits else "")
