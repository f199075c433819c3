"""A subscription is separate: on a contract of its own, with nothing else on it and no period left out (CON-21)."""

from collections.abc import Iterable

from carnet.dates import months_after
from carnet.decisions import Context
from carnet.events.catalog import SubscriptionDetails
from carnet.events.contracts import Sale
from carnet.refusals import conflict, invalid
from contracts.contracts.domain.contracts import Contract, Line
from contracts.contracts.domain.draft import KEEP, Edit
from contracts.contracts.domain.products import Addition, Offer, Product

FURTHEST = 12
"""How many months after the sale the first day of a subscription may be."""

SALES = ("at_once", "later", "on_site")
"""The starts of a schedule that go with a subscription: its periods have dates of their own (PAY-15)."""


def subscribed(additions: Iterable[Addition], offer: Offer) -> Addition | None:
    """The first of what is bought that is a subscription; None if there is none."""
    return next((each for each in additions if _product(each, offer) is not None), None)


def refuse_beside(addition: Addition, beside: int, offer: Offer) -> None:
    """Refuse an opening that sells a subscription with anything else (CON-21)."""
    product = _product(addition, offer)
    if beside and product is not None:
        raise invalid(
            "subscription-apart",
            f"“{product.name}” is a subscription, sold on a contract of its own, at the tariff's price or at another "
            "one, without discounts: open a contract for it alone.",
            rule="CON-21",
            product=product.id,
        )


def refuse_unfit(addition: Addition, sale: Sale, offer: Offer, context: Context) -> None:
    """Refuse a subscription that is covered, starts on a day out of range, or is to be paid by instalments (CON-21)."""
    product = _product(addition, offer)
    if product is None:
        return
    if addition.voucher is not None:
        raise invalid(
            "subscription-not-covered",
            f"“{product.name}” is a subscription, which no gift voucher covers: leave the voucher out.",
            rule="CRE-9",
            product=product.id,
        )
    if addition.scholarship is not None:
        raise invalid(
            "scholarship-not-for-kind",
            f"“{product.name}” is a subscription, of which no scholarship covers anything: leave the scholarship out.",
            rule="CRE-11",
            product=product.id,
        )
    if sale.start not in SALES:
        raise invalid(
            "sale-not-for-subscription",
            f"Each period of “{product.name}” is due on its first day. Choose one of {', '.join(SALES)}.",
            rule="PAY-15",
            product=product.id,
            start=sale.start,
        )
    latest = months_after(context.today, FURTHEST, context.today.day)
    first = addition.first_day or context.today
    if not context.today <= first <= latest:
        raise invalid(
            "first-day-out-of-range",
            f"“{product.name}” begins from today to {latest}: choose another first day.",
            rule="CON-21",
            product=product.id,
            first_day=first.isoformat(),
            today=context.today.isoformat(),
            latest=latest.isoformat(),
        )


def refuse_mixed(contract: Contract, added: Iterable[Addition], others: int, offer: Offer) -> None:
    """Refuse to add a subscription to a contract, or anything to the contract of one (CON-21).

    ``others`` counts the free lines and the discounts of the change.
    """
    added = tuple(added)
    if contract.subscription is None:
        addition = subscribed(added, offer)
        if addition is not None:
            refuse_beside(addition, 1, offer)
    elif added or others:
        refuse_on_subscription(contract)


def refuse_on_subscription(contract: Contract) -> None:
    """Refuse to add anything to the contract of a subscription (CON-21)."""
    if contract.subscription is not None:
        name = contract.subscription.sold.name
        raise conflict(
            "subscription-alone",
            f"This is the contract of the subscription “{name}”, which takes nothing else: open another contract.",
            rule="CON-21",
            contract=contract.id,
        )


def refuse_deletion(contract: Contract, line: Line) -> None:
    """Refuse to delete a period before the whole contract is cancelled: days would be left out (CON-12, CON-21)."""
    if line.live or not contract.cancelled:
        refuse_period(line)


def refuse_period(line: Line) -> None:
    """Refuse to cancel a period by itself: days would be left out (CON-21)."""
    if line.period:
        purchase = line.purchase
        raise conflict(
            "period-of-subscription",
            f"Period {purchase.period} of “{purchase.name}” is not cancelled by itself, nor is its last day changed: "
            "cancel the subscription at a date, or give the period another price. If it was sold by mistake, cancel "
            "the whole contract, and then delete its periods.",
            rule="CON-21",
            line=line.id,
            period=purchase.period,
        )


def refuse_moved_end(line: Line, edit: Edit) -> None:
    """Refuse to edit the last day of a period: the next one begins on the day after (CON-21)."""
    if edit.expires_on is not KEEP and edit.expires_on != line.purchase.expires_on:
        refuse_period(line)


def _product(addition: Addition, offer: Offer) -> Product | None:
    """The product of an addition, if it is a subscription."""
    product = offer.products.get(addition.product)
    return product if product is not None and isinstance(product.details, SubscriptionDetails) else None
