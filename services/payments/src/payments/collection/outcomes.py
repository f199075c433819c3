"""What becomes of orders, known by answer or by webhook, is saved here and nowhere else (PAY-6, PAY-4, PAY-13).

However often and in whichever order an outcome is reported, it moves the schedule once: for an order
whose outcome is known, further reports are ignored, unless one corrects it (``is_news``). What an outcome
does depends on the order's kind (``KINDS``). What the bank takes back moves the schedule once,
too, and waits for the payment if it is reported first.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.ids import new_id
from carnet.journal import Origin, coming_from
from carnet.mongo import Database, Unit, Wanted, is_transient, transact
from carnet.observe import log
from carnet.organisations import ORGANISATIONS
from carnet.refusals import Kind as RefusalKind
from carnet.refusals import Refusal
from payments.collection.domain.orders import (
    Failed,
    Order,
    OrderKind,
    Outcome,
    Pending,
    Succeeded,
    ended,
    is_news,
    unanswered,
    waiting,
)
from payments.collection.domain.results import collected, not_collected, payment_of
from payments.collection.measures import ATTEMPTS
from payments.collection.store.calendars import CALENDARS, calendar_in
from payments.collection.store.orders import ORDERS, schedule_of_order
from payments.provider.interface import Ended, Notice, Reversed
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.reversing import Reversal, TakenBack, reversal_id, reverse_by_provider
from payments.refunds.domain.settling import HandedOver, refund_failed
from payments.refunds.store import SETTLEMENTS, keep_returned, keep_reversed, reversals_of_payment
from payments.schedules.store import SCHEDULES, save

ACTOR = Actor("service", "payments")

UNANSWERED_WAITS = (2, 5, 15, 60, 300)
"""Seconds until an order that was not answered is looked at again, by how often the provider was asked."""

PENDING_WAITS = (900, 3_600, 6 * 3_600, 12 * 3_600)
"""The same for one that is pending at the provider: its webhook comes first, unless it is lost."""

FAULT_WAIT = 600
"""The same for one whose outcome could not be saved because of a fault of Carnet's own."""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What a provider answered to an order; ``outcome`` is None if its provider did not answer to this ``claim``."""

    order: str
    outcome: Outcome | None
    claim: str | None = None
    provider: str | None = None
    """The provider whose webhook reported it: only its own orders are moved by it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the outcomes of one kind of order do, on states loaded before: ``loads`` names those beside the schedule.

    ``succeeded`` is also reported of a charge that had failed, ``failed`` of a refund that had succeeded:
    what was done then is to be undone.
    """

    loads: Callable[[Order], Wanted]
    succeeded: Callable[[Unit, Order, Succeeded, Context], None]
    failed: Callable[[Unit, Order, Failed, Context], None]


def _collected(unit: Unit, order: Order, outcome: Succeeded, context: Context) -> None:
    schedule = schedule_of_order(unit, order)
    save(unit, collected(schedule, order, context), context)
    payment = payment_of(order, outcome.reference, context)
    unit.put(PAYMENTS, payment)
    for taken in order.taken_back:
        payment = _reverse(unit, payment, (), taken, context)


def _not_collected(unit: Unit, order: Order, outcome: Failed, context: Context) -> None:
    calendar = calendar_in(unit, order.organisation)
    save(unit, not_collected(schedule_of_order(unit, order), order, outcome.reason, calendar, context), context)


def _refund_loads(order: Order) -> Wanted:
    wanted = ((SETTLEMENTS, order.settlement), (PAYMENTS, order.payment))
    return [(collection, id_) for collection, id_ in wanted if id_ is not None]


def _refunded(unit: Unit, order: Order, outcome: Succeeded, context: Context) -> None:
    """It has counted as made since it was handed over (PAY-4)."""


def _not_refunded(unit: Unit, order: Order, outcome: Failed, context: Context) -> None:
    settlement = unit.get(SETTLEMENTS, order.settlement) if order.settlement else None
    payment = unit.get(PAYMENTS, order.payment) if order.payment else None
    if settlement is None or payment is None:
        raise LookupError(f"order {order.id} has no settlement or no payment")
    refund = HandedOver(settlement, payment, order.id)
    keep_returned(unit, refund_failed(schedule_of_order(unit, order), refund, outcome.reason, context), context)


