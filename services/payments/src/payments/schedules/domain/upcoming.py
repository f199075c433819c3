"""PAY-5: upcoming payments are changed one by one, and what is on no date is put on dates."""

from dataclasses import dataclass
from datetime import date

from carnet.dates import monthly
from carnet.decisions import Context
from carnet.events.payments import RecordedMethod
from carnet.refusals import conflict, invalid
from payments.receipts.domain.receiving import not_past
from payments.schedules.domain.covering import one_more, respread
from payments.schedules.domain.schedule import Instalment, Schedule, balanced
from payments.schedules.domain.starting import in_parts


@dataclass(frozen=True, slots=True)
class Changes:
    """What staff changes of an upcoming payment: its amount in minor units, its date, its method.

    What is none stays as it is.
    """

    amount: int | None = None
    due: date | None = None
    method: RecordedMethod | None = None


def change(schedule: Schedule, instalment_id: str, changes: Changes, context: Context) -> Schedule:
    """The schedule once all of these changes are made to one instalment, or none of them (PAY-5).

    The date moves first: a new instalment that takes what a fall leaves is due after it.

    Raises:
        Refusal: as ``change_date``, ``change_method`` and ``change_amount``.
    """
    if changes.due is not None:
        schedule = change_date(schedule, instalment_id, changes.due, context)
    if changes.method is not None:
        schedule = change_method(schedule, instalment_id, changes.method)
    if changes.amount is not None:
        schedule = change_amount(schedule, instalment_id, changes.amount, context)
    return schedule


def change_amount(schedule: Schedule, instalment_id: str, amount: int, context: Context) -> Schedule:
    """The schedule once staff fixed the amount of an instalment (PAY-5).

    A rise is taken from ``unscheduled``, then from the others that are free; a fall goes to
    the others that are free, or where there are none, online to a new instalment one month
    after the latest, on site to ``unscheduled``.

    Raises:
        Refusal: ``unknown-instalment``, ``zero-amount``, ``held-cheque-amount``, ``paused-instalment-amount`` or
            ``others-do-not-suffice``.
    """
    instalment = schedule.instalment(instalment_id)
    if amount <= 0:
        raise invalid("zero-amount", "An instalment is above zero. Cancel it instead.", rule="PAY-5", amount=amount)
    if instalment.held:
        raise conflict(
            "held-cheque-amount",
            "A held cheque keeps its amount. Cancel it to hand it back.",
            rule="PAY-2",
            instalment=instalment_id,
        )
    if instalment_id in schedule.paused:
        raise conflict(
            "paused-instalment-amount",
            "This payment has no date before the pause of the subscription is lifted: give it a date too, or edit the "
            "price of the period.",
            rule="CON-18",
            instalment=instalment_id,
        )
    fixed = instalment.model_copy(update={"amount": amount, "fixed": True})
    changed = _replaced(schedule, fixed)
    if amount > instalment.amount:
        return balanced(_taken_from_others(changed, instalment_id, amount - instalment.amount))
    return balanced(_given_to_others(changed, instalment_id, instalment.amount - amount, context))


def change_date(schedule: Schedule, instalment_id: str, due: date, context: Context) -> Schedule:
    """The schedule once an instalment is due on another date; that does not fix its amount (PAY-5).

    It is collected as one that was never attempted.

    Raises:
        Refusal: ``unknown-instalment`` or ``past-date``.
    """
    not_past(due, context)
    return balanced(_replaced(schedule, schedule.instalment(instalment_id).anew(due=due)))


def change_method(schedule: Schedule, instalment_id: str, method: RecordedMethod) -> Schedule:
    """The schedule once an instalment is to be paid another way; that does not fix its amount (PAY-5).

    What was attempted of it is over.

    Raises:
        Refusal: ``unknown-instalment``, or ``held-cheque-method`` for another way than the cheque that is held.
    """
    instalment = schedule.instalment(instalment_id)
    if instalment.held and method != "cheque":
        raise conflict(
            "held-cheque-method",
            "A cheque is held for this payment. Cancel it to hand the cheque back, then plan its amount anew.",
            rule="PAY-5",
            instalment=instalment_id,
        )
    return balanced(_replaced(schedule, instalment.anew(method=method)))


def cancel(schedule: Schedule, instalment_id: str) -> Schedule:
    """The schedule once an instalment is cancelled: its amount is unscheduled (PAY-5).

    Raises:
        Refusal: ``unknown-instalment``.
    """
    cancelled = schedule.instalment(instalment_id)
    rest = (each for each in schedule.instalments if each.id != instalment_id)
    return balanced(schedule.but(instalments=rest, unscheduled=schedule.unscheduled + cancelled.amount))


def plan(schedule: Schedule, first: date, count: int, context: Context) -> Schedule:
    """What is unscheduled is put on ``count`` monthly dates; the first gives the schedule its day (PAY-5).

    What a change of the contract dropped before does not come back any more: this is the plan now (PAY-2).

    Raises:
        Refusal: ``past-date``, or ``nothing-unscheduled``.
    """
    not_past(first, context)
    if schedule.unscheduled == 0:
        raise conflict("nothing-unscheduled", "Nothing is unscheduled: there is nothing to put on dates.", rule="PAY-5")
    parts = in_parts(schedule.unscheduled, monthly(first, count), context)
    return balanced(
        schedule.but(day=first.day, unscheduled=0, instalments=(*schedule.instalments, *parts), last_plan=())
    )


def _replaced(schedule: Schedule, instalment: Instalment) -> Schedule:
    return schedule.but(
        instalments=(instalment if each.id == instalment.id else each for each in schedule.instalments),
    )


def _others(schedule: Schedule, instalment_id: str) -> list[Instalment]:
    """The other instalments that are not fixed: what staff changes by hand is taken from them or goes to them."""
    return [each for each in schedule.instalments if each.free and each.id != instalment_id]


def _taken_from_others(schedule: Schedule, instalment_id: str, rise: int) -> Schedule:
    from_unscheduled = min(rise, schedule.unscheduled)
    rest = rise - from_unscheduled
    others = _others(schedule, instalment_id)
    available = sum(each.amount for each in others)
    if rest > available:
        raise conflict(
            "others-do-not-suffice",
            f"{rise} minor units are needed, and what is unscheduled and the other instalments have "
            f"{schedule.unscheduled + available} to give. Raise it by less.",
            rule="PAY-5",
            instalment=instalment_id,
            needed=rise,
            available=schedule.unscheduled + available,
        )
    schedule = schedule.but(unscheduled=schedule.unscheduled - from_unscheduled)
    return respread(schedule, -rest, others) if rest else schedule


def _given_to_others(schedule: Schedule, instalment_id: str, fall: int, context: Context) -> Schedule:
    if fall == 0:
        return schedule
    others = _others(schedule, instalment_id)
    return respread(schedule, fall, others) if others else one_more(schedule, fall, context)
