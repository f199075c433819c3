"""What credits publishes of scholarships: their funds, awards and uses (CRE-11)."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, ServiceRefusal, Topic
from carnet.events.catalog import Kind
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount, SignedAmount

CREDITS = Topic("credits.credits", "facts")

ScholarshipRefusal = Literal[
    "unknown", "other-account", "other-member", "not-eligible", "not-begun", "ended", "not-enough", "currency"
]
"""Why a scholarship does not cover what is asked of a line: there is none of that id, it was awarded to another account
or to another member, its fund is not for that product, has not begun or has ended on that day, less is left of it, or
it is in another currency (CRE-11)."""


class FundEvent(Event):
    """A scholarship fund as it now is: its budget, what it is for, and when."""

    topic: ClassVar[Topic] = CREDITS

    fund: Id
    name: str
    budget: PositiveAmount
    """The most that can be awarded from it, in minor units."""
    awarded: Amount
    """What was awarded from it so far, in minor units."""
    currency: Currency
    kinds: tuple[Kind, ...] = ()
    """The kinds of product that it is for; with no products either, all that a scholarship can cover."""
    products: tuple[Id, ...] = ()
    """The products that it is for."""
    first_day: date
    """The first day on which its scholarships can be used."""
    last_day: date | None = None
    """The last such day; None if it has no end."""
    effective_on: date


class ScholarshipFundOpened(FundEvent):
    """A fund was opened, from which scholarships are awarded (CRE-11)."""


class ScholarshipFundChanged(FundEvent):
    """Staff changed a fund: its name, its budget, what it is for, or when (CRE-11)."""


class ScholarshipEvent(Event):
    """What happens to a scholarship: of which fund, for whom, and what is left of it then."""

    topic: ClassVar[Topic] = CREDITS

    scholarship: Id
    fund: Id
    account: Id
    """The account that it was awarded to."""
    member: Id | None = None
    """For whom it is; None if it is for the whole account."""
    left: Amount
    """What is left of it, in minor units."""
    currency: Currency
    effective_on: date


class ScholarshipAwarded(ScholarshipEvent):
    """A scholarship was awarded from a fund, to one member or to the whole account (CRE-11)."""

    amount: PositiveAmount


class ScholarshipAdjusted(ScholarshipEvent):
    """Staff awarded more, or took back what had not been used (CRE-11)."""

    amount: SignedAmount
    """What was added, below zero where it was taken back, in minor units."""


class ScholarshipUsed(ScholarshipEvent):
    """A scholarship covers a part of a line, as contracts had asked (CRE-11)."""

    contract: Id
    line: Id
    """The line that it covers a part of."""
    product: Id
    """What is bought by that line."""
    amount: PositiveAmount
    """What it covers, in minor units."""
    request: Id
    """The request of contracts that this answers."""


class ScholarshipRestored(ScholarshipEvent):
    """What a scholarship covered came back to it: the line is gone, brings less, or was not added after all."""

    contract: Id
    line: Id
    """The line that it covered a part of."""
    amount: PositiveAmount
    """What came back, in minor units."""


class ScholarshipUseRefused(Event):
    """A scholarship does not cover what is asked, so nothing of the request is granted (CRE-11).

    Published in the request's own sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers."""
    contract: Id
    line: Id
    """The line that was to be covered in part."""
    scholarship: Id
    amount: PositiveAmount
    """What was asked for, in minor units."""
    left: Amount = 0
    """What could be used of it, in minor units; 0 where there is no such scholarship of that account."""
    why: ScholarshipRefusal
    effective_on: date
    refusal: ServiceRefusal | None = None
    """Why, in the words that people read; None if it was published before there were any."""


EVENTS: tuple[type[Event], ...] = (
    ScholarshipFundOpened,
    ScholarshipFundChanged,
    ScholarshipAwarded,
    ScholarshipAdjusted,
    ScholarshipUsed,
    ScholarshipRestored,
    ScholarshipUseRefused,
)
