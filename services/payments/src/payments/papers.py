"""The papers that links in mails lead to: invoices and credit notes (INV-5)."""

from collections.abc import Mapping

from carnet.http.papers import Reader
from carnet.links import Paper
from carnet.mongo import Database
from payments.invoices.store import invoice_of, paper_of


async def _invoice(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    (id_,) = paper.about
    invoice = await invoice_of(database, paper.organisation, id_)
    pdf = await paper_of(database, paper.organisation, id_) if invoice else None
    return None if invoice is None or pdf is None else (f"{invoice.number}.pdf", pdf)


READERS: Mapping[str, Reader] = {"invoice": _invoice}
"""Each kind of paper, with what finds its file name and its PDF."""
