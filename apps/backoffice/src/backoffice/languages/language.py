"""A language: its texts, and how it writes and reads amounts and dates."""

import gettext
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import NumberFormatError, format_currency, format_decimal, get_currency_symbol, parse_decimal

from backoffice.languages.catalogues import APART, translations
from carnet.dates import read_instant
from carnet.money import LARGEST, decimals_of

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
LANGUAGES = tuple(_LOCALES)
_MINUS = "\u2212"
_TYPED = re.compile(r"-?[0-9][0-9.,]*")
_RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
_WHOLE = 10_000
"""The basis points of 100 %."""


class Language:
    """French or English. Make it by ``Language.of``."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = Locale.parse(_LOCALES[code])
        self._texts = translations() if code == "fr" else gettext.NullTranslations()

    @classmethod
    def of(cls, code: str) -> "Language":
        """The language of a code; French if it is none of ours."""
        return _language(code if code in _LOCALES else LANGUAGES[0])

    def gettext(self, text: str) -> str:
        """A text in this language; one that ``NP_`` marked in the words of its noun."""
        return self._texts.gettext(text).rpartition(APART)[2] if text else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A text in this language for so many."""
        return self._texts.ngettext(one, many, count)

    def pgettext(self, context: str, text: str) -> str:
        """A text in this language, distinguished by its context from another of the same letters."""
        return self._texts.pgettext(context, text)

    def npgettext(self, context: str, one: str, many: str, count: int) -> str:
        """Both."""
        return self._texts.npgettext(context, one, many, count)

    def money(self, money: Mapping[str, Any], *, sign: bool = False) -> str:
        """An amount: ``1 234,50 €``; with ``sign``, ``+60,00 €``. ``money`` is as the APIs write it."""
        amount = int(money["amount"])
        shown = _money(self, abs(amount), str(money["currency"]))
        if amount < 0:
            return f"{_MINUS}{shown}"
        return f"+{shown}" if sign and amount > 0 else shown

    @property
    def currency_pattern(self) -> str:
        """How an amount is written, whose cents are written as ``{cents}``."""
        return "#,##0{cents}\u00a0¤" if self.code == "fr" else "¤#,##0{cents}"

    def typed_money(self, money: Mapping[str, Any]) -> str:
        """An amount as somebody would type it: ``1234,50``."""
        digits = decimals_of(str(money["currency"]))
        amount = Decimal(int(money["amount"])).scaleb(-digits)
        pattern = "0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(amount, pattern, locale=self.locale, group_separator=False))

    def read_money(self, text: str, currency: str) -> int:
        """The minor units that somebody typed: ``1 234,50``, ``1234.5``, ``€12``. Raises ``ValueError``."""
        plain = text.replace(currency, "").replace(get_currency_symbol(currency, self.locale), "")
        plain = "".join(plain.split()).replace("\u202f", "").replace("\u00a0", "").replace(_MINUS, "-")
        if not _TYPED.fullmatch(plain):
            raise ValueError(text)
        try:
            amount = _decimal(plain, self.locale)
        except (NumberFormatError, ArithmeticError) as error:
            raise ValueError(text) from error
        units = amount.scaleb(decimals_of(currency))
        if not units.is_finite() or units != units.to_integral_value() or abs(units) > LARGEST:
            raise ValueError(text)
        return int(units)

    def percent(self, basis_points: int) -> str:
        """A rate: 1000 basis points are ``10 %``."""
        number = format_decimal(Decimal(basis_points).scaleb(-2), locale=self.locale)
        return f"{number}\u00a0%" if self.code == "fr" else f"{number}%"

    def typed_percent(self, basis_points: int) -> str:
        """A rate as somebody would type it: 550 basis points are ``5,5``."""
        return str(format_decimal(Decimal(basis_points).scaleb(-2), locale=self.locale))

    def read_percent(self, text: str) -> int:
        """The basis points that somebody typed, from 0 to 100 %: ``5,5``, ``20 %``. Raises ``ValueError``."""
        plain = "".join(text.replace("%", "").split()).replace(",", ".")
        if not _RATE.fullmatch(plain):
            raise ValueError(text)
        points = Decimal(plain).scaleb(2)
        if points != points.to_integral_value() or points > _WHOLE:
            raise ValueError(text)
        return int(points)

    def number(self, count: int) -> str:
        """A number, its thousands apart."""
        return str(format_decimal(count, locale=self.locale))

    def day(self, value: str | date, *, today: date | None = None, weekday: bool = False) -> str:
        """A calendar date: ``1er oct. 2027``; without its year if that is the year of ``today``."""
        day = date.fromisoformat(value) if isinstance(value, str) else value
        named = "EEEE d MMMM" if weekday else "d MMM"
        pattern = named if today is not None and day.year == today.year else f"{named} y"
        return _day(self, day, pattern)

    def instant(self, value: str, time_zone: str, *, today: date | None = None) -> str:
        """An instant on the clock of an organisation: ``28 nov. 2027, 14:05``."""
        local: datetime = read_instant(value).astimezone(ZoneInfo(time_zone))
        return f"{self.day(local.date(), today=today)}, {format_time(local, 'HH:mm', locale=self.locale)}"


@cache
def _language(code: str) -> Language:
    return Language(code)


_REMEMBERED = 10_000
"""Amounts and days as they are written: a list shows the same ones again and again, and writing takes 0.1 ms."""


@lru_cache(_REMEMBERED)
def _money(language: Language, amount: int, currency: str) -> str:
    digits = decimals_of(currency)
    pattern = language.currency_pattern.format(cents="." + "0" * digits if digits else "")
    value = Decimal(amount).scaleb(-digits)
    return format_currency(value, currency, locale=language.locale, currency_digits=False, format=pattern)


@lru_cache(_REMEMBERED)
def _day(language: Language, day: date, pattern: str) -> str:
    shown = str(format_date(day, pattern, locale=language.locale))
    if language.code == "fr" and day.day == 1:
        return shown.replace("1 ", "1er ", 1) if shown.startswith("1 ") else shown.replace(" 1 ", " 1er ", 1)
    return shown


def _decimal(text: str, locale: Locale) -> Decimal:
    """The number that somebody typed: with a comma or a point before the cents, whatever the language."""
    whole, mark, cents = text.rpartition("," if "," in text else ".")
    if mark and len(cents) <= 2 and not {",", "."} & set(whole.lstrip("-")):
        text = f"{whole or '0'}.{cents or '0'}"
        return Decimal(text)
    return Decimal(parse_decimal(text, locale=locale, strict=True))
