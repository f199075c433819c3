"""A product as staff writes it: the fields of each kind, formats and tariffs, within their limits.

The limits keep the largest product well inside the 256 KB of an event.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from carnet.dates import Day
from carnet.events.access import CourseId
from carnet.events.catalog import Details, Kind, PeriodUnit
from carnet.ids import Id
from carnet.money import Amount, BasisPoints, PositiveAmount
from carnet.plans import AccessFields
from carnet.texts import Line, Paragraphs

Label = Annotated[Line, Field(max_length=80)]
"""The name of a format or tariff."""

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A local time, ``HH:MM``."""

Capacity = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Rate = Annotated[BasisPoints, Field(ge=1)]


class Fields(BaseModel):
    """The fields of a request; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OccurrenceFields(Fields):
    """One sitting of a course or workshop: a date and local times."""

    on: Day
    starts: TimeOfDay
    ends: TimeOfDay


Occurrences = Annotated[tuple[OccurrenceFields, ...], Field(max_length=400)]


class CourseFields(Fields):
    """A course: its occurrences and its capacity, None if it is unlimited (CAT-3)."""

    kind: Literal["course"]
    occurrences: Occurrences = ()
    capacity: Capacity | None = None


class WorkshopFields(Fields):
    """A workshop: its occurrences and its capacity, None if it is unlimited (CAT-3)."""

    kind: Literal["workshop"]
    occurrences: Occurrences = ()
    capacity: Capacity | None = None


class LicenceFields(Fields):
    """A licence of a federation and the last day on which it is valid."""

    kind: Literal["licence"]
    federation: Line | None = None
    valid_until: Day | None = None


class MembershipFields(Fields):
    """A membership: valid until a date, or for 1 to 120 months from its purchase, or without an end."""

    kind: Literal["membership"]
    valid_until: Day | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None


class DiscountFields(Fields):
    """A discount: a rate in basis points or an amount in minor units, and what it applies to (CAT-3, CON-7)."""

    kind: Literal["discount"]
    rate: Rate | None = None
    amount: PositiveAmount | None = None
    kinds: Annotated[tuple[Kind, ...], Field(max_length=20)] = ()
    products: Annotated[tuple[Id, ...], Field(max_length=200)] = ()


class ClientCreditFields(Fields):
    """A client credit: what it is worth once granted, in minor units (CRE-1)."""

    kind: Literal["client_credit"]
    value: PositiveAmount


class GiftVoucherFields(Fields):
    """A gift voucher: the products that it is a right to, one of them (CRE-8)."""

    kind: Literal["gift_voucher"]
    products: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]


class GiftCardFields(Fields):
    """A gift card: the bounds of its amount, in minor units; the same where it is not to be chosen (CAT-3)."""

    kind: Literal["gift_card"]
    minimum: PositiveAmount
    maximum: PositiveAmount


class OnlinePlanFields(Fields):
    """An online plan: the courses that it opens, how, and until when; without an end if none is given (CAT-3)."""

    kind: Literal["online_plan"]
    courses: Annotated[
        tuple[CourseId, ...],
        Field(min_length=1, max_length=20, description="The courses that it opens, as their platform names them."),
    ]
    settings: AccessFields = Field(default=AccessFields(), description="What the access to each of them is.")
    valid_until: Day | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None


class SessionPackFields(Fields):
    """A session pack: how many sessions, unlimited where left out; until when, or for how long, it is valid (CAT-3).

    One that is for a participant is that member's; the others are shared by the family.
    """

    kind: Literal["session_pack"]
    sessions: Annotated[int, Field(strict=True, ge=1, le=1_000)] | None = None
    valid_until: Day | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=3_660)] | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None
    starts: Literal["purchase", "first_use"] = "purchase"
    usable: Literal["at_once", "paid"] = "paid"


class ItemFields(Fields):
    """An item that is handed over."""

    kind: Literal["item"]
    reference: Line | None = None


Periods = Annotated[int, Field(strict=True, ge=1, le=60)]


class SubscriptionFields(Fields):
    """A subscription: its period, at most 52 weeks, 24 months or 5 years, and its minimum term in periods (CAT-3)."""

    kind: Literal["subscription"]
    unit: PeriodUnit
    every: Annotated[int, Field(strict=True, ge=1, le=52)] = 1
    minimum: Periods = 1
    cancellation_fee: Amount = 0
    pausable: Annotated[bool, Field(strict=True)] = False


DetailFields = Annotated[
    CourseFields
    | WorkshopFields
    | LicenceFields
    | MembershipFields
    | DiscountFields
    | ClientCreditFields
    | ItemFields
    | GiftVoucherFields
    | OnlinePlanFields
    | SessionPackFields
    | SubscriptionFields
    | GiftCardFields,
    Field(discriminator="kind"),
]
"""The typed fields of a product by its kind, as staff writes them."""


class TariffFields(Fields):
    """A price of a format in minor units, VAT included; with its id where it exists already."""

    id: Id | None = None
    name: Label
    price: Amount


class FormatFields(Fields):
    """A way of buying the product; with its id where it exists already."""

    id: Id | None = None
    name: Label
    tariffs: Annotated[tuple[TariffFields, ...], Field(max_length=20)] = ()


class WriteProduct(Fields):
    """A product as staff writes it, whole. Prices include VAT (MON-4); ``vat_rate`` is in basis points."""

    name: Line
    description: Paragraphs = ""
    vat_rate: BasisPoints
    participant: Annotated[bool, Field(strict=True)]
    formats: Annotated[tuple[FormatFields, ...], Field(max_length=20)] = ()
    details: DetailFields


class _Kept(BaseModel):
    details: Details


def kept(details: DetailFields) -> Details:
    """The details as the product stores and publishes them."""
    return _Kept.model_validate({"details": details.model_dump()}).details
