"""What the template of a statement prints: every text in its language, every amount as it is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from carnet.organisations import Organisation
from carnet.paper.colours import palette
from carnet.paper.writing import Language, short_day, words_in, written_amount, written_day
from payments.accounts.domain import Names
from payments.invoices.domain.settings import InvoiceSettings
from payments.statements.domain import Line, Statement

_WORDS = Path(__file__).parent / "words"
_FORMATS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who the statement comes from, and in which language: from the settings of invoices where they are given."""

    name: str
    lines: tuple[str, ...]
    currency: str
    language: Language
    colour: str | None = None
    logo: bytes | None = None
    logo_type: str | None = None
    """Its media type."""

    @classmethod
    def of(cls, organisation: Organisation, settings: InvoiceSettings, logo: bytes | None, language: Language) -> Self:
        """The letterhead of an organisation."""
        fields = settings.fields
        if fields is None:
            return cls(organisation.name, (), organisation.currency, language)
        seller, address = fields.seller, fields.seller.address
        town = f"{address.postcode} {address.city}".strip()
        return cls(
            name=seller.trade_name or seller.name,
            lines=tuple(line for line in (*address.lines, town, seller.email, seller.phone) if line),
            currency=organisation.currency,
            language=language,
            colour=fields.colour,
            logo=logo,
            logo_type=fields.logo.media_type if fields.logo else None,
        )

    @property
    def picture(self) -> dict[str, Any] | None:
        """The logo as templates take it."""
        return {"bytes": self.logo, "format": _FORMATS[self.logo_type or ""]} if self.logo else None


def content_of(
    statement: Statement, names: Names, numbers: Mapping[str, str | None], letterhead: Letterhead, made_on: date
) -> dict[str, Any]:
    """The data of the template."""
    words = words_in(_WORDS, letterhead.language)
    language, currency = letterhead.language, letterhead.currency

    def amount(units: int) -> str:
        return written_amount(units, currency, language)

    def day(value: date) -> str:
        return written_day(value, language)

    period = words["until"].format(until=day(statement.until))
    if statement.since is not None:
        period = words["from_until"].format(since=day(statement.since), until=day(statement.until))
    standing = "owed" if statement.closing > 0 else "owed_to_you" if statement.closing else "settled"
    before = words["opening"]
    if statement.since is not None:
        before = words["opening_on"].format(day=day(statement.since))
    return {
        "language": language,
        "title": f"{words['heading']} · {period}",
        "author": letterhead.name,
        "number": names.number or "",
        **palette(letterhead.colour),
        "logo": letterhead.picture,
        "heading": words["heading"],
        "period": period,
        "columns": words["columns"],
        "sender": {"name": letterhead.name, "lines": list(letterhead.lines)},
        "family": {"label": words["account"], "name": names.owner or words["unnamed"], "number": names.number},
        "opening": {"name": before, "value": amount(statement.opening)},
        "rows": [*_rows(statement.lines, numbers, letterhead, words)],
        "sums": [
            {"name": words["raised"], "value": amount(statement.raised)},
            {"name": words["lowered"], "value": amount(-statement.lowered)},
        ],
        "closing": {"name": words[standing].format(day=day(statement.until)), "value": amount(abs(statement.closing))},
        "nothing": words["nothing"],
        "made_on": words["made_on"].format(day=day(made_on)),
    }


def _rows(
    lines: tuple[Line, ...], numbers: Mapping[str, str | None], letterhead: Letterhead, words: Mapping[str, Any]
) -> Iterator[list[str | None]]:
    language, currency = letterhead.language, letterhead.currency
    for line in lines:
        movement = line.movement
        units = movement.amount
        kind = words["kinds"]["charge_lowered" if movement.kind == "charge" and units < 0 else movement.kind]
        number = numbers.get(movement.contract or "")
        details = [words["contract"].format(number=number)] if number else []
        if method := getattr(movement.event, "method", None):
            details.append(words["methods"][method])
        yield [
            short_day(movement.on, language),
            kind,
            " · ".join(details) or None,
            written_amount(units, currency, language) if units > 0 else "",
            written_amount(-units, currency, language) if units < 0 else "",
            written_amount(line.balance, currency, language),
        ]
