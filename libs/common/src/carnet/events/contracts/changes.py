"""Contracts as a whole: opened, changed, cancelled, and what could not be."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events import imports
from carnet.events.base import Event, Part, ServiceRefusal, Topic
from carnet.events.contracts.sales import AtOnce, Deposit, Instalments, Later, OnSite
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

Mode = Literal["online", "on_site"]


Sale = Annotated[AtOnce | Instalments | Deposit | Later | OnSite, Field(discriminator="start")]
"""How the schedule of a contract starts (PAY-7)."""


class DatedCharge(Part):
    """A charge with a date of its own: an instalment tied to its line, such as a subscription's period (PAY-15)."""

    line: Id
    amount: PositiveAmount
    """What the line brings to the total, in minor units: its price less the discount shares that it bears."""
    due: date
    """In the organisation's time zone."""
    paused: bool = False
    """True where it has no date before an open pause of its subscription is lifted: ``due`` is then decades ahead, and
    is not shown (CON-18)."""


class ContractTerms(Part):
    """The terms of a contract, which its payment schedule follows (PAY-2, PAY-15): its total, and what is due on dates.

    An opening has beside them how the schedule starts: ``mode``, ``sale``, and what was ``imported``. A change has
    nothing beside them. The previews of payments take the same terms: a field here is a field of their bodies
    (``carnet.http.parts``).
    """

    total: Amount
    """The sum of its live lines, in minor units, the dated charges among them."""
    live_lines: int
    version: int
    """The version of the contract that these are the terms of."""
    charges: tuple[DatedCharge, ...] = ()
    """The live lines that are due on dates of their own; at most one for each line."""
    cards: Amount = 0
    """The part of the total that sells gift cards: no gift card pays that (CRE-8)."""


class ContractOpened(Event):
    """A contract was opened; its lines follow as ``ProductAdded`` and ``DiscountPlaced`` of the same change."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    mode: Mode
    sale: Sale
    currency: Currency
    total: Amount
    live_lines: int
    effective_on: date
    version: int
    """The version of the contract once the whole opening is published: the sequence of its last event."""
    number: str | None = None
    """The number that people say, such as ``2027-0042`` (CON-27); None if it was opened before there were any."""
    terms: ContractTerms | None = None
    """What the schedule starts from; None if it was published before there were terms."""
    imported: imports.Imported | None = None
    """What was paid and planned in the system that it comes from, if it does: no mail is about that (IMP-3)."""

    @property
    def agreed(self) -> ContractTerms:
        """The terms; of an event that has none, made of its other fields."""
        return self.terms or ContractTerms(total=self.total, live_lines=self.live_lines, version=self.version)


class ContractChanged(Event):
    """One change is whole: only this moves the schedule (CON-4)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    total_before: Amount
    total_after: Amount
    live_lines: int
    effective_on: date
    version: int
    """The version of the contract once the whole change is published: the sequence of its last event."""
    terms: ContractTerms | None = None
    """What the schedule follows from now on; None if it was published before there were terms."""

    @property
    def agreed(self) -> ContractTerms:
        """The terms; of an event that has none, made of its other fields."""
        return self.terms or ContractTerms(total=self.total_after, live_lines=self.live_lines, version=self.version)


class ContractCancelled(Event):
    """All lines of the contract were cancelled; nothing is added to it after (CON-22)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    effective_on: date


class ChangeRefused(Event):
    """Credits refused what a pending change needs: the change is not made (CRE-5)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the change that was pending."""
    credit: Id
    """The credit that prevents the change."""
    amount: PositiveAmount
    """What was sold."""
    left: Amount
    currency: Currency
    effective_on: date
    why: Literal["used", "exists"] = "used"
    """``used``: less is left of the credit than was sold, so its line is not cancelled (CRE-5); ``exists``: the credit
    was granted, so what its line brings does not fall (CON-11)."""


class ConfirmationRefused(Event):
    """An opening or a change that was confirmed is not made: a service refused what it had asked of it.

    It is published for every cause; if a client credit prevents it, ``ChangeRefused`` comes before it.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that was pending."""
    opening: bool = False
    """True if it was the opening of the contract, which then never opens."""
    refusals: tuple[ServiceRefusal, ...]
    """What the services answered that refused: one or more. What others had granted is given back."""
    effective_on: date
