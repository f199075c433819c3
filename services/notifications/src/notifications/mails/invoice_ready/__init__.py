"""An invoice or a credit note is ready: its PDF goes with the mail, attached and as a link that expires (INV-5)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import InvoiceReady
from carnet.ids import Id
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts, Paper
from notifications.mails.samples import CONTRACT, INVOICE, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(ContractFacts):
    """An invoice or a credit note."""

    kind: Literal["invoice_ready"] = "invoice_ready"
    invoice: Id
    number: str
    credit_note: bool = False
    deposit: bool = False
    total: PositiveAmount
    issued_on: date

    @property
    def paper(self) -> Paper:
        """Its PDF, which payments keeps."""
        return Paper("payments", "invoice", (self.invoice,), f"{self.number}.pdf")


@dataclass(frozen=True, slots=True)
class Invoice:
    """The invoice, or the credit note. ``deposit`` is true for an invoice of what was paid in advance.

    ``link`` leads to its PDF until the day ``link_until``.
    """

    number: str
    credit_note: bool
    deposit: bool
    total: Sum
    issued_on: date
    link: str
    link_until: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    invoice: Invoice


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    linked = {"link": known.link.address, "link_until": known.link.until}
    return known.view(View, facts, invoice=known.part(Invoice, facts, **linked))


def sample(currency: str) -> Facts:
    """An invoice of a whole contract."""
    return Facts(
        contract=CONTRACT, invoice=INVOICE, number="F-2027-00042", total=54_000, issued_on=TODAY, currency=currency
    )


MAIL = MailKind(
    to="client", facts=Facts, view=View, compose=compose, sample=sample, due={InvoiceReady: Facts.of}, about="invoice"
)
