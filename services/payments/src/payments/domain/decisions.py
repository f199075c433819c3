"""The decisions of payments, with what they tell: opening, adjusting, payments, what is to come (EVT-1, PAY-8)."""

from datetime import date

from carnet.decisions import Context, Decision
from carnet.events import payments as told
from carnet.events.base import Event
from payments.domain.covering import cover
from payments.domain.receiving import PostDated, Received, hold, receive
from payments.domain.schedule import Schedule
from payments.domain.starting import Opening, Terms, start
from payments.domain.upcoming import Changes, cancel, change, plan


def open_schedule(opening: Opening, context: Context) -> Decision[Schedule]:
    """Answer the opening of a contract (PAY-7); ``context.today`` is the day on which it takes effect.

    Raises:
        Refusal: as ``start``.
    """
    schedule = start(opening, context)
    created = told.ScheduleCreated(
        contract=schedule.id,
        account=schedule.account,
        mode=schedule.mode,
        currency=schedule.currency,
        effective_on=context.today,
        change=context.change,
        covers=schedule.covers,
        balance=schedule.balance,
        instalments=instalments_told(schedule),
    )
    return Decision(schedule, (created, *_passage(None, schedule, context)))


def adjust_schedule(schedule: Schedule, terms: Terms, context: Context) -> Decision[Schedule]:
    """Answer a change of the contract, even where nothing moves (PAY-2, EVT-1); never refused.

    ``context.today`` is the day on which the change takes effect, ``context.change`` its id.
    """
    agreed = schedule.but(total=terms.total, live_lines=terms.live_lines, covers=terms.covers)
    return _moved(schedule, cover(agreed, context), context, answering=context.change)


def record_payment(schedule: Schedule, received: Received, payment_id: str, context: Context) -> Decision[Schedule]:
    """Record what staff received (PAY-7), as the payment of that id.

    Raises:
        Refusal: as ``receive``.
    """
    after = receive(schedule, received, context)
    collected = told.PaymentCollected(
        contract=after.id,
        account=after.account,
        mode=after.mode,
        currency=after.currency,
        payment=payment_id,
        amount=received.amount,
        method=received.method,
        received_on=received.received_on,
        covers=after.covers,
        balance=after.balance,
        instalments=instalments_told(after),
    )
    return Decision(
        after,
        (collected, *_refund_line(schedule, after, context, change=None), *_passage(schedule, after, context)),
    )


def hold_cheques(schedule: Schedule, cheques: tuple[PostDated, ...], context: Context) -> Decision[Schedule]:
    """Hold post-dated cheques until their deposit dates (PAY-7).

    Raises:
        Refusal: as ``hold``.
    """
    return _moved(schedule, hold(schedule, cheques, context), context)


def change_instalment(schedule: Schedule, instalment_id: str, changes: Changes, context: Context) -> Decision[Schedule]:
    """Change the amount, the date or the method of an upcoming payment, or several of them at once (PAY-5).

    Raises:
        Refusal: as ``change``.
    """
    return _moved(schedule, change(schedule, instalment_id, changes, context), context)


def cancel_instalment(schedule: Schedule, instalment_id: str, context: Context) -> Decision[Schedule]:
    """Cancel an upcoming payment: its amount is unscheduled, a cheque held for it is handed back (PAY-5).

    Raises:
        Refusal: as ``cancel``.
    """
    return _moved(schedule, cancel(schedule, instalment_id), context)


def plan_unscheduled(schedule: Schedule, first_due: date, count: int, context: Context) -> Decision[Schedule]:
    """Put what is unscheduled on ``count`` monthly dates from ``first_due`` (PAY-5).

    Raises:
        Refusal: as ``plan``.
    """
    return _moved(schedule, plan(schedule, first_due, count, context), context)


def instalments_told(schedule: Schedule) -> tuple[told.Instalment, ...]:
    """The instalments as they are told: nothing of a cheque's holder leaves the service."""
    return tuple(
        told.Instalment(
            id=each.id, due=each.due, amount=each.amount, fixed=each.fixed, held=each.held, method=each.method
        )
        for each in schedule.instalments
    )


def _moved(before: Schedule, after: Schedule, context: Context, *, answering: str | None = None) -> Decision[Schedule]:
    """The schedule as it moved, told once (EVT-1); ``answering`` is the change of the contract, none where staff did.

    With what that led to, if anything: a refund line, a passage to fully paid or back.
    """
    adjusted = told.ScheduleAdjusted(
        contract=after.id,
        account=after.account,
        mode=after.mode,
        currency=after.currency,
        effective_on=context.today,
        change=answering,
        covers=after.covers,
        balance=after.balance,
        balance_before=before.balance,
        instalments=instalments_told(after),
    )
    led_to = (*_refund_line(before, after, context, change=answering), *_passage(before, after, context))
    return Decision(after, (adjusted, *led_to))


def _refund_line(before: Schedule, after: Schedule, context: Context, *, change: str | None) -> tuple[Event, ...]:
    """What happened to the refund line, if anything did (PAY-2)."""
    was, now = before.refund_due, after.refund_due
    if was == now:
        return ()
    contract, account, mode, currency = after.id, after.account, after.mode, after.currency
    today = context.today
    if was == 0:
        return (
            told.RefundLineCreated(
                contract=contract,
                account=account,
                mode=mode,
                currency=currency,
                amount=now,
                effective_on=today,
                change=change,
            ),
        )
    if now == 0:
        return (
            told.RefundLineDropped(
                contract=contract,
                account=account,
                mode=mode,
                currency=currency,
                amount_before=was,
                effective_on=today,
                change=change,
            ),
        )
    return (
        told.RefundLineChanged(
            contract=contract,
            account=account,
            mode=mode,
            currency=currency,
            amount_before=was,
            amount_after=now,
            effective_on=today,
            change=change,
        ),
    )


def _passage(before: Schedule | None, after: Schedule, context: Context) -> tuple[Event, ...]:
    """The passage to fully paid or back, told once each way (PAY-8)."""
    was_paid = before is not None and before.fully_paid
    if was_paid == after.fully_paid:
        return ()
    told_passage = told.ContractPaid if after.fully_paid else told.ContractReopened
    return (
        told_passage(
            contract=after.id,
            account=after.account,
            currency=after.currency,
            covers=after.covers,
            total=after.total,
            effective_on=context.today,
        ),
    )
