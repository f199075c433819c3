"""What can be bought: the copy of the catalog's products, and the purchase that an addition makes of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from carnet.dates import last_day_of
from carnet.decisions import Context, State
from carnet.events.catalog import (
    ClientCreditDetails,
    CourseDetails,
    Details,
    DiscountDetails,
    Format,
    GiftCardDetails,
    GiftVoucherDetails,
    ItemDetails,
    LicenceDetails,
    MembershipDetails,
    OnlinePlanDetails,
    SessionPackDetails,
    SubscriptionDetails,
    Tariff,
    WorkshopDetails,
)
from carnet.events.contracts import Named, Purchase
from carnet.money import BasisPoints
from carnet.refusals import conflict, invalid, unknown
from contracts.accounts.domain import Account


class Product(State):
    """A product as the catalog last published it; ``version`` is the sequence of that event."""

    name: str
    status: Literal["draft", "on_sale", "archived"]
    vat_rate: BasisPoints
    participant: bool
    formats: tuple[Format, ...] = ()
    details: Details


SENT_WITHIN = timedelta(days=366)
"""How far ahead a gift voucher or a gift card is sent at most."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A gift voucher as it is presented: the digest of its code, and the code's last group (CRE-9)."""

    digest: str
    last: str


@dataclass(frozen=True, slots=True)
class Aiding:
    """A scholarship that is to cover a part of what is bought: an amount in minor units, or a rate (CRE-11).

    Exactly one of them is given; ``rate`` is of the price after discounts, in basis points.
    """

    scholarship: str
    amount: int | None = None
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """What is bought: a product in a format at a tariff, and for whom (CAT-2).

    ``beneficiary`` is the account that a client credit is granted to; the contract's own
    where it is left out (CRE-1). ``recipient`` is the person of the account to whom a gift
    voucher or a gift card is given. ``voucher`` is the one that is to cover the line (CRE-9).
    """

    product: str
    format: str
    tariff: str
    participant: str | None = None
    beneficiary: str | None = None
    price: int | None = None
    """What staff asks instead of the tariff's price, in minor units, and ``reason`` why (CON-2)."""
    reason: str | None = None
    recipient: str | None = None
    voucher: Presented | None = None
    first_day: date | None = None
    """Of a subscription: its first day; that of the sale where it is left out (CON-21)."""
    worth: int | None = None
    """Of a gift card: what the buyer wants it to be worth, in minor units; the tariff's price if None (CAT-3)."""
    send_on: date | None = None
    """Of a gift voucher or a gift card: the day on which it is sent to its recipient (CRE-8)."""
    scholarship: Aiding | None = None
    """The scholarship that is to cover a part of the line (CRE-11)."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """An online plan to change for another one of the same member: the line that goes, and what is bought (CON-19)."""

    line: str
    to: Addition


@dataclass(frozen=True, slots=True)
class FreeLine:
    """A fee or an extra that has no product in the catalog: its price in minor units, VAT included (CON-2)."""

    name: str
    price: int
    vat_rate: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a change may draw on: the organisation's products, and for whom they can be bought.

    ``account`` is the contract's, ``beneficiaries`` the ids of other accounts that a client
    credit may be granted to (CRE-1).
    """

    products: Mapping[str, Product]
    account: Account
    beneficiaries: frozenset[str] = frozenset()

    def takes_part(self, member_id: str) -> bool:
        """Whether the account has that member, who is there and no mere contact."""
        return any(member.id == member_id and member.kind != "contact" for member in self.account.present())

    def on_sale(self, product_id: str) -> Product:
        """The product of that id, refused unless it is on sale (CAT-5)."""
        product = self.products.get(product_id)
        if product is None:
            raise unknown("product", product_id)
        if product.status != "on_sale":
            raise conflict(
                "product-not-on-sale",
                f"“{product.name}” is {product.status}: put it on sale or choose another product.",
                rule="CAT-5",
                product=product.id,
                status=product.status,
            )
        return product


