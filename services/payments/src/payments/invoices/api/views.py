"""What answers about invoices look like."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, Field

from carnet.dates import Instant
from carnet.http import ServiceRefusalView
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.invoices.domain.document import Document
from payments.invoices.domain.invoices import Invoice
from payments.invoices.domain.requests import InvoiceRequest
from payments.matching.domain import InvoiceState, Status


class InvoiceView(Tolerant):
    """An invoice or a credit note in a list."""

    id: str
    kind: str = Field(description="`invoice`, `deposit_invoice` (of what was paid in advance) or `credit_note`.")
    number: str = Field(description="Such as `FA-2026-000001`: without a gap in its series and year (INV-2).")
    issued_on: date = Field(description="The day that it bears.")
    account: str
    contract: str
    client: str = Field(description="The client's name as the invoice has it.")
    total: Money = Field(description="VAT included.")
    left: Money = Field(
        description="Of an invoice: what it bears, which no credit note has taken; of a credit note: what it takes."
    )
    credits: str | None = Field(description="Of a credit note: the invoice that it cancels, or lines of it.")
    credit_notes: list[str] = Field(description="Of an invoice: the credit notes on it.")
    deposits: list[str] = Field(description="Of an invoice: the deposit invoices that it deducts.")
    deducted_by: str | None = Field(description="Of a deposit invoice: the invoice that deducts it.")
    status: Status | None = Field(
        description="Of an invoice: whether it is paid (INV-6). `covered`: what is not paid of it is covered by "
        "post-dated cheques that are held; `cancelled`: credit notes have taken all of it; `deducted`: "
        "a deposit invoice whose payments now pay the invoice that deducts it."
    )
    paid: Money | None = Field(description="Of an invoice: what payments and client credits pay of it.")
    covered: Money | None = Field(description="Of an invoice: what is not paid and covered by cheques that are held.")
    printed: bool = Field(description="Whether its PDF is made.")
    job: str | None = Field(description="The bulk job that issued it.")

    @classmethod
    def of(cls, invoice: Invoice, state: InvoiceState | None) -> Self:
        """The view of an invoice; a credit note has no ``state``."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=invoice.currency)

        return cls(
            client=invoice.document.particulars.buyer.name,
            total=money(invoice.total),
            left=money(invoice.left),
            status=state.status if state else None,
            paid=money(state.paid) if state else None,
            covered=money(state.covered) if state else None,
            printed=invoice.printed_at is not None,
            credit_notes=list(invoice.credit_notes),
            deposits=list(invoice.deposits),
            **invoice.model_dump(
                include={"id", "kind", "number", "issued_on", "account", "contract", "credits", "deducted_by", "job"}
            ),
        )


class InvoiceLineView(Tolerant):
    """A line of an invoice."""

    id: str = Field(description="The line of the contract.")
    name: str
    detail: str | None = Field(description="Format and tariff.")
    vat_rate: int = Field(description="In basis points.")
    exemption: str | None = Field(description="Why no VAT is charged, as the invoice says it.")
    gross: Money = Field(description="VAT included, discounts taken off.")
    net: Money = Field(description="Without VAT.")
    credited: bool = Field(description="Whether a credit note has taken it.")


class VatView(Tolerant):
    """All lines that are taxed alike (MON-4)."""

    vat_rate: int = Field(description="In basis points.")
    net: Money = Field(description="Without VAT.")
    tax: Money = Field(description="The VAT, rounded once for the rate.")


class DeductedView(Tolerant):
    """A deposit invoice that an invoice deducts."""

    number: str = Field(description="Such as `FA-2026-000001`.")
    issued_on: date = Field(description="The day that it bears.")
    amount: Money = Field(description="What it was of, VAT included.")


