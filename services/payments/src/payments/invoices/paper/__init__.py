"""The paper of an invoice: PDF/A-3 and PDF/UA, with its electronic part, Factur-X (INV-5).

``render`` is all that others need. The same document gives the same bytes every time.
"""

from pathlib import Path

from carnet.money import decimals_of
from carnet.paper.typesetting import typeset
from payments.invoices.domain.document import Document
from payments.invoices.paper.content import content_of
from payments.invoices.paper.electronic import MOST_DECIMALS, factur_x
from payments.invoices.paper.packet import marked

_TEMPLATE = Path(__file__).parent / "invoice.typ"


def render(document: Document, logo: bytes | None = None) -> bytes:
    """The PDF of a document, with the bytes of the logo that it names.

    Works for 20 to 400 ms: call it in a thread where a loop runs. Raises ``carnet.paper.typesetting.TypesettingError``,
    for a logo that is no image for example.
    """
    content, issued_on = content_of(document, logo), document.numbered.issued_on
    if decimals_of(document.particulars.currency) > MOST_DECIMALS:
        return typeset(_TEMPLATE, content, made_on=issued_on)
    return marked(typeset(_TEMPLATE, content, made_on=issued_on, attached=factur_x(document).decode()))