def bought(addition: Addition, offer: Offer, context: Context) -> Purchase:
    """The purchase that ``addition`` makes on the day of ``context``: a snapshot of the product (CAT-4).

    Refused are

    - a product that is unknown, not on sale (CAT-5) or a discount, which is placed, not added;
    - a participant that is missing, superfluous or not of the account (CAT-2);
    - a beneficiary for anything but a client credit (CRE-1);
    - a recipient, or a day of the mail, for anything but a gift voucher or a gift card, and a day out of range (CRE-8);
    - a first day for anything but a subscription (CON-21);
    - a worth for anything but a gift card, and one out of the bounds of the card (CAT-3).
    """
    product = offer.on_sale(addition.product)
    if isinstance(product.details, DiscountDetails):
        raise invalid(
            "discount-is-placed",
            f"“{product.name}” is a discount: name it among the discounts, not among what is added.",
            rule="CON-4",
            product=product.id,
        )
    chosen, tariff = _choose(product, addition)
    _refuse_first_day(product, addition)
    details = _worth(product, addition, tariff)
    asked = details.value if isinstance(details, GiftCardDetails) and details.value else tariff.price
    return Purchase(
        line=context.new_id(),
        product=product.id,
        kind=product.details.kind,
        name=product.name,
        format=Named(id=chosen.id, name=chosen.name),
        tariff=Named(id=tariff.id, name=tariff.name),
        participant=_participant(product, addition, offer),
        beneficiary=_beneficiary(product, addition, offer),
        recipient=_recipient(product, addition, offer),
        send_on=_send_on(product, addition, context.today),
        voucher=addition.voucher.last if addition.voucher else None,
        price=asked if addition.price is None else addition.price,
        vat_rate=product.vat_rate,
        bought_on=context.today,
        expires_on=_expiry(product.details, context.today),
        details=snapshot_of(details),
        list_price=asked if addition.price not in (None, asked) else None,
        **_days(product.details),
    )


def snapshot_of(details: Details) -> Details:
    """What a purchase keeps of its product's details, small whatever the product holds (CAT-4, CAT-6).

    Not the occurrences of an activity, nor the products that a discount names: its shares are fixed.
    """
    if isinstance(details, CourseDetails | WorkshopDetails):
        return details.model_copy(update={"occurrences": ()})
    if isinstance(details, DiscountDetails):
        return details.model_copy(update={"products": ()})
    return details


def _days(details: Details) -> dict[str, date | None]:
    """The first and the last day of an activity."""
    sittings = details.occurrences if isinstance(details, CourseDetails | WorkshopDetails) else ()
    days = [sitting.on for sitting in sittings]
    return {"first_day": min(days, default=None), "last_day": max(days, default=None)}


def free_purchase(line: FreeLine, context: Context) -> Purchase:
    """The purchase that a free line makes on the day of ``context``: an item that is its own product (CON-2)."""
    own = context.new_id()
    details = ItemDetails()
    return Purchase(
        line=own,
        product=own,
        kind=details.kind,
        name=line.name,
        price=line.price,
        vat_rate=line.vat_rate,
        bought_on=context.today,
        details=details,
        free=True,
    )


def _choose(product: Product, addition: Addition) -> tuple[Format, Tariff]:
    chosen = next((item for item in product.formats if item.id == addition.format), None)
    if chosen is None:
        raise unknown("format", addition.format)
    tariff = next((item for item in chosen.tariffs if item.id == addition.tariff), None)
    if tariff is None:
        raise unknown("tariff", addition.tariff)
    return chosen, tariff


def _participant(product: Product, addition: Addition, offer: Offer) -> str | None:
    participant = addition.participant
    if product.participant and participant is None:
        raise invalid(
            "participant-missing",
            f"“{product.name}” is for somebody: name the member who takes part.",
            rule="CAT-2",
            product=product.id,
        )
    if not product.participant and participant is not None:
        raise invalid(
            "participant-superfluous",
            f"“{product.name}” is for nobody in particular: leave the participant out.",
            rule="CAT-2",
            product=product.id,
            participant=participant,
        )
    if participant is not None and not offer.takes_part(participant):
        raise invalid(
            "participant-not-of-account",
            "The participant is not an adult or child of the contract's account: "
            "name one, or add the person to the account first.",
            rule="CAT-2",
            product=product.id,
            participant=participant,
        )
    return participant


