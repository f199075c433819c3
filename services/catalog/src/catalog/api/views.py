"""The bodies of answers."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field

from carnet.events.catalog import (
    ClientCreditDetails,
    Contact,
    CourseDetails,
    Details,
    DiscountDetails,
    GiftCardDetails,
    GiftVoucherDetails,
    ItemDetails,
    Kind,
    Language,
    LicenceDetails,
    MembershipDetails,
    OnlinePlanDetails,
    PeriodUnit,
    SessionPackDetails,
    SubscriptionDetails,
    WorkshopDetails,
)
from carnet.money import Money
from carnet.tolerance import Tolerant
from catalog.domain.organisations import Organisation
from catalog.domain.products import Product, Status, occurrences_on


class OrganisationView(Tolerant):
    """The profile of the organisation."""

    id: str
    name: str
    currency: str
    time_zone: str
    languages: list[Language]
    contact: Contact
    support_email: str
    mode: Literal["live", "test"]
    clock_ahead: int = Field(description="How many seconds the clock of a test organisation is ahead.")
    access_late_days: int | None = Field(
        description="After how many days late a payment withdraws the access to online courses, until it is paid; "
        "null: never (CON-20)."
    )
    renewal_notice_days: int | None = Field(
        description="How many days before a subscription renews its client is informed; null: never (CON-21)."
    )
    today: date = Field(description="The organisation's date, by its time zone and clock, when this was answered.")
    version: int

    @classmethod
    def of(cls, organisation: Organisation, today: date) -> Self:
        """The view of a profile."""
        return cls(today=today, **organisation.model_dump(exclude={"organisation"}))


class DiscountView(Tolerant):
    """A discount: a rate in basis points or an amount, and what it applies to; to everything where both are empty."""

    kind: Literal["discount"]
    rate: int | None
    amount: Money | None
    kinds: list[Kind]
    products: list[str]


class ClientCreditView(Tolerant):
    """A client credit and what it is worth."""

    kind: Literal["client_credit"]
    value: Money


class GiftCardView(Tolerant):
    """A gift card: the bounds between which the buyer chooses what it is worth."""

    kind: Literal["gift_card"]
    minimum: Money
    maximum: Money


class SubscriptionView(Tolerant):
    """A subscription: its period and its minimum term, what cancelling it costs, and whether it can be paused."""

    kind: Literal["subscription"]
    unit: PeriodUnit = Field(description="What its period is counted in.")
    every: int = Field(description="How many weeks, months or years one period has.")
    minimum: int = Field(description="How many periods are billed at least: the minimum term.")
    cancellation_fee: Money = Field(description="What cancelling it costs unless staff says otherwise, VAT included.")
    pausable: bool = Field(description="Whether it can be paused.")


DetailsView = Annotated[
    CourseDetails
    | WorkshopDetails
    | LicenceDetails
    | MembershipDetails
    | DiscountView
    | ClientCreditView
    | ItemDetails
    | GiftVoucherDetails
    | OnlinePlanDetails
    | SessionPackDetails
    | SubscriptionView
    | GiftCardView,
    Field(discriminator="kind"),
]


class TariffView(Tolerant):
    """A price of a format, VAT included."""

    id: str
    name: str
    price: Money


class FormatView(Tolerant):
    """A way of buying the product."""

    id: str
    name: str
    tariffs: list[TariffView]


class OccurrenceView(Tolerant):
    """A sitting of an activity on the day that was asked for, in the organisation's time zone (CAT-6)."""

    id: str = Field(description="What a session of a pack is taken for: the same while its day and start are.")
    starts: str = Field(description="When it starts, `HH:MM`.")
    ends: str = Field(description="When it ends, `HH:MM`.")


class ActivityView(Tolerant):
    """An activity with its occurrences on a day, by the hour at which they start."""

    product: str
    name: str
    occurrences: list[OccurrenceView]

    @classmethod
    def of(cls, product: Product, day: date) -> Self:
        """The view of an activity on a day."""
        found = [
            OccurrenceView(id=id_, starts=each.starts, ends=each.ends) for id_, each in occurrences_on(product, day)
        ]
        return cls(product=product.id, name=product.name, occurrences=found)


class ProductView(Tolerant):
    """A product as it is."""

    id: str
    name: str
    description: str
    status: Status
    vat_rate: int = Field(description="In basis points: 2000 is 20 %.")
    participant: bool
    formats: list[FormatView]
    details: DetailsView
    version: int

    @classmethod
    def of(cls, product: Product, currency: str) -> Self:
        """The view of a product of an organisation that counts in ``currency``."""
        formats = [
            FormatView(
                id=each.id,
                name=each.name,
                tariffs=[
                    TariffView(id=tariff.id, name=tariff.name, price=Money(amount=tariff.price, currency=currency))
                    for tariff in each.tariffs
                ],
            )
            for each in product.formats
        ]
        return cls(
            id=product.id,
            name=product.name,
            description=product.description,
            status=product.status,
            vat_rate=product.vat_rate,
            participant=product.participant,
            formats=formats,
            details=_details(product.details, currency),
            version=product.version,
        )


def _details(details: Details, currency: str) -> DetailsView:
    match details:
        case DiscountDetails():
            return DiscountView(
                kind="discount",
                rate=details.rate,
                amount=None if details.amount is None else Money(amount=details.amount, currency=currency),
                kinds=list(details.kinds),
                products=list(details.products),
            )
        case ClientCreditDetails():
            return ClientCreditView(kind="client_credit", value=Money(amount=details.value, currency=currency))
        case GiftCardDetails():
            minimum = Money(amount=details.minimum, currency=currency)
            maximum = Money(amount=details.maximum, currency=currency)
            return GiftCardView(kind="gift_card", minimum=minimum, maximum=maximum)
        case SubscriptionDetails():
            fee = Money(amount=details.cancellation_fee, currency=currency)
            return SubscriptionView.model_validate({**details.model_dump(), "cancellation_fee": fee})
    return details
