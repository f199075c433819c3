"""How a contract's schedule moves."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts import Mode
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

SCHEDULES = Topic("payments.schedules", "facts")

RecordedMethod = Literal["cash", "cheque", "transfer", "card"]
"""How staff received a payment (PAY-7)."""

OnlineMethod = Literal["card", "direct_debit"]
"""How an online instalment is collected (PAY-12)."""

Method = Literal["cash", "cheque", "transfer", "card", "direct_debit"]
"""How a payment came: as staff received it, or online."""


class Balance(Part):
    """The balance of a contract in minor units: total = paid + processing + planned + unscheduled − refund_due."""

    total: Amount
    paid: Amount
    processing: Amount
    planned: Amount
    unscheduled: Amount
    refund_due: Amount

    @property
    def all_paid(self) -> bool:
        """Whether nothing is planned, unscheduled or processing: with a live line, the contract is paid (PAY-8)."""
        return self.planned == self.unscheduled == self.processing == 0


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
    on_request: bool = False
    """True for what the bank took back: it is not collected automatically (PAY-13)."""
    next_try: date | None = None
    """The date of its next attempt, where one has failed (PAY-6)."""
    gave_up: bool = False
    """True after its last attempt: it is not collected automatically any more (PAY-6)."""
    waits_for_method: bool = False
    """True where it was due and the account had no usable payment method (PAY-12)."""
    line: Id | None = None
    """The line of the contract whose charge it is, where that is due on a date of its own (PAY-15)."""
    paused: bool = False
    """True where it has no date before an open pause of its subscription is lifted: ``due`` is then decades ahead, and
    is not to be shown (CON-18)."""


class ScheduleShown(Event):
    """What every event says that shows a schedule: its balance and its instalments as they then are."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    covers: int
    """The version of the contract that the schedule covers."""
    balance: Balance
    """The balance as it then is."""
    instalments: tuple[Instalment, ...]


class ScheduleMoved(ScheduleShown):
    """What every event says that moves a schedule on a day."""

    effective_on: date


class ScheduleCreated(ScheduleMoved):
    """The schedule of a contract that was opened (EVT-1)."""

    change: Id
    """The opening that it answers."""
    imported: bool = False
    """True for a contract that comes from another system; ``PaymentsImported`` follows if something was paid there."""


class ScheduleAdjusted(ScheduleMoved):
    """The schedule after a change of the contract, even if nothing moved (EVT-1), or after any other move."""

    change: Id | None
    """The change of the contract that it answers; None if staff moved the schedule itself, or it moved for another
    reason: a payment method arrived, or a part of an instalment that the payment provider cannot write went to another
    one."""
    balance_before: Balance
    instalments_before: tuple[Instalment, ...] | None = None
    """The instalments before, where staff moved the schedule itself (PAY-5), so that the client is informed; None if
    a change of the contract did, if it moved otherwise, and in events from before this field."""


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
    imported: bool = False
    """True for a contract that was fully paid in the system that it comes from: no mail is about it (IMP-3)."""
    charged: bool = False
    """True for a subscription, whose periods are charges of their own (PAY-15): it is paid as far as it is billed, and
    the next period is billed all the same. No mail is about it."""


class ContractReopened(Event):
    """The contract is no longer fully paid (PAY-8)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    covers: int
    total: Amount
    effective_on: date
