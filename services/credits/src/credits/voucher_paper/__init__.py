"""The paper of a gift voucher (CRE-9): made when it is asked for, and not kept."""

import io
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from carnet.organisations import Organisation
from carnet.paper.colours import palette
from carnet.paper.typesetting import typeset
from carnet.paper.writing import Language, written_day
from credits.domain.vouchers import Voucher

_HERE = Path(__file__).parent


def render(voucher: Voucher, organisation: Organisation, language: Language) -> bytes:
    """The PDF of a voucher that was issued, in French or in English.

    Works for 20 to 200 ms: call it in a thread where a loop runs.
    Raises ``carnet.paper.typesetting.TypesettingError``.
    """
    if voucher.code is None or voucher.issued_on is None:
        raise ValueError(f"voucher {voucher.id} was never issued")
    words, contact = _words(language), organisation.contact
    data = {
        "language": language,
        "title": f"{words['heading']} · {voucher.name}",
        "author": organisation.name,
        "number": "",
        **palette(None),
        "words": words,
        "school": organisation.name,
        "contact": [line for line in (contact.address, contact.phone, contact.email, contact.website) if line],
        "name": voucher.name,
        "code": voucher.code,
        "qr": {"bytes": list(_square_code(voucher.code)), "format": "svg"},
        "issued": words["issued"].format(day=written_day(voucher.issued_on, language)),
    }
    return typeset(_HERE / "voucher.typ", data, made_on=voucher.issued_on)


@cache
def _words(language: Language) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / "words" / f"{language}.toml").read_text(encoding="utf-8"))


def _square_code(code: str) -> bytes:
    """The QR code of a text, as SVG."""
    import segno  # noqa: PLC0415 # loaded by who prints only

    drawn = io.BytesIO()
    segno.make_qr(code, error="m").save(drawn, kind="svg", border=0, xmldecl=False, dark="#1c2230")
    return drawn.getvalue()
