"""The bodies of requests: the domain's fields, with money as the API writes it."""

from typing import Annotated, Literal

from pydantic import Field

from carnet.dates import GivenInstant
from carnet.events.catalog import Kind, PeriodUnit
from carnet.http import Body, MoneyIn, PositiveMoneyIn
from carnet.ids import Id
from carnet.money import BasisPoints
from carnet.organisations import amount_in
from carnet.texts import Line, Paragraphs
from catalog.domain.fields import (
    ClientCreditFields,
    CourseFields,
    DetailFields,
    DiscountFields,
    Fields,
    FormatFields,
    GiftCardFields,
    GiftVoucherFields,
    ItemFields,
    Label,
    LicenceFields,
    MembershipFields,
    OnlinePlanFields,
    Periods,
    Rate,
    SessionPackFields,
    SubscriptionFields,
    TariffFields,
    WorkshopFields,
    WriteProduct,
)
from catalog.domain.organisations import WriteOrganisation


class OrganisationBody(Body, WriteOrganisation):
    """The profile of the organisation, whole."""


class ClockBody(Body):
    """The instant that the clock of a test organisation is to show (ORG-5)."""

    now: GivenInstant


class DiscountBody(Fields):
    """A discount: exactly one of a rate in basis points and an amount, and what it applies to (CAT-3, CON-7)."""

    kind: Literal["discount"]
    rate: Rate | None = None
    amount: PositiveMoneyIn | None = None
    kinds: Annotated[tuple[Kind, ...], Field(max_length=20)] = ()
    products: Annotated[tuple[Id, ...], Field(max_length=200)] = ()


class ClientCreditBody(Fields):
    """A client credit: what it is worth once granted (CRE-1)."""

    kind: Literal["client_credit"]
    value: PositiveMoneyIn


class GiftCardBody(Fields):
    """A gift card: bounds between which the buyer chooses what it is worth, the same if not (CAT-3).

    The prices of its tariffs, within the bounds, are what it is worth where the buyer chooses nothing else.
    """

    kind: Literal["gift_card"]
    minimum: PositiveMoneyIn
    maximum: PositiveMoneyIn


class SubscriptionBody(Fields):
    """A subscription: its period and its minimum term, the fee for cancelling it, whether it can be paused (CAT-3)."""

    kind: Literal["subscription"]
    unit: PeriodUnit = Field(description="What its period is counted in.")
    every: Annotated[int, Field(strict=True, ge=1, le=52)] = Field(
        default=1, description="How many weeks, months or years one period has: 52 weeks, 24 months, 5 years at most."
    )
    minimum: Periods = Field(default=1, description="How many periods are billed at least: the minimum term.")
    cancellation_fee: MoneyIn | None = Field(
        default=None, description="What cancelling it costs unless staff says otherwise, VAT included; nothing if null."
    )
    pausable: Annotated[bool, Field(strict=True)] = Field(default=False, description="Whether it can be paused.")


DetailsBody = Annotated[
    CourseFields
    | WorkshopFields
    | LicenceFields
    | MembershipFields
    | DiscountBody
    | ClientCreditBody
    | ItemFields
    | GiftVoucherFields
    | OnlinePlanFields
    | SessionPackFields
    | SubscriptionBody
    | GiftCardBody,
    Field(discriminator="kind"),
]


class TariffBody(Fields):
    """A price of a format, VAT included; with its id where it exists already."""

    id: Id | None = None
    name: Label
    price: MoneyIn


class FormatBody(Fields):
    """A way of buying the product; with its id where it exists already."""

    id: Id | None = None
    name: Label
    tariffs: Annotated[tuple[TariffBody, ...], Field(max_length=20)] = ()


class ProductBody(Body):
    """A product, whole. ``participant``: whether a purchase names the member that it is for (CAT-2)."""

    name: Line
    description: Paragraphs = ""
    vat_rate: BasisPoints = Field(description="In basis points: 2000 is 20 %.")
    participant: bool
    formats: Annotated[tuple[FormatBody, ...], Field(max_length=20)] = ()
    details: DetailsBody

    def written(self, currency: str) -> WriteProduct:
        """The command, its amounts in minor units; raises ``other-currency`` where one is not in ``currency``."""
        return WriteProduct(
            name=self.name,
            description=self.description,
            vat_rate=self.vat_rate,
            participant=self.participant,
            formats=tuple(_format(each, currency) for each in self.formats),
            details=_details(self.details, currency),
        )


def _format(body: FormatBody, currency: str) -> FormatFields:
    tariffs = tuple(
        TariffFields(id=each.id, name=each.name, price=amount_in(each.price, currency)) for each in body.tariffs
    )
    return FormatFields(id=body.id, name=body.name, tariffs=tariffs)


def _details(body: DetailsBody, currency: str) -> DetailFields:
    match body:
        case DiscountBody():
            amount = None if body.amount is None else amount_in(body.amount, currency)
            return DiscountFields(
                kind="discount", rate=body.rate, amount=amount, kinds=body.kinds, products=body.products
            )
        case ClientCreditBody():
            return ClientCreditFields(kind="client_credit", value=amount_in(body.value, currency))
        case GiftCardBody():
            minimum, maximum = amount_in(body.minimum, currency), amount_in(body.maximum, currency)
            return GiftCardFields(kind="gift_card", minimum=minimum, maximum=maximum)
        case SubscriptionBody():
            fee = 0 if body.cancellation_fee is None else amount_in(body.cancellation_fee, currency)
            return SubscriptionFields.model_validate({**body.model_dump(), "cancellation_fee": fee})
    return body
