"""The payment methods of families, and what is collected by them."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Topic
from carnet.events.payments.schedules import SCHEDULES, OnlineMethod, ScheduleMoved
from carnet.ids import Id
from carnet.money import PositiveAmount

FailureReason = Literal[
    "insufficient_funds",
    "refused",
    "expired",
    "authentication_required",
    "account_closed",
    "mandate_revoked",
    "unknown_method",
    "other",
]
"""Why the provider did not collect an instalment, or did not refund (PAY-6, PAY-4)."""


class CollectionStarted(ScheduleMoved):
    """An online instalment is at the payment provider: its amount is processing (PAY-6)."""

    attempt: Id
    instalment: Id
    due: date
    amount: PositiveAmount
    method: OnlineMethod
    number: Annotated[int, Field(ge=1)]
    """Which attempt of this instalment it is, from 1."""


class PaymentFailed(ScheduleMoved):
    """The provider did not collect an instalment: its amount is back where it was (PAY-6)."""

    attempt: Id
    instalment: Id
    due: date
    amount: PositiveAmount
    method: OnlineMethod
    reason: FailureReason
    next_try: date | None
    """When it is attempted again; none after the last attempt, and where nothing is left of it."""


class PaymentMethodMissing(ScheduleMoved):
    """An online instalment is due and its account has no usable payment method: it is not attempted (PAY-12)."""

    instalment: Id
    due: date
    amount: PositiveAmount


class PaymentMethodAdded(Event):
    """An account can be collected from by another payment method (PAY-12); published in the sequence of the account."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    method: Id
    provider: str
    kind: OnlineMethod
    default: bool
    """Whether it is the one that instalments are collected by."""


class PaymentMethodPreferred(Event):
    """Another payment method of an account is the default one (PAY-12)."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    method: Id


class PaymentMethodRemoved(Event):
    """A payment method of an account was removed (PAY-12)."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    method: Id
    default: Id | None
    """The default one after that; None if no method is left."""


class CollectionCalendarChanged(Event):
    """When an organisation's instalments are collected, and when again (PAY-6), in the organisation's sequence."""

    topic: ClassVar[Topic] = SCHEDULES

    hour: Annotated[int, Field(ge=0, le=23)] | None
    """The hour of the day, on the organisation's clock, from which what is due is collected; None if nothing is
    collected automatically."""
    retry_after: tuple[Annotated[int, Field(ge=1, le=90)], ...]
    """How many days after each failed attempt the next one is made; after the last of them there is none."""


class CollectionAsked(Event):
    """Staff asked to collect what is due, whatever the hour (PAY-6); published in the organisation's sequence."""

    topic: ClassVar[Topic] = SCHEDULES

    on: date
    """The organisation's date until which what is due is collected."""
