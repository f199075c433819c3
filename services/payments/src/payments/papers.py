"""The papers that links in mails lead to: invoices and credit notes (INV-5), statements (PAY-16)."""

from collections.abc import Mapping

from carnet.http.papers import Reader
from carnet.links import Paper
from carnet.mongo import Database, Unit, look
from carnet.organisations import organisation_of
from payments.invoices.store import invoice_of, paper_of
from payments.statements.api.asked import Period, Read, statement_in
from payments.statements.api.printing import name_of, printed
from payments.statements.store import sending_of


async def _invoice(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    (id_,) = paper.about
    invoice = await invoice_of(database, paper.organisation, id_)
    pdf = await paper_of(database, paper.organisation, id_) if invoice else None
    return None if invoice is None or pdf is None else (f"{invoice.number}.pdf", pdf)


async def _statement(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    """The file name and PDF of an account statement, as it was when it was sent (PAY-16)."""
    (id_,) = paper.about
    sending = await sending_of(database, paper.organisation, id_)
    if sending is None:
        return None
    period, sent_at = Period(sending.since, sending.until), sending.asked_at

    async def work(unit: Unit) -> Read:
        with unit.piece(paper.organisation):
            organisation = await organisation_of(unit, paper.organisation)
            today = organisation.local(sent_at).date()
            return await statement_in(unit, sending.account, period, today, entered_by=sent_at)

    read = await look(database, work)
    return f"{name_of(read)}.pdf", await printed(database, read, "fr" if paper.language == "fr" else "en")


READERS: Mapping[str, Reader] = {"invoice": _invoice, "statement": _statement}
"""Each kind of paper, with what finds its file name and its PDF."""
