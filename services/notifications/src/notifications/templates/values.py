"""Amounts, dates and terms as each language writes them. Exact: an amount is integer minor units until it is text."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from carnet.events.catalog import Language
from carnet.money import decimals_of

LOCALES: dict[Language, str] = {"en": "en_GB", "fr": "fr_FR"}
"""The locale of each language; English as Europe writes it, with the day before the month."""

_TERMS: dict[Language, dict[str, str]] = {
    "en": {
        "cash": "cash",
        "cheque": "cheque",
        "transfer": "bank transfer",
        "card": "card",
        "online": "online",
        "on_site": "on site",
    },
    "fr": {
        "cash": "espèces",
        "cheque": "chèque",
        "transfer": "virement",
        "card": "carte",
        "online": "en ligne",
        "on_site": "sur place",
    },
}


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of minor units and its ISO 4217 code; false where it is zero, so that templates can ask."""

    minor: int
    currency: str

    def __bool__(self) -> bool:
        return self.minor != 0


class Term(str):
    """A word of the domain, written in the reader's language and compared by its code: ``cash``, ``on_site``."""

    __slots__ = ()


Value = Sum | Term | date | str | int | bool | None
"""What a template can write."""


def write(value: Value, language: Language) -> str:
    """The value as the language writes it; nothing at all for none.

    >>> write(date(2027, 1, 5), "fr"), write(Sum(-1050, "EUR"), "en")
    ('5 janvier 2027', '-€10.50')
    >>> write(date(2027, 9, 1), "fr")
    '1er septembre 2027'
    """
    match value:
        case None:
            return ""
        case Sum():
            return _amount(value, language)
        case Term():
            return _TERMS[language].get(value, str(value))
        case date():
            return _date(value, language)
        case _:
            return str(value)


def _date(value: date, language: Language) -> str:
    written = format_date(value, "long", locale=LOCALES[language])
    # French counts the first of a month, and names the others; the locale's pattern cannot tell them apart.
    return written.replace("1 ", "1er ", 1) if language == "fr" and value.day == 1 else written


def write_short(value: Value, language: Language) -> str:
    """A date in figures; anything else as ``write`` does."""
    if isinstance(value, date):
        return format_date(value, "short", locale=LOCALES[language])
    return write(value, language)


def _amount(amount: Sum, language: Language) -> str:
    # Babel's own digits are those of daily life, which for some currencies are not those of the minor unit.
    digits = decimals_of(amount.currency)
    usual = Locale.parse(LOCALES[language]).currency_formats["standard"].pattern
    return format_currency(
        Decimal(amount.minor).scaleb(-digits),
        amount.currency,
        format=usual.replace("0.00", f"0.{'0' * digits}".rstrip(".")),
        locale=LOCALES[language],
        currency_digits=False,
    )
