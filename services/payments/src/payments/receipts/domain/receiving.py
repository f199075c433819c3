"""PAY-7: what staff receives: payments, and post-dated cheques that are held."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from carnet.dates import Instant
from carnet.decisions import Context, State
from carnet.events.payments import Method, RecordedMethod
from carnet.money import LARGEST
from carnet.refusals import conflict, invalid
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Attempt, Cheque, Instalment, Part, Schedule, balanced
from payments.schedules.domain.taking import take


class Correction(Part):
    """Who corrected something, when and why: a wrong entry was voided (PAY-19), a loss was dealt with (PAY-9)."""

    reason: str | None
    """What staff wrote; none once a person of the account was erased (ORG-4)."""
    on: date
    at: Instant
    by: str

    @classmethod
    def of(cls, reason: str, context: Context) -> Self:
        """A correction that is made now."""
        return cls(reason=reason, on=context.today, at=context.now, by=str(context.actor))


class Resolution(Correction):
    """How what was lost of a payment was dealt with, in minor units (PAY-9)."""

    amount: int
    credit: str | None = None
    """The client credit that it was taken from; None if somebody dealt with it."""


class Payment(State):
    """A payment in minor units: staff recorded it (PAY-7), or a provider collected it (PAY-6).

    The id of one that was collected is that of the order that brought it.
    """

    contract: str
    account: str
    amount: int
    currency: str
    method: Method
    received_on: date
    instalment: str | None
    """The instalment that it was recorded for; None if it was taken as it came."""
    recorded_at: Instant
    recorded_by: str
    provider: str | None = None
    """The provider that collected it; None if staff recorded it."""
    reference: str | None = None
    """The provider's own id of it."""
    payment_method: str | None = None
    """The id of the payment method that it was collected by."""
    refunded: int = 0
    """The part of it that was given back through the provider (PAY-4)."""
    reversed: int = 0
    """The part of it that the bank took back and that so left what is paid (PAY-13)."""
    beyond: int = 0
    """The part of it that the bank took back though the contract no longer had it, since it was settled before
    (PAY-13)."""
    took: Attempt | None = None
    """What a payment that staff recorded took of the schedule; None if it was recorded before that was kept."""
    voided: Correction | None = None
    """That it was a wrong entry, where it was (PAY-19)."""
    imported: bool = False
    """Whether another system received it, and it came with its contract (IMP-3)."""
    resolved: int = 0
    """The part of ``beyond`` that somebody has dealt with (PAY-9)."""
    resolutions: tuple[Resolution, ...] = ()
    """How what was lost of it was dealt with, in order (PAY-9)."""

    @property
    def remaining(self) -> int:
        """How much of it can still go back: no payment is refunded beyond what it brought (PAY-4)."""
        return 0 if self.voided else max(self.amount - self.refunded - self.reversed - self.beyond, 0)

    @property
    def not_taken(self) -> int:
        """How much of it the bank can still take back: no payment is taken back beyond what it brought (PAY-13)."""
        return 0 if self.voided else self.amount - self.reversed - self.beyond

    @property
    def lost(self) -> int:
        """The part of ``beyond`` that nobody has dealt with yet (PAY-9)."""
        return self.beyond - self.resolved


def arrival(payment: Payment) -> tuple[date, datetime, str]:
    """The order in which payments came: by the day received, then by the instant at which they arrived here."""
    return payment.received_on, payment.recorded_at, payment.id


@dataclass(frozen=True, slots=True)
class Received:
    """Money that staff holds in hand: minor units, how and when, and for which instalment, if for one."""

    amount: int
    method: RecordedMethod
    received_on: date
    instalment: str | None = None
    overpayment_confirmed: bool = False
    """Whether the amount is confirmed though it far exceeds what is left to pay."""

    def recorded(self, payment_id: str, schedule: Schedule, now: datetime, by: str) -> Payment:
        """The payment that keeps it, with what it takes of ``schedule``, the one that it is recorded on."""
        taking = take(schedule, self.amount, first=self.instalment)
        return Payment(
            id=payment_id,
            organisation=schedule.organisation,
            contract=schedule.id,
            account=schedule.account,
            amount=self.amount,
            currency=schedule.currency,
            method=self.method,
            received_on=self.received_on,
            instalment=self.instalment,
            recorded_at=now,
            recorded_by=by,
            took=Attempt(id=payment_id, unscheduled=taking.unscheduled, taken=taking.taken),
        )


