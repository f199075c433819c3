"""Lines that invoices bear (INV-4)."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Part, ServiceRefusal, Topic
from carnet.events.contracts.purchases import Purchase
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount


class MarkedDiscount(Part):
    """What a discount takes off a line that was marked, with the name that the discount had; or a scholarship."""

    name: str
    amount: Amount
    scholarship: bool = False
    """True for what a scholarship covers, which is not in the total either; ``name`` is then `scholarship`."""


class MarkedLine(Part):
    """A purchase as an invoice is to show it."""

    purchase: Purchase
    discounts: tuple[MarkedDiscount, ...] = ()
    net: PositiveAmount
    """The price less its discounts and what a scholarship covers, in minor units, VAT included."""
    advance: Amount = 0
    """For a deposit invoice: the part that is paid in advance and on no deposit invoice yet, in minor units."""
    deposits: tuple[Id, ...] = ()
    """The deposit invoices that bear parts of it already; an invoice of the whole purchase deducts them."""


class LinesMarked(Event):
    """Purchases were marked for an invoice, as payments asked: from now on they stay as they are here (INV-4)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    request: Id
    """The request that this answers."""
    lines: tuple[MarkedLine, ...]
    more: bool = False
    """True if the contract has further paid purchases without an invoice, beyond what one invoice holds."""
    deposit: bool = False
    """True if only a part of each is marked, for a deposit invoice."""
    effective_on: date


class MarkRefused(Event):
    """No purchase was marked for an invoice, as one of them can't be (INV-4, PAY-14)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The request that this answers."""
    refusal: ServiceRefusal
    effective_on: date


class LinesUnmarked(Event):
    """An invoice bears these purchases no more (INV-3, INV-4).

    They can be changed again, unless deposit invoices bear parts of them.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The request by which they were marked."""
    lines: tuple[Id, ...]
    effective_on: date
