"""PAY-4: how the refund line is settled, and what a refund that fails brings back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict, invalid
from payments.collection.domain.orders import Order
from payments.collection.domain.steps import step_of
from payments.receipts.domain.receiving import Correction, Payment, arrival
from payments.refunds.domain.losses import make_good
from payments.refunds.domain.refunds import settle
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Part, Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to
from payments.sepa.domain.mandates import SEPA


class RefundedPart(Part):
    """The part of a settlement that goes back by one payment, in minor units."""

    order: str
    """The order to the provider; its id is the idempotency key."""
    payment: str
    amount: int
    failed: published.FailureReason | None = None
    """Why the provider could not do it; none as long as it has not said so."""


class Settlement(State):
    """A part of a refund line, or all of it, that was settled; amounts are in minor units."""

    contract: str
    account: str
    amount: int
    currency: str
    how: published.SettledHow
    method: published.RecordedMethod | None = None
    """Of what was refunded on site: how; None if nobody has said it, which counts as cash."""
    reason: str | None
    """What staff wrote; none, too, once a person of the account was erased (ORG-4)."""
    credit: str | None = None
    """The client credit that it was converted to."""
    parts: tuple[RefundedPart, ...] = ()
    """By which payments it is refunded, the latest first."""
    settled_on: date
    settled_at: Instant
    settled_by: str
    voided: Correction | None = None
    """That it was a wrong entry, where it was (PAY-19)."""

    @property
    def failed(self) -> int:
        """The part of it that the provider could not refund: it is paid again."""
        return sum(part.amount for part in self.parts if part.failed)

    def part(self, order_id: str) -> RefundedPart:
        """The part that an order refunds; a ``LookupError`` where there is none."""
        for part in self.parts:
            if part.order == order_id:
                return part
        raise LookupError(f"settlement {self.id} has no part that order {order_id} refunds")

    def with_failed(self, order_id: str, reason: published.FailureReason) -> Self:
        """The same settlement once the provider could not do that order."""
        parts = (part.model_copy(update={"failed": reason}) if part.order == order_id else part for part in self.parts)
        return self.model_copy(update={"parts": tuple(parts)})


@dataclass(frozen=True, slots=True)
class Settling:
    """What staff asks for: how many minor units, how, and why."""

    amount: int
    how: published.SettledHow
    reason: str | None = None
    method: published.RecordedMethod | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement that was decided: what it publishes, and the payments that it refunds as they then are."""

    decision: Decision[Schedule]
    settlement: Settlement
    payments: tuple[Payment, ...]


def settle_refund_line(
    schedule: Schedule, settling: Settling, payments: Sequence[Payment], context: Context
) -> Settled:
    """Settle a part of the refund line, or all of it (PAY-4).

    ``payments`` are those of the contract. A refund to the payment method goes to the latest of
    those that a provider collected, to none more than what remains of it, and counts as made.

    Raises:
        Refusal: as ``settle``; ``reason-missing`` where it is waived without one; ``method-not-on-site`` where a
            method is named and it is not refunded on site; or ``not-refundable-online`` above what remains of the
            payments that were collected online.
    """
    if settling.method is not None and settling.how != "on_site":
        raise invalid(
            "method-not-on-site",
            "Only what is refunded on site is given back by a method that you name. Leave 'method' out.",
            rule="PAY-4",
            field="method",
        )
    if settling.how == "waived" and not settling.reason:
        raise invalid("reason-missing", "Say in 'reason' why the refund line is waived.", rule="PAY-4")
    after = settle(schedule, settling.amount)
    parts = _by_payments(payments, settling.amount, context) if settling.how == "refunded" else ()
    settlement = Settlement(
        id=context.new_id(),
        organisation=schedule.organisation,
        contract=schedule.id,
        account=schedule.account,
        amount=settling.amount,
        currency=schedule.currency,
        how=settling.how,
        method=settling.method,
        reason=settling.reason or None,
        credit=context.new_id() if settling.how == "converted" else None,
        parts=parts,
        settled_on=context.today,
        settled_at=context.now,
        settled_by=str(context.actor),
    )
    settled = published.RefundLineSettled(
        **as_it_is(after, context),
        settlement=settlement.id,
        amount=settlement.amount,
        how=settlement.how,
        left=after.refund_due,
        credit=settlement.credit,
        payments=tuple(published.PaymentReturned(payment=part.payment, amount=part.amount) for part in parts),
        method=settlement.method,
        by_transfer=_by_transfer(payments, parts),
    )
    events = (settled, *led_to(schedule, after, context, settled=settlement.amount))
    return Settled(Decision(after, events), settlement, _refunded(payments, parts))


