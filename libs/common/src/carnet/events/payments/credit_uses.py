"""Paying with client credits: what payments asks of credits, and what becomes of it."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Topic
from carnet.events.payments.schedules import SCHEDULES, ScheduleMoved
from carnet.ids import Id
from carnet.money import Currency, PositiveAmount

CreditRefusal = Literal[
    "unknown-credit",
    "removed",
    "other-account",
    "other-currency",
    "more-than-left",
    "sold-by-this-contract",
    "unknown-code",
    "too-many-codes",
]
"""Why a client credit or a gift card could not be used (CRE-3).

``unknown-code``: the code that was presented is not that of the gift card; ``too-many-codes``: the caller, or the
organisation, has tried too many codes that do not exist, so that none is looked up (CRE-8).
"""


class CreditUseRequested(ScheduleMoved):
    """A client credit, or a gift card, is to pay a part of the contract: that is processing until credits answers.

    CRE-3, CRE-8.
    """

    request: Id
    credit: Id
    amount: PositiveAmount
    code: str | None = None
    """Of a gift card: the SHA-256 digest of the organisation and the code that was presented, in hexadecimal."""


class CreditUseCompleted(ScheduleMoved):
    """The amount that a client credit, or a gift card, was asked for is paid (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount
    card: bool = False
    """True if a gift card pays (CRE-8)."""


class CreditUseReturned(ScheduleMoved):
    """Credits refused the use: its amount is back where it was (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount
    reason: CreditRefusal
    suspended: bool = False
    """As in ``CreditUseRefused``: the contract that sold the credit is not paid (CRE-2)."""
    card: bool = False
    """True if it was a gift card (CRE-8)."""


class CreditGivenBack(Event):
    """A part of what a client credit had paid goes back to it, since less is left to cover (CRE-6).

    To a gift card also where what it paid now sells gift cards: a card never buys a card (CRE-8).
    """

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    credit: Id
    amount: PositiveAmount
    effective_on: date
    change: Id | None
    """The change of the contract that caused it, where one did."""
    card: bool = False
    """True if it is a gift card (CRE-8)."""