def _refuse_first_day(product: Product, addition: Addition) -> None:
    if addition.first_day is not None and not isinstance(product.details, SubscriptionDetails):
        raise invalid(
            "first-day-superfluous",
            f"“{product.name}” is not a subscription: leave the first day out.",
            rule="CON-21",
            product=product.id,
        )


def _worth(product: Product, addition: Addition, tariff: Tariff) -> Details:
    """The details of what is bought: a gift card is worth what the buyer chose, or the tariff's price (CAT-3)."""
    details = product.details
    if not isinstance(details, GiftCardDetails):
        if addition.worth is not None:
            raise invalid(
                "worth-superfluous",
                f"“{product.name}” is not a gift card, so its price is not chosen: leave worth out.",
                rule="CAT-3",
                product=product.id,
            )
        return details
    worth = tariff.price if addition.worth is None else addition.worth
    if not details.minimum <= worth <= details.maximum:
        raise invalid(
            "worth-out-of-bounds",
            f"“{product.name}” is worth {details.minimum} to {details.maximum} minor units. Choose an amount between.",
            rule="CAT-3",
            product=product.id,
            worth=worth,
            minimum=details.minimum,
            maximum=details.maximum,
        )
    return details.model_copy(update={"value": worth})


def _beneficiary(product: Product, addition: Addition, offer: Offer) -> str | None:
    if not isinstance(product.details, ClientCreditDetails):
        if addition.beneficiary is not None:
            raise invalid(
                "beneficiary-superfluous",
                f"“{product.name}” is not a client credit: leave the beneficiary out.",
                rule="CRE-1",
                product=product.id,
            )
        return None
    beneficiary = addition.beneficiary or offer.account.id
    if beneficiary != offer.account.id and beneficiary not in offer.beneficiaries:
        raise unknown("account", beneficiary)
    return beneficiary


def _recipient(product: Product, addition: Addition, offer: Offer) -> str | None:
    recipient = addition.recipient
    if recipient is None:
        return None
    if not isinstance(product.details, GiftVoucherDetails | GiftCardDetails):
        raise invalid(
            "recipient-superfluous",
            f"“{product.name}” is neither a gift voucher nor a gift card: leave the recipient out.",
            rule="CRE-8",
            product=product.id,
        )
    if not any(member.id == recipient for member in offer.account.present()):
        raise invalid(
            "recipient-not-of-account",
            "The recipient is not a person of the contract's account: "
            "add the person to the account first, as a contact for instance.",
            rule="CRE-8",
            product=product.id,
            recipient=recipient,
        )
    return recipient


def _send_on(product: Product, addition: Addition, today: date) -> date | None:
    on = addition.send_on
    if on is None:
        return None
    if not isinstance(product.details, GiftVoucherDetails | GiftCardDetails):
        raise invalid(
            "sending-day-superfluous",
            f"“{product.name}” is neither a gift voucher nor a gift card: leave the day of its mail out.",
            rule="CRE-8",
            product=product.id,
        )
    latest = today + SENT_WITHIN
    if not today <= on <= latest:
        raise invalid(
            "sending-day-out-of-range",
            f"“{product.name}” is sent from today to {latest}: choose another day.",
            rule="CRE-8",
            product=product.id,
            send_on=on.isoformat(),
            today=today.isoformat(),
            latest=latest.isoformat(),
        )
    return on


def _expiry(details: Details, today: date) -> date | None:
    """The last day of a licence, a membership, an online plan or a session pack that is bought today; else none.

    A pack that starts at its first use has none yet: credits knows it then (CRE-10).
    """
    if isinstance(details, SessionPackDetails):
        return details.last_day_from(today) if details.starts == "purchase" else None
    if not isinstance(details, LicenceDetails | MembershipDetails | OnlinePlanDetails):
        return None
    if details.valid_until is None and not isinstance(details, LicenceDetails) and details.months is not None:
        return last_day_of(today, details.months)
    return details.valid_until
