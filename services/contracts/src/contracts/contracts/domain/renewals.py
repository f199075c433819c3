"""The decision that informs a client of a renewal before it takes place (CON-21)."""

from dataclasses import replace
from datetime import date, timedelta

from carnet.decisions import Context, Decision
from carnet.events.subscriptions import SubscriptionRenewalAnnounced
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.subscriptions import bill_next


def announced_on(contract: Contract, days: int | None) -> date | None:
    """The day on which the client is informed, so many days before the renewal; None if there is nothing to inform of.

    ``days`` is None if the organisation informs nobody.
    """
    renews_on = contract.renews_on
    return None if renews_on is None or days is None else renews_on - timedelta(days=days)


def announce_or_bill(contract: Contract, days: int | None, context: Context) -> Decision[Contract]:
    """What is due first of a subscription: its renewal is announced, or its next period is billed.

    They are done one after the other, so that even after a long outage no renewal is billed before it is announced.
    """
    on, bill_on = announced_on(contract, days), contract.bill_on
    if on is None or on > context.today or (bill_on is not None and bill_on < on):
        return bill_next(contract, context)
    return _announce(contract, on, context)


def _announce(contract: Contract, on: date, context: Context) -> Decision[Contract]:
    """Inform the client, effective on the day on which that was due, however late it is done (MON-5).

    For a term that is shorter than the notice, the client knew everything from the sale: nothing is published.
    """
    subscription = contract.subscription
    if subscription is None or (number := subscription.renewal) is None:
        return Decision(contract)
    own = replace(context, today=on)
    kept = {"subscription": subscription.model_copy(update={"announced": number})}
    if on <= subscription.first_day(1):
        return Decision(contract.model_copy(update=kept))
    sold, renews_on = subscription.sold, subscription.first_day(number)
    published = SubscriptionRenewalAnnounced(
        contract=contract.id,
        account=contract.account,
        currency=contract.currency,
        effective_on=own.today,
        product=sold.product,
        name=sold.name,
        participant=sold.participant,
        period=number,
        term_ends_on=subscription.last_day(number - 1),
        renews_on=renews_on,
        last_day=subscription.last_day(number),
        price=_price(contract, number),
    )
    after = contract.model_copy(update={**kept, "last_whole": contract.whole_version})
    return Decision(after, (published,))


def _price(contract: Contract, number: int) -> int:
    """What the period costs: of one that is a line, what staff may have edited (CON-11)."""
    lines = (line.purchase.price for line in contract.live if line.purchase.period == number)
    subscription = contract.subscription
    return next(lines, subscription.price(number) if subscription else 0)
