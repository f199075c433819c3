"""Amounts, dates and rates as a language writes them, and texts that the shipped fonts can show."""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from carnet.money import decimals_of

Language = Literal["en", "fr"]

_LOCALES = {"en": "en_GB", "fr": "fr_FR"}
_COVERAGE = Path(__file__).parent / "fonts" / "coverage.txt"
_MINUS = "\u2212"
_LONG_WORD = 32
_BREAK = "\u200b"


@cache
def words_in(folder: Path, language: Language) -> Mapping[str, Any]:
    """The words of a paper in a language, from the folder that has a file of them for each."""
    return tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))


def written_amount(units: int, currency: str, language: Language) -> str:
    """An amount of minor units with its currency: ``1 234,50 €``, ``€1,234.50``."""
    from babel.numbers import format_currency  # noqa: PLC0415 # loaded by who prints only

    digits = decimals_of(currency)
    number = "#,##0" + ("." + "0" * digits if digits else "")
    written: str = format_currency(
        Decimal(abs(units)).scaleb(-digits),
        currency,
        format=f"{number}\u00a0¤" if language == "fr" else f"¤{number}",
        locale=_LOCALES[language],
        currency_digits=False,
    )
    return f"{_MINUS}{written}" if units < 0 else written


def written_day(day: date, language: Language) -> str:
    """A date in words: ``1er septembre 2027``, ``1 September 2027``."""
    from babel.dates import format_date  # noqa: PLC0415 # likewise

    written: str = format_date(day, "long", locale=_LOCALES[language])
    # French has an ordinal for the first of a month only.
    return written.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else written


def short_day(day: date, language: Language) -> str:
    """A date in figures: ``01/09/2027``."""
    from babel.dates import format_date  # noqa: PLC0415 # likewise

    written: str = format_date(day, "dd/MM/yyyy", locale=_LOCALES[language])
    return written


def written_rate(rate: int, language: Language) -> str:
    """A rate in basis points: ``5,5 %``, ``5.5%``."""
    from babel.numbers import format_decimal  # noqa: PLC0415 # likewise

    figures = format_decimal(Decimal(rate) / 100, "0.##", locale=_LOCALES[language])
    return f"{figures}\u00a0%" if language == "fr" else f"{figures}%"


def shown(text: str) -> str:
    """The text as the shipped fonts can show it.

    A letter that they do not have loses its marks, or is a question mark: a glyph that is missing would make the PDF
    one that archives refuse. Long words may break anywhere.
    """
    kept = "".join(_shown(char) for char in unicodedata.normalize("NFC", text))
    return " ".join(_breakable(word) for word in kept.split(" "))


def all_shown(data: Any) -> Any:
    """The same data with every text as ``shown`` gives it."""
    match data:
        case str():
            return shown(data)
        case Mapping():
            return {name: all_shown(value) for name, value in data.items()}
        case bytes():
            return list(data)
        case Sequence():
            return [all_shown(value) for value in data]
        case _:
            return data


def _shown(char: str) -> str:
    if char == "\n" or char in _covered():
        return char
    if char.isspace() or unicodedata.category(char) == "Cc":
        return " "
    if unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return ""
    plain = [each for each in unicodedata.normalize("NFKD", char) if not unicodedata.combining(each)]
    if plain and all(each in _covered() for each in plain):
        return "".join(plain)
    return "?"


def _breakable(word: str) -> str:
    if len(word) <= _LONG_WORD:
        return word
    return _BREAK.join(word[start : start + _LONG_WORD] for start in range(0, len(word), _LONG_WORD))


@cache
def _covered() -> frozenset[str]:
    ranges = [line.split("-") for line in _COVERAGE.read_text().split()]
    of_fonts = (chr(code) for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1))
    # Letters of somebody's own have glyphs, but archives refuse them, as they do a mark of byte order.
    return frozenset(char for char in of_fonts if char != "\ufeff" and unicodedata.category(char) != "Co")