@dataclass(frozen=True, slots=True)
class PostDated:
    """A cheque to hold: its deposit date, its amount in minor units, its bank and whose it is."""

    due: date
    amount: int
    bank: str
    holder: str


def receive(schedule: Schedule, received: Received, context: Context) -> Schedule:
    """The schedule once a payment is in (PAY-7).

    It is taken from the instalment that it names, then from ``unscheduled``, then from the
    earliest instalments; what is above R makes a refund line (PAY-2).

    Raises:
        Refusal: ``received-in-future``, ``unknown-instalment``, ``held-cheque-amount`` (a
            cheque is cashed for what it is) or ``paid-too-large``.
    """
    if received.received_on > context.today:
        raise invalid(
            "received-in-future",
            "A payment cannot be received after today. Give the day on which it was received.",
            rule="PAY-7",
            received_on=received.received_on.isoformat(),
            today=context.today.isoformat(),
        )
    if received.instalment is not None:
        _whole_cheque(schedule.instalment(received.instalment), received.amount)
    if schedule.paid + received.amount > LARGEST:
        raise invalid(
            "paid-too-large",
            f"A contract takes payments of {LARGEST} minor units at most. Check the amount.",
            paid=schedule.paid,
            amount=received.amount,
        )
    taking = take(schedule, received.amount, first=received.instalment)
    return cover(taking.schedule.but(paid=schedule.paid + received.amount), context)


def not_far_above(schedule: Schedule, received: Received) -> None:
    """Refuse (``far-above-due``) a payment that leaves over more than the whole total of the contract (PAY-7).

    Such an amount is more often a typing error than money. One that is intended is confirmed
    (``overpayment_confirmed``). The limit depends on no currency: twice the price if nothing of the contract is paid,
    the price if it is fully paid.
    """
    due = schedule.planned + schedule.unscheduled
    if received.amount - due > schedule.total and not received.overpayment_confirmed:
        raise conflict(
            "far-above-due",
            f"{due} minor units are left to pay. Check the amount, and confirm it in 'overpayment_confirmed' "
            "if it is what was received.",
            rule="PAY-7",
            amount=received.amount,
            due=due,
            most=due + schedule.total,
        )


def hold(schedule: Schedule, cheques: tuple[PostDated, ...], context: Context) -> Schedule:
    """The schedule once post-dated cheques are held instalments at their deposit dates (PAY-7).

    They take the place of what is ``unscheduled``, then of the earliest instalments that are
    not cheques themselves; the balance does not move. They are the plan now: what a change of
    the contract dropped before does not come back any more (PAY-2).

    Raises:
        Refusal: ``past-date``, or ``more-than-due`` where the cheques exceed what is to come.
    """
    for cheque in cheques:
        not_past(cheque.due, context)
    amount = sum(cheque.amount for cheque in cheques)
    taking = take(schedule, amount, sparing_held=True)
    if taking.missing:
        raise conflict(
            "more-than-due",
            "The cheques exceed what is still to come and not yet held. Hold no more than that.",
            rule="PAY-7",
            amount=amount,
            due=amount - taking.missing,
        )
    held = [
        Instalment(
            id=context.new_id(),
            due=cheque.due,
            amount=cheque.amount,
            method="cheque",
            cheque=Cheque(bank=cheque.bank, holder=cheque.holder),
        )
        for cheque in cheques
    ]
    return balanced(taking.schedule.but(instalments=(*taking.schedule.instalments, *held), last_plan=()))


def not_past(due: date, context: Context) -> None:
    """Refuse (``past-date``) a due date before the organisation's today (PAY-5)."""
    if due < context.today:
        raise invalid(
            "past-date",
            "The date is past. Give today's date or a later one.",
            rule="PAY-5",
            due=due.isoformat(),
            today=context.today.isoformat(),
        )


def _whole_cheque(instalment: Instalment, amount: int) -> None:
    if instalment.held and instalment.amount != amount:
        raise conflict(
            "held-cheque-amount",
            f"The held cheque is of {instalment.amount} minor units. Record that amount, or name no instalment.",
            rule="PAY-7",
            instalment=instalment.id,
            amount=instalment.amount,
        )
