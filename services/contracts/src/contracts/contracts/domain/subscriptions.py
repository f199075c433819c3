"""The decisions on a subscription once it is sold: its next period is billed, it is cancelled (CON-17, CON-21)."""

from dataclasses import dataclass, replace
from datetime import date

from carnet.dates import months_after
from carnet.decisions import Context, Decision
from carnet.events.subscriptions import SubscriptionCancelled
from carnet.refusals import conflict, invalid
from contracts.contracts.domain.changes import changed, refuse_closed, whole
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Draft
from contracts.contracts.domain.marks import refuse_invoiced
from contracts.contracts.domain.periods import Cancellation, Subscription
from contracts.contracts.domain.products import FreeLine

LATEST = 60
"""How many months ahead a subscription may be cancelled: the longest period."""


def bill_next(contract: Contract, context: Context) -> Decision[Contract]:
    """Add the next period of the contract's subscription, if it is billed by ``context.today`` (CON-21).

    One decision adds one period. It takes effect on the day from which the period is billed, however late that is: so
    each period has its own day after an outage too (MON-5). Nothing is decided if none is due.
    """
    on = contract.bill_on
    if on is None or on > context.today:
        return Decision(contract)
    own = replace(context, today=on)
    draft = Draft(contract, own)
    draft.add_period()
    after = whole(draft)
    return Decision(after, (*draft.events, changed(contract, after, draft, 1, own)))


@dataclass(frozen=True, slots=True)
class Cancelling:
    """A subscription to cancel at the date ``on`` (CON-17).

    ``fee`` is in minor units, that of its product where it is None; ``fee_name`` is what the line of the fee is called.
    """

    on: date
    by_days: bool = False
    fee: int | None = None
    fee_name: str | None = None


def cancel_subscription(contract: Contract, asked: Cancelling, context: Context) -> Decision[Contract]:
    """Cancel the contract's subscription at a date, in one change (CON-17).

    Periods that begin on that date or after are cancelled and none is billed any more; the period under way stays
    whole, or is priced by its days. A fee is one line more.
    """
    subscription = running(contract)
    check_date(asked.on, context.today)
    cancellation = Cancellation(on=asked.on, by_days=asked.by_days)
    cancelled = subscription.model_copy(update={"cancellation": cancellation, "wish": None})
    draft = Draft(contract, context)
    for line in tuple(contract.live):
        if line.period and cancelled.is_cancelled(line.purchase.period or 1):
            draft.cancel(line)
        elif line.period:
            draft.move_period(line, cancelled.as_cancelled(line.purchase))
    fee = subscription.details.cancellation_fee if asked.fee is None else asked.fee
    if fee:
        draft.add_free(FreeLine(asked.fee_name or subscription.sold.name, fee, subscription.sold.vat_rate))
    draft.move(cancelled)
    sold = subscription.sold
    draft.publish(
        SubscriptionCancelled,
        product=sold.product,
        name=sold.name,
        participant=sold.participant,
        cancelled_from=asked.on,
        ends_on=cancelled.ends_on,
        by_days=asked.by_days,
        fee=fee,
    )
    after = whole(draft)
    refuse_invoiced(contract, after)
    return Decision(after, (*draft.events, changed(contract, after, draft, 1, context)))


def running(contract: Contract) -> Subscription:
    """The contract's subscription, which is not cancelled yet."""
    refuse_closed(contract)
    subscription = contract.subscription
    if subscription is None:
        raise conflict(
            "not-a-subscription",
            "This contract is not that of a subscription: cancel its lines, or the whole contract.",
            rule="CON-21",
            contract=contract.id,
        )
    if subscription.cancellation is not None:
        raise conflict(
            "subscription-cancelled",
            f"The subscription is cancelled from {subscription.cancellation.on} on already.",
            rule="CON-17",
            contract=contract.id,
            on=subscription.cancellation.on.isoformat(),
        )
    return subscription


def check_date(on: date, today: date) -> None:
    """Refuse to cancel from a day that is past, or further ahead than a subscription is cancelled."""
    latest = months_after(today, LATEST, today.day)
    if not today <= on <= latest:
        raise invalid(
            "cancellation-out-of-range",
            f"A subscription is cancelled at a date from today to {latest}: choose another one.",
            rule="CON-17",
            on=on.isoformat(),
            today=today.isoformat(),
            latest=latest.isoformat(),
        )
