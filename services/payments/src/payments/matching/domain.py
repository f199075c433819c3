"""INV-6: what is paid of a contract is matched to its invoices, oldest first; staff may match by hand.

Only what was decided by hand is kept. The rest is worked out from the schedule, its payments and its invoices as they
are, so whatever moves them, a payment is never matched beyond what is left of it nor an invoice beyond what it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.refusals import conflict, unknown
from payments.invoices.domain.invoices import Invoice
from payments.receipts.domain.receiving import Payment, arrival
from payments.schedules.domain.schedule import Match, Schedule

Status = Literal["paid", "partly_paid", "not_paid", "covered", "cancelled", "deducted"]
"""The status of an invoice. ``covered``: what is not paid of it is covered by post-dated cheques that are held.
``cancelled``: credit notes have taken all of it. ``deducted``: a deposit invoice whose payments now pay the invoice of
the whole purchase, which deducts it."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Minor units of an invoice that a payment or a client credit pays."""

    invoice: str
    amount: int
    payment: str | None = None
    credit: str | None = None
    match: str | None = None
    """The match by hand that it comes from; None if it was matched automatically."""


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """The status of an invoice, in minor units."""

    status: Status
    left: int
    """What no credit note has taken: the most that can be matched to it."""
    paid: int
    covered: int
    """What is not paid of it and covered by cheques that are held."""
    matched: tuple[Matched, ...]


@dataclass(frozen=True, slots=True)
class Available:
    """How much of a payment is still part of what is paid of the contract, in minor units."""

    payment: Payment
    amount: int


@dataclass(frozen=True, slots=True)
class Matching:
    """The payments of a contract matched to its invoices."""

    available: tuple[Available, ...]
    """The payments in the order in which they came."""
    states: Mapping[str, InvoiceState]
    """By the ids of the invoices, in the order in which they were issued."""
    matched: tuple[Matched, ...]


@dataclass(slots=True)
class _Filling:
    """What is left to match while it is matched."""

    payments: dict[str, int]
    credits: list[tuple[str, int]]
    invoices: dict[str, int]
    matched: list[Matched] = field(default_factory=list)

    def by_hand(self, match: Match) -> None:
        """Match what staff decided, as far as the payment and the invoice still allow it."""
        amount = min(match.amount, self.payments.get(match.payment, 0), self.invoices.get(match.invoice, 0))
        if amount > 0:
            self._take(Matched(match.invoice, amount, payment=match.payment, match=match.id))
            self.payments[match.payment] -= amount

    def by_itself(self) -> None:
        """Match the rest: the oldest payment to the oldest invoice, the client credits after the payments."""
        for payment, amount in self.payments.items():
            self.payments[payment] = self._oldest_first(amount, payment=payment)
        self.credits = [(credit, self._oldest_first(amount, credit=credit)) for credit, amount in self.credits]

    def _oldest_first(self, amount: int, *, payment: str | None = None, credit: str | None = None) -> int:
        for invoice, left in list(self.invoices.items()):
            part = min(amount, left)
            if part:
                self._take(Matched(invoice, part, payment=payment, credit=credit))
                amount -= part
        return amount

    def _take(self, matched: Matched) -> None:
        self.matched.append(matched)
        self.invoices[matched.invoice] -= matched.amount


def match_all(schedule: Schedule, payments: Iterable[Payment], invoices: Iterable[Invoice]) -> Matching:
    """What is paid of the contract, matched to its invoices (INV-6).

    First come the matches by hand, in their order; then the oldest payment to the oldest invoice, and the client
    credits that pay the contract after the payments. Cheques that are held cover what is then not paid, the first to
    deposit first.
    """
    available = _available(schedule, payments)
    issued = sorted((each for each in invoices if each.bears), key=_age)
    filling = _Filling(
        payments={each.payment.id: each.amount for each in available},
        credits=[(use.credit, use.amount) for use in schedule.credit_uses],
        invoices={each.id: each.left for each in issued},
    )
    for match in schedule.invoicing.matches:
        filling.by_hand(match)
    filling.by_itself()
    held = sum(each.amount for each in schedule.instalments if each.held)
    states = dict[str, InvoiceState]()
    for invoice in issued:
        missing = filling.invoices[invoice.id]
        covered = min(held, missing)
        held -= covered
        of_it = tuple(each for each in filling.matched if each.invoice == invoice.id)
        paid = invoice.left - missing
        status = "deducted" if invoice.deducted_by else _status(invoice.left, paid, covered)
        states[invoice.id] = InvoiceState(status, invoice.left, paid, covered, of_it)
    return Matching(available, states, tuple(filling.matched))


def _age(invoice: Invoice) -> tuple[object, ...]:
    return invoice.issued_on, invoice.issued_at, invoice.count, invoice.id


def _status(left: int, paid: int, covered: int) -> Status:
    if not left:
        return "cancelled"
    if paid == left:
        return "paid"
    if paid + covered == left:
        return "covered"
    return "partly_paid" if paid else "not_paid"


