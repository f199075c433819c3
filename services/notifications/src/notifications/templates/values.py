"""Amounts, dates and terms as each language writes them. Exact: an amount is integer minor units until it is text."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from carnet.events.catalog import Language
from carnet.money import decimals_of

LOCALES: dict[Language, str] = {"en": "en_GB", "fr": "fr_FR"}
"""The locale of each language; English is written as in Europe, with the day before the month."""

_TERMS: dict[Language, dict[str, str]] = {
    "en": {
        "cash": "cash",
        "cheque": "cheque",
        "transfer": "bank transfer",
        "card": "card",
        "direct_debit": "direct debit",
        "online": "online",
        "on_site": "on site",
        "insufficient_funds": "insufficient funds",
        "refused": "refused by the bank",
        "expired": "payment method expired",
        "authentication_required": "confirmation by the holder required",
        "account_closed": "account closed",
        "mandate_revoked": "direct debit mandate revoked",
        "unknown_method": "payment method unknown",
        "returned_debit": "direct debit returned",
        "chargeback": "payment disputed",
        "imported": "taken over from the former software",
        "bounced_cheque": "cheque returned unpaid",
        "other": "other reason",
        "refunded": "refunded to the payment method",
        "converted": "converted to a client credit",
        "waived": "waived",
        "sold": "purchase",
        "refund": "refund",
        "deposit": "deposit",
        "staff": "granted by our team",
    },
    "fr": {
        "cash": "espèces",
        "cheque": "chèque",
        "transfer": "virement",
        "card": "carte",
        "direct_debit": "prélèvement",
        "online": "en ligne",
        "on_site": "sur place",
        "insufficient_funds": "provision insuffisante",
        "refused": "refus de la banque",
        "expired": "moyen de paiement expiré",
        "authentication_required": "confirmation du titulaire requise",
        "account_closed": "compte clôturé",
        "mandate_revoked": "mandat de prélèvement révoqué",
        "unknown_method": "moyen de paiement inconnu",
        "returned_debit": "prélèvement rejeté",
        "chargeback": "paiement contesté",
        "imported": "repris de l’ancien logiciel",
        "bounced_cheque": "chèque impayé",
        "other": "autre motif",
        "refunded": "remboursé sur le moyen de paiement",
        "converted": "converti en crédit client",
        "waived": "abandonné",
        "sold": "achat",
        "refund": "remboursement",
        "deposit": "dépôt",
        "staff": "accordé par notre équipe",
    },
}


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of minor units and its ISO 4217 code; false if it is zero, so that templates can test it."""

    minor: int
    currency: str

    def __bool__(self) -> bool:
        return self.minor != 0


class Term(str):
    """A word of the domain, written in the reader's language and compared by its code: ``cash``, ``on_site``."""

    __slots__ = ()


Value = Sum | Term | date | str | int | bool | None
"""What a template can write."""


def surely(hint: Any) -> Any:
    """The type of a variable that is present: ``date`` of ``date | None``."""
    there = [each for each in get_args(hint) if each is not NoneType]
    return there[0] if get_origin(hint) is UnionType and len(there) == 1 else hint


def write(value: Value, language: Language) -> str:
    """The value as the language writes it; empty for None.

    >>> write(date(2027, 1, 5), "fr"), write(Sum(-1050, "EUR"), "en")
    ('5 janvier 2027', '−€10.50')
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


@lru_cache(maxsize=1024)
def _date(value: date, language: Language) -> str:
    from babel.dates import format_date  # noqa: PLC0415 # loaded by who writes mails only

    written = format_date(value, "long", locale=LOCALES[language])
    # French has an ordinal for the first of a month only; the locale's pattern cannot express that.
    return written.replace("1 ", "1er ", 1) if language == "fr" and value.day == 1 else written


def write_short(value: Value, language: Language) -> str:
    """A date in figures; anything else as ``write`` does."""
    if isinstance(value, date):
        from babel.dates import format_date  # noqa: PLC0415 # likewise

        return format_date(value, "short", locale=LOCALES[language])
    return write(value, language)


def write_signed(value: Value, language: Language) -> str:
    """An amount with its sign, + as well as −; anything else as ``write`` does.

    >>> write_signed(Sum(1050, "EUR"), "en"), write_signed(Sum(-1050, "EUR"), "en")
    ('+€10.50', '−€10.50')
    """
    written = write(value, language)
    return f"+{written}" if isinstance(value, Sum) and value.minor > 0 else written


@lru_cache(maxsize=4096)
def _amount(amount: Sum, language: Language) -> str:
    from babel.numbers import format_currency  # noqa: PLC0415 # loaded by who writes mails only

    written = format_currency(
        Decimal(amount.minor).scaleb(-decimals_of(amount.currency)),
        amount.currency,
        format=_pattern(amount.currency, language),
        locale=LOCALES[language],
        currency_digits=False,
    )
    # The typographic minus sign, as wide as +; the locale data has a hyphen.
    return written.replace("-", "\u2212", 1)


@cache
def _pattern(currency: str, language: Language) -> Any:
    """How the language writes an amount of the currency, as Babel has read it."""
    from babel import Locale  # noqa: PLC0415 # loaded by who writes mails only
    from babel.numbers import parse_pattern  # noqa: PLC0415 # likewise

    # Babel's digits are those of cash in daily use, which for some currencies are not those of the minor unit.
    usual = Locale.parse(LOCALES[language]).currency_formats["standard"].pattern
    return parse_pattern(usual.replace("0.00", f"0.{'0' * decimals_of(currency)}".rstrip(".")))
