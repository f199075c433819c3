"""A contract, its lines and the change that it may wait for, as they are kept (CON-1, CRE-4)."""

from collections.abc import Container, Iterator
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict

from carnet.decisions import Actor, State
from carnet.events import BY_TYPE, Event
from carnet.events.contracts import ContractTerms, DiscountShare, Mode, Purchase, Sale
from carnet.money import Amount, Currency, PositiveAmount
from carnet.tolerance import Tolerant


class Line(Tolerant):
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
    def sells_money(self) -> bool:
        """Whether what it sells is money of its own once it is paid: a client credit (CRE-1)."""
        return self.purchase.kind == "client_credit"

    @property
    def amount(self) -> int:
        """What the line brings to the total while it is live: a discount takes off."""
        return -self.purchase.price if self.discount else self.purchase.price

    def without_notes(self) -> Self:
        """The line once staff's notes on it are erased (ORG-4)."""
        return self.model_copy(update={"notes": None})


class Kept(Tolerant):
    """An event that is decided and not told yet: its type and its body as JSON values."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    data: dict[str, Any]

    @classmethod
    def of(cls, event: Event) -> Self:
        """What is kept of an event."""
        return cls(type=event.type_name(), data=event.model_dump(mode="json"))

    @property
    def event(self) -> Event:
        """The event again."""
        return BY_TYPE[self.type].model_validate(self.data)

    def without_notes(self, lines: Container[str]) -> Self:
        """The same without its personal part, where it is about one of these lines (ORG-4)."""
        line = self.data.get("line") or self.data.get("purchase", {}).get("line")
        if self.data.get("personal") is None or line not in lines:
            return self
        return self.model_copy(update={"data": {**self.data, "personal": None}})


class Pending(Tolerant):
    """A change that is decided whole and waits for the answer of credits about what its lines sold (CRE-4, CRE-5).

    ``awaited`` are the lines of which credits has not answered yet, ``lines`` those that the change
    touches, as it leaves them, ``on`` the day on which it takes effect.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    change: str
    on: date
    asked_at: datetime
    by: Actor
    awaited: tuple[str, ...]
    lines: tuple[Line, ...]
    cancelled_on: date | None = None
    events: tuple[Kept, ...]

    def without_notes(self, lines: Container[str]) -> Self:
        """The same once staff's notes on these lines are erased (ORG-4)."""
        return self.model_copy(
            update={
                "lines": tuple(line.without_notes() if line.id in lines else line for line in self.lines),
                "events": tuple(event.without_notes(lines) for event in self.events),
            }
        )


class RefusedChange(Tolerant):
    """The change that credits refused last because of ``credit``, of which ``left`` of ``amount`` was left.

    ``why``: it was used, so its line is not cancelled (CRE-5), or it exists, so its line brings no less (CON-11).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    change: str
    on: date
    credit: str
    amount: PositiveAmount
    left: Amount
    why: Literal["used", "exists"] = "used"


class Contract(State):
    """A contract: its account, how it is paid, and its lines in the order in which they were added."""

    account: str
    number: str | None = None
    """What people call it by, such as ``2027-0042`` (CON-27); None if it was opened before there were any."""
    mode: Mode
    sale: Sale
    currency: Currency
    opened_on: date
    lines: tuple[Line, ...] = ()
    cancelled_on: date | None = None
    """The day on which the whole contract was cancelled (CON-22)."""
    pending: Pending | None = None
    """The change that waits for credits; nothing else is changed meanwhile."""
    refused_change: RefusedChange | None = None
    """The last change that credits refused, until another one is made or asked for."""
    last_whole: int | None = None
    """The version of its newest whole change, where something was told since that changed nothing."""

    @property
    def whole_version(self) -> int:
        """The version of its newest whole change: what its schedule comes to cover.

        A change that waits for credits, or was refused by them, raises the version beyond it.
        """
        return self.version if self.last_whole is None else self.last_whole

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

    def terms(self, version: int) -> ContractTerms:
        """What it says to its schedule as its given version: nothing that is sold today is due on a date of its own."""
        return ContractTerms(total=self.total, live_lines=self.live_lines, version=version)

    def without_notes(self, lines: Container[str]) -> Self:
        """The contract once staff's notes on these lines are erased, from what is pending too (ORG-4)."""
        return self.model_copy(
            update={
                "lines": tuple(line.without_notes() if line.id in lines else line for line in self.lines),
                "pending": self.pending and self.pending.without_notes(lines),
            }
        )

    @property
    def noted(self) -> Iterator[str]:
        """The lines that bear staff's notes, or are to once what is pending is made."""
        kept = (*self.lines, *(self.pending.lines if self.pending else ()))
        return (line.id for line in kept if line.notes is not None)
