"""A product: drafted, put on sale, archived (CAT-1 to 5).

A product on sale can still be edited: a purchase keeps its own snapshot (CAT-4). An archived
product can never be edited or sold again.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID, uuid5

from pydantic import computed_field

from carnet.decisions import Context, Decision, State
from carnet.events.catalog import (
    CourseDetails,
    Details,
    DiscountDetails,
    Format,
    ItemDetails,
    Kind,
    LicenceDetails,
    Occurrence,
    ProductChanged,
    Tariff,
    WorkshopDetails,
)
from carnet.money import BasisPoints
from carnet.refusals import conflict, invalid
from carnet.search import folded, words
from catalog.domain.checks import check, refuse_repeated
from catalog.domain.fields import (
    DiscountFields,
    FormatFields,
    GiftVoucherFields,
    TariffFields,
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


def occurrences_on(product: Product, day: date) -> list[tuple[str, Occurrence]]:
    """The occurrences of an activity on a day by their hours, each with its id (CAT-6).

    The id is made of the product, the day and the hour at which it starts, of which a product has no two: it stays the
    same while these do.
    """
    found = product.details.occurrences if isinstance(product.details, CourseDetails | WorkshopDetails) else ()
    of_day = sorted((each for each in found if each.on == day), key=lambda each: each.starts)
    return [(str(uuid5(UUID(product.id), f"{each.on.isoformat()} {each.starts}")), each) for each in of_day]


def draft_product(
    command: WriteProduct, loaded: Mapping[str, Product], product_id: str, organisation: str, context: Context
) -> Decision[Product]:
    """Make a new product, a draft (CAT-5).

    ``loaded`` has those of the organisation's products that ``targets`` names. Raises the
    refusals of ``check``.
    """
    check(command, loaded)
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

    Raises ``product-archived``, ``kind-is-for-ever``, the refusals of ``check`` and, if the product
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
    check(command, loaded)
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
    refuse_repeated((each.id for each in formats), "same-twice", "formats")
    return formats


def _format(written: FormatFields, known: Mapping[str, Format], context: Context) -> Format:
    format_id = _given(written.id, known, "format") or context.new_id()
    present = known.get(format_id)
    prices = {each.id: each for each in present.tariffs} if present else {}
    tariffs = tuple(_tariff(each, prices, context) for each in written.tariffs)
    refuse_repeated((each.id for each in tariffs), "same-twice", "tariffs")
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
