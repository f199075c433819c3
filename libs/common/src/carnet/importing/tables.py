"""CSV and XLSX read into tables, however they were made: encodings, separators, hostile archives, formulas."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from carnet.importing.archives import look_into
from carnet.importing.encodings import encoding_of
from carnet.importing.problems import FileError

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a file."""

MOST_ROWS = 1_000_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell with a formula: its value depends on what other cells say, so it is not read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that shows an error of the spreadsheet, such as ``#REF!``, where its value was."""

    shown: str


Cell = str | int | float | bool | date | Formula | Fault | None

_FAULT = re.compile(r"#(N/A|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NUM!|NOMBRE!|NULL!|NUL!|SPILL!|CALC!)")

FIRST_ROWS = 10
"""How many rows are searched for the headings: the name of the list may be above them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows each with its number, read anew whenever somebody goes through them."""

    begin: Callable[[], Iterator[tuple[int, Sequence[Cell]]]]

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        return self.begin()


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet, or a CSV file: its titles, and its rows each with its number, as often as somebody asks."""

    name: str
    titles: Sequence[str]
    rows: Iterable[tuple[int, Sequence[Cell]]]
    merged: bool = False
    """Whether its workbook has merged cells, of which only the first has the value."""


def read_tables(name: str, content: bytes | BinaryIO) -> list[Table]:
    """The tables of a file; of a CSV file one. Rows are read as they are asked for: the file stays open for them.

    Args:
        name: What it is called, for messages.
        content: The file, which can be sought in, or its bytes.

    Raises:
        FileError: it is empty, too large, no CSV or XLSX, or not to be trusted.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise FileError("file-empty", name, f"{name} is empty. Choose another file.")
    if size > LARGEST_FILE:
        most = LARGEST_FILE // 1024 // 1024
        raise FileError("file-too-large", name, f"{name} is larger than {most} MB. Split it by families.")
    head = file.read(8)
    if head[:4] == b"PK\x03\x04":
        return _workbook(name, file)
    if head == bytes.fromhex("d0cf11e0a1b11ae1"):
        raise FileError(
            "file-old-excel", name, f"{name} is a workbook of Excel 97, or has a password. Save it as XLSX without one."
        )
    return [_csv(name, file, encoding_of(name, file))]


@contextmanager
def _text(file: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The text from its beginning; the file stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def _csv(name: str, file: BinaryIO, encoding: str) -> Table:
    with _text(file, encoding) as text:
        first = list(islice((line for line in text if line.strip()), FIRST_ROWS))
    separator = max(";,\t", key=lambda each: max((len(_cells(line, each)) for line in first), default=0))
    with _text(file, encoding) as text:
        above, titles = _headings(name, _csv_rows(name, _reader(text, separator)))

    def rows() -> Iterator[tuple[int, Sequence[Cell]]]:
        with _text(file, encoding) as again:
            yield from islice(_csv_rows(name, _reader(again, separator)), above, None)

    return Table(name.rsplit(".", 1)[0], titles, Rows(rows))


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _headings(name: str, rows: Iterator[tuple[int, Sequence[Cell]]]) -> tuple[int, list[str]]:
    """How many rows the table begins with, up to its headings; and these: the first row with more than one cell.

    Raises:
        FileError: there is no row, or none of more than one column.
    """
    none = True
    for at, (_, cells) in enumerate(islice(rows, FIRST_ROWS), start=1):
        none = False
        if sum(cell is not None for cell in cells) > 1:
            return at, _titles(name, [cell if isinstance(cell, str) else "" for cell in cells])
    if none:
        raise FileError("file-empty", name, f"There is nothing in {name}. Choose another file.")
    raise FileError(
        "file-no-columns",
        name,
        f"{name} has one column. Separate the columns by semicolons, commas or tabs, or save it as XLSX.",
    )


def _reader(text: Iterable[str], separator: str) -> Any:
    return csv.reader(text, delimiter=separator, strict=True)


def _csv_rows(name: str, reader: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    count = 0
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _broken(name, number, error) from error
        if row is None:
            return
        count += 1
        _refuse_more(name, count)
        if any(cell.strip() for cell in row):
            yield number, [_formula_or_text(cell) for cell in row]


def _formula_or_text(cell: str) -> Cell:
    text = cell.strip()
    if text.startswith("'") and text[1:2] in ("=", "+", "-", "@"):
        return text[1:]  # how spreadsheets, and Carnet, mark what is no formula
    if text.startswith("="):
        return Formula()
    return Fault(text) if _FAULT.fullmatch(text) else text or None


def _broken(name: str, row: int, error: csv.Error) -> FileError:
    detail = f"{name} cannot be read from line {row} on ({error}). Look there for a quote left open, and close it."
    return FileError("file-quote", name, detail, {"row": (str(row), str(row))})


def _workbook(name: str, file: BinaryIO) -> list[Table]:
    merged = look_into(name, file)
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, TypeError, SyntaxError) as error:
        raise FileError(
            "file-broken", name, f"{name} cannot be read as XLSX. Open it and save it again as XLSX."
        ) from error
    tables, wrong = list[Table](), list[FileError]()
    for sheet in book.worksheets:
        try:
            above, titles = _headings(name, _sheet_rows(name, sheet))
        except FileError as error:
            if error.problem not in ("file-empty", "file-no-columns"):
                raise
            wrong.append(error)  # an empty sheet, or one of notes: no table
        else:
            tables.append(Table(sheet.title, titles, Rows(partial(_below, name, sheet, above)), merged))
    if not tables:
        raise max(wrong, key=lambda each: each.problem == "file-no-columns")
    return tables


def _below(name: str, sheet: Any, above: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows below the headings."""
    return islice(_sheet_rows(name, sheet), above, None)


def _sheet_rows(name: str, sheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    count = 0
    try:
        for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1):
            cells = [_cell(each) for each in row]
            count += 1
            _refuse_more(name, count)
            if any(cell is not None for cell in cells):
                number = next(each.row for each in row if each.value is not None)
                yield number, cells
    except (ValueError, KeyError, TypeError, OSError, SyntaxError, zipfile.BadZipFile) as error:
        raise FileError(
            "file-broken", name, f"{name} cannot be read as XLSX. Open it and save it again as XLSX."
        ) from error


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Formula()
    if cell.data_type == "e":
        return Fault(str(value))
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return value.strip()[: LONGEST_CELL + 1] or None
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in str(cell.number_format):
        return f"{(Decimal(repr(value)) * 100).normalize():f} %"  # what it shows: 20 % is kept as 0.2
    return value if isinstance(value, bool | int | float | date) else None if value is None else str(value)


def _titles(name: str, row: Sequence[str]) -> list[str]:
    titles = [cell.strip() for cell in row]
    while titles and not titles[-1]:
        titles.pop()
    if len(titles) > MOST_COLUMNS:
        raise FileError(
            "file-too-wide", name, f"{name} has more than {MOST_COLUMNS} columns. Leave out those not imported."
        )
    return [again(titles, at) for at in range(len(titles))]


def again(titles: Sequence[str], at: int) -> str:
    """A heading, distinguished from the same one before it: ``Nom``, ``Nom (2)``."""
    before = titles[:at].count(titles[at]) if titles[at] else 0
    return f"{titles[at]} ({before + 1})" if before else titles[at]


def _refuse_more(name: str, count: int) -> None:
    if count > MOST_ROWS:
        raise FileError("file-too-long", name, f"{name} has more than {MOST_ROWS} rows. Split it by families.")
