"""PAY-6, PAY-11, PAY-12: which instalments are due to be collected, and how an attempt to collect them starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.base import Event
from payments.collection.domain.orders import Order
from payments.collection.domain.steps import rounded, step_of
from payments.payment_methods.domain import PaymentMethod
from payments.schedules.domain.attempts import collect
from payments.schedules.domain.schedule import Instalment, Schedule, balanced
from payments.schedules.domain.schedule_events import adjusted, as_it_is


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
