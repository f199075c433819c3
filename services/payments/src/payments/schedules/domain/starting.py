"""PAY-7: how a schedule starts, as the sale says."""

from dataclasses import dataclass
from datetime import date

from carnet.dates import monthly, months_after
from carnet.decisions import Context
from carnet.events.contracts import AtOnce, Deposit, Instalments, Later, Mode, OnSite, Sale
from carnet.money import split
from carnet.refusals import invalid
from payments.schedules.domain.schedule import Instalment, PlannedBefore, Schedule, balanced

SALES: dict[Mode, tuple[type[Sale], ...]] = {
    "online": (AtOnce, Instalments, Deposit, Later),
    "on_site": (OnSite, Later, Instalments, Deposit),
}
"""The sales that each payment mode allows (PAY-7)."""

FURTHEST = 10
"""How many years after the sale the first instalment may be due."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says to its schedule: the total in minor units, its live lines and its version."""

    total: int
    live_lines: int
    covers: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A contract that was opened, or would be."""

    contract: str
    organisation: str
    account: str
    mode: Mode
    sale: Sale
    currency: str
    terms: Terms
    number: str | None = None
    """The contract's number for people (CON-27)."""


def start(opening: Opening, context: Context) -> Schedule:
    """The schedule that a contract starts with; ``context.today`` is the day of the sale.

    Raises:
        Refusal: ``sale-not-for-mode`` where the payment mode does not allow the sale,
            ``first-due-out-of-range`` where its first date is past or too far.
    """
    sale, total, today = opening.sale, opening.terms.total, context.today
    _allowed(opening, today)
    schedule = Schedule(
        id=opening.contract,
        number=opening.number,
        organisation=opening.organisation,
        account=opening.account,
        mode=opening.mode,
        currency=opening.currency,
        day=today.day,
        total=total,
        live_lines=opening.terms.live_lines,
        covers=opening.terms.covers,
    )
    match sale:
        case Later() | OnSite():
            return balanced(schedule.but(unscheduled=total))
        case AtOnce():
            started = schedule.but(instalments=in_parts(total, [today], context))
        case Instalments():
            first = sale.first_due or today
            parts = in_parts(total, monthly(first, sale.count), context)
            started = schedule.but(day=first.day, instalments=parts)
        case Deposit():
            started = _with_deposit(schedule, sale, context)
    return balanced(started if total else started.but(last_plan=_dates_of(sale, today)))


def in_parts(amount: int, dates: list[date], context: Context) -> list[Instalment]:
    """``amount`` in equal parts on these dates, the odd units on the earliest (MON-2); none of zero."""
    parts = split(amount, [1] * len(dates))
    return [
        Instalment(id=context.new_id(), due=due, amount=part) for due, part in zip(dates, parts, strict=True) if part
    ]


def _allowed(opening: Opening, today: date) -> None:
    sale = opening.sale
    if not isinstance(sale, SALES[opening.mode]):
        raise invalid(
            "sale-not-for-mode",
            f"A contract paid {opening.mode.replace('_', ' ')} cannot start as {sale.start}. Choose another start.",
            rule="PAY-7",
            mode=opening.mode,
            start=sale.start,
        )
    first_due = sale.first_due if isinstance(sale, Instalments | Deposit) else None
    if first_due is not None and (first_due < today or first_due.year > today.year + FURTHEST):
        raise invalid(
            "first-due-out-of-range",
            f"The first instalment is due from the day of the sale to {FURTHEST} years after. Choose another date.",
            rule="PAY-7",
            first_due=first_due.isoformat(),
            today=today.isoformat(),
        )


def _dates_of(sale: AtOnce | Instalments | Deposit, today: date) -> tuple[PlannedBefore, ...]:
    """The dates of a sale that came to zero: what is sold later goes there in equal parts (PAY-2)."""
    match sale:
        case AtOnce():
            dates = [today]
        case Instalments():
            dates = monthly(sale.first_due or today, sale.count)
        case Deposit():
            dates = [today, *_after_deposit(sale, today)]
    return tuple(PlannedBefore(due=due, amount=0) for due in dates)


def _with_deposit(schedule: Schedule, sale: Deposit, context: Context) -> Schedule:
    """A deposit above the total is the total: there is nothing else to pay."""
    deposit = min(sale.deposit, schedule.total)
    fixed = [each.model_copy(update={"fixed": True}) for each in in_parts(deposit, [context.today], context)]
    dates = _after_deposit(sale, context.today)
    day = sale.first_due.day if sale.first_due else context.today.day
    return schedule.but(day=day, instalments=[*fixed, *in_parts(schedule.total - deposit, dates, context)])


def _after_deposit(sale: Deposit, today: date) -> list[date]:
    """The monthly dates after a deposit: one month after the sale where none was said."""
    if sale.first_due:
        return monthly(sale.first_due, sale.count)
    # The day is that of the sale: from the 31st, the 31st again after a short month (MON-3).
    return [months_after(today, index, today.day) for index in range(1, sale.count + 1)]
