"""What is owed to families, and how it is settled."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts import Mode
from carnet.events.payments.collection import FailureReason
from carnet.events.payments.schedules import SCHEDULES, RecordedMethod, ScheduleMoved
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

SettledHow = Literal["refunded", "converted", "on_site", "waived"]
"""How a part of a refund line was settled (PAY-4): to the payment method, to a client credit, on site, or waived."""


class RefundLineCreated(Event):
    """The schedule has a refund line now (PAY-2); online it awaits correction by support (PAY-3)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    effective_on: date
    change: Id | None
    """The change of the contract that caused it; None if a payment of too much did."""


class RefundLineChanged(Event):
    """The refund line is another amount (PAY-2, PAY-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount_before: PositiveAmount
    amount_after: PositiveAmount
    effective_on: date
    change: Id | None


class RefundLineDropped(Event):
    """The refund line is gone without having been settled: nothing is owed any more (PAY-2)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount_before: PositiveAmount
    effective_on: date
    change: Id | None


class PaymentReturned(Part):
    """What goes back of one payment, in minor units."""

    payment: Id
    amount: PositiveAmount


class RefundLineSettled(ScheduleMoved):
    """A part of the refund line, or all of it, is settled: it has left what is paid (PAY-4)."""

    settlement: Id
    amount: PositiveAmount
    how: SettledHow
    left: Amount
    """The part of the refund line that is not settled yet."""
    credit: Id | None = None
    """The client credit that it was converted to."""
    payments: tuple[PaymentReturned, ...] = ()
    """Which payments are refunded, the latest first."""
    method: RecordedMethod | None = None
    """Of what was refunded on site: how; None if nobody has said it, which counts as cash."""
    by_transfer: Amount = 0
    """The part of it that goes to bank accounts that were debited, by a file that the bank does not have yet
    (PAY-18), in minor units."""


class RefundFailed(ScheduleMoved):
    """The provider could not refund a payment: the amount is paid again (PAY-4)."""

    settlement: Id
    payment: Id
    amount: PositiveAmount
    reason: FailureReason
    recovered: Amount = 0
    """The part of it that makes good what the bank had taken of the payment beyond what the contract had (PAY-13), in
    minor units: only the rest is paid again."""


class SettlementVoided(ScheduleMoved):
    """A settlement on site, or waived, was a wrong entry: its amount is paid again, then PAY-2 applies (PAY-19)."""

    settlement: Id
    amount: PositiveAmount
    """What had been entered, in minor units: all of it is paid again."""
    how: SettledHow
    settled_on: date
    """The day on which it had been entered."""
    method: RecordedMethod | None = None
    """Of what was refunded on site: how, as in ``RefundLineSettled``."""
    recovered: tuple[PaymentReturned, ...] = ()
    """The part of it that makes good what the bank had taken of these payments beyond what the contract had (PAY-13),
    in minor units: only the rest is paid again."""
