"""The slip with which cheques, or cash, are handed to the bank (PAY-7). It is made when asked for, and not kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from carnet.paper.colours import palette
from carnet.paper.typesetting import typeset
from carnet.paper.writing import short_day, words_in, written_amount, written_day
from payments.receipts.domain.cheques import HeldCheque
from payments.statements.paper import Letterhead

_TEMPLATE = Path(__file__).parent / "slip.typ"
_WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A line of a slip: what its columns say between its place and its amount, and minor units."""

    cells: tuple[str | None, ...]
    """None if it is not known: a person who was erased."""
    amount: int


@dataclass(frozen=True, slots=True)
class Slip:
    """What is handed to the bank, in the order of its lines."""

    kind: Literal["held", "cheque", "cash"]
    rows: Sequence[SlipRow]
    day: date
    """Its date."""
    bank_account: str | None = None
    """What the account that is credited is called; None if that, and the day, are filled in by hand."""
    reference: str | None = None
    """What the bank deposit is called; None of what is only held."""


def slip_of_held(cheques: Sequence[HeldCheque], letterhead: Letterhead, day: date) -> Slip:
    """The slip of cheques that are held still."""
    rows = [
        SlipRow((each.holder, each.bank, each.number or "", short_day(each.due, letterhead.language)), each.amount)
        for each in cheques
    ]
    return Slip("held", rows, day)


def render_slip(slip: Slip, letterhead: Letterhead) -> bytes:
    """The PDF of a slip.

    Works for 20 ms to a second: call it in a thread where a loop runs. Raises
    ``carnet.paper.typesetting.TypesettingError``.
    """
    return typeset(_TEMPLATE, _content(slip, letterhead), made_on=slip.day)


def _content(slip: Slip, letterhead: Letterhead) -> dict[str, Any]:
    language = letterhead.language
    words = words_in(_WORDS, language)
    its = words[slip.kind]
    day = written_day(slip.day, language)
    to_fill: list[str] = words["to_fill"]
    known = [] if slip.bank_account is None else [slip.bank_account, day]
    return {
        "language": language,
        "title": f"{its['heading']} · {day}",
        "author": letterhead.name,
        "number": slip.reference or "",
        **palette(letterhead.colour),
        "logo": letterhead.picture,
        "heading": its["heading"],
        "day": day,
        "columns": its["columns"],
        "sender": {"name": letterhead.name, "lines": list(letterhead.lines)},
        "known": [{"name": name, "value": value} for name, value in zip(to_fill, known, strict=False)],
        "to_fill": to_fill[len(known) :],
        "rows": [
            [
                str(place),
                *(words["unnamed"] if cell is None else cell for cell in row.cells),
                written_amount(row.amount, letterhead.currency, language),
            ]
            for place, row in enumerate(slip.rows, 1)
        ],
        "count": {"name": its["count"], "value": str(len(slip.rows))},
        "total": {
            "name": its["total"],
            "value": written_amount(sum(row.amount for row in slip.rows), letterhead.currency, language),
        },
        "nothing": words["nothing"],
    }
