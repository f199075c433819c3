"""What a family can be reminded of: what is due of its contracts, and never what it cannot or need not pay (PAY-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from carnet.events import payments as published
from payments.schedules.domain.schedule import Schedule

Debt = published.Debt


def debts_of(schedule: Schedule, today: date) -> list[Debt]:
    """What is due or to come of a contract: never what is processing or disputed, nor a cheque that is held.

    Nor is it what waits for an open pause to be lifted (CON-18). What the run still collects is not late, whatever its
    date: the family has nothing to do.
    """
    found = list[Debt]()
    for each in schedule.dated:
        collected = schedule.mode == "online" and each.collect_on is not None
        if each.held or each.disputed or (collected and each.due < today):
            continue
        kind: published.DebtKind = "late" if each.due < today else "today" if each.due == today else "coming"
        debt = _debt(schedule, kind, each.due, each.amount)
        found.append(debt.model_copy(update={"instalment": each.id, "collected": collected}))
    if schedule.unscheduled and schedule.unscheduled_since is not None:
        found.append(_debt(schedule, "order", schedule.unscheduled_since, schedule.unscheduled))
    return found


@dataclass(frozen=True, slots=True)
class Late:
    """What is late of a contract; ``without_method``: the run would collect it, had the account a payment method."""

    debt: Debt
    without_method: bool


def late_of(schedule: Schedule, today: date, *, collecting: bool, has_method: bool) -> list[Late]:
    """What is so late of a contract that it may withhold accesses, by date (CON-20).

    Unlike what a family is reminded of, this includes what the run collects and what is disputed. ``collecting`` says
    whether the organisation has due instalments collected automatically, ``has_method`` whether the account has a
    payment method: without either nothing is collected, whatever the schedule plans.
    """
    late = list[Late]()
    for each in schedule.dated:
        if each.held or each.due >= today:
            continue
        in_run = each.collect_on is not None or each.waits_for_method
        by_run = collecting and schedule.mode == "online" and in_run and not each.disputed
        debt = _debt(schedule, "late", each.due, each.amount)
        collected = by_run and has_method and not each.waits_for_method
        shown = debt.model_copy(update={"instalment": each.id, "collected": collected})
        late.append(Late(shown, without_method=by_run and not has_method))
    return sorted(late, key=lambda each: (each.debt.due, each.debt.instalment or ""))


def all_debts(schedules: Iterable[Schedule], today: date) -> list[Debt]:
    """What is due or to come of these contracts, by date."""
    found = [debt for schedule in schedules for debt in debts_of(schedule, today)]
    return sorted(found, key=lambda each: (each.due, each.contract, each.instalment or ""))


def due_now(schedules: Iterable[Schedule], today: date) -> tuple[Debt, ...]:
    """What a family has to pay of these contracts today, late or on no date: what a person may remind of."""
    return tuple(each for each in all_debts(schedules, today) if each.kind != "coming" and not each.collected)


def key_of(debt: Debt) -> str:
    """What distinguishes a debt from the others of its account: its instalment, or the contract of an order."""
    return debt.instalment or debt.contract


def due_elsewhere(schedules: Iterable[Schedule]) -> frozenset[str]:
    """The keys of what was due already when it came from another system, on a date or on none (IMP-3).

    No calendar recalls it.
    """
    found = set[str]()
    for each in schedules:
        if each.imported_on is None:
            continue
        found |= {instalment.id for instalment in each.instalments if instalment.due <= each.imported_on}
        if each.unscheduled_since is not None and each.unscheduled_since <= each.imported_on:
            found.add(each.id)
    return frozenset(found)


def is_paused(schedules: Iterable[Schedule]) -> bool:
    """Whether something is to be settled first: a refund, a loss, or a payment that the card's holder disputes."""
    return any(
        each.refund_due or each.lost or any(instalment.disputed for instalment in each.instalments)
        for each in schedules
    )


def _debt(schedule: Schedule, kind: published.DebtKind, due: date, amount: int) -> Debt:
    return Debt(contract=schedule.id, number=schedule.number, kind=kind, due=due, amount=amount)
