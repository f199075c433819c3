"""PAY-4, PAY-13: money that leaves a contract again."""

from carnet.decisions import Context
from carnet.refusals import conflict
from payments.schedules.domain.schedule import Instalment, Schedule, balanced


def settle(schedule: Schedule, amount: int) -> Schedule:
    """The schedule once ``amount`` of the refund line is settled, however that is done (PAY-4).

    Raises:
        Refusal: ``more-than-to-refund`` above the refund line, above what is paid, or above what would
            remain of the line if what is processing failed.
    """
    most = schedule.settleable
    if amount > most:
        waits = " The rest waits for what is processing, which may fail." if schedule.processing else ""
        raise conflict(
            "more-than-to-refund",
            f"At most {most} minor units can be settled now.{waits} Settle no more than that.",
            rule="PAY-4",
            amount=amount,
            most=most,
            processing=schedule.processing,
        )
    return balanced(schedule.but(paid=schedule.paid - amount, refund_due=schedule.refund_due - amount))


def take_back(schedule: Schedule, amount: int, context: Context, *, disputed: bool = False) -> Schedule:
    """The schedule once the bank took ``amount`` of its payments back (PAY-13).

    A refund line is reduced first; the rest is due: online as an instalment of today that is not collected
    automatically, on site unscheduled. What is ``disputed`` is not recalled (PAY-10).

    Raises:
        Refusal: ``more-than-paid`` above what payments, not credits, brought.
    """
    received = schedule.paid - sum(use.amount for use in schedule.credit_uses)
    if amount > received:
        raise conflict(
            "more-than-paid",
            f"Payments brought {received} minor units. Take back no more than that.",
            rule="PAY-13",
            amount=amount,
            most=received,
        )
    from_refund = min(amount, schedule.refund_due)
    rest = amount - from_refund
    schedule = schedule.but(paid=schedule.paid - amount, refund_due=schedule.refund_due - from_refund)
    if rest == 0:
        return balanced(schedule)
    if schedule.mode == "on_site":
        return balanced(schedule.but(unscheduled=schedule.unscheduled + rest))
    due = Instalment(id=context.new_id(), due=context.today, amount=rest, on_request=True, disputed=disputed)
    return balanced(schedule.but(instalments=(*schedule.instalments, due)))
