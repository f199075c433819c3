"""An invoice or a credit note as it is kept: its document never changes, only what became of it does (INV-1, INV-3)."""

from datetime import date, datetime

from pydantic import computed_field

from carnet.dates import Instant
from carnet.decisions import Context, State
from carnet.search import words
from payments.invoices.domain.document import Document


class Invoice(State):
    """An invoice, or a credit note on one. Its version counts what is published of its PDF."""

    account: str
    contract: str
    request: str
    """The request by which contracts marked its lines; a credit note has its invoice's."""
    kind: str
    """``invoice``, ``deposit_invoice`` or ``credit_note``."""
    prefix: str
    year: int
    count: int
    """Its place in the series of the year: 1, 2, 3 (INV-2)."""
    number: str
    issued_on: date
    issued_at: Instant
    issued_by: str
    job: str | None = None
    """The bulk job that it was issued by."""
    total: int
    """In minor units, VAT included."""
    currency: str
    document: Document
    credits: str | None = None
    """Of a credit note: the id of its invoice."""
    credited: tuple[str, ...] = ()
    """The lines that credit notes have taken."""
    credit_notes: tuple[str, ...] = ()
    """Their ids."""
    deposits: tuple[str, ...] = ()
    """Of an invoice: the ids of the deposit invoices that it deducts."""
    deducted_by: str | None = None
    """Of a deposit invoice: the id of the invoice that deducts it; that one then bears the whole purchase."""
    due: Instant | None
    """When its PDF is to be made; None once it is."""
    claim: str | None = None
    claims: int = 0
    printed_at: Instant | None = None

    @computed_field  # type: ignore[prop-decorator] # kept, since an index is on it
    @property
    def words(self) -> tuple[str, ...]:
        """What it is found by: the client's name."""
        return words([self.document.particulars.buyer.name])

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the contract that it bears, or takes back."""
        return tuple(line.id for line in self.document.lines)

    @property
    def live_lines(self) -> tuple[str, ...]:
        """The lines that it bears: those that no credit note has taken; none of a deposit that is deducted."""
        return () if self.deducted_by else tuple(line for line in self.lines if line not in self.credited)

    @property
    def left(self) -> int:
        """What it bears, in minor units: what no credit note has taken; of a credit note, what it takes.

        A deposit invoice that is deducted bears nothing: the invoice that deducts it bears the whole purchase.
        """
        live = self.live_lines
        return sum(line.gross for line in self.document.lines if line.id in live)

    @property
    def bears(self) -> bool:
        """Whether it is an invoice, of a deposit too, and no credit note: what payments are matched to (INV-6)."""
        return self.kind != "credit_note"

    def printed(self, at: datetime) -> "Invoice":
        """The same once its PDF is kept."""
        return self.model_copy(update={"due": None, "claim": None, "printed_at": at})


def drawn_up(document: Document, *, id: str, count: int, context: Context, **fields: object) -> Invoice:  # noqa: A002 # the field's name
    """The invoice that keeps a document; its PDF is due at once."""
    numbered = document.numbered
    return Invoice.model_validate(
        {
            "id": id,
            "kind": document.kind,
            "prefix": numbered.series,
            "year": numbered.issued_on.year,
            "count": count,
            "number": numbered.number,
            "issued_on": numbered.issued_on,
            "issued_at": context.now,
            "total": document.gross,
            "currency": document.particulars.currency,
            "document": document,
            "due": context.now,
            **fields,
        }
    )
