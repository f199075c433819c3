"""Schedules and contexts for the tests of payments."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from carnet.decisions import Actor, Context
from carnet.events.contracts import ContractTerms, DatedCharge
from payments.receipts.domain.receiving import Payment
from payments.schedules.domain.schedule import Attempt, Cheque, CreditUse, Instalment, Schedule
from payments.schedules.domain.starting import Opening

ORGANISATION = "00000000-0000-7000-8000-0000000000aa"
ACCOUNT = "00000000-0000-7000-8000-0000000000ac"
CONTRACT = "00000000-0000-7000-8000-0000000000c0"
CHANGE = "00000000-0000-7000-8000-0000000000ce"
PAYMENT = "00000000-0000-7000-8000-0000000000fa"
TODAY = date(2026, 11, 21)


def an_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def a_context(today: date = TODAY, first_id: int = 1000) -> Context:
    numbers = count(first_id)
    return Context(
        now=datetime(2026, 11, 21, 9, tzinfo=UTC),
        today=today,
        actor=Actor("user", "ines"),
        change=CHANGE,
        new_id=lambda: an_id(next(numbers)),
    )


def an_instalment(number: int, due: str, amount: int, *, fixed: bool = False, held: bool = False) -> Instalment:
    cheque = Cheque(bank="Banque du Nord", holder="Paul Martin") if held else None
    return Instalment(id=an_id(number), due=date.fromisoformat(due), amount=amount, fixed=fixed, cheque=cheque)


def a_schedule(*instalments: Instalment, **fields: Any) -> Schedule:
    """A schedule that balances: the total is what its other amounts make."""
    paid, unscheduled = fields.pop("paid", 0), fields.pop("unscheduled", 0)
    refund_due = fields.pop("refund_due", 0)
    attempts: tuple[Attempt, ...] = fields.pop("attempts", ())
    total = (
        paid
        + sum(each.amount for each in attempts)
        + sum(each.amount for each in instalments)
        + unscheduled
        - refund_due
    )
    return Schedule(
        id=CONTRACT,
        organisation=ORGANISATION,
        account=ACCOUNT,
        mode=fields.pop("mode", "online"),
        currency="EUR",
        day=fields.pop("day", 5),
        total=total,
        live_lines=fields.pop("live_lines", 1),
        covers=fields.pop("covers", 3),
        paid=paid,
        instalments=instalments,
        unscheduled=unscheduled,
        refund_due=refund_due,
        attempts=attempts,
        **fields,
    )


def a_payment(number: int, amount: int, day: str = "2026-11-21", **fields: Any) -> Payment:
    """A payment that a provider collected by card, unless given otherwise."""
    usual = {
        "organisation": ORGANISATION,
        "contract": CONTRACT,
        "account": ACCOUNT,
        "currency": "EUR",
        "method": "card",
        "instalment": None,
        "recorded_at": datetime(2026, 11, 21, 9, tzinfo=UTC),
        "recorded_by": "service:payments",
        "provider": "sandbox",
        "reference": f"ch_{number}",
    }
    return Payment(**{**usual, "id": an_id(number), "amount": amount, "received_on": date.fromisoformat(day), **fields})


def used(credit: str, amount: int) -> CreditUse:
    return CreditUse(credit=credit, amount=amount)


def a_charge(number: int, due: str | date, amount: int) -> DatedCharge:
    """The charge of the line of that number."""
    return DatedCharge(line=an_id(number), due=date.fromisoformat(due) if isinstance(due, str) else due, amount=amount)


def an_opening(mode: str, sale: Any, total: int, live_lines: int = 1, charges: tuple[DatedCharge, ...] = ()) -> Opening:
    return Opening(
        contract=CONTRACT,
        organisation=ORGANISATION,
        account=ACCOUNT,
        mode=mode,
        sale=sale,
        currency="EUR",
        terms=ContractTerms(total=total, live_lines=live_lines, version=3, charges=charges),
    )


def dates_and_amounts(schedule: Schedule) -> list[tuple[str, int]]:
    return [(each.due.isoformat(), each.amount) for each in schedule.instalments]
