"""The decision that gives the periods of a subscription another price from one of them on (CON-21)."""

from dataclasses import dataclass
from datetime import date

from carnet.dates import months_after
from carnet.decisions import Context, Decision
from carnet.events.subscriptions import SubscriptionPriceChanged
from carnet.refusals import invalid
from contracts.contracts.domain.changes import changed, whole
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Draft
from contracts.contracts.domain.marks import refuse_invoiced
from contracts.contracts.domain.periods import MOST_PERIODS, Subscription
from contracts.contracts.domain.subscriptions import running

FURTHEST = 24
"""How many months ahead a new price may begin."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """A new price, in minor units, VAT included, of the periods that begin on the date ``on`` or after (CON-21)."""

    on: date
    price: int


def change_price(contract: Contract, asked: Pricing, context: Context) -> Decision[Contract]:
    """Give the periods that begin on a date or after another price, in one change (CON-21).

    Those that are lines by now are edited, whatever price they have, and further ones are billed at the new price.
    """
    subscription = running(contract)
    check_day(asked.on, context.today, subscription.first_day(MOST_PERIODS))
    number = subscription.first_from(asked.on)
    before = _price_of(contract, subscription, number)
    priced = subscription.priced(number, asked.price)
    draft = Draft(contract, context)
    for line in tuple(contract.live):
        if (line.purchase.period or 0) >= number:
            draft.move_period(line, line.purchase.model_copy(update={"price": asked.price}))
    if not draft.events and _is_price_of(subscription, number, asked.price):
        raise invalid(
            "same-price",
            "The periods have this price already: give another one.",
            rule="CON-21",
            contract=contract.id,
        )
    draft.move(priced)
    sold = subscription.sold
    draft.publish(
        SubscriptionPriceChanged,
        product=sold.product,
        name=sold.name,
        participant=sold.participant,
        period=number,
        begins_on=None if subscription.waits(number) else subscription.first_day(number),
        price_before=before,
        price_after=asked.price,
    )
    after = whole(draft)
    refuse_invoiced(contract, after)
    return Decision(after, (*draft.events, changed(contract, after, draft, 1, context)))


def _price_of(contract: Contract, subscription: Subscription, number: int) -> int:
    """What a period costs: of one that is a line, what staff may have edited (CON-11)."""
    lines = (line.purchase.price for line in contract.live if line.purchase.period == number)
    return next(lines, subscription.price(number))


def _is_price_of(subscription: Subscription, number: int, price: int) -> bool:
    """Whether all periods from that one on that are billed later would have that price."""
    first = max(number, subscription.added + 1)
    changes = (each.number for each in subscription.prices if each.number > first)
    return all(subscription.price(each) == price for each in (first, *changes))


def check_day(on: date, today: date, last: date = date.max) -> None:
    """Refuse a day that is past or too far ahead; of one subscription, also one after the day ``last``."""
    latest = min(months_after(today, FURTHEST, today.day), last)
    if not today <= on <= latest:
        raise invalid(
            "price-out-of-range",
            f"A new price begins from today to {latest}: choose another day.",
            rule="CON-21",
            on=on.isoformat(),
            today=today.isoformat(),
            latest=latest.isoformat(),
        )