KINDS: Mapping[OrderKind, Kind] = {
    "charge": Kind(loads=lambda order: [(CALENDARS, order.organisation)], succeeded=_collected, failed=_not_collected),
    "refund": Kind(loads=_refund_loads, succeeded=_refunded, failed=_not_refunded),
}


async def apply_notices(database: Database, provider: str, notices: Sequence[Notice]) -> None:
    """Apply what a webhook of that provider reports, as often and in whichever order it does.

    Raises a refusal of kind unavailable if something could not be saved that no worker asks for again: the provider has
    to report it once more.
    """
    ended_ones = [notice for notice in notices if isinstance(notice, Ended)]
    lost = await save_outcomes(
        database, [OrderAnswer(each.key, each.outcome, provider=provider) for each in ended_ones]
    )
    for notice in notices:
        if isinstance(notice, Reversed):
            await transact(database, partial(_take_back, provider=provider, notice=notice))
    if lost:
        raise _not_saved(lost)


def _not_saved(orders: Sequence[str]) -> Refusal:
    return Refusal(
        RefusalKind.UNAVAILABLE,
        "outcome-not-saved",
        "What became of some orders could not be saved just now. Send it again later.",
        rule="PAY-6",
        orders=orders,
    )


async def save_outcomes(database: Database, answers: Sequence[OrderAnswer]) -> list[str]:
    """Save the answers in one transaction; one that can't be saved is put off, and does not affect the others.

    Returns the orders that could not be put off: over, as far as was known, so nobody looks at
    them again, or of a kind that only a newer release has, which are left to it. Raises transient faults
    (``is_transient``): nothing was saved then.
    """
    if not answers:
        return []
    try:
        known, lost = await transact(database, lambda unit: _save(unit, answers))
    except Exception as error:
        if is_transient(error):
            raise
        if len(answers) == 1:
            return [] if await _put_off(database, answers[0]) else [answers[0].order]
        return [order for one in answers for order in await save_outcomes(database, [one])]
    for order in known:
        ATTEMPTS.labels(order.kind, "unanswered" if order.status == "asked" else order.status).inc()
        log.info("order", order=order.id, kind=order.kind, status=order.status, asks=order.asks, reason=order.reason)
    return lost


async def _save(unit: Unit, answers: Sequence[OrderAnswer]) -> tuple[list[Order], list[str]]:
    """Decide on every answer; the orders that it has moved, and those of which something is lost."""
    await unit.load(ORDERS, [each.order for each in answers])
    found = [order for each in answers if (order := unit.get(ORDERS, each.order))]
    orders = [order for order in found if order.kind in KINDS]
    lost = [order.id for order in found if order.kind not in KINDS]
    await unit.load(SCHEDULES, [order.contract for order in orders])
    await unit.load(ORGANISATIONS, [order.organisation for order in orders])
    await unit.load_all(wanted for order in orders for wanted in KINDS[order.kind].loads(order))
    moved: dict[str, Order] = {}
    for each in [each for each in answers if each.order not in lost]:
        try:
            order = _apply(unit, each)
        except Exception:
            log.exception("what became of an order could not be saved", order=each.order)
            order = _later(unit, each)
            if order is None:
                lost.append(each.order)
        if order is not None:
            moved[order.id] = order
    return list(moved.values()), lost


def _apply(unit: Unit, answer: OrderAnswer) -> Order | None:
    """Apply one answer; the order as it then is, or None if that changes nothing."""
    order, now = unit.get(ORDERS, answer.order), utc_now()
    if order is None or answer.provider not in (None, order.provider):
        log.warning("an outcome of an unknown order was reported", order=answer.order, provider=answer.provider)
        return None
    with unit.piece(order.organisation), _as_ordered(order):
        return _move(unit, order, answer, now)


def _as_ordered(order: Order) -> AbstractContextManager[None]:
    """What an outcome publishes comes from the request that made the order, no matter who reports it and how late."""
    return nullcontext() if order.request is None else coming_from(Origin(request=order.request))


