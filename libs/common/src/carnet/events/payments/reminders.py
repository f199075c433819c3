"""Payment reminders: the organisation's calendar, what was reminded of, and who wants none (PAY-10, NOT-4)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Part, Topic
from carnet.events.payments.schedules import SCHEDULES
from carnet.ids import Id
from carnet.money import Currency, PositiveAmount

DebtKind = Literal["late", "today", "coming", "order"]
"""An instalment that is late, due today or to come; or what is on no date of a contract, an unpaid order."""


class Debt(Part):
    """Something that an account is reminded of: an instalment, or what is on no date of a contract."""

    contract: Id
    number: str | None = None
    """The contract's number for people; None if it has none."""
    instalment: Id | None = None
    """None for an unpaid order."""
    kind: DebtKind
    due: date
    """The date on which it is due; of an unpaid order, the day since which it waits."""
    amount: PositiveAmount
    """In minor units."""
    collected: bool = False
    """Whether it will be collected automatically on its date."""


Debts = Annotated[tuple[Debt, ...], Field(min_length=1, max_length=200)]
"""What an account is reminded of, at most 200."""


class PaymentsReminded(Event):
    """An account is to be reminded by mail of what is due (PAY-10); published in the sequence of its reminders."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    reminders: Id
    """The reminders of the account: their sequence."""
    reminder: Id
    """This reminder."""
    by_hand: bool
    """True if a person sent it, False if the calendar did."""
    currency: Currency
    debts: Debts
    """All that is due, and what is announced."""
    effective_on: date


class RemindersEnded(Event):
    """The calendar has nothing more for what is late or on no date (NOT-4): staff is informed (PAY-10).

    In the sequence of the account's reminders.
    """

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    reminders: Id
    """The reminders of the account: their sequence."""
    currency: Currency
    debts: Debts
    """What is late, or on no date, and is not recalled again."""
    effective_on: date
    stopped: bool = False
    """Whether the client had stopped the reminders, so that not all of them went."""


class RemindersStopped(Event):
    """The account gets no more reminders by the calendar, as the client or staff wishes (PAY-10)."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    effective_on: date


class RemindersResumed(Event):
    """The account gets reminders by the calendar again (PAY-10)."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    effective_on: date


class ReminderCalendarChanged(Event):
    """When the organisation reminds of what is due (PAY-10, NOT-4); in a sequence of its own."""

    topic: ClassVar[Topic] = SCHEDULES

    active: bool
    """Whether reminders are sent automatically."""
    hour: Annotated[int, Field(ge=0, le=23)]
    """The hour of its day from which they go."""
    days: tuple[int, ...]
    """Days after the due date of an instalment, below zero before it."""
    order_days: tuple[int, ...]
    """Days after what is on no date began to wait."""
    staff_after: int | None = None
    """Days after the due date after which staff is informed; None if it is not."""
