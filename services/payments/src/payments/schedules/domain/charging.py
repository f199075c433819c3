"""PAY-15: a charge with a date of its own is an instalment tied to its line, planned, moved and dropped with it."""

from collections.abc import Iterable, Mapping
from datetime import date

from carnet.decisions import Context
from carnet.events.contracts import DatedCharge
from payments.schedules.domain.schedule import Attempt, Instalment, Schedule


def follow(schedule: Schedule, charges: Iterable[DatedCharge], context: Context) -> Schedule:
    """The schedule with an instalment for each new charge, and the others as their lines now say.

    No other instalment moves. The part of a charge that is paid or processing stays, so ``cover`` finds elsewhere what
    its line loses of that: it comes back without its balance.
    """
    before = {charge.line: charge for charge in schedule.charges}
    now = {charge.line: charge for charge in charges}
    moved = {line: charge.due for line, charge in now.items() if line in before and before[line].due != charge.due}
    instalments = [_moved(each, moved) for each in schedule.instalments if each.line is None or each.line in now]
    for line, charge in now.items():
        grown_by = charge.amount - (before[line].amount if line in before else 0)
        if grown_by > 0:
            due = max(charge.due, context.today) if line in before else charge.due
            instalments = _grown(instalments, charge, grown_by, due, context)
        elif grown_by < 0:
            instalments = _shrunk(instalments, line, -grown_by)
    return schedule.but(
        instalments=instalments,
        attempts=tuple(_returning_to(attempt, moved) for attempt in schedule.attempts),
        charges=tuple(now.values()),
    )


def as_charged(schedule: Schedule) -> Schedule:
    """The schedule once no instalment is of a charge that its contract no longer has, nor above what that is.

    So an attempt returns no more than its line still has. An amount that staff fixed stays.
    """
    most = {charge.line: charge.amount for charge in schedule.charges}
    instalments = []
    for each in schedule.instalments:
        if each.line is None or (each.fixed and each.line in most):
            instalments.append(each)
        elif part := min(each.amount, most.get(each.line, 0)):
            instalments.append(each.resized(part))
            most[each.line] -= part
    return schedule.but(instalments=instalments)


def _moved(instalment: Instalment, moved: Mapping[str, date]) -> Instalment:
    """It moves with its line, as one that was never attempted; one that only staff moved stays where it is (PAY-5)."""
    due = moved.get(instalment.line or "")
    return instalment.anew(due=due) if due else instalment


def _returning_to(attempt: Attempt, moved: Mapping[str, date]) -> Attempt:
    """An attempt does not change; if it fails, its amount returns to the date that its line now has (PAY-6)."""
    taken = []
    for part in attempt.taken:
        due = moved.get(part.instalment.line or "", part.instalment.due)
        taken.append(part.model_copy(update={"instalment": part.instalment.model_copy(update={"due": due})}))
    return attempt.model_copy(update={"taken": tuple(taken)})


def _grown(
    instalments: list[Instalment], charge: DatedCharge, by: int, due: date, context: Context
) -> list[Instalment]:
    """The instalment of the charge grows if it is still collected; otherwise another one is added."""
    own = next((each for each in instalments if each.line == charge.line and each.to_collect(context.today)), None)
    if own is None:
        return [*instalments, Instalment(id=context.new_id(), due=due, amount=by, line=charge.line)]
    return [each.resized(each.amount + by) if each is own else each for each in instalments]


def _shrunk(instalments: list[Instalment], line: str, by: int) -> list[Instalment]:
    kept = []
    for each in instalments:
        part = min(each.amount, by) if each.line == line else 0
        by -= part
        if each.amount > part:
            kept.append(each.resized(each.amount - part))
    return kept