def _available(schedule: Schedule, payments: Iterable[Payment]) -> tuple[Available, ...]:
    """How much of each payment is still paid, in the order in which they came: together, what payments have paid.

    A settlement that names no payment (on site, converted, waived) takes from those of which the bank took more than
    the contract still had, then from the latest, as a refund does (PAY-4).
    """
    came = sorted((each for each in payments if each.contract == schedule.id and not each.voided), key=arrival)
    left = {each.id: max(each.amount - each.refunded - each.reversed, 0) for each in came}
    gone = sum(left.values()) - (schedule.paid - sum(use.amount for use in schedule.credit_uses))
    for most, each in (*((each.beyond, each) for each in came), *((each.amount, each) for each in reversed(came))):
        taken = max(min(gone, most, left[each.id]), 0)
        left[each.id] -= taken
        gone -= taken
    return tuple(Available(each, left[each.id]) for each in came)


def match_by_hand(
    schedule: Schedule,
    payments: Sequence[Payment],
    invoices: Sequence[Invoice],
    asked: "WantedMatch",
    context: Context,
) -> Decision[Schedule]:
    """Match a payment of the contract to one of its invoices by hand (INV-6).

    Without an amount, as much as both allow.

    Raises:
        Refusal: ``unknown-payment``, ``unknown-invoice``; ``matched-before`` where staff matched the two before;
            ``nothing-to-match`` or ``match-too-large`` where less is left of the payment or of the invoice that is not
            matched by hand.
    """
    matching = match_all(schedule, payments, invoices)
    payment = next((each for each in matching.available if each.payment.id == asked.payment), None)
    invoice = next((each for each in invoices if each.id == asked.invoice and each.bears), None)
    if payment is None:
        raise unknown("payment", asked.payment)
    if invoice is None:
        raise unknown("invoice", asked.invoice)
    for match in schedule.invoicing.matches:
        if (match.payment, match.invoice) == (asked.payment, asked.invoice):
            raise conflict(
                "matched-before",
                "This payment was matched to this invoice by hand before. Undo that match first, to match another "
                "amount.",
                rule="INV-6",
                match=match.id,
            )
    by_hand = [each for each in matching.matched if each.match is not None]
    of_payment = payment.amount - sum(each.amount for each in by_hand if each.payment == asked.payment)
    of_invoice = invoice.left - sum(each.amount for each in by_hand if each.invoice == asked.invoice)
    most = min(of_payment, of_invoice)
    if not most:
        raise conflict(
            "nothing-to-match",
            "Nothing is left to match: of this payment, or of this invoice, all went back, was cancelled, or is "
            "matched by hand. Choose another one, or undo a match first.",
            rule="INV-6",
            payment=of_payment,
            invoice=of_invoice,
        )
    amount = most if asked.amount is None else asked.amount
    if amount > most:
        raise conflict(
            "match-too-large",
            f"{of_payment} minor units of the payment and {of_invoice} of the invoice can be matched by hand. Match "
            f"{most} at most.",
            rule="INV-6",
            amount=amount,
            most=most,
            payment=of_payment,
            invoice=of_invoice,
        )
    match = Match(
        id=context.new_id(),
        payment=asked.payment,
        invoice=asked.invoice,
        amount=amount,
        on=context.today,
        at=context.now,
        by=str(context.actor),
    )
    after = _with(schedule, (*schedule.invoicing.matches, match))
    return Decision(after, (published.PaymentMatched(**_facts_of(schedule, match, invoice, context)),))


@dataclass(frozen=True, slots=True)
class WantedMatch:
    """What staff asks to match; minor units, None for as much as possible."""

    payment: str
    invoice: str
    amount: int | None = None


def undo_match(schedule: Schedule, invoices: Sequence[Invoice], match_id: str, context: Context) -> Decision[Schedule]:
    """Take back a match by hand: what it matched is matched automatically again (INV-6); raises ``unknown-match``."""
    match = next((each for each in schedule.invoicing.matches if each.id == match_id), None)
    invoice = next((each for each in invoices if match and each.id == match.invoice), None)
    if match is None or invoice is None:
        raise unknown("match", match_id)
    after = _with(schedule, tuple(each for each in schedule.invoicing.matches if each is not match))
    return Decision(after, (published.PaymentUnmatched(**_facts_of(schedule, match, invoice, context)),))


def _with(schedule: Schedule, matches: tuple[Match, ...]) -> Schedule:
    return schedule.but(invoicing=schedule.invoicing.model_copy(update={"matches": matches}))


def _facts_of(schedule: Schedule, match: Match, invoice: Invoice, context: Context) -> dict[str, object]:
    return {
        "contract": schedule.id,
        "account": schedule.account,
        "currency": schedule.currency,
        "match": match.id,
        "payment": match.payment,
        "invoice": match.invoice,
        "number": invoice.number,
        "amount": match.amount,
        "effective_on": context.today,
    }
