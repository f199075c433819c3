"""The decisions on the pause of a subscription: it is paused, for months or openly, and lifted (CON-18)."""

from dataclasses import dataclass
from datetime import date, timedelta

from carnet.dates import months_after
from carnet.decisions import Context, Decision
from carnet.events.base import Event
from carnet.events.subscriptions import SubscriptionPaused, SubscriptionPauseLifted
from carnet.refusals import conflict, invalid
from contracts.contracts.domain.changes import changed, whole
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Draft
from contracts.contracts.domain.marks import refuse_invoiced
from contracts.contracts.domain.periods import MOST_PERIODS, Pause, Subscription
from contracts.contracts.domain.subscriptions import running

FURTHEST = 12
"""How many months ahead the first day of a pause may be."""

LONGEST = 24
"""How many months a pause with an end has at most, made longer or not."""


@dataclass(frozen=True, slots=True)
class Pausing:
    """A subscription to pause from the day ``on``, for so many months, or openly where it is None (CON-18)."""

    on: date
    months: int | None


def pause_subscription(contract: Contract, asked: Pausing, context: Context) -> Decision[Contract]:
    """Pause the contract's subscription in one change (CON-18).

    The periods that have not begun on its first day move by its months, with what is planned for them. Where a pause
    lasts that moved the same period, it becomes longer by these months, or open.
    """
    subscription = running(contract)
    _refuse_unpausable(contract, subscription)
    _check_day(asked.on, context.today, subscription)
    number, months, on = subscription.first_from(asked.on), asked.months, asked.on
    if (lasting := subscription.pause(context.today)) is not None:
        _refuse_apart(lasting, number, asked.on, contract)
        on = lasting.on
        months = None if months is None or lasting.months is None else lasting.months + months
        subscription = subscription.without_pause()
    _check_months(months)
    paused = subscription.paused(on, number, months)
    pause = paused.pauses[-1]
    return _moved(
        contract,
        paused,
        number,
        context,
        SubscriptionPaused,
        paused_from=on,
        months=months,
        period=number,
        first_day=pause.first_day,
        resumes_on=None if pause.is_open else pause.resumes_on,
    )


def lift_pause(contract: Contract, on: date | None, context: Context) -> Decision[Contract]:
    """Lift the pause of the contract's subscription, in one change (CON-18).

    The next period begins on the day ``on``, or when it would have begun without the pause, if that is later. None
    takes a pause that has not begun yet back.
    """
    subscription = running(contract)
    pause = subscription.pause(context.today)
    if pause is None:
        raise conflict(
            "subscription-not-paused",
            f"“{subscription.sold.name}” is not paused, so there is nothing to lift.",
            rule="CON-18",
            contract=contract.id,
        )
    if on is None:
        _refuse_begun(pause, context.today)
        lifted = subscription.without_pause()
    else:
        _check_lifting(pause, on, context.today)
        lifted = subscription.lifted(on, context.today)
    return _moved(
        contract,
        lifted,
        pause.number,
        context,
        SubscriptionPauseLifted,
        paused_from=pause.on,
        lifted_on=on,
        period=pause.number,
        resumes_on=lifted.first_day(pause.number),
    )


def _moved(
    contract: Contract, after: Subscription, number: int, context: Context, event: type[Event], **facts: object
) -> Decision[Contract]:
    """The change that gives the periods from ``number`` on the days that they have after, and says why.

    A renewal of which the client was informed is announced again where it moves: the notice said another day (CON-21).
    """
    draft = Draft(contract, context)
    after = after.announcing_again(contract.subscription)
    for line in tuple(contract.live):
        if (line.purchase.period or 0) >= number:
            draft.move_period(line, after.dated(line.purchase))
    draft.move(after)
    sold = after.sold
    draft.publish(event, product=sold.product, name=sold.name, participant=sold.participant, **facts)
    moved = whole(draft)
    refuse_invoiced(contract, moved)
    return Decision(moved, (*draft.events, changed(contract, moved, draft, 1, context)))


def _refuse_unpausable(contract: Contract, subscription: Subscription) -> None:
    if not subscription.details.pausable:
        raise conflict(
            "subscription-not-pausable",
            f"“{subscription.sold.name}” was sold as a subscription that is not paused: edit the price of a period, or "
            "cancel the subscription.",
            rule="CAT-3",
            contract=contract.id,
        )


def _refuse_apart(lasting: Pause, number: int, on: date, contract: Contract) -> None:
    """Refuse a pause beside one that lasts, which can only be made longer."""
    if lasting.is_open or lasting.lifted_on is not None or number != lasting.number:
        raise conflict(
            "subscription-paused",
            f"The subscription is paused from {lasting.on} on already: lift that pause, or make it longer by a first "
            "day within it, if it has an end.",
            rule="CON-18",
            contract=contract.id,
            on=lasting.on.isoformat(),
            asked=on.isoformat(),
        )


def _check_day(on: date, today: date, subscription: Subscription) -> None:
    latest = min(months_after(today, FURTHEST, today.day), subscription.first_day(MOST_PERIODS))
    if not today <= on <= latest:
        raise invalid(
            "pause-out-of-range",
            f"A pause begins from today to {latest}: choose another first day.",
            rule="CON-18",
            on=on.isoformat(),
            today=today.isoformat(),
            latest=latest.isoformat(),
        )


def _check_months(months: int | None) -> None:
    if months is not None and months > LONGEST:
        raise invalid(
            "pause-too-long",
            f"A pause with an end has at most {LONGEST} months in all: make it open, and lift it when it is time.",
            rule="CON-18",
            months=months,
            most=LONGEST,
        )


def _refuse_begun(pause: Pause, today: date) -> None:
    if today >= pause.on:
        raise conflict(
            "pause-begun",
            f"The pause began on {pause.on}, and is not taken back any more: say from which day it is lifted.",
            rule="CON-18",
            on=pause.on.isoformat(),
        )


def _check_lifting(pause: Pause, on: date, today: date) -> None:
    """Refuse a day before a month of pause is over, or past, or from which the pause is over anyway."""
    earliest = max(months_after(pause.on, 1, pause.on.day), today)
    if not pause.is_open and earliest >= pause.resumes_on:
        raise conflict(
            "pause-ends-by-itself",
            f"A pause has at least a month, and this one ends anyway: the next period begins on {pause.resumes_on}.",
            rule="CON-18",
            resumes_on=pause.resumes_on.isoformat(),
        )
    furthest = months_after(today, FURTHEST, today.day)
    latest = furthest if pause.is_open else pause.resumes_on - timedelta(days=1)
    if not earliest <= on <= latest:
        raise invalid(
            "lifting-out-of-range",
            f"This pause is lifted from {earliest} to {latest}: choose another day.",
            rule="CON-18",
            on=on.isoformat(),
            earliest=earliest.isoformat(),
            latest=latest.isoformat(),
        )
