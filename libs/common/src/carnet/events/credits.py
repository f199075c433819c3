"""What credits tells: client credits granted and removed."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Topic
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

CREDITS = Topic("credits.credits", "facts")


class CreditGranted(Event):
    """A client credit was granted to its beneficiary (CRE-1, CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    effective_on: date


class CreditRemoved(Event):
    """The credit was removed because the line that sold it was cancelled (CRE-4)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    line: Id
    effective_on: date


EVENTS: tuple[type[Event], ...] = (CreditGranted, CreditRemoved)
