"""The lines of contracts: added, edited, discounted, cancelled and deleted."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from carnet.events.base import Event, Part, Topic
from carnet.events.catalog import Details, Kind
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Amount, BasisPoints, Currency, SignedAmount


class Named(Part):
    """An id with the name it had when it was bought (CAT-4)."""

    id: Id
    name: str


class DiscountShare(Part):
    """What a discount takes off one line, fixed when it is placed (CON-7)."""

    line: Id
    amount: Amount


class Purchase(Part):
    """A line of a contract: a snapshot of what was bought (CAT-4). Prices in minor units, VAT included."""

    line: Id
    product: Id
    kind: Kind
    name: str
    format: Named | None = None
    tariff: Named | None = None
    participant: Id | None = None
    """The member that it is for."""
    beneficiary: Id | None = None
    """For a client credit: the account that it is granted to (CRE-1)."""
    price: Amount
    vat_rate: BasisPoints
    bought_on: date
    expires_on: date | None = None
    details: Details
    """The typed fields of the product when it was bought, without the lists that it may hold: occurrences of an
    activity, products that a discount names (CAT-6)."""
    list_price: Amount | None = None
    """The price of the tariff, where staff gave another one (CON-2)."""
    free: bool = False
    """True for a fee or an extra without a product in the catalog; ``product`` is then the line's own id (CON-2)."""
    first_day: date | None = None
    """Of an activity: the day of its first occurrence when it was bought, where there was one (CAT-6). Of a period of a
    subscription: its first day, on which it is due (CON-21)."""
    last_day: date | None = None
    """The last day, likewise; the next period of a subscription begins on the day after, unless it was paused."""
    recipient: Id | None = None
    """Of a gift voucher or a gift card: the person of the account to whom it is given; the owner where there is none
    (CRE-8)."""
    voucher: str | None = None
    """The last group of the code of the gift voucher that covers the line whole: it brings nothing to the total,
    whatever its price, and bears no discount (CRE-9)."""
    period: Annotated[int, Field(ge=1)] | None = None
    """Of a subscription: which of its periods this is, from 1, each once (CON-21)."""
    send_on: date | None = None
    """Of a gift voucher or a gift card: the day that the buyer chose for its mail; None: once its contract is paid
    (CRE-8)."""


class AddedPersonal(Part):
    """Why staff gave another price than the tariff's: kept in the journal, never published."""

    reason: str | None = None


class ProductAdded(Event):
    """A product was added to the contract (CON-2)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    purchase: Purchase
    personal: AddedPersonal | None = None


class DiscountPlaced(Event):
    """A discount was placed; each line's share is fixed from now on (CON-7)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    line: Id
    product: Id
    name: str
    amount: Amount
    shares: tuple[DiscountShare, ...]


class ProductCancelled(Event):
    """A line was cancelled (CON-6). ``amount`` is what the total loses by it: negative for a discount."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    line: Id
    product: Id
    kind: Kind
    name: str
    participant: Id | None = None
    amount: SignedAmount


class ProductDeleted(Event):
    """A line that was entered by mistake disappears from what people see; it stays in the journal (CON-12).

    It was cancelled before, or by the same change.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    line: Id
    product: Id
    kind: Kind
    name: str
    participant: Id | None = None


class PlanChanged(Event):
    """An online plan of a member was changed for another one (CON-19).

    The line that went and the one that came are published as ``ProductCancelled`` and ``ProductAdded`` of the same
    change, before this.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    participant: Id
    line_before: Id
    """The line of the plan that went."""
    product_before: Id
    """The plan that went."""
    name_before: str
    """Its name when it was bought."""
    line: Id
    """The line of the plan that came."""
    product: Id
    """The plan that came."""
    name: str


class EditedPersonal(Part):
    """The staff notes of a purchase: kept in the journal, never published."""

    notes: str | None = None


class ProductEdited(Event):
    """Staff edited a purchase (CON-11)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    line: Id
    product: Id
    kind: Kind
    name: str
    price_before: Amount
    price_after: Amount
    expires_on: date | None = None
    personal: EditedPersonal | None = None
    last_day: date | None = None
    """Of a period of a subscription that is cancelled within it and priced by its days, or that a pause moves: its last
    day from now on."""
    first_day: date | None = None
    """Of a period that a pause moves, or its lifting: its first day from now on, on which it is due (CON-18)."""
