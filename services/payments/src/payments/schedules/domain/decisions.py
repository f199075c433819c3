"""The decisions of payments, with what they publish: opening, adjusting, payments, what is to come (EVT-1, PAY-8)."""

from collections.abc import Collection
from datetime import date

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.contracts import ContractTerms
from payments.receipts.domain.receiving import PostDated, Received, hold, not_far_above, receive
from payments.schedules.domain.charging import follow
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Schedule, balanced
from payments.schedules.domain.schedule_events import adjusted, led_to, passage, published_instalments
from payments.schedules.domain.starting import Opening, start
from payments.schedules.domain.upcoming import Changes, cancel, change, plan


def open_schedule(opening: Opening, context: Context) -> Decision[Schedule]:
    """Answer the opening of a contract (PAY-7); ``context.today`` is the day on which it takes effect.

    Raises:
        Refusal: as ``start``.
    """
    schedule = start(opening, context)
    created = published.ScheduleCreated(
        contract=schedule.id,
        account=schedule.account,
        mode=schedule.mode,
        currency=schedule.currency,
        effective_on=context.today,
        change=context.change,
        covers=schedule.covers,
        balance=schedule.balance,
        instalments=published_instalments(schedule),
    )
    return Decision(schedule, (created, *passage(None, schedule, context)))


def adjust_schedule(schedule: Schedule, terms: ContractTerms, context: Context) -> Decision[Schedule]:
    """Answer a change of the contract, even where nothing moves (PAY-2, PAY-15, EVT-1); never refused.

    ``context.today`` is the day on which the change takes effect, ``context.change`` its id.
    """
    charged = follow(schedule, terms.charges, context)
    agreed = charged.but(total=terms.total, live_lines=terms.live_lines, covers=terms.version, cards=terms.cards)
    return _moved(schedule, cover(agreed, context), context, answering=context.change)


def record_payment(schedule: Schedule, received: Received, payment_id: str, context: Context) -> Decision[Schedule]:
    """Record what staff received (PAY-7), as the payment of that id.

    Raises:
        Refusal: as ``receive`` and ``not_far_above``.
    """
    not_far_above(schedule, received)
    after = receive(schedule, received, context)
    collected = published.PaymentCollected(
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
        instalments=published_instalments(after),
    )
    return Decision(after, (collected, *led_to(schedule, after, context)))


def hold_cheques(schedule: Schedule, cheques: tuple[PostDated, ...], context: Context) -> Decision[Schedule]:
    """Hold post-dated cheques until their deposit dates (PAY-7).

    Raises:
        Refusal: as ``hold``.
    """
    return _moved(schedule, hold(schedule, cheques, context), context, by_staff=True)


def change_instalment(schedule: Schedule, instalment_id: str, changes: Changes, context: Context) -> Decision[Schedule]:
    """Change the amount, the date or the method of an upcoming payment, or several of them at once (PAY-5).

    Raises:
        Refusal: as ``change``.
    """
    return _moved(schedule, change(schedule, instalment_id, changes, context), context, by_staff=True)


def cancel_instalment(schedule: Schedule, instalment_id: str, context: Context) -> Decision[Schedule]:
    """Cancel an upcoming payment: its amount is unscheduled, a cheque held for it is handed back (PAY-5).

    Raises:
        Refusal: as ``cancel``.
    """
    return _moved(schedule, cancel(schedule, instalment_id), context, by_staff=True)


def plan_unscheduled(schedule: Schedule, first_due: date, count: int, context: Context) -> Decision[Schedule]:
    """Put what is unscheduled on ``count`` monthly dates from ``first_due`` (PAY-5).

    Raises:
        Refusal: as ``plan``.
    """
    return _moved(schedule, plan(schedule, first_due, count, context), context, by_staff=True)


def wake(schedule: Schedule, context: Context) -> Decision[Schedule]:
    """The account has a payment method now: what waited for one is collected (PAY-12)."""
    if not any(each.waits_for_method for each in schedule.instalments):
        return Decision(schedule, ())
    awake = (each.model_copy(update={"waits_for_method": False}) for each in schedule.instalments)
    return _moved(schedule, balanced(schedule.but(instalments=awake)), context)


def run_again(schedule: Schedule, chosen: Collection[str], context: Context) -> Decision[Schedule]:
    """Staff wants these instalments to be collected by the run, also those outside of it (PAY-6, PAY-13, PAY-18).

    Nothing happens where each of them is in the run already.
    """
    outside = {each.id for each in schedule.instalments if each.id in chosen and (each.gave_up or each.on_request)}
    if not outside:
        return Decision(schedule, ())
    fresh = {"on_request": False, "disputed": False}
    instalments = (each.anew(**fresh) if each.id in outside else each for each in schedule.instalments)
    return _moved(schedule, balanced(schedule.but(instalments=instalments)), context, by_staff=True)


def _moved(
    before: Schedule, after: Schedule, context: Context, *, answering: str | None = None, by_staff: bool = False
) -> Decision[Schedule]:
    """The schedule as it moved, published once, and what that led to.

    ``answering`` is the change of the contract that it answers (EVT-1); without one the schedule was moved ``by_staff``
    (PAY-5) or for another reason.
    """
    moved = adjusted(before, after, context, answering=answering, by_staff=by_staff)
    return Decision(after, (moved, *led_to(before, after, context, change=answering)))
