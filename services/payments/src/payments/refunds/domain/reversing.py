"""PAY-13: a payment that the bank takes back: a returned debit, a chargeback, a bounced cheque."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.refunds import take_back
from payments.schedules.domain.schedule import Part, Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to

_REVERSALS = UUID("01a2150e-3f5c-5f0b-9d0a-6a1c0f2b7d11")


class Confirmation(Part):
    """What a provider reported of a reversal that staff had recorded before: the id of its own one, and minor units."""

    id: str
    amount: int


class Reversal(State):
    """What the bank took back of a payment, in minor units: a provider's webhook or staff said so.

    Of what the contract no longer had, since it was settled before, nothing can leave ``paid``: that is ``beyond``,
    which the organisation has lost and the balance does not show.
    """

    contract: str
    account: str
    payment: str
    amount: int
    """What the bank took, ``beyond`` included."""
    beyond: int
    currency: str
    reason: published.ReversalReason
    reversed_on: date
    recorded_at: Instant
    recorded_by: str
    by_provider: bool = False
    """Whether the provider said it first."""
    confirmed: tuple[Confirmation, ...] = ()
    """Of one that staff recorded: what the provider has said of it since."""

    @property
    def unconfirmed(self) -> int:
        """The part of it that only staff has recorded: what a provider reports next is matched to it first."""
        return 0 if self.by_provider else self.amount - sum(each.amount for each in self.confirmed)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What the bank took, as somebody reports it: an id that is the same each time, the minor units, and why."""

    id: str
    amount: int
    reason: published.ReversalReason


def reversal_id(provider: str, theirs: str) -> str:
    """The id of a reversal that a provider calls ``theirs``: the same each time that it reports it."""
    return str(uuid5(_REVERSALS, f"{provider}/{theirs}"))


@dataclass(frozen=True, slots=True)
class Reversed:
    """What was decided on a reversal: events, reversals that are new or confirmed, and the payment as it then is."""

    decision: Decision[Schedule]
    reversals: tuple[Reversal, ...]
    payment: Payment

    @property
    def reversal(self) -> Reversal:
        """The one that is new; a ``LookupError`` where all of it had been recorded before."""
        for reversal in self.reversals:
            if not reversal.confirmed:
                return reversal
        raise LookupError(f"nothing new was reversed of payment {self.payment.id}")


def reverse_by_provider(
    schedule: Schedule, payment: Payment, known: Sequence[Reversal], taken: TakenBack, context: Context
) -> Reversed:
    """A provider says that the bank took a payment back, or a part of it: never refused, since it has gone (PAY-13).

    ``known`` are the reversals of the payment. It confirms what staff has recorded before; only the rest is a new
    reversal. That leaves ``paid`` as far as the contract still has the money; the rest stays visible as ``beyond``.
    Nothing is taken twice: neither what was reported before under the same id, nor more of a payment than it brought.
    """
    nothing = Reversed(Decision(schedule, ()), (), payment)
    if any(taken.id in (each.id, *(confirmation.id for confirmation in each.confirmed)) for each in known):
        return nothing
    rest, confirmed = taken.amount, list[tuple[Reversal, int]]()
    for reversal in sorted(known, key=lambda each: (each.unconfirmed != taken.amount, each.recorded_at, each.id)):
        part = min(reversal.unconfirmed, rest)
        if part:
            confirmations = (*reversal.confirmed, Confirmation(id=taken.id, amount=part))
            confirmed.append((reversal.model_copy(update={"confirmed": confirmations}), part))
        rest -= part
    events = tuple(_confirmed(reversal, part, context) for reversal, part in confirmed)
    rest = min(rest, payment.not_taken)
    new = _reverse(schedule, payment, replace(taken, amount=rest), context, by_provider=True) if rest else nothing
    return Reversed(
        decision=Decision(new.decision.state, (*events, *new.decision.events)),
        reversals=(*(reversal for reversal, _ in confirmed), *new.reversals),
        payment=new.payment,
    )


def reverse_by_hand(
    schedule: Schedule,
    payment: Payment,
    known: Sequence[Reversal],
    taken: TakenBack,
    context: Context,
    *,
    another: bool = False,
) -> Reversed:
    """Staff says that the bank took a payment back, or a part of it (PAY-13).

    ``known`` are the reversals of the payment; ``another`` says that this is none of them.

    Raises:
        Refusal: ``more-than-payment`` above what remains of the payment, or where nothing does;
            ``reversed-before`` where a part of it was reversed and nobody says that this is another one.
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
    if known and not another:
        raise conflict(
            "reversed-before",
            f"{sum(each.amount for each in known)} minor units of this payment are recorded as taken back already, "
            "by the provider or by staff. If the bank took more besides, say so in 'another'.",
            rule="PAY-13",
            payment=payment.id,
            reversals=[each.id for each in known],
            amount=sum(each.amount for each in known),
        )
    return _reverse(schedule, payment, taken, context, by_provider=False)


def _reverse(
    schedule: Schedule, payment: Payment, taken: TakenBack, context: Context, *, by_provider: bool
) -> Reversed:
    """What was taken and had not been recorded."""
    by_payments = schedule.paid - sum(use.amount for use in schedule.credit_uses)
    leaving = min(taken.amount, payment.remaining, by_payments)
    beyond = taken.amount - leaving
    after = take_back(schedule, leaving, context, disputed=taken.reason == "chargeback")
    after = after.but(lost=after.lost + beyond)
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
        by_provider=by_provider,
    )
    reversed_ = published.PaymentReversed(
        **as_it_is(after, context),
        payment=payment.id,
        amount=taken.amount,
        method=payment.method,
        reason=taken.reason,
        beyond=beyond,
    )
    return Reversed(
        decision=Decision(after, (reversed_, *led_to(schedule, after, context))),
        reversals=(reversal,),
        payment=payment.model_copy(update={"reversed": payment.reversed + leaving, "beyond": payment.beyond + beyond}),
    )


def _confirmed(reversal: Reversal, amount: int, context: Context) -> published.ReversalConfirmed:
    return published.ReversalConfirmed(
        contract=reversal.contract,
        account=reversal.account,
        currency=reversal.currency,
        payment=reversal.payment,
        reversal=reversal.id,
        amount=amount,
        effective_on=context.today,
    )
