"""Account statements that are sent."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Topic
from carnet.events.payments.schedules import SCHEDULES
from carnet.ids import Id
from carnet.money import Currency, SignedAmount


class StatementSendingRequested(Event):
    """Staff sends an account its statement, as it is at that moment (PAY-16); in a sequence of its own."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    statement: Id
    """The statement as it is sent."""
    currency: Currency
    since: date | None = None
    """The first day; None from the beginning."""
    until: date
    """The last day, included."""
    closing: SignedAmount
    """What the account owes at the end of the last day, in minor units; below zero it is owed to the account."""
    effective_on: date