class DocumentView(Tolerant):
    """What an invoice or a credit note says."""

    lines: list[InvoiceLineView]
    vat: list[VatView] = Field(description="By rate.")
    net: Money = Field(description="Without VAT.")
    tax: Money = Field(description="The VAT.")
    gross: Money = Field(description="VAT included.")
    supplied_on: date = Field(description="The first day of what is sold.")
    supplied_until: date | None = Field(description="The last day, where it lasts longer.")
    paid_on: date | None = Field(description="The day of the last payment.")
    reason: str | None = Field(description="Of a credit note: why.")
    preceding: str | None = Field(description="Of a credit note: the number of its invoice.")
    deducted: list[DeductedView] = Field(description="The deposit invoices that it deducts.")
    due: Money = Field(description="What was left to pay when it was issued.")

    @classmethod
    def of(cls, document: Document, credited: Sequence[str] = ()) -> Self:
        """The view of a document; ``credited`` are the lines that credit notes have taken."""
        currency, credit_note = document.particulars.currency, document.kind == "credit_note"

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=currency)

        lines = [
            InvoiceLineView(
                id=line.id,
                name=line.name,
                detail=line.detail,
                vat_rate=line.vat.rate,
                exemption=line.vat.exemption.wording if line.vat.exemption else None,
                gross=money(line.gross),
                net=money(line.net),
                credited=line.id in credited,
            )
            for line in document.lines
        ]
        return cls(
            lines=lines,
            vat=[VatView(vat_rate=each.vat.rate, net=money(each.net), tax=money(each.tax)) for each in document.vat],
            net=money(document.net),
            tax=money(document.tax),
            gross=money(document.gross),
            supplied_on=document.supplied_on,
            supplied_until=document.supplied_until,
            paid_on=document.paid_on,
            reason=document.reason,
            preceding=document.preceding[0].number if credit_note and document.preceding else None,
            deducted=[
                DeductedView(number=each.number, issued_on=each.issued_on, amount=money(each.gross or 0))
                for each in (() if credit_note else document.preceding)
            ],
            due=money(document.due),
        )


class InvoiceDetailView(InvoiceView):
    """An invoice or a credit note with what it says."""

    document: DocumentView = Field(description="What it says, frozen on the day of issue.")
    issued_at: Instant = Field(description="When it was issued, UTC.")
    issued_by: str = Field(description="Who asked for it: `user:...`, `service:payments` for automatic ones.")

    @classmethod
    def of(cls, invoice: Invoice, state: InvoiceState | None) -> Self:
        """The view of an invoice; a credit note has no ``state``."""
        return cls(
            **InvoiceView.of(invoice, state).model_dump(),
            document=DocumentView.of(invoice.document, invoice.credited),
            issued_at=invoice.issued_at,
            issued_by=invoice.issued_by,
        )


class InvoiceRequestView(Tolerant):
    """Purchases that are to be invoiced, and what became of that."""

    id: str
    contract: str
    lines: list[str] = Field(description="The purchases; empty for all that are paid and have no invoice.")
    deposit: bool = Field(description="Whether a deposit invoice of what is paid in advance is asked for.")
    status: Literal["requested", "issued", "refused"] = Field(
        description="`requested` until contracts has marked the lines; then issued, or refused with a reason."
    )
    refusal: ServiceRefusalView | None = Field(description="Why nothing was invoiced.")
    invoices: list[str] = Field(description="The invoices that were issued: one for each reason of exemption.")
    asked_at: Instant
    asked_by: str
    answered_at: Instant | None

    @classmethod
    def of(cls, request: InvoiceRequest) -> Self:
        """A request as it is kept."""
        refusals = ServiceRefusalView.of([request.refusal] if request.refusal else [])
        return cls(
            lines=list(request.lines),
            refusal=refusals[0] if refusals else None,
            invoices=list(request.invoices),
            deposit=request.deposit,
            **request.model_dump(include={"id", "contract", "status", "asked_at", "asked_by", "answered_at"}),
        )


class OutcomesView(BaseModel):
    """How far the invoices of a bulk job are."""

    requested: int = Field(description="How many contracts wait for the answer about their purchases.")
    issued: int = Field(description="How many contracts have their invoice.")
    refused: int = Field(description="How many contracts could not be invoiced; the list of them says why.")
