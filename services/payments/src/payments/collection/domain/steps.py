"""What amounts a provider can write, and where the rest of an instalment goes (PAY-6, MON-1)."""

from collections.abc import Mapping
from datetime import date

from payments.schedules.domain.schedule import Instalment, Schedule, balanced

_STEPS: Mapping[str, Mapping[str, int]] = {
    "stripe": {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10, "MGA": 100},
}
"""By provider and currency, what its amounts are multiples of, in minor units of ISO 4217, where not of one."""


def step_of(provider: str | None, currency: str) -> int:
    """What an amount must be a multiple of, in minor units, for that provider to write it.

    >>> step_of("stripe", "TND"), step_of("stripe", "EUR"), step_of("sandbox", "TND")
    (10, 1, 1)
    """
    return _STEPS.get(provider or "", {}).get(currency, 1)


def rounded(schedule: Schedule, instalment: Instalment, step: int, today: date) -> Schedule:
    """The schedule once what ``step`` leaves of an instalment has gone to the next open one, or is unscheduled.

    The sum stays what it was, and of a total that is a multiple of ``step`` the last instalment leaves nothing.
    """
    rest = instalment.amount % step
    if not rest:
        return schedule
    changed = {instalment.id: instalment.resized(instalment.amount - rest)}
    others = (each for each in schedule.instalments if each.id != instalment.id and each.open(today))
    takes_it = next(others, None)
    if takes_it is not None:
        changed[takes_it.id] = takes_it.resized(takes_it.amount + rest)
    instalments = (changed.get(each.id, each) for each in schedule.instalments)
    unscheduled = schedule.unscheduled + (0 if takes_it else rest)
    return balanced(schedule.but(instalments=[each for each in instalments if each.amount], unscheduled=unscheduled))
