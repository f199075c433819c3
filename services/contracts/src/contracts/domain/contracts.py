"""A contract and its lines as they are kept (CON-1)."""

from collections.abc import Container, Iterator
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from carnet.decisions import State
from carnet.events.contracts import DiscountShare, Mode, Purchase, Sale
from carnet.money import Currency


class Line(BaseModel):
    """A purchase, or a discount in force, of a contract.

    ``purchase.price`` is the price in minor units, VAT included; of a discount, what it
    takes off. ``shares`` is what a discount takes off each line that it applies to, fixed
    when it was placed (CON-7). ``notes`` are staff's, personal data.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    purchase: Purchase
    shares: tuple[DiscountShare, ...] = ()
    state: Literal["live", "cancelled"] = "live"
    cancelled_on: date | None = None
    notes: str | None = None

    @property
    def id(self) -> str:
        """The line's id."""
        return self.purchase.line

    @property
    def live(self) -> bool:
        """Whether the line is not cancelled."""
        return self.state == "live"

    @property
    def discount(self) -> bool:
        """Whether the line is a discount."""
        return self.purchase.kind == "discount"

    @property
    def amount(self) -> int:
        """What the line brings to the total while it is live: a discount takes off."""
        return -self.purchase.price if self.discount else self.purchase.price


class Contract(State):
    """A contract: its account, how it is paid, and its lines in the order in which they were added."""

    account: str
    mode: Mode
    sale: Sale
    currency: Currency
    opened_on: date
    lines: tuple[Line, ...] = ()
    cancelled_on: date | None = None
    """The day on which the whole contract was cancelled (CON-22)."""

    @property
    def cancelled(self) -> bool:
        """Whether the whole contract was cancelled."""
        return self.cancelled_on is not None

    @property
    def live(self) -> Iterator[Line]:
        """The lines not cancelled, discounts among them."""
        return (line for line in self.lines if line.live)

    @property
    def live_lines(self) -> int:
        """How many lines are not cancelled, discounts included."""
        return sum(1 for _ in self.live)

    @property
    def total(self) -> int:
        """The sum of the live lines, in minor units (CON-1)."""
        return sum(line.amount for line in self.live)

    def without_notes(self, lines: Container[str]) -> Self:
        """The contract once staff's notes on these lines are erased (ORG-4)."""
        return self.model_copy(
            update={
                "lines": tuple(
                    line.model_copy(update={"notes": None}) if line.id in lines else line for line in self.lines
                )
            }
        )
