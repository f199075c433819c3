"""The paper of a gift voucher or a gift card (CRE-8, CRE-9): made when it is asked for, and not kept."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from carnet.organisations import Organisation
from carnet.paper.colours import palette
from carnet.paper.typesetting import typeset
from carnet.paper.writing import Language, words_in, written_amount, written_day
from credits.domain.credit import Credit
from credits.domain.vouchers import Voucher

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class _Given:
    """What is written of what is given: what it is a right to, or what it is worth and what it was sold as."""

    words: Mapping[str, Any]
    worth: str
    note: str
    code: str
    on: date


def render(held: Voucher | Credit, organisation: Organisation, language: Language) -> bytes:
    """The PDF of a voucher, or of a gift card, that was issued, in French or in English.

    Works for 20 to 200 ms: call it in a thread where a loop runs.
    Raises ``carnet.paper.typesetting.TypesettingError``.
    """
    given, contact = _given(held, language), organisation.contact
    words = given.words
    data = {
        "language": language,
        "title": f"{words['heading']} · {given.worth}",
        "author": organisation.name,
        "number": "",
        **palette(None),
        "words": words,
        "school": organisation.name,
        "contact": [line for line in (contact.address, contact.phone, contact.email, contact.website) if line],
        "name": given.worth,
        "note": given.note,
        "code": given.code,
        "qr": {"bytes": list(_square_code(given.code)), "format": "svg"},
        "issued": words["issued"].format(day=written_day(given.on, language)),
    }
    return typeset(_HERE / "voucher.typ", data, made_on=given.on)


def _given(held: Voucher | Credit, language: Language) -> _Given:
    words = words_in(_HERE / "words", language)
    if isinstance(held, Voucher):
        if held.code is None or held.issued_on is None:
            raise ValueError(f"voucher {held.id} was never issued")
        return _Given(words["voucher"], held.name, "", held.code, held.issued_on)
    if held.card is None or held.card.code is None or held.granted_on is None:
        raise ValueError(f"credit {held.id} is no gift card that was issued")
    worth = written_amount(held.amount, held.currency, language)
    return _Given(words["gift_card"], worth, held.card.name, held.card.code, held.granted_on)


def _square_code(code: str) -> bytes:
    """The QR code of a text, as SVG."""
    import segno  # noqa: PLC0415 # loaded by who prints only

    drawn = io.BytesIO()
    segno.make_qr(code, error="m").save(drawn, kind="svg", border=0, xmldecl=False, dark="#1c2230")
    return drawn.getvalue()
