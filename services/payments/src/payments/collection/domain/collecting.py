"""PAY-6, PAY-11, PAY-12: online instalments are collected: what is due, how an attempt starts and how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.base import Event
from payments.collection.domain.calendars import CollectionCalendar
from payments.collection.domain.orders import Order
from payments.collection.domain.steps import rounded, step_of
from payments.payment_methods.domain import PaymentMethod
from payments.receipts.domain.receiving import Payment
from payments.schedules.domain.attempts import collect, failed, succeeded
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Instalment, Schedule, balanced
from payments.schedules.domain.schedule_events import adjusted, as_it_is, led_to
from payments.schedules.domain.taking import take


@dataclass(frozen=True, slots=True)
class Claim:
    """The owner of a new order: a worker until ``check_at``; any worker from then on if ``id`` is None.

    It has no owner if there is no ``check_at``: it belongs to a remittance (PAY-18).
    """

    id: str | None
    check_at: datetime | None
    slot: int


@dataclass(frozen=True, slots=True)
class Started:
    """A schedule some of whose instalments are at the provider, and the orders that are to be sent there."""

    decision: Decision[Schedule]
    orders: tuple[Order, ...]


def for_the_run(schedule: Schedule, until: date | None) -> tuple[Instalment, ...]:
    """The instalments that the run collects up to that date, in the order of their due dates (PAY-11)."""
    if schedule.mode == "on_site" or until is None:
        return ()
    return tuple(each for each in schedule.instalments if (on := each.collect_on) is not None and on <= until)


def by_hand(schedule: Schedule, today: date) -> tuple[Instalment, ...]:
    """The instalments due up to today that staff may have collected at once, whatever became of them (PAY-6).

    Not those of which staff said that they are paid another way.
    """
    if schedule.mode == "on_site":
        return ()
    return tuple(each for each in schedule.instalments if each.due <= today and not each.held and not each.method)


def start(
    schedule: Schedule, instalments: Sequence[Instalment], method: PaymentMethod, claim: Claim, context: Context
) -> Started:
    """Let instalments be collected, one order each; its id is the attempt's and the idempotency key (PAY-6).

    What the provider can't write of an amount goes to the next instalment (``rounded``); one that
    is smaller than it can write makes no order.

    Raises:
        Refusal: as ``collect``.
    """
    events: list[Event] = []
    orders: list[Order] = []
    step = step_of(method.provider, schedule.currency)
    for id_ in [each.id for each in instalments]:
        before = schedule
        schedule = rounded(schedule, schedule.instalment(id_), step, context.today)
        instalment = next((each for each in schedule.instalments if each.id == id_), None)
        if instalment is None:
            events.append(adjusted(before, schedule, context))
            continue
        order = _order(schedule, instalment, method, claim, context)
        schedule = collect(schedule, instalment.id, order.id)
        started = published.CollectionStarted(
            **as_it_is(schedule, context),
            attempt=order.id,
            instalment=instalment.id,
            due=instalment.due,
            amount=order.amount,
            method=method.kind,
            number=order.number,
        )
        orders.append(order)
        events.append(started)
    return Started(Decision(schedule, tuple(events)), tuple(orders))


def miss_method(schedule: Schedule, instalments: Sequence[Instalment], context: Context) -> Decision[Schedule]:
    """These are due and the account has no usable payment method: the client learns it once, and they wait (PAY-12)."""
    missed = {each.id for each in instalments}
    waiting = schedule.but(
        instalments=(
            each.model_copy(update={"waits_for_method": True}) if each.id in missed else each
            for each in schedule.instalments
        )
    )
    events = tuple(
        published.PaymentMethodMissing(
            **as_it_is(waiting, context), instalment=each.id, due=each.due, amount=each.amount
        )
        for each in instalments
    )
    return Decision(balanced(waiting), events)


def collected(schedule: Schedule, order: Order, context: Context) -> Decision[Schedule]:
    """The provider has collected an instalment: it is paid (PAY-6).

    Also where it had said before that it could not, and says now that it has: the amount is back
    in the schedule, perhaps tried again, so what it pays is that instalment first if it is there
    still, then as any payment (PAY-7).

    Raises:
        Refusal: ``unknown-attempt``.
    """
    after = _received_late(schedule, order, context) if order.over else succeeded(schedule, order.id, context)
    paid = published.PaymentCollected(
        contract=after.id,
        account=after.account,
        mode=after.mode,
        currency=after.currency,
        payment=order.id,
        amount=order.amount,
        method=order.method_kind,
        received_on=context.today,
        covers=after.covers,
        balance=after.balance,
        instalments=as_it_is(after, context)["instalments"],
        attempt=order.id,
    )
    return Decision(after, (paid, *led_to(schedule, after, context)))


def payment_of(order: Order, reference: str, context: Context) -> Payment:
    """The payment that an order brought, under the order's id."""
    return Payment(
        id=order.id,
        organisation=order.organisation,
        contract=order.contract,
        account=order.account,
        amount=order.amount,
        currency=order.currency,
        method=order.method_kind,
        received_on=context.today,
        instalment=order.instalment,
        recorded_at=context.now,
        recorded_by=str(context.actor),
        provider=order.provider,
        reference=reference,
        payment_method=order.method,
    )


