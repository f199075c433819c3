"""Gift cards: issued and sent (CRE-8)."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Topic
from carnet.events.credits.topic import CREDITS
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount


class GiftCardIssued(Event):
    """A gift card that a line sold exists, now that its contract is paid (CRE-8).

    From then on it is a client credit of its own: ``CreditUsed``, ``CreditRestored``, ``CreditAdjusted`` and
    ``CreditRemoved`` say what happens to it. It belongs to the person who presents its code.
    """

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    """The gift card: the id of the line that sold it."""
    account: Id
    """The account that bought it."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    name: str
    """What it was sold as."""
    recipient: Id | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str
    """Anyone who has it can pay with the card: show it to nobody but its recipient and its buyer."""
    effective_on: date
    send_on: date | None = None
    """The day on which it is sent to its recipient, as the buyer chose; None if it is sent now."""


class GiftCardSendingRequested(Event):
    """A gift card of which nothing was used is sent to its recipient: on the day chosen, or by staff (CRE-8)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    """The gift card: the id of the line that sold it."""
    account: Id
    """The account that bought it."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    name: str
    """What it was sold as."""
    recipient: Id | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str
    """Anyone who has it can pay with the card: show it to nobody but its recipient and its buyer."""
    effective_on: date


class GiftCardSendingPlanned(Event):
    """A gift card that is not sent yet is to be sent on another day (CRE-8)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    """The gift card: the id of the line that sold it."""
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    send_on: date
    """The day on which it is sent to its recipient, from the organisation's hour on."""
    effective_on: date
