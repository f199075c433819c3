"""What payments tells: how a contract's schedule moves and what is paid."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts import Mode
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

SCHEDULES = Topic("payments.schedules", "facts")

RecordedMethod = Literal["cash", "cheque", "transfer", "card"]
"""How staff received a payment (PAY-7)."""


class Balance(Part):
    """The balance of a contract in minor units: total = paid + processing + planned + unscheduled − refund_due."""

    total: Amount
    paid: Amount
    processing: Amount
    planned: Amount
    unscheduled: Amount
    refund_due: Amount


class Instalment(Part):
    """A planned instalment: its due date in the organisation's time zone and its amount in minor units."""

    id: Id
    due: date
    amount: PositiveAmount
    fixed: bool = False
    """True where staff fixed the amount (PAY-5)."""
    held: bool = False
    """True for a post-dated cheque that is held until its due date (PAY-7)."""
    method: RecordedMethod | None = None
    """How it is to be paid, where staff said so (PAY-5)."""


class ScheduleCreated(Event):
    """The schedule of a contract that was opened (EVT-1)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    effective_on: date
    change: Id
    """The opening that it answers."""
    covers: int
    """The version of the contract that it covers."""
    balance: Balance
    instalments: tuple[Instalment, ...]


class ScheduleAdjusted(Event):
    """The schedule after a change of the contract, told even when nothing moved (EVT-1), or after staff moved it."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    effective_on: date
    change: Id | None
    """The change of the contract that it answers; none where staff moved the schedule itself."""
    covers: int
    """The version of the contract that it covers."""
    balance: Balance
    balance_before: Balance
    instalments: tuple[Instalment, ...]


class PaymentCollected(Event):
    """Money was received, with the schedule as it then is."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    payment: Id
    amount: PositiveAmount
    method: RecordedMethod
    received_on: date
    covers: int
    balance: Balance
    instalments: tuple[Instalment, ...]


class ContractPaid(Event):
    """The contract passed from not fully paid to fully paid (PAY-8)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    covers: int
    """The version of the contract that is fully paid."""
    total: Amount
    effective_on: date


class ContractReopened(Event):
    """The contract is no longer fully paid (PAY-8)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    covers: int
    total: Amount
    effective_on: date


class RefundLineCreated(Event):
    """A refund line now stands in the schedule (PAY-2); online it awaits correction by support (PAY-3)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    effective_on: date
    change: Id | None
    """The change of the contract that caused it; none where a payment of too much did."""


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


EVENTS: tuple[type[Event], ...] = (
    ScheduleCreated,
    ScheduleAdjusted,
    PaymentCollected,
    ContractPaid,
    ContractReopened,
    RefundLineCreated,
    RefundLineChanged,
    RefundLineDropped,
)
