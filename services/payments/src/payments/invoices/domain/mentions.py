"""The legal wordings that an invoice bears if its organisation gives no others: dated, in each language (INV-1)."""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from payments.invoices.domain.document import Language

_GIVEN: Mapping[str, Any] = tomllib.loads(files(__package__).joinpath("mentions.toml").read_text(encoding="utf-8"))

FRANCHISE = "VATEX-FR-FRANCHISE"
"""No VAT at all, since the seller is small: a seller under it charges none on anything."""

TO_COMPANIES: tuple[str, ...] = tuple(each["code"] for each in _GIVEN["mentions"])
"""What only invoices to companies bear: the fixed compensation, the penalties, the discount for early payment."""


def exemption_wording(code: str, language: Language, on: date) -> str | None:
    """The wording of an exemption in force on a day; None for a code that has none here."""
    known = [each for each in _GIVEN["exemptions"] if each["code"] == code and each.get("from", date.min) <= on]
    return max(known, key=lambda each: each.get("from", date.min))[language] if known else None


def deposit_name(language: Language) -> str:
    """What the line of a deposit invoice is called."""
    name: str = _GIVEN["deposit"][language]
    return name


def company_mention(code: str, language: Language) -> str:
    """The wording of a mention of ``TO_COMPANIES``."""
    text: str = next(each for each in _GIVEN["mentions"] if each["code"] == code)[language]
    return text
