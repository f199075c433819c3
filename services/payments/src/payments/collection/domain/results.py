"""PAY-6, PAY-7: how an attempt to collect an instalment ends: it is paid, or back where it was and tried again."""

from datetime import date

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from payments.collection.domain.calendars import CollectionCalendar
from payments.collection.domain.orders import Order
from payments.receipts.domain.receiving import Payment
from payments.schedules.domain.attempts import failed, succeeded
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Instalment, Schedule, balanced
from payments.schedules.domain.schedule_events import as_it_is, led_to
from payments.schedules.domain.taking import take


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
