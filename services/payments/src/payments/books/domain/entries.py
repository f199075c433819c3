"""Double-entry bookkeeping of what payments and credits know (INV-7). Amounts in minor units.

Each entry is balanced by itself. What a family owes and pays is on the account of clients, from its invoice and its
payments; what it may still spend, on the account of credits.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from carnet.events import payments as published
from carnet.events.payments import Method, RecordedMethod
from payments.banking.domain.bank_deposits import BankDeposit
from payments.books.domain.moves import Booked, CreditMove
from payments.books.domain.plan import Account, Plan
from payments.invoices.domain.document import Document
from payments.invoices.domain.drawing_up import DEPOSIT
from payments.invoices.domain.invoices import Invoice

Journal = Literal["VE", "BQ", "CA", "OD"]
"""Sales, bank, cash, and everything else."""

What = Literal[
    "invoice",
    "credit_note",
    "payment",
    "payment_voided",
    "reversal",
    "credit_used",
    "credit_given_back",
    "refund",
    "refund_failed",
    "converted",
    "waived",
    "settlement_voided",
    "loss_written_off",
    "credit_sold",
    "deposit",
    "credit_given",
    "payments_imported",
    "credit_imported",
    "credit_adjusted",
    "credit_removed",
    "deposit_reversed",
    "credit_taken_back",
    "due_recovered",
    "due_paid",
    "due_waived",
    "bank_deposit",
    "bank_deposit_undone",
]
"""What an entry is."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of an entry: an amount on one side of an account."""

    account: Account
    debit: int = 0
    credit: int = 0
    client: bool = False
    """Whether it is on the account of the family."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced entry, before it has its number."""

    booked: Booked
    on: date
    """The day on which it counts, which is later than the day it is of where that was closed when it was entered."""
    journal: Journal
    what: What
    postings: tuple[Posting, ...]
    piece: str | None = None
    """The number of an invoice or credit note."""
    method: Method | None = None
    name: str | None = None
    """Whom an invoice is to, which never changes; of a bank deposit, what the account that is credited is called."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What entries have from elsewhere, none of which ever changes."""

    invoices: Mapping[str, Invoice] = field(default_factory=dict)
    """Invoices and credit notes by their ids."""
    methods: Mapping[str, Method] = field(default_factory=dict)
    """How payments came, by their ids."""
    bank_deposits: Mapping[str, BankDeposit] = field(default_factory=dict)
    """The bank deposits that are booked, by their ids: not those that an older release closed a period without."""
    from_bank: frozenset[str] = frozenset()
    """The reversals of what was in a bank deposit by then, by the ids of what is booked: the bank took it back."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """What is to be posted: above zero in debit, below in credit."""

    amounts: list[tuple[Account, int, bool]]

    def postings(self) -> tuple[Posting, ...]:
        sums: dict[tuple[str, bool], tuple[Account, int]] = {}
        for account, amount, client in self.amounts:
            known = sums.get((account.number, client), (account, 0))
            sums[account.number, client] = (account, known[1] + amount)
        return tuple(
            Posting(account, max(amount, 0), max(-amount, 0), client)
            for (_, client), (account, amount) in sums.items()
            if amount
        )


def entry_of(booked: Booked, on: date, plan: Plan, facts: Facts) -> Entry | None:
    """How something is booked on a day; None if nothing is left to book.

    Raises ``KeyError`` where ``facts`` lack what it names.
    """
    books, what = _Books(booked, on, plan, facts), booked.what
    if isinstance(what, CreditMove):
        return _CREDITS[what.kind](books, what)
    return _EVENTS[type(what)](books, what)


@dataclass(frozen=True, slots=True)
class _Books:
    booked: Booked
    on: date
    plan: Plan
    facts: Facts

    def _entry(
        self,
        what: What,
        *amounts: tuple[Account, int],
        clients: int = 0,
        method: Method | None = None,
        journal: Journal | None = None,
        piece: str | None = None,
        name: str | None = None,
    ) -> Entry | None:
        """``amounts`` and ``clients`` are in debit above zero, in credit below; their sum is zero."""
        sides = [(account, amount, False) for account, amount in amounts]
        sides.insert(0, (self.plan.account("clients"), clients, True))
        postings = _Sides(sides).postings()
        if not postings:
            return None
        book = journal or _journal_of(method)
        return Entry(self.booked, self.on, book, what, postings, piece=piece, method=method, name=name)

    def issued(self, event: published.InvoiceIssued) -> Entry | None:
        return self._invoice("invoice", self.facts.invoices[event.invoice], 1)

    def cancelled(self, event: published.InvoiceCancelled) -> Entry | None:
        return self._invoice("credit_note", self.facts.invoices[event.credit_note], -1)

    def collected(self, event: published.PaymentCollected) -> Entry | None:
        return self._money("payment", event.method, event.amount, clients=-event.amount)

    def imported(self, event: published.PaymentsImported) -> Entry | None:
        """What the other system received is in its books: here it is an opening balance of the family (IMP-3)."""
        paid = sum(each.amount for each in event.payments)
        return self._entry("payments_imported", (self.plan.account("opening"), paid), clients=-paid)

    def voided(self, event: published.PaymentVoided) -> Entry | None:
        return self._money("payment_voided", event.method, -event.amount, clients=event.amount)

    def reversed(self, event: published.PaymentReversed) -> Entry | None:
        lost = (self.plan.account("losses"), event.beyond)
        clients = event.amount - event.beyond
        return self._money("reversal", event.method, -event.amount, lost, clients=clients, own=self._returned_from())

    def used(self, event: published.CreditUseCompleted) -> Entry | None:
        return self._entry("credit_used", (self.plan.account("credits"), event.amount), clients=-event.amount)

    def given_back(self, event: published.CreditGivenBack) -> Entry | None:
        return self._entry("credit_given_back", (self.plan.account("credits"), -event.amount), clients=event.amount)

    def settled(self, event: published.RefundLineSettled) -> Entry | None:
        amount = event.amount
        if event.how == "converted":
            return self._entry("converted", (self.plan.account("credits"), -amount), clients=amount)
        if event.how == "waived":
            return self._entry("waived", (self.plan.account("gains"), -amount), clients=amount)
        if event.how == "refunded" and event.payments:
            back = [(self.facts.methods[each.payment], each.amount) for each in event.payments]
            accounts = [(self.plan.received_by(method), -part) for method, part in back]
            return self._entry("refund", *accounts, clients=amount, method=back[0][0], journal="BQ")
        return self._given_back("refund", event.method, -amount, clients=amount)

    def refund_failed(self, event: published.RefundFailed) -> Entry | None:
        lost, method = (self.plan.account("losses"), -event.recovered), self.facts.methods[event.payment]
        return self._money("refund_failed", method, event.amount, lost, clients=event.recovered - event.amount)

    def settlement_voided(self, event: published.SettlementVoided) -> Entry | None:
        recovered = sum(each.amount for each in event.recovered)
        lost, clients = (self.plan.account("losses"), -recovered), recovered - event.amount
        if event.how == "on_site":
            return self._given_back("settlement_voided", event.method, event.amount, lost, clients=clients)
        return self._entry("settlement_voided", (self.plan.account("gains"), event.amount), lost, clients=clients)

    def loss_resolved(self, event: published.LossResolved) -> Entry | None:
        if event.credit is not None:
            return None  # what was taken from a credit is a movement of that credit
        given_up = (self.plan.account("allowances"), event.amount)
        return self._entry("loss_written_off", given_up, (self.plan.account("losses"), -event.amount))

    def bank_deposit_made(self, event: published.BankDepositMade) -> Entry | None:
        return self._banked("bank_deposit", event.bank_deposit, 1)

    def bank_deposit_undone(self, event: published.BankDepositUndone) -> Entry | None:
        return self._banked("bank_deposit_undone", event.bank_deposit, -1)

    def _banked(self, what: What, bank_deposit: str, sign: int) -> Entry | None:
        """Takings leave the account on which they were received, for the bank's, or come back (PAY-7)."""
        made = self.facts.bank_deposits.get(bank_deposit)
        if made is None:
            return None
        amount = sign * made.amount
        sides = (self.plan.account("bank"), amount), (self.plan.received_by(made.method), -amount)
        return self._entry(what, *sides, method=made.method, journal="BQ", piece=made.reference, name=made.bank_account)

    def _given_back(
        self, what: What, method: RecordedMethod | None, amount: int, *others: tuple[Account, int], clients: int
    ) -> Entry | None:
        """Money that was given back on site: in cash unless a method was named; a cheque is drawn on the bank."""
        own = self.plan.account("bank") if method == "cheque" else None
        return self._money(what, method or "cash", amount, *others, clients=clients, own=own)

    def _returned_from(self) -> Account | None:
        """The account that a reversal comes from, where it is not that of the method."""
        return self.plan.account("bank") if self.booked.id in self.facts.from_bank else None

    def _money(
        self,
        what: What,
        method: Method | None,
        amount: int,
        *others: tuple[Account, int],
        clients: int = 0,
        own: Account | None = None,
    ) -> Entry | None:
        """Money that came by a method, above zero, or went: on ``own``, or else the account of the method."""
        moved = (own or self.plan.received_by(method), amount)
        journal = "BQ" if own else _journal_of(method or "transfer")
        return self._entry(what, moved, *others, clients=clients, method=method, journal=journal)

    def _invoice(self, what: Literal["invoice", "credit_note"], invoice: Invoice, sign: int) -> Entry | None:
        document = invoice.document
        amounts = [*self._sold(document, sign)]
        clients, buyer = sign * document.gross, document.particulars.buyer.name
        for deposit in (self.facts.invoices[each].document for each in invoice.deposits):
            amounts += self._sold(deposit, -sign)
            clients -= sign * deposit.gross
        return self._entry(what, *amounts, clients=clients, journal="VE", piece=invoice.number, name=buyer)

    def _sold(self, document: Document, sign: int) -> Iterator[tuple[Account, int]]:
        """What a document sells, by account, and its VAT."""
        yield from ((self._account_of(line.kind, line.supplies), -sign * line.net) for line in document.lines)
        yield from ((self.plan.vat_at(each.vat.rate), -sign * each.tax) for each in document.vat if each.tax)

    def _account_of(self, kind: str | None, supplies: str) -> Account:
        if kind == DEPOSIT:
            return self.plan.account("deposits")
        return self.plan.sold("item" if kind is None and supplies == "goods" else kind)

    def credit_sold(self, move: CreditMove) -> Entry | None:
        return self._entry("credit_sold", (self.plan.account("credits"), -move.amount), clients=move.amount)

    def credit_removed(self, move: CreditMove) -> Entry | None:
        return self._entry("credit_removed", (self.plan.account("credits"), move.amount), clients=-move.amount)

    def credit_given(self, move: CreditMove) -> Entry | None:
        what: What = "credit_given" if move.kind == "credit_given" else "credit_adjusted"
        given_up = (self.plan.account("allowances"), move.amount)
        return self._entry(what, given_up, (self.plan.account("credits"), -move.amount))

    def credit_imported(self, move: CreditMove) -> Entry | None:
        opening = (self.plan.account("opening"), move.amount)
        return self._entry("credit_imported", opening, (self.plan.account("credits"), -move.amount))

    def deposit(self, move: CreditMove) -> Entry | None:
        return self._money("deposit", move.method, move.amount, (self.plan.account("credits"), -move.amount))

    def deposit_reversed(self, move: CreditMove) -> Entry | None:
        taken = (self.plan.account("credits"), move.amount - move.beyond)
        own = self._returned_from()
        return self._money("deposit_reversed", move.method, -move.amount, taken, clients=move.beyond, own=own)

    def credit_taken_back(self, move: CreditMove) -> Entry | None:
        taken = (self.plan.account("credits"), move.amount)
        return self._entry("credit_taken_back", taken, (self.plan.account("losses"), -move.amount))

    def due_recovered(self, move: CreditMove) -> Entry | None:
        return self._entry("due_recovered", (self.plan.account("credits"), move.amount), clients=-move.amount)

    def due_paid(self, move: CreditMove) -> Entry | None:
        return self._money("due_paid", move.method, move.amount, clients=-move.amount)

    def due_waived(self, move: CreditMove) -> Entry | None:
        return self._entry("due_waived", (self.plan.account("allowances"), move.amount), clients=-move.amount)


