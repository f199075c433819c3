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
]
"""Why a client credit could not be used (CRE-3)."""


class CreditUseRequested(ScheduleMoved):
    """A client credit is to pay a part of the contract: its amount is processing until credits answers (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount


class CreditUseCompleted(ScheduleMoved):
    """The amount that a client credit was asked for is paid (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount


class CreditUseReturned(ScheduleMoved):
    """Credits refused the use: its amount is back where it was (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount
    reason: CreditRefusal
    suspended: bool = False
    """As in ``CreditUseRefused``: the contract that sold the credit is not paid (CRE-2)."""


class CreditGivenBack(Event):
    """A part of what a client credit had paid goes back to it, since less is left to cover (CRE-6)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    credit: Id
    amount: PositiveAmount
    effective_on: date
    change: Id | None
    """The change of the contract that caused it, where one did."""
