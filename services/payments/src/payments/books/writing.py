"""The export as files: in the FEC format, and as CSV for spreadsheets (INV-7).

The FEC format is that of the French tax authority (article A47 A-1 of its book of procedures): one line for each line
of an entry, tabs between the fields, decimal commas, ISO 8859-15. Clients are named by their numbers: names change, and
are erased, and a closed period stays as it is. What an invoice says of its client never changes.
"""

from collections.abc import AsyncIterator, Iterator, Mapping

from carnet.http.spreadsheets import Cell, Word, decimal
from carnet.money import Money
from payments.books.domain.entries import Journal, Posting
from payments.books.drawing import Drawn

CHUNK = 16_384
"""How many characters are sent at a time."""

JOURNALS: Mapping[Journal, str] = {"VE": "Ventes", "BQ": "Banque", "CA": "Caisse", "OD": "Opérations diverses"}

FEC_HEADER = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)

CSV_HEADER = (
    "date",
    "journal",
    "entry_number",
    "account_code",
    "account_name",
    "account_number",
    "piece",
    "piece_date",
    "entry",
    "method",
    "client",
    "debit",
    "credit",
    "currency",
    "closed_on",
)

LABELS: Mapping[str, str] = {
    "invoice": "Facture",
    "credit_note": "Avoir",
    "payment": "Paiement",
    "payment_voided": "Paiement saisi par erreur",
    "reversal": "Rejet de la banque",
    "credit_used": "Crédit client utilisé",
    "credit_given_back": "Remis sur le crédit client",
    "refund": "Remboursement",
    "refund_failed": "Remboursement non abouti",
    "converted": "Converti en crédit client",
    "waived": "Remboursement abandonné",
    "settlement_voided": "Remboursement saisi par erreur",
    "loss_written_off": "Perte réglée",
    "credit_sold": "Crédit client vendu",
    "deposit": "Dépôt reçu",
    "credit_given": "Crédit client accordé",
    "payments_imported": "Reprise de l'ancien logiciel, déjà payé",
    "credit_imported": "Reprise de l'ancien logiciel, crédit client",
    "credit_adjusted": "Crédit client ajusté",
    "credit_removed": "Crédit client annulé",
    "deposit_reversed": "Dépôt rejeté par la banque",
    "credit_taken_back": "Repris sur le crédit client",
    "due_recovered": "Dû d'un dépôt repris sur le crédit client",
    "due_paid": "Dû d'un dépôt payé",
    "due_waived": "Dû d'un dépôt abandonné",
    "bank_deposit": "Remise en banque",
    "bank_deposit_undone": "Remise en banque annulée",
}
"""What an entry is, in the language of the FEC."""

_METHODS = {
    "cash": "espèces",
    "cheque": "chèque",
    "transfer": "virement",
    "card": "carte",
    "direct_debit": "prélèvement",
}


async def as_fec(entries: AsyncIterator[Drawn], currency: str) -> AsyncIterator[bytes]:
    """The lines of the entries in the FEC format, a few at a time."""
    held, size = ["\t".join(FEC_HEADER)], 0
    async for entry in entries:
        for posting in entry.postings:
            line = "\t".join(_plain(field) for field in _fec_fields(entry, posting, currency))
            held.append(line)
            size += len(line)
        if size >= CHUNK:
            yield _encoded(held)
            held, size = [], 0
    if held:
        yield _encoded(held)


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("iso8859-15", errors="replace")


def _fec_fields(drawn: Drawn, posting: Posting, currency: str) -> Iterator[str]:
    entry = drawn.entry
    yield entry.journal
    yield JOURNALS[entry.journal]
    yield drawn.number
    yield f"{entry.on:%Y%m%d}"
    yield posting.account.number
    yield posting.account.name
    yield drawn.client if posting.client else ""
    yield f"Client {drawn.client}" if posting.client else ""
    yield drawn.piece
    yield f"{entry.booked.on:%Y%m%d}"
    yield label_of(drawn)
    yield decimal(posting.debit, currency, ",")
    yield decimal(posting.credit, currency, ",")
    yield ""
    yield ""
    yield f"{drawn.validated_on:%Y%m%d}" if drawn.validated_on else ""
    yield ""
    yield ""


def label_of(drawn: Drawn) -> str:
    """What an entry is, in French: ``Paiement (carte), contrat 2027-0042``."""
    entry = drawn.entry
    label = LABELS[entry.what]
    if method := _METHODS.get(entry.method or ""):
        label += f" ({method})"
    if entry.piece:
        return " ".join((label, entry.piece, *((entry.name,) if entry.name else ())))
    return f"{label}, contrat {drawn.contract}" if drawn.contract else f"{label}, client {drawn.client}"


def _plain(field: str) -> str:
    """A field without the characters that separate fields and lines."""
    return " ".join(field.replace("|", " ").split()) if field else ""


def csv_lines(drawn: Drawn, currency: str) -> Iterator[list[Cell]]:
    """The lines of an entry for spreadsheets."""
    entry = drawn.entry
    for posting in drawn.postings:
        yield [
            entry.on,
            entry.journal,
            drawn.number,
            posting.account.number,
            posting.account.name,
            drawn.client if posting.client else "",
            drawn.piece,
            entry.booked.on,
            Word(entry.what),
            Word(entry.method) if entry.method else "",
            entry.name or "",
            Money(amount=posting.debit, currency=currency),
            Money(amount=posting.credit, currency=currency),
            currency,
            drawn.validated_on,
        ]
