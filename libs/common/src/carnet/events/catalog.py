"""What the catalog publishes: the full state of an organisation and of each product."""

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.dates import TimeZone, last_day_of
from carnet.events.access import AccessSettings, CourseId
from carnet.events.base import Event, Part, Topic
from carnet.ids import Id
from carnet.money import Amount, BasisPoints, Currency, PositiveAmount

ORGANISATIONS = Topic("catalog.organisations", "state")
PRODUCTS = Topic("catalog.products", "state")

Language = Literal["en", "fr"]
Kind = Literal[
    "course",
    "workshop",
    "licence",
    "membership",
    "discount",
    "client_credit",
    "item",
    "gift_voucher",
    "online_plan",
    "session_pack",
    "subscription",
    "gift_card",
]
"""The kinds of product (CAT-1)."""


class Contact(Part):
    """How the public reaches the organisation."""

    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: str | None = None


class Occurrence(Part):
    """One sitting of a course or workshop: a date and local times ``HH:MM``."""

    on: date
    starts: str
    ends: str


class CourseDetails(Part):
    """A course: its occurrences and how many it takes (CAT-3)."""

    kind: Literal["course"] = "course"
    occurrences: tuple[Occurrence, ...] = ()
    capacity: int | None = None


class WorkshopDetails(Part):
    """A workshop: its occurrences and how many it takes (CAT-3)."""

    kind: Literal["workshop"] = "workshop"
    occurrences: tuple[Occurrence, ...] = ()
    capacity: int | None = None


class LicenceDetails(Part):
    """A licence of a federation and the last day on which it is valid."""

    kind: Literal["licence"] = "licence"
    federation: str | None = None
    valid_until: date | None = None


class MembershipDetails(Part):
    """A membership: valid until a date, or for a number of months from its purchase."""

    kind: Literal["membership"] = "membership"
    valid_until: date | None = None
    months: int | None = None


class DiscountDetails(Part):
    """A discount: a rate in basis points or an amount, and what it applies to (CAT-3, CON-7).

    It applies to a line whose kind is in ``kinds`` or whose product is in ``products``; both
    empty means to every line that is not itself a discount.
    """

    kind: Literal["discount"] = "discount"
    rate: BasisPoints | None = None
    amount: PositiveAmount | None = None
    kinds: tuple[Kind, ...] = ()
    products: tuple[Id, ...] = ()


class ClientCreditDetails(Part):
    """A client credit: what it is worth once granted, in minor units (CRE-1)."""

    kind: Literal["client_credit"] = "client_credit"
    value: PositiveAmount


class GiftVoucherDetails(Part):
    """A gift voucher: the products that it is a right to, one of them, whatever its price (CRE-8, CRE-9)."""

    kind: Literal["gift_voucher"] = "gift_voucher"
    products: tuple[Id, ...]


class GiftCardDetails(Part):
    """A gift card: bounds between which the buyer chooses what it is worth, in minor units (CAT-3, CRE-8).

    They are the same where its worth is not to be chosen.
    """

    kind: Literal["gift_card"] = "gift_card"
    minimum: PositiveAmount
    maximum: PositiveAmount
    value: PositiveAmount | None = None
    """Of a purchase: what the card is worth. None of a product, which has bounds only."""


class OnlinePlanDetails(Part):
    """An online plan: the courses that it opens on a platform, how, and until when (CAT-3, CON-20)."""

    kind: Literal["online_plan"] = "online_plan"
    courses: tuple[CourseId, ...]
    """The courses that it opens, as the platform that runs them names them."""
    settings: AccessSettings = AccessSettings()
    """What the access to each of them is."""
    valid_until: date | None = None
    months: int | None = None


class SessionPackDetails(Part):
    """A session pack, a pass: how many sessions, how long it is valid, from when it can be used (CAT-3, CRE-10).

    One whose purchase names a participant is for that member; the others are shared by the family. It has no end
    where none of ``valid_until``, ``days`` and ``months`` is given.
    """

    kind: Literal["session_pack"] = "session_pack"
    sessions: int | None = None
    """None if they are unlimited."""
    valid_until: date | None = None
    """Its last day."""
    days: int | None = None
    """For how many days it is valid, the first one included."""
    months: int | None = None
    starts: Literal["purchase", "first_use"] = "purchase"
    """The first of these days or months: that of the purchase, or that of the first session."""
    usable: Literal["at_once", "paid"] = "paid"
    """At once, or once the contract is paid."""

    def last_day_from(self, first: date) -> date | None:
        """The last day where its days or months begin on ``first``; ``valid_until`` where it has none of these."""
        if self.days is not None:
            return first + timedelta(days=self.days - 1)
        return self.valid_until if self.months is None else last_day_of(first, self.months)


class ItemDetails(Part):
    """An item that is handed over: a costume, a book."""

    kind: Literal["item"] = "item"
    reference: str | None = None


PeriodUnit = Literal["week", "month", "year"]
"""What the period of a subscription is counted in."""


class SubscriptionDetails(Part):
    """A subscription: billed period by period, without an end until it is cancelled (CAT-3, CON-21)."""

    kind: Literal["subscription"] = "subscription"
    unit: PeriodUnit
    """What its period is counted in."""
    every: int
    """How many weeks, months or years one period has."""
    minimum: int
    """How many periods are billed at least: the minimum term."""
    cancellation_fee: Amount = 0
    """What cancelling it costs unless staff says otherwise, in minor units, VAT included (CON-17)."""
    pausable: bool = False
    """True if it can be paused (CON-18)."""


Details = Annotated[
    CourseDetails
    | WorkshopDetails
    | LicenceDetails
    | MembershipDetails
    | DiscountDetails
    | ClientCreditDetails
    | ItemDetails
    | GiftVoucherDetails
    | OnlinePlanDetails
    | SessionPackDetails
    | SubscriptionDetails
    | GiftCardDetails,
    Field(discriminator="kind"),
]
"""The typed fields of a product by its kind."""


class Tariff(Part):
    """A price of a format, VAT included (MON-4), in minor units."""

    id: Id
    name: str
    price: Amount


class Format(Part):
    """A way of buying a product, with one or more tariffs (CAT-2)."""

    id: Id
    name: str
    tariffs: tuple[Tariff, ...]


class OrganisationChanged(Event):
    """The organisation as it now is."""

    topic: ClassVar[Topic] = ORGANISATIONS

    organisation: Id
    name: str
    currency: Currency
    time_zone: TimeZone
    languages: tuple[Language, ...]
    contact: Contact
    support_email: str
    mode: Literal["live", "test"]
    clock_ahead: int = 0
    """How many seconds the clock of a test organisation is ahead (ORG-5)."""
    access_late_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """After how many days late a payment withdraws the access to online courses, until it is paid; null: never
    (CON-20)."""
    renewal_notice_days: Annotated[int, Field(ge=1, le=180)] | None = None
    """How many days before a subscription renews its client is informed; null: never (CON-21)."""


class ProductChanged(Event):
    """The product as it now is. A discount has no formats; its worth is in its details."""

    topic: ClassVar[Topic] = PRODUCTS

    product: Id
    name: str
    description: str = ""
    status: Literal["draft", "on_sale", "archived"]
    vat_rate: BasisPoints
    participant: bool
    """True where a purchase names the member that it is for (CAT-2)."""
    formats: tuple[Format, ...] = ()
    details: Details


EVENTS: tuple[type[Event], ...] = (OrganisationChanged, ProductChanged)
