"""What contracts publishes: client accounts (state) and what happens to contracts (facts)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events import access, subscriptions
from carnet.events.base import Event, Part, ServiceRefusal, Topic
from carnet.events.catalog import Details, Kind, Language
from carnet.ids import Id
from carnet.money import Amount, BasisPoints, Currency, PositiveAmount, SignedAmount

CONTRACTS = subscriptions.CONTRACTS
ACCOUNTS = Topic("contracts.accounts", "state", personal=True)

Mode = Literal["online", "on_site"]


class AtOnce(Part):
    """Paid at once: one instalment on the day of the sale (PAY-7)."""

    start: Literal["at_once"] = "at_once"


class Instalments(Part):
    """Paid by monthly instalments; the first date gives the schedule its day (PAY-7, MON-3)."""

    start: Literal["instalments"] = "instalments"
    count: Annotated[int, Field(ge=1, le=60)]
    first_due: date | None = None
    """The first date; the day of the sale where it is left out."""


class Deposit(Part):
    """A deposit due on the day of the sale, fixed, then monthly instalments on the rest (PAY-7)."""

    start: Literal["deposit"] = "deposit"
    deposit: PositiveAmount
    count: Annotated[int, Field(ge=1, le=60)]
    first_due: date | None = None
    """The first date after the deposit; one month after the sale where it is left out."""


class Later(Part):
    """To be put on dates later: everything is unscheduled (PAY-7)."""

    start: Literal["later"] = "later"


class OnSite(Part):
    """To be paid on site: everything is unscheduled (PAY-7)."""

    start: Literal["on_site"] = "on_site"


Sale = Annotated[AtOnce | Instalments | Deposit | Later | OnSite, Field(discriminator="start")]
"""How the schedule of a contract starts (PAY-7)."""


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


class AddedPersonal(Part):
    """Why staff gave another price than the tariff's: kept in the journal, never published."""

    reason: str | None = None


class DatedCharge(Part):
    """A charge with a date of its own: an instalment tied to its line, such as a subscription's period (PAY-15)."""

    line: Id
    amount: PositiveAmount
    """What the line brings to the total, in minor units: its price less the discount shares that it bears."""
    due: date
    """In the organisation's time zone."""


class ContractTerms(Part):
    """What a contract says to its payment schedule: nothing else of it moves the schedule (PAY-2, PAY-15)."""

    total: Amount
    """The sum of its live lines, in minor units, the dated charges among them."""
    live_lines: int
    version: int
    """The version of the contract that these are the terms of."""
    charges: tuple[DatedCharge, ...] = ()
    """The live lines that are due on dates of their own; at most one for each line."""
    cards: Amount = 0
    """What of the total sells gift cards: no gift card pays that (CRE-8)."""


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

    @property
    def agreed(self) -> ContractTerms:
        """The terms; of an event that has none, made of its other fields."""
        return self.terms or ContractTerms(total=self.total, live_lines=self.live_lines, version=self.version)


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


class CreditRemovalRequested(Event):
    """A change would cancel lines that sold credits, vouchers or packs, or lower what credits bring (CRE-4, CON-8).

    It is pending until credits has answered: all credits of ``lines`` are removed and none of ``lowered`` exists, or
    the change is refused whole.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the change that is pending."""
    lines: tuple[Id, ...]
    """The lines whose credits, vouchers and packs are to be removed, all or none."""
    effective_on: date
    lowered: tuple[Id, ...] = ()
    """The lines that stay and would bring less, by a lower price or a discount: their credits may not exist yet."""
    with_fee: bool = False
    """Whether the change adds a fee: with one, session packs that were used are removed too (CON-8)."""


class Redemption(Part):
    """A line that a gift voucher is to cover."""

    line: Id
    product: Id
    """What is bought by the line: the voucher has to name it."""
    code: str
    """The SHA-256 digest of the organisation and the code, in hexadecimal: the code itself is not published here."""


class VoucherRedemptionRequested(Event):
    """An opening or a change would have gift vouchers cover some of its lines (CRE-9).

    It is pending until credits has answered: all of them are redeemed, or it is refused whole.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that is pending."""
    redemptions: tuple[Redemption, ...]
    effective_on: date


class VoucherRedemptionWithdrawn(Event):
    """The opening or the change was refused by another service: the vouchers of its lines are as they were (CRE-9)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that was pending."""
    lines: tuple[Id, ...]
    effective_on: date


class ChangeRefused(Event):
    """Credits refused what a pending change needs: the change is not made (CRE-5)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the change that was pending."""
    credit: Id
    """The credit that stands in the way."""
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

    It is published for every cause; if a client credit stands in the way, ``ChangeRefused`` comes before it.
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


class MarkedDiscount(Part):
    """What a discount takes off a line that was marked, with the name that the discount had."""

    name: str
    amount: Amount


class MarkedLine(Part):
    """A purchase as an invoice is to show it."""

    purchase: Purchase
    discounts: tuple[MarkedDiscount, ...] = ()
    net: PositiveAmount
    """The price less its discounts, in minor units, VAT included."""


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
    """No live invoice bears these purchases any more: they can be changed again (INV-3, INV-4)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The request by which they were marked."""
    lines: tuple[Id, ...]
    effective_on: date


class MemberPersonal(Part):
    """The personal part of a member."""

    id: Id
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    notes: str | None = None


class AccountPersonal(Part):
    """The personal part of an account: what erasing a person removes (ORG-4)."""

    members: tuple[MemberPersonal, ...] = ()
    notes: str | None = None


class Member(Part):
    """A member of an account without anything personal."""

    id: Id
    kind: Literal["adult", "child", "contact"]
    tags: tuple[str, ...] = ()
    erased: bool = False


class AccountChanged(Event):
    """The account as it now is (CON-13)."""

    topic: ClassVar[Topic] = ACCOUNTS

    account: Id
    owner: Id
    language: Language
    tags: tuple[str, ...] = ()
    members: tuple[Member, ...]
    personal: AccountPersonal | None = None
    number: str | None = None
    """The number that people say, such as ``2027-0042`` (CON-27); None if it was opened before there were any."""


class AccountErased(Event):
    """Every person of the account was erased: the record is a tombstone."""

    topic: ClassVar[Topic] = ACCOUNTS
    tombstone: ClassVar[bool] = True


EVENTS: tuple[type[Event], ...] = (
    ContractOpened,
    ProductAdded,
    DiscountPlaced,
    ProductCancelled,
    ProductDeleted,
    ProductEdited,
    PlanChanged,
    ContractChanged,
    ContractCancelled,
    CreditRemovalRequested,
    VoucherRedemptionRequested,
    VoucherRedemptionWithdrawn,
    ChangeRefused,
    ConfirmationRefused,
    LinesMarked,
    MarkRefused,
    LinesUnmarked,
    AccountChanged,
    AccountErased,
    *subscriptions.EVENTS,
    *access.EVENTS,
)
