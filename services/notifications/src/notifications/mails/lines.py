"""What an opening or a change does to the lines of a contract: the facts, and what templates may say of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from carnet.ids import Id
from carnet.money import Amount, SignedAmount
from notifications.mails.composing import Known
from notifications.mails.facts import Fact
from notifications.templates.values import Sum


class AddedLine(Fact):
    """A purchase that was added, at its price in minor units."""

    line: Id
    name: str
    format: str | None = None
    tariff: str | None = None
    participant: Id | None = None
    price: Amount
    voucher: str | None = None
    """The end of the code of the gift voucher that covers it (CRE-9)."""
    period: int | None = None
    """For a subscription: which of its periods it is (CON-21)."""
    first_day: date | None = None
    last_day: date | None = None


class PlacedDiscount(Fact):
    """A discount that was placed, and its amount in minor units."""

    line: Id
    name: str
    amount: Amount


class CancelledLine(Fact):
    """A line that was cancelled, and the amount by which the total falls: negative for a discount."""

    line: Id
    name: str
    participant: Id | None = None
    amount: SignedAmount


class EditedLine(Fact):
    """A purchase whose price staff edited (CON-11), in minor units."""

    line: Id
    name: str
    price_before: Amount
    price_after: Amount


class CoveredPart(Fact):
    """What a scholarship covers of a line, and what it covered before: 0 for a line that is added (CRE-11).

    In minor units.
    """

    line: Id
    name: str
    amount_before: Amount
    amount_after: Amount


class Lines(Fact):
    """What one opening or change did to the lines of a contract, in the order of the events."""

    added: tuple[AddedLine, ...] = ()
    discounts: tuple[PlacedDiscount, ...] = ()
    cancelled: tuple[CancelledLine, ...] = ()
    edited: tuple[EditedLine, ...] = ()
    scholarships: tuple[CoveredPart, ...] = ()

    @property
    def only_bills(self) -> bool:
        """Whether all that was done is to add periods of a subscription."""
        others = self.discounts or self.cancelled or self.edited or self.scholarships
        return not others and all(line.period is not None for line in self.added)

    def __bool__(self) -> bool:
        return bool(self.added or self.discounts or self.cancelled or self.edited or self.scholarships)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase that was added; ``participant`` is empty if it is for nobody in particular."""

    name: str
    format: str
    tariff: str
    participant: str
    price: Sum
    change: Sum
    """What it adds to the total: nothing if a gift voucher covers it."""
    covered: bool
    """True if a gift voucher covers it, whatever its price (CRE-9)."""
    period: bool = False
    """True if it is a period of a subscription, which has its days (CON-21)."""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that was placed, and its amount."""

    name: str
    amount: Sum
    change: Sum
    """What it adds to the total: below zero."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A line that was cancelled, and the amount by which the total falls."""

    name: str
    participant: str
    amount: Sum
    change: Sum
    """The same with its sign: below zero for a purchase, above for a discount."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A purchase whose price was edited."""

    name: str
    price_before: Sum
    price_after: Sum
    change: Sum
    """What it adds to the total: below zero if the price fell."""


@dataclass(frozen=True, slots=True)
class Scholarship:
    """A scholarship that covers a part of a purchase, or less of it than before (CRE-11)."""

    name: str
    """What is bought."""
    amount: Sum
    """What it covers by now."""
    change: Sum
    """What it adds to the total: below zero, or above where it covers less than before."""


def variables_of(lines: Lines, known: Known) -> dict[str, Any]:
    """The variables ``added``, ``discounts``, ``cancelled``, ``edited`` and ``scholarships``."""
    return {
        "added": tuple(
            known.part(
                Purchase,
                line,
                participant=known.name(line.participant),
                change=known.sum(0 if line.voucher else line.price),
                covered=line.voucher is not None,
                period=line.period is not None,
            )
            for line in lines.added
        ),
        "discounts": tuple(known.part(Discount, line, change=known.sum(-line.amount)) for line in lines.discounts),
        "cancelled": tuple(
            known.part(Cancelled, line, participant=known.name(line.participant), change=known.sum(-line.amount))
            for line in lines.cancelled
        ),
        "edited": tuple(
            known.part(Edited, line, change=known.sum(line.price_after - line.price_before)) for line in lines.edited
        ),
        "scholarships": tuple(
            Scholarship(
                name=line.name,
                amount=known.sum(line.amount_after),
                change=known.sum(line.amount_before - line.amount_after),
            )
            for line in lines.scholarships
        ),
    }
