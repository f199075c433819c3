"""Payments that are received, taken back by the bank, or entered by mistake."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Topic
from carnet.events.imports import PaidElsewhere
from carnet.events.payments.schedules import SCHEDULES, Method, ScheduleMoved, ScheduleShown
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

ReversalReason = Literal["returned_debit", "chargeback", "bounced_cheque", "other"]
"""Why the bank took a payment back (PAY-13)."""


class PaymentCollected(ScheduleShown):
    """Money was received, with the schedule as it then is."""

    payment: Id
    amount: PositiveAmount
    method: Method
    received_on: date
    attempt: Id | None = None
    """The attempt that brought it online (PAY-6); None if staff recorded it."""


class PaymentsImported(ScheduleMoved):
    """What another system had received of a contract that comes from there, with the schedule as it then is (IMP-3).

    It was collected there: no payment is received here, so it is in no mail and in no takings.
    """

    payments: tuple[PaidElsewhere, ...]
    """The payments that the other system had received."""


class PaymentReversed(ScheduleMoved):
    """The bank took a payment back, or a part of it (PAY-13)."""

    payment: Id
    amount: PositiveAmount
    method: Method
    reason: ReversalReason
    beyond: Amount = 0
    """The part that the contract no longer had, since it was settled before: only the rest has left what is paid."""


class PaymentVoided(ScheduleMoved):
    """A payment that staff had recorded was a wrong entry: what it took is back where it was (PAY-19).

    It was never received: unlike a reversal, nothing was taken back.
    """

    payment: Id
    amount: PositiveAmount
    """What had been entered, in minor units: all of it has left what is paid."""
    method: Method
    received_on: date
    """The day on which it had been entered as received."""


class ReversalConfirmed(Event):
    """The provider has published a reversal that staff had recorded before it: the two are one (PAY-13)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    payment: Id
    reversal: Id
    """The reversal that staff recorded."""
    amount: PositiveAmount
    """The part of it that the provider has confirmed, in minor units."""
    effective_on: date


class LossResolved(Event):
    """What the bank took back of a payment beyond what its contract still had was dealt with (PAY-9, PAY-13).

    Somebody did, in a way that the organisation alone knows, or it was taken from a client credit. The schedule does
    not move.
    """

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    payment: Id
    amount: PositiveAmount
    """What was dealt with, in minor units: all that was lost of the payment (``beyond`` of ``PaymentReversed``), or
    what the credit had left of it."""
    left: Amount
    """What the contract has lost that is not dealt with yet, in minor units."""
    effective_on: date
    credit: Id | None = None
    """The client credit that it was taken from; None if somebody dealt with it."""
