"""The slip with which held cheques are handed to the bank (PAY-7). It is made when it is asked for, and not kept."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from carnet.paper.colours import palette
from carnet.paper.typesetting import typeset
from carnet.paper.writing import Language, short_day, written_amount, written_day
from payments.receipts.domain.cheques import HeldCheque
from payments.statements.paper import Letterhead

_TEMPLATE = Path(__file__).parent / "slip.typ"
_WORDS = Path(__file__).parent / "words"


@cache
def _words(language: Language) -> Mapping[str, Any]:
    return tomllib.loads((_WORDS / f"{language}.toml").read_text(encoding="utf-8"))


def render_slip(cheques: Sequence[HeldCheque], letterhead: Letterhead, *, made_on: date) -> bytes:
    """The PDF of the slip, in the order of the cheques.

    Works for 20 ms to a second: call it in a thread where a loop runs. Raises
    ``carnet.paper.typesetting.TypesettingError``.
    """
    return typeset(_TEMPLATE, _content(cheques, letterhead, made_on), made_on=made_on)


def _content(cheques: Sequence[HeldCheque], letterhead: Letterhead, made_on: date) -> dict[str, Any]:
    words, language = _words(letterhead.language), letterhead.language
    day = written_day(made_on, language)
    return {
        "language": language,
        "title": f"{words['heading']} · {day}",
        "author": letterhead.name,
        "number": "",
        **palette(letterhead.colour),
        "logo": letterhead.picture,
        "heading": words["heading"],
        "day": day,
        "columns": words["columns"],
        "sender": {"name": letterhead.name, "lines": list(letterhead.lines)},
        "to_fill": words["to_fill"],
        "rows": [
            [
                str(number),
                each.holder or words["unnamed"],
                each.bank,
                each.number or "",
                short_day(each.due, language),
                written_amount(each.amount, letterhead.currency, language),
            ]
            for number, each in enumerate(cheques, 1)
        ],
        "count": {"name": words["count"], "value": str(len(cheques))},
        "total": {
            "name": words["total"],
            "value": written_amount(sum(each.amount for each in cheques), letterhead.currency, language),
        },
        "nothing": words["nothing"],
    }