def _move(unit: Unit, order: Order, answer: OrderAnswer, now: datetime) -> Order | None:
    match answer.outcome:
        case Succeeded() as outcome if is_news(order, outcome):
            KINDS[order.kind].succeeded(unit, order, outcome, _context(unit, order, now))
            after = ended(order, outcome, now)
        case Failed() as outcome if is_news(order, outcome):
            KINDS[order.kind].failed(unit, order, outcome, _context(unit, order, now))
            after = ended(order, outcome, now)
        case Pending() as outcome if not order.over:
            after = waiting(order, outcome, _next_look(PENDING_WAITS, order, now))
        case None if not order.over and order.claim == answer.claim:
            after = unanswered(order, _next_look(UNANSWERED_WAITS, order, now))
        case _:
            return None
    unit.put(ORDERS, after)
    return after


def _later(unit: Unit, answer: OrderAnswer) -> Order | None:
    """Put an order off; None if it is over, or not known."""
    order = unit.get(ORDERS, answer.order)
    if order is None or order.over:
        return None
    after = unanswered(order, utc_now() + timedelta(seconds=FAULT_WAIT))
    with unit.piece(order.organisation):
        unit.put(ORDERS, after)
    return after


async def _put_off(database: Database, answer: OrderAnswer) -> Order | None:
    log.exception("what became of an order could not be saved", order=answer.order)

    async def work(unit: Unit) -> Order | None:
        await unit.load(ORDERS, [answer.order])
        return _later(unit, answer)

    return await transact(database, work)


async def _take_back(unit: Unit, provider: str, notice: Reversed) -> None:
    """What the bank took back of a charge, once, however often it is reported (PAY-13)."""
    await unit.load(ORDERS, [notice.key])
    order = unit.get(ORDERS, notice.key)
    if order is not None and order.kind not in KINDS:
        raise _not_saved([order.id])
    if order is None or (order.provider, order.kind) != (provider, "charge"):
        log.warning("a reversal of an unknown order was reported", order=notice.key, provider=provider)
        return
    with unit.piece(order.organisation), _as_ordered(order):
        await _take_back_of(unit, order, TakenBack(reversal_id(provider, notice.id), notice.amount, notice.reason))


async def _take_back_of(unit: Unit, order: Order, taken: TakenBack) -> None:
    await unit.load_all([(PAYMENTS, order.id), (SCHEDULES, order.contract)])
    await unit.load(ORGANISATIONS, [order.organisation])
    if taken.id in {each.id for each in order.taken_back}:
        return
    payment = unit.get(PAYMENTS, order.id)
    if payment is None:
        unit.put(ORDERS, order.model_copy(update={"taken_back": (*order.taken_back, taken)}))
    else:
        known = await reversals_of_payment(unit, payment)
        _reverse(unit, payment, known, taken, _context(unit, order, utc_now()))
    log.info("reversal", order=order.id, reason=taken.reason, applied=payment is not None)


def _reverse(unit: Unit, payment: Payment, known: Sequence[Reversal], taken: TakenBack, context: Context) -> Payment:
    schedule = unit.get(SCHEDULES, payment.contract)
    if schedule is None:
        raise LookupError(f"payment {payment.id} has no schedule")
    context = replace(context, change=taken.id)
    reversed_ = reverse_by_provider(schedule, payment, known, taken, context)
    keep_reversed(unit, reversed_, context)
    return reversed_.payment


def _context(unit: Unit, order: Order, now: datetime) -> Context:
    """The organisation's today on its clock (MON-5); all that follows from an order once it is asked is one change."""
    organisation = unit.get(ORGANISATIONS, order.organisation)
    if organisation is None:
        raise LookupError(f"organisation {order.organisation} is not known")
    return Context(now=now, today=organisation.today(now), actor=ACTOR, change=order.id, new_id=new_id)


def _next_look(waits: Sequence[int], order: Order, now: datetime) -> datetime:
    seconds = waits[min(order.asks, len(waits)) - 1 if order.asks else 0]
    return now + timedelta(seconds=seconds * random.uniform(0.8, 1.2))
