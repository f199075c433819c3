"""A product: drafted, put on sale, archived (CAT-1 to 5).

A product on sale can still be edited: a purchase keeps its own snapshot (CAT-4). An archived
product can never be edited or sold again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from pydantic import computed_field

from carnet.decisions import Context, Decision, State
from carnet.events.catalog import (
    Details,
    DiscountDetails,
    Format,
    ItemDetails,
    Kind,
    LicenceDetails,
    ProductChanged,
    Tariff,
)
from carnet.money import BasisPoints
from carnet.refusals import conflict, invalid, unknown
from carnet.search import folded, words
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
    TariffFields,
    WorkshopFields,
    WriteProduct,
    kept,
)

Status = Literal["draft", "on_sale", "archived"]


class Product(State):
    """A product of an organisation. Prices in minor units, VAT included (MON-4)."""

    name: str
    description: str = ""
    status: Status = "draft"
    vat_rate: BasisPoints
    participant: bool
    formats: tuple[Format, ...] = ()
    details: Details

    @property
    def kind(self) -> Kind:
        """The kind of the product, which never changes."""
        return self.details.kind

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated property
    @property
    def sort_name(self) -> str:
        """The name by which lists are sorted."""
        return folded(self.name)

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated property
    @property
    def words(self) -> tuple[str, ...]:
        """The words that searches find: those of its name, reference, federation, formats and description."""
        own = self.details.reference if isinstance(self.details, ItemDetails) else None
        federation = self.details.federation if isinstance(self.details, LicenceDetails) else None
        return words([self.name, own, federation, *(each.name for each in self.formats), self.description])


def targets(command: WriteProduct) -> tuple[str, ...]:
    """The ids of the products to which the command refers; the decision needs them loaded."""
    return command.details.products if isinstance(command.details, DiscountFields | GiftVoucherFields) else ()


def draft_product(
    command: WriteProduct, loaded: Mapping[str, Product], product_id: str, organisation: str, context: Context
) -> Decision[Product]:
    """Make a new product, a draft (CAT-5).

    ``loaded`` has those of the organisation's products that ``targets`` names. Raises the
    refusals of ``_check``.
    """
    _check(command, loaded)
    product = Product(
        id=product_id,
        organisation=organisation,
        formats=_formats(command.formats, (), context),
        details=kept(command.details),
        **_plain(command),
    )
    return _changed(product)


def edit_product(
    product: Product, command: WriteProduct, loaded: Mapping[str, Product], context: Context
) -> Decision[Product]:
    """Replace the product's fields, as a draft or on sale; running contracts keep what they bought (CAT-4).

    Raises ``product-archived``, ``kind-is-for-ever``, the refusals of ``_check`` and, if the product
    is on sale, those of a product that cannot be sold.
    """
    _refuse_archived(product)
    if command.details.kind != product.kind:
        raise conflict(
            "kind-is-for-ever",
            f"The product is a {product.kind} and stays so. Make another product of the other kind.",
            rule="CAT-1",
            product=product.id,
            present=product.kind,
        )
    _check(command, loaded)
    formats = _formats(command.formats, product.formats, context)
    details = kept(command.details).keeping(product.details)
    after = product.model_copy(update={"formats": formats, "details": details, **_plain(command)})
    if after.status == "on_sale":
        _check_saleable(after)
    return Decision(after) if after == product else _changed(after)


def put_on_sale(product: Product) -> Decision[Product]:
    """Put a draft on sale (CAT-5).

    Raises ``product-archived``, ``product-on-sale`` and the refusals of a product that cannot be sold.
    """
    _refuse_archived(product)
    if product.status == "on_sale":
        raise conflict("product-on-sale", "The product is on sale already.", rule="CAT-5", product=product.id)
    _check_saleable(product)
    return _changed(product.model_copy(update={"status": "on_sale"}))


def archive_product(product: Product) -> Decision[Product]:
    """Archive a draft or a product on sale; this cannot be undone (CAT-5). Raises ``product-archived``."""
    _refuse_archived(product)
    return _changed(product.model_copy(update={"status": "archived"}))


def _refuse_archived(product: Product) -> None:
    if product.status == "archived":
        raise conflict(
            "product-archived",
            "The product is archived and cannot be changed or sold any more. Make a new product instead.",
            rule="CAT-5",
            product=product.id,
        )


def _check(command: WriteProduct, loaded: Mapping[str, Product]) -> None:
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
    _refuse_repeated((each.name for each in command.formats), "name-twice", "formats")
    for each in command.formats:
        _refuse_repeated((tariff.name for tariff in each.tariffs), "name-twice", "tariffs")


def _check_details(command: WriteProduct, loaded: Mapping[str, Product]) -> None:
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


def _check_discount(details: DiscountFields, formats: Collection[FormatFields], loaded: Mapping[str, Product]) -> None:
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
    _refuse_repeated(details.kinds, "same-twice", "details.kinds")
    _refuse_repeated(details.products, "same-twice", "details.products")
    _check_targets(details.products, loaded)
    aimed = {loaded[target].kind for target in details.products} | set(details.kinds)
    if "discount" in aimed:
        raise invalid(
            "discount-on-discount",
            "A discount applies to what is sold, never to a discount. Leave discounts out of kinds and products.",
            rule="CON-7",
        )


def _check_targets(targets: Iterable[str], loaded: Mapping[str, Product]) -> None:
    for target in targets:
        if target not in loaded:
            raise unknown("product", target)


def _check_voucher(details: GiftVoucherFields, loaded: Mapping[str, Product]) -> None:
    _refuse_repeated(details.products, "same-twice", "details.products")
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
    _refuse_repeated(details.courses, "same-twice", "details.courses")


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
    _refuse_repeated(starts, "same-twice", "details.occurrences")


def _check_saleable(product: Product) -> None:
    """Refuse a product that nobody could buy: without a format, or with a format that has no tariff (CAT-2)."""
    if isinstance(product.details, DiscountDetails):
        return
    if not product.formats:
        raise conflict(
            "product-has-no-format",
            "A product on sale needs a format with a tariff. Give it one first.",
            rule="CAT-2",
            product=product.id,
        )
    for each in product.formats:
        if not each.tariffs:
            raise conflict(
                "format-has-no-tariff",
                "Each format of a product on sale needs a tariff. Give it one or remove the format.",
                rule="CAT-2",
                product=product.id,
                format=each.id,
            )


def _formats(written: Iterable[FormatFields], present: Iterable[Format], context: Context) -> tuple[Format, ...]:
    """Keep the ids of existing formats and tariffs and give ids to new ones, so that purchases can name them."""
    known = {each.id: each for each in present}
    formats = tuple(_format(each, known, context) for each in written)
    _refuse_repeated((each.id for each in formats), "same-twice", "formats")
    return formats


def _format(written: FormatFields, known: Mapping[str, Format], context: Context) -> Format:
    format_id = _given(written.id, known, "format") or context.new_id()
    present = known.get(format_id)
    prices = {each.id: each for each in present.tariffs} if present else {}
    tariffs = tuple(_tariff(each, prices, context) for each in written.tariffs)
    _refuse_repeated((each.id for each in tariffs), "same-twice", "tariffs")
    return Format(id=format_id, name=written.name, tariffs=tariffs).keeping(present)


def _tariff(written: TariffFields, known: Mapping[str, Tariff], context: Context) -> Tariff:
    tariff_id = _given(written.id, known, "tariff") or context.new_id()
    return Tariff(id=tariff_id, name=written.name, price=written.price).keeping(known.get(tariff_id))


def _given(given: str | None, known: Collection[str], what: str) -> str | None:
    if given is not None and given not in known:
        raise invalid(
            f"unknown-{what}",
            f"The product has no {what} {given}. Leave the id out to make a new one.",
            rule="CAT-2",
            id=given,
        )
    return given


def _refuse_repeated(values: Iterable[str], slug: str, where: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise invalid(slug, f"The same value is twice in {where}. Send each one once.", rule="CAT-2", where=where)
        seen.add(value)


def _plain(command: WriteProduct) -> dict[str, Any]:
    return {
        "name": command.name,
        "description": command.description,
        "vat_rate": command.vat_rate,
        "participant": command.participant,
    }


def _changed(product: Product) -> Decision[Product]:
    event = ProductChanged(
        product=product.id,
        name=product.name,
        description=product.description,
        status=product.status,
        vat_rate=product.vat_rate,
        participant=product.participant,
        formats=product.formats,
        details=product.details,
    )
    return Decision(product, (event,))
