"""PAY-13: a payment that the bank takes back: a returned debit, a chargeback, a bounced cheque."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as told
from carnet.refusals import conflict
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.refunds import take_back
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to

_REVERSALS = UUID("01a2150e-3f5c-5f0b-9d0a-6a1c0f2b7d11")


class Reversal(State):
    """What the bank took back of a payment, in minor units, told by the provider's webhook or by staff.

    Of what the contract had no longer, since it was settled before, nothing can leave ``paid``:
    that is ``beyond``, which the organisation has lost and the balance does not show.
    """

    contract: str
    account: str
    payment: str
    amount: int
    """What the bank took, ``beyond`` included."""
    beyond: int
    currency: str
    reason: told.ReversalReason
    reversed_on: date
    recorded_at: Instant
    recorded_by: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What is heard of the bank: an id that is the same each time it is told, the minor units, and why."""

    id: str
    amount: int
    reason: told.ReversalReason


def reversal_id(provider: str, theirs: str) -> str:
    """The id of a reversal that a provider calls ``theirs``: the same each time that it tells it."""
    return str(uuid5(_REVERSALS, f"{provider}/{theirs}"))


@dataclass(frozen=True, slots=True)
class Reversed:
    """A reversal that was decided: what it tells, and the payment as it then is."""

    decision: Decision[Schedule]
    reversal: Reversal
    payment: Payment


def reverse(schedule: Schedule, payment: Payment, taken: TakenBack, context: Context) -> Reversed:
    """The bank took a payment back, or a part of it; never refused, for the money is gone (PAY-13).

    It leaves ``paid`` as far as the contract still has it, and the rest of it stays visible as ``beyond``.
    """
    by_payments = schedule.paid - sum(use.amount for use in schedule.credit_uses)
    leaving = min(taken.amount, payment.remaining, by_payments)
    beyond = taken.amount - leaving
    after = take_back(schedule, leaving, context)
    reversal = Reversal(
        id=taken.id,
        organisation=schedule.organisation,
        contract=schedule.id,
        account=schedule.account,
        payment=payment.id,
        amount=taken.amount,
        beyond=beyond,
        currency=schedule.currency,
        reason=taken.reason,
        reversed_on=context.today,
        recorded_at=context.now,
        recorded_by=str(context.actor),
    )
    reversed_ = told.PaymentReversed(
        **as_it_is(after, context),
        payment=payment.id,
        amount=taken.amount,
        method=payment.method,
        reason=taken.reason,
        beyond=beyond,
    )
    return Reversed(
        decision=Decision(after, (reversed_, *led_to(schedule, after, context))),
        reversal=reversal,
        payment=payment.model_copy(update={"reversed": payment.reversed + leaving, "beyond": payment.beyond + beyond}),
    )


def reverse_by_hand(schedule: Schedule, payment: Payment, taken: TakenBack, context: Context) -> Reversed:
    """As ``reverse``, told by staff, who may be mistaken.

    Raises:
        Refusal: ``more-than-payment`` above what remains of the payment, or where nothing does.
    """
    if not 0 < taken.amount <= payment.remaining:
        raise conflict(
            "more-than-payment",
            f"{payment.remaining} minor units of this payment have not gone back yet. Take back no more than that.",
            rule="PAY-13",
            payment=payment.id,
            amount=taken.amount,
            most=payment.remaining,
        )
    return reverse(schedule, payment, taken, context)
