"""Where an amount is taken from in a schedule, and how it returns there."""

from dataclasses import dataclass

from payments.schedules.domain.charging import as_charged
from payments.schedules.domain.schedule import Attempt, Instalment, Schedule, Taken


@dataclass(frozen=True, slots=True)
class Taking:
    """A schedule less what was taken from it, and what that was; ``missing`` is what it had not."""

    schedule: Schedule
    unscheduled: int
    taken: tuple[Taken, ...]
    missing: int


def take(schedule: Schedule, amount: int, *, first: str | None = None, sparing_held: bool = False) -> Taking:
    """Take ``amount`` from ``unscheduled``, then from the earliest instalments (PAY-7, CRE-3).

    The instalment ``first`` goes before all. A held cheque is never resized: where only a part
    of it is needed it is handed back whole, and the rest of it becomes unscheduled (PAY-2).
    """
    ahead = [each for each in schedule.instalments if each.id == first]
    later = [each for each in schedule.instalments if each.id != first and not (sparing_held and each.held)]
    taken = _drawn(ahead, amount)
    missing = amount - sum(part.amount for part in taken)
    unscheduled = min(missing, schedule.unscheduled)
    taken += _drawn(later, missing - unscheduled)
    return Taking(
        schedule=_without(schedule, taken, unscheduled),
        unscheduled=unscheduled,
        taken=tuple(taken),
        missing=amount - unscheduled - sum(part.amount for part in taken),
    )


def put_back(schedule: Schedule, attempt: Attempt) -> Schedule:
    """Return where it was what the attempt had taken; what is left of an instalment grows again (PAY-6).

    Of a charge that the contract no longer has, or lowered meanwhile, only what it still has (PAY-15).
    """
    there = {instalment.id: instalment for instalment in schedule.instalments}
    unscheduled = schedule.unscheduled + attempt.unscheduled
    for part in attempt.taken:
        was = part.instalment
        handed_back = was.amount - part.amount if was.held else 0
        if handed_back > unscheduled:  # its rest was moved or paid meanwhile, so the cheque cannot be whole again
            unscheduled += part.amount
        elif was.held:
            unscheduled -= handed_back
            there[was.id] = was
        elif was.id in there:
            there[was.id] = there[was.id].resized(there[was.id].amount + part.amount)
        else:
            there[was.id] = was.resized(part.amount)
    return as_charged(schedule.but(instalments=there.values(), unscheduled=unscheduled))


def _drawn(instalments: list[Instalment], amount: int) -> list[Taken]:
    taken = []
    for instalment in instalments:
        if amount == 0:
            break
        part = min(amount, instalment.amount)
        taken.append(Taken(instalment=instalment, amount=part))
        amount -= part
    return taken


def _without(schedule: Schedule, taken: list[Taken], unscheduled: int) -> Schedule:
    drawn = {part.instalment.id: part.amount for part in taken}
    kept = []
    handed_back = 0
    for instalment in schedule.instalments:
        rest = instalment.amount - drawn.get(instalment.id, 0)
        if instalment.held and instalment.id in drawn:
            handed_back += rest
        elif rest:
            kept.append(instalment.resized(rest) if instalment.id in drawn else instalment)
    return schedule.but(instalments=kept, unscheduled=schedule.unscheduled - unscheduled + handed_back)