_EVENTS: Mapping[type, Callable[[_Books, Any], Entry | None]] = {
    published.InvoiceIssued: _Books.issued,
    published.InvoiceCancelled: _Books.cancelled,
    published.PaymentCollected: _Books.collected,
    published.PaymentsImported: _Books.imported,
    published.PaymentVoided: _Books.voided,
    published.PaymentReversed: _Books.reversed,
    published.CreditUseCompleted: _Books.used,
    published.CreditGivenBack: _Books.given_back,
    published.RefundLineSettled: _Books.settled,
    published.RefundFailed: _Books.refund_failed,
    published.SettlementVoided: _Books.settlement_voided,
    published.LossResolved: _Books.loss_resolved,
    published.BankDepositMade: _Books.bank_deposit_made,
    published.BankDepositUndone: _Books.bank_deposit_undone,
}
_CREDITS: Mapping[str, Callable[[_Books, Any], Entry | None]] = {
    "credit_sold": _Books.credit_sold,
    "credit_removed": _Books.credit_removed,
    "credit_given": _Books.credit_given,
    "credit_imported": _Books.credit_imported,
    "credit_adjusted": _Books.credit_given,
    "deposit": _Books.deposit,
    "deposit_reversed": _Books.deposit_reversed,
    "credit_taken_back": _Books.credit_taken_back,
    "due_recovered": _Books.due_recovered,
    "due_paid": _Books.due_paid,
    "due_waived": _Books.due_waived,
}


def _journal_of(method: Method | None) -> Journal:
    if method is None:
        return "OD"
    return "CA" if method == "cash" else "BQ"


class Counter:
    """The numbers of entries that come in order, from the first of a month on."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def next(self, entry: Entry) -> str:
        """The number of the next entry, such as ``VE-2026-08-00001``."""
        series = (entry.journal, f"{entry.on:%Y-%m}")
        self._counts[series] = self._counts.get(series, 0) + 1
        return f"{series[0]}-{series[1]}-{self._counts[series]:05d}"