def refund_orders(settled: Settled, slot: int, context: Context) -> tuple[Order, ...]:
    """What is asked of the provider for a settlement: one order for each payment, which a worker sends at once.

    What was debited by a remittance waits for a file of transfers to the bank (PAY-18).
    """
    payments = {payment.id: payment for payment in settled.payments}
    return tuple(
        Order(
            id=part.order,
            organisation=settled.settlement.organisation,
            kind="refund",
            contract=settled.settlement.contract,
            account=settled.settlement.account,
            amount=part.amount,
            currency=settled.settlement.currency,
            provider=payment.provider or "",
            method=payment.payment_method or "",
            method_kind="direct_debit" if payment.method == "direct_debit" else "card",
            token="",
            payment=payment.id,
            charge=payment.reference,
            settlement=settled.settlement.id,
            slot=slot,
            check_at=None if payment.provider == SEPA else context.now,
            to_transfer=payment.provider == SEPA,
            made_at=context.now,
        )
        for part in settled.settlement.parts
        for payment in [payments[part.payment]]
    )


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A refund that was handed to the provider: its settlement, its payment and its order's id."""

    settlement: Settlement
    payment: Payment
    order: str


@dataclass(frozen=True, slots=True)
class RefundReturned:
    """A refund that failed: what that publishes, with the settlement and the payment as they then are."""

    decision: Decision[Schedule]
    settlement: Settlement
    payment: Payment


def refund_failed(
    schedule: Schedule, refund: HandedOver, reason: published.FailureReason, context: Context
) -> RefundReturned:
    """The provider could not do a refund: its amount is paid again, then PAY-2 (PAY-4).

    What the bank had taken of the payment meanwhile, beyond what the contract then had of it, is
    covered by it first (PAY-13).
    """
    settlement, payment = refund.settlement, refund.payment
    amount = settlement.part(refund.order).amount
    taken = min(payment.beyond, amount)
    back, from_lost = make_good(payment, taken)
    lost = max(schedule.lost - from_lost, 0)
    after = cover(schedule.but(paid=schedule.paid + amount - taken, lost=lost), context)
    failed = published.RefundFailed(
        **as_it_is(after, context),
        settlement=settlement.id,
        payment=payment.id,
        amount=amount,
        reason=reason,
        recovered=taken,
    )
    return RefundReturned(
        decision=Decision(after, (failed, *led_to(schedule, after, context))),
        settlement=settlement.with_failed(refund.order, reason),
        payment=back.model_copy(update={"refunded": payment.refunded - amount}),
    )


def _by_payments(payments: Iterable[Payment], amount: int, context: Context) -> tuple[RefundedPart, ...]:
    """Which payments ``amount`` goes back by, the latest first: by the day received, then by arrival.

    Each gives what its provider can write of it; what is left over is for the next one.
    """
    collected = sorted((each for each in payments if each.provider and each.remaining), key=arrival, reverse=True)
    parts: list[RefundedPart] = []
    missing = amount
    for payment in collected:
        part = min(payment.remaining, missing)
        part -= part % step_of(payment.provider, payment.currency)
        if part:
            parts.append(RefundedPart(order=context.new_id(), payment=payment.id, amount=part))
        missing -= part
    if missing:
        raise conflict(
            "not-refundable-online",
            f"Of what was collected online, {amount - missing} minor units can be refunded to the payment method. "
            "Refund no more than that, and settle the rest as a client credit or on site.",
            rule="PAY-4",
            amount=amount,
            most=amount - missing,
        )
    return tuple(parts)


def _by_transfer(payments: Iterable[Payment], parts: Iterable[RefundedPart]) -> int:
    """The part of these that waits for a file of transfers to the bank (PAY-18)."""
    debited = {each.id for each in payments if each.provider == SEPA}
    return sum(part.amount for part in parts if part.payment in debited)


def _refunded(payments: Iterable[Payment], parts: Iterable[RefundedPart]) -> tuple[Payment, ...]:
    amounts = {part.payment: part.amount for part in parts}
    return tuple(
        each.model_copy(update={"refunded": each.refunded + amounts[each.id]})
        for each in payments
        if each.id in amounts
    )