def not_collected(
    schedule: Schedule,
    order: Order,
    reason: published.FailureReason,
    calendar: CollectionCalendar,
    context: Context,
) -> Decision[Schedule]:
    """The provider did not collect an instalment: it is back where it was, and tried again by the calendar (PAY-6).

    After its last attempt it stays planned and late, outside the run. Nothing is tried again
    where nothing is left of it (PAY-2), or where it is collected on request only.

    Raises:
        Refusal: ``unknown-attempt``.
    """
    back = failed(schedule, order.id, context)
    after = balanced(
        back.but(
            instalments=(
                _tried(each, order, calendar, context.today) if each.id == order.instalment else each
                for each in back.instalments
            )
        )
    )
    tried = next((each for each in after.instalments if each.id == order.instalment), None)
    event = published.PaymentFailed(
        **as_it_is(after, context),
        attempt=order.id,
        instalment=order.instalment or order.id,
        due=order.due or context.today,
        amount=order.amount,
        method=order.method_kind,
        reason=reason,
        next_try=tried.collect_on if tried else None,
    )
    return Decision(after, (event, *led_to(schedule, after, context)))


def _order(schedule: Schedule, instalment: Instalment, method: PaymentMethod, claim: Claim, context: Context) -> Order:
    return Order(
        id=context.new_id(),
        organisation=schedule.organisation,
        kind="charge",
        contract=schedule.id,
        account=schedule.account,
        amount=instalment.amount,
        currency=schedule.currency,
        provider=method.provider,
        method=method.id,
        method_kind=method.kind,
        token=method.token,
        instalment=instalment.id,
        due=instalment.due,
        number=instalment.tries + 1,
        slot=claim.slot,
        check_at=claim.check_at,
        claim=claim.id,
        asks=1 if claim.id else 0,
        made_at=context.now,
    )


def _tried(instalment: Instalment, order: Order, calendar: CollectionCalendar, today: date) -> Instalment:
    """An instalment once an attempt of it has failed; one that was collected ahead of its date waits for that."""
    tries = max(instalment.tries, order.number)
    if instalment.on_request or instalment.method:
        return instalment.model_copy(update={"tries": tries})
    next_try = calendar.next_try(tries, today)
    later = max(next_try, instalment.due) if next_try else None
    return instalment.model_copy(update={"tries": tries, "next_try": later, "gave_up": later is None})


def _received_late(schedule: Schedule, order: Order, context: Context) -> Schedule:
    there = next((each for each in schedule.instalments if each.id == order.instalment and not each.held), None)
    taking = take(schedule, order.amount, first=there.id if there else None)
    return cover(taking.schedule.but(paid=schedule.paid + order.amount), context)
