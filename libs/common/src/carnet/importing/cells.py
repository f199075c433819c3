"""Cells as what they mean: texts, dates, amounts, rates, words. Each says what to do where it is something else."""

import re
from datetime import date, timedelta
from decimal import Decimal

from carnet.importing.columns import Column, plain, word
from carnet.importing.tables import Cell, Fault, Formula
from carnet.money import decimals_of

_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
_IN_WORDS = re.compile(r"(?:[a-z]+ )?(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]{3,9}) (\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_TIME = re.compile(r"[t ]\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?$")
"""A time after a date, which is left out; not one of a time zone, in which the day may be another one."""

_MONTHS = (
    ("jan",), ("feb", "fev"), ("mar",), ("apr", "avr"), ("may", "mai"), ("jun", "juin"), ("jul", "juil"),
    ("aug", "aou"), ("sep",), ("oct",), ("nov",), ("dec",),
)  # fmt: skip
"""What the months begin with in English and French, without accents; June and July need four letters in French."""

_AMOUNT = re.compile(r"-?\d+(?:[.,]\d+)?")
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CAD": "$", "CHF": "Fr."}
_SERIAL_ZERO = date(1899, 12, 30)
"""What the numbers of days in spreadsheets count from."""

_SERIALS = range(10_000, 100_000)
"""The serial numbers that are taken for dates: 1927 to 2173."""

_LEAST_RATE = 50
"""Basis points: what is below, and not zero, is a rate written as a fraction (0.2 for 20 %)."""

_HIGHEST_RATE = 10_000

_NUMBERS = {
    "money": ("no-amount", "It is not an amount: write it as 1234.50 or 1 234,50, in {currency}."),
    "rate": ("no-rate", "It is not a rate in percent: write it as 20 or 5.5."),
    "count": ("no-count", "It is not a whole number: write it as 4."),
}
"""What is wrong with a cell that has no number, by the kind of its column."""


class CellError(ValueError):
    """A cell that is not what its column has; ``params`` are the values in its sentence, in English and in French."""

    def __init__(self, problem: str, detail: str, **params: tuple[str, str]) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
        self.params = params


def read_cell(column: Column, cell: Cell, currency: str) -> str | int | None:
    """The value of a cell as the API takes it: a text, a date in ISO 8601, minor units, basis points; None if empty.

    Raises:
        CellError: it is missing, a formula, or no such value.
    """
    if isinstance(cell, Formula):
        raise CellError("formula", "It is a formula: copy the cell and paste its value only.")
    if isinstance(cell, Fault):
        detail = f"The spreadsheet shows an error there, {cell.shown}: write the value."
        raise CellError("error-value", detail, shown=(cell.shown, cell.shown))
    if cell is None or cell == "":
        if column.required:
            raise CellError("missing", "It is empty: fill it in.")
        return None
    match column.kind:
        case "date":
            return read_date(cell).isoformat()
        case "money" | "rate" | "count":
            return _number(column.kind, cell, currency)
        case "choice":
            return _choice(column, cell)
        case _:
            return _text(column, cell)


def _text(column: Column, cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell)
    if len(text) > column.longest:
        most = str(column.longest)
        raise CellError("too-long", f"It has more than {most} characters: shorten it.", most=(most, most))
    return text


def read_date(cell: Cell) -> date:
    """A date: one of the spreadsheet, its serial number, 2026-09-01, 01/09/2026 (the day first) or 1 September 2026.

    Raises:
        CellError: it is none, or does not exist.
    """
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) == cell and int(cell) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(cell))
    text = _TIME.sub("", str(cell).strip().lower())
    if text.isdecimal() and int(text) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(text))
    found = _written(text)
    if found is None:
        raise CellError(
            "no-date", "It is no date: write it as 2026-09-01, as 01/09/2026 (the day first) or as 1 September 2026."
        )
    try:
        return date(*found)
    except ValueError as error:
        raise CellError("no-day", "There is no such day: correct it, the day first, then the month.") from error


def _written(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of a date that was written; None if it is none."""
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DAY_FIRST.fullmatch(text):
        return int(match[3]), int(match[2]), int(match[1])
    words = " ".join(plain(text).replace(".", " ").replace(",", " ").split())
    if match := _IN_WORDS.fullmatch(words):
        day, month, year = match.groups()
    elif match := _MONTH_FIRST.fullmatch(words):
        month, day, year = match.groups()
    else:
        return None
    number = next((at for at, starts in enumerate(_MONTHS, start=1) if month.startswith(starts)), None)
    return None if number is None else (int(year), number, int(day))


def _number(kind: str, cell: Cell, currency: str) -> int:
    problem, detail = _NUMBERS[kind]
    wrong = CellError(problem, detail.format(currency=currency), currency=(currency, currency))
    if isinstance(cell, bool | date):
        raise wrong
    text = repr(cell) if isinstance(cell, float) else str(cell)
    unit = (
        "%"
        if kind == "rate"
        else rf"{currency}|{re.escape(_SYMBOLS.get(currency, currency))}"
        if kind == "money"
        else ""
    )
    text = re.sub(rf"[\s\u00a0\u202f'’]|{unit}" if unit else r"\s", "", text)
    if "," in text and "." in text:  # the last one separates the decimals
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    if not _AMOUNT.fullmatch(text):
        raise wrong
    decimals = {"money": decimals_of(currency), "rate": 2, "count": 0}[kind]
    scaled = Decimal(text.replace(",", ".")).scaleb(decimals)
    if isinstance(cell, float):
        scaled = round(scaled, 6)  # 19.1 is kept by spreadsheets as 19.100000000000001
    if scaled < 0:
        raise CellError("negative", "It is below zero: write it without the sign, or leave the row out.")
    if abs(scaled) >= 10**13 or (kind == "count" and scaled != scaled.to_integral_value()):
        raise wrong
    if scaled != scaled.to_integral_value():
        most = str(decimals)
        raise CellError("too-many-decimals", f"It has {most} decimals at most: round it.", most=(most, most))
    return _likely(int(scaled), wrong) if kind == "rate" else int(scaled)


def _likely(rate: int, wrong: CellError) -> int:
    """A rate of VAT, in basis points, that can be one."""
    if 0 < rate < _LEAST_RATE:
        raise CellError("rate-fraction", "It is below half a percent: write 20 for 20 %, not 0.2.")
    if rate > _HIGHEST_RATE:
        raise wrong
    return rate


def _choice(column: Column, cell: Cell) -> str:
    choices = column.choices or {}
    found = choices.get(plain(str(cell)))
    if found is None:
        english, french = (
            ", ".join(dict.fromkeys(word(each, language) for each in choices.values())) for language in ("en", "fr")
        )
        raise CellError("no-choice", f"It is none of these words: {english}. Write one.", words=(english, french))
    return found
