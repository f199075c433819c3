"""What the fields of a product must be, by its kind (CAT-2, CAT-3)."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from carnet.refusals import invalid, unknown
from catalog.domain.fields import (
    CourseFields,
    DiscountFields,
    FormatFields,
    GiftCardFields,
    GiftVoucherFields,
    MembershipFields,
    OnlinePlanFields,
    SessionPackFields,
    SubscriptionFields,
    WorkshopFields,
    WriteProduct,
)

if TYPE_CHECKING:
    from catalog.domain.products import Product


def check(command: WriteProduct, loaded: Mapping[str, "Product"]) -> None:
    """Refuse fields that no product can have.

    Raises ``discount-has-no-format``, ``discount-rate-or-amount``, ``discount-on-discount``,
    ``unknown-product``, ``product-is-for-nobody``, ``occurrence-ends-before-it-starts``,
    ``membership-until-or-months``, ``plan-until-or-months``, ``plan-is-for-somebody``,
    ``pack-validity-twice``, ``pack-starts-without-period``,
    ``period-too-long``,
    ``voucher-of-no-activity``, ``card-bounds``, ``card-price``, ``name-twice`` and ``same-twice``.
    """
    details = command.details
    _check_details(command, loaded)
    if command.participant and details.kind in ("discount", "client_credit", "gift_voucher", "gift_card"):
        raise invalid(
            "product-is-for-nobody",
            f"A {details.kind.replace('_', ' ')} is for no participant. Send participant as false.",
            rule="CAT-2",
        )
    refuse_repeated((each.name for each in command.formats), "name-twice", "formats")
    for each in command.formats:
        refuse_repeated((tariff.name for tariff in each.tariffs), "name-twice", "tariffs")


def _check_details(command: WriteProduct, loaded: Mapping[str, "Product"]) -> None:
    match command.details:
        case DiscountFields() as details:
            _check_discount(details, command.formats, loaded)
        case GiftVoucherFields() as details:
            _check_voucher(details, loaded)
        case GiftCardFields() as details:
            _check_card(details, command.formats)
        case CourseFields() | WorkshopFields() as details:
            _check_occurrences(details)
        case MembershipFields() as details:
            _check_membership(details)
        case OnlinePlanFields() as details:
            _check_plan(details, participant=command.participant)
        case SessionPackFields() as details:
            _check_pack(details)
        case SubscriptionFields() as details:
            _check_period(details)
        case _:
            pass


def _check_membership(details: MembershipFields) -> None:
    if details.valid_until and details.months:
        raise invalid(
            "membership-until-or-months",
            "A membership is valid until a date or for a number of months. Send one of valid_until and months.",
            rule="CAT-3",
        )


def _check_discount(
    details: DiscountFields, formats: Collection[FormatFields], loaded: Mapping[str, "Product"]
) -> None:
    if formats:
        raise invalid(
            "discount-has-no-format",
            "A discount has no formats: its rate or amount is in its details. Leave formats out.",
            rule="CAT-3",
        )
    if (details.rate is None) == (details.amount is None):
        raise invalid(
            "discount-rate-or-amount",
            "A discount is a rate or an amount. Send exactly one of details.rate and details.amount.",
            rule="CAT-3",
        )
    refuse_repeated(details.kinds, "same-twice", "details.kinds")
    refuse_repeated(details.products, "same-twice", "details.products")
    _check_targets(details.products, loaded)
    aimed = {loaded[target].kind for target in details.products} | set(details.kinds)
    if "discount" in aimed:
        raise invalid(
            "discount-on-discount",
            "A discount applies to what is sold, never to a discount. Leave discounts out of kinds and products.",
            rule="CON-7",
        )


def _check_targets(targets: Iterable[str], loaded: Mapping[str, "Product"]) -> None:
    for target in targets:
        if target not in loaded:
            raise unknown("product", target)


def _check_voucher(details: GiftVoucherFields, loaded: Mapping[str, "Product"]) -> None:
    refuse_repeated(details.products, "same-twice", "details.products")
    _check_targets(details.products, loaded)
    for target in details.products:
        if loaded[target].kind in ("discount", "client_credit", "gift_voucher", "subscription", "gift_card"):
            raise invalid(
                "voucher-of-no-activity",
                f"A gift voucher is a right to an activity or a thing, and “{loaded[target].name}” is none. "
                "Leave it out of details.products, or sell a gift card.",
                rule="CRE-8",
                product=target,
            )


def _check_card(details: GiftCardFields, formats: Iterable[FormatFields]) -> None:
    if details.minimum > details.maximum:
        raise invalid(
            "card-bounds",
            "The least that a gift card can be worth is above the most. Send details.minimum and details.maximum in "
            "order.",
            rule="CAT-3",
        )
    for each in formats:
        for tariff in each.tariffs:
            if not details.minimum <= tariff.price <= details.maximum:
                raise invalid(
                    "card-price",
                    f"“{tariff.name}” is what a gift card is worth where the buyer chooses nothing else. Give it a "
                    "price between details.minimum and details.maximum.",
                    rule="CAT-3",
                    price=tariff.price,
                    minimum=details.minimum,
                    maximum=details.maximum,
                )


def _check_plan(details: OnlinePlanFields, *, participant: bool) -> None:
    if details.valid_until and details.months:
        raise invalid(
            "plan-until-or-months",
            "An online plan is valid until a date or for a number of months. Send one of valid_until and months.",
            rule="CAT-3",
        )
    if not participant:
        raise invalid(
            "plan-is-for-somebody",
            "An online plan opens its courses to one member. Send participant as true.",
            rule="CAT-2",
        )
    refuse_repeated(details.courses, "same-twice", "details.courses")


def _check_pack(details: SessionPackFields) -> None:
    ends = [end for end in (details.valid_until, details.days, details.months) if end is not None]
    if len(ends) > 1:
        raise invalid(
            "pack-validity-twice",
            "A session pack is valid until a date, or for a number of days, or of months. Send one of valid_until, "
            "days and months, or none if it has no end.",
            rule="CAT-3",
        )
    if details.starts == "first_use" and details.days is None and details.months is None:
        raise invalid(
            "pack-starts-without-period",
            "What starts at the first use is a number of days or months. Send details.days or details.months, or "
            "starts as purchase.",
            rule="CAT-3",
        )


_LONGEST_PERIOD = {"week": 52, "month": 24, "year": 5}


def _check_period(details: SubscriptionFields) -> None:
    longest = _LONGEST_PERIOD[details.unit]
    if details.every > longest:
        raise invalid(
            "period-too-long",
            f"A period has at most {longest} {details.unit}s. Write a shorter one in details.every.",
            rule="CAT-3",
            unit=details.unit,
            every=details.every,
            most=longest,
        )


def _check_occurrences(details: CourseFields | WorkshopFields) -> None:
    for occurrence in details.occurrences:
        if occurrence.ends <= occurrence.starts:
            raise invalid(
                "occurrence-ends-before-it-starts",
                f"The occurrence on {occurrence.on} from {occurrence.starts} must end after that, the same day.",
                rule="CAT-3",
                on=occurrence.on.isoformat(),
            )
    starts = (f"{each.on} {each.starts}" for each in details.occurrences)
    refuse_repeated(starts, "same-twice", "details.occurrences")


def refuse_repeated(values: Iterable[str], slug: str, where: str) -> None:
    """Refuse a value that is twice in a list that the field ``where`` has."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise invalid(slug, f"The same value is twice in {where}. Send each one once.", rule="CAT-2", where=where)
        seen.add(value)
