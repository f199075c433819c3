"""What contracts publishes of scholarships, on its topic of contracts: what they cover of lines (CRE-11)."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount


class ScholarshipUse(Part):
    """A part of a line that a scholarship is to cover."""

    line: Id
    scholarship: Id
    product: Id
    """What is bought by the line."""
    name: str
    """Its name, as it is bought."""
    kind: str
    """The kind of the product: `course`."""
    participant: Id | None = None
    amount: PositiveAmount
    """What it is to cover of the line's price, after discounts, in minor units."""


class ScholarshipPart(Part):
    """What a scholarship covers of a line and no longer does once the change is made."""

    line: Id
    scholarship: Id
    amount: PositiveAmount


class ScholarshipUseRequested(Event):
    """An opening or a change would have scholarships cover a part of some of its lines (CRE-11).

    It is pending until credits has answered: all uses are granted, or it is refused whole.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that is pending."""
    currency: Currency
    uses: tuple[ScholarshipUse, ...]
    """What scholarships are to cover, each line once."""
    given_back: tuple[ScholarshipPart, ...] = ()
    """What the same change gives back to these scholarships, by lines that it cancels or that bring less: it can be
    used by the lines that the change adds."""
    effective_on: date


class ScholarshipUseWithdrawn(Event):
    """The opening or the change was refused by another service: the scholarships are as they were (CRE-11)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that was pending."""
    lines: tuple[Id, ...]
    effective_on: date


class ScholarshipApplied(Event):
    """A scholarship covers a part of a line: that is not in the contract's total (CRE-11)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    line: Id
    name: str
    """What is bought by the line."""
    scholarship: Id
    amount: PositiveAmount
    """What it covers of the line's price, after discounts, in minor units."""


class ScholarshipReduced(Event):
    """A scholarship covers less of a line than before, as its price fell or it bears another discount (CRE-11).

    The difference goes back to the scholarship.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    line: Id
    name: str
    """What was bought by the line."""
    scholarship: Id
    amount_before: PositiveAmount
    amount_after: Amount


EVENTS: tuple[type[Event], ...] = (
    ScholarshipUseRequested,
    ScholarshipUseWithdrawn,
    ScholarshipApplied,
    ScholarshipReduced,
)
