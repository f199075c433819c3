"""PAY-7: how a schedule starts, as the sale says."""

from dataclasses import dataclass
from datetime import date

from carnet.dates import monthly, months_after
from carnet.decisions import Context
from carnet.events.contracts import AtOnce, ContractTerms, Deposit, Instalments, Later, Mode, OnSite, Sale
from carnet.money import split
from carnet.sales import check_sale
from payments.schedules.domain.charging import follow
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Instalment, PlannedBefore, Schedule


@dataclass(frozen=True, slots=True)
class Opening:
    """A contract that was opened, or would be."""

    contract: str
    organisation: str
    account: str
    mode: Mode
    sale: Sale
    currency: str
    terms: ContractTerms
    number: str | None = None
    """The contract's number for people (CON-27)."""


def start(opening: Opening, context: Context) -> Schedule:
    """The schedule that a contract starts with; ``context.today`` is the day of the sale.

    Raises:
        Refusal: as ``carnet.sales.check_sale``.
    """
    sale, terms, today = opening.sale, opening.terms, context.today
    check_sale(opening.mode, sale, terms.total, today)
    empty = Schedule(
        id=opening.contract,
        number=opening.number,
        organisation=opening.organisation,
        account=opening.account,
        mode=opening.mode,
        currency=opening.currency,
        day=today.day,
        total=terms.total,
        live_lines=terms.live_lines,
        covers=terms.version,
        cards=terms.cards,
    )
    charged = follow(empty, terms.charges, context)
    ordinary = max(terms.total - charged.planned, 0)
    return cover(_as_sold(charged, ordinary, sale, context), context)


def _as_sold(schedule: Schedule, ordinary: int, sale: Sale, context: Context) -> Schedule:
    """The schedule with ``ordinary``, what the lines without dates of their own come to, as the sale says."""
    match sale:
        case Later() | OnSite():
            return schedule.but(unscheduled=ordinary)
        case AtOnce():
            parts = in_parts(ordinary, [context.today], context)
            started = schedule.but(instalments=(*schedule.instalments, *parts))
        case Instalments():
            first = sale.first_due or context.today
            parts = in_parts(ordinary, monthly(first, sale.count), context)
            started = schedule.but(day=first.day, instalments=(*schedule.instalments, *parts))
        case Deposit():
            started = _with_deposit(schedule, ordinary, sale, context)
        case _:  # a start that a newer release has added: nothing is due until staff puts it on dates
            return schedule.but(unscheduled=ordinary)
    return started if ordinary else started.but(last_plan=_dates_of(sale, context.today))


def in_parts(amount: int, dates: list[date], context: Context) -> list[Instalment]:
    """``amount`` in equal parts on these dates, the odd units on the earliest (MON-2); none of zero."""
    parts = split(amount, [1] * len(dates))
    return [
        Instalment(id=context.new_id(), due=due, amount=part) for due, part in zip(dates, parts, strict=True) if part
    ]


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


def _with_deposit(schedule: Schedule, ordinary: int, sale: Deposit, context: Context) -> Schedule:
    """A deposit above what is not charged on dates of its own is that: there is nothing else to pay."""
    deposit = min(sale.deposit, ordinary)
    fixed = [each.model_copy(update={"fixed": True}) for each in in_parts(deposit, [context.today], context)]
    dates = _after_deposit(sale, context.today)
    day = sale.first_due.day if sale.first_due else context.today.day
    parts = in_parts(ordinary - deposit, dates, context)
    return schedule.but(day=day, instalments=(*schedule.instalments, *fixed, *parts))


def _after_deposit(sale: Deposit, today: date) -> list[date]:
    """The monthly dates after a deposit: one month after the sale where none was said."""
    if sale.first_due:
        return monthly(sale.first_due, sale.count)
    # The day is that of the sale: from the 31st, the 31st again after a short month (MON-3).
    return [months_after(today, index, today.day) for index in range(1, sale.count + 1)]
