"""The worked cases of the schedule, every step of every case. They are binding."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from carnet.decisions import Context
from carnet.refusals import Refusal
from payments.receipts.domain.receiving import Received, receive
from payments.refunds.domain.refunds import settle, take_back
from payments.schedules.domain.attempts import collect, failed, succeeded, use_credit
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Cheque, Instalment, Schedule
from payments.schedules.domain.upcoming import cancel, change_amount, change_date, plan
from tests.unit.payments.payments_builders import a_context, an_id

CASES = json.loads((Path(__file__).parents[2] / "data" / "schedule-changes.json").read_text(encoding="utf-8"))


def schedule_of(start: dict[str, Any]) -> Schedule:
    instalments = tuple(
        Instalment(
            id=an_id(number),
            due=date.fromisoformat(planned["due"]),
            amount=planned["amount"],
            fixed=planned.get("fixed", False),
            cheque=Cheque(bank="Banque du Nord", holder="Paul Martin") if planned.get("held") else None,
        )
        for number, planned in enumerate(start["planned"])
    )
    assert start["processing"] == 0
    return Schedule(
        id=an_id(1),
        organisation=an_id(2),
        account=an_id(3),
        mode=start["mode"],
        currency="EUR",
        day=start["day"],
        total=start["total"],
        live_lines=1,
        covers=1,
        paid=start["paid"],
        instalments=instalments,
        unscheduled=start["unscheduled"],
        refund_due=start["refund_due"],
    )


def as_in_the_case(schedule: Schedule) -> dict[str, Any]:
    planned = []
    for each in schedule.instalments:
        written: dict[str, Any] = {"due": each.due.isoformat(), "amount": each.amount}
        planned.append(written | ({"fixed": True} if each.fixed else {}) | ({"held": True} if each.held else {}))
    uses = [{"credit": use.credit, "amount": use.amount} for use in schedule.credit_uses]
    return {
        "mode": schedule.mode,
        "total": schedule.total,
        "paid": schedule.paid,
        "processing": schedule.processing,
        "planned": planned,
        "unscheduled": schedule.unscheduled,
        "refund_due": schedule.refund_due,
    } | ({"paid_by_credit": uses} if uses else {})


def the_one_due(schedule: Schedule, due: str) -> str:
    (found,) = [each.id for each in schedule.instalments if each.due.isoformat() == due]
    return found


STEPS: dict[str, Callable[[Schedule, Any, Context], Schedule]] = {
    "total": lambda schedule, total, context: cover(schedule.but(total=total), context),
    "pay": lambda schedule, amount, context: receive(schedule, Received(amount, "cash", context.today), context),
    "collect": lambda schedule, due, _: collect(schedule, the_one_due(schedule, due), due),
    "use_credit": lambda schedule, use, _: use_credit(schedule, use["credit"], use["amount"], use["credit"]),
    "succeeded": succeeded,
    "failed": failed,
    "settle": lambda schedule, amount, _: settle(schedule, amount),
    "reversed": take_back,
    "amount": lambda schedule, to, context: change_amount(
        schedule, the_one_due(schedule, to["due"]), to["amount"], context
    ),
    "date": lambda schedule, to, context: change_date(
        schedule, the_one_due(schedule, to["due"]), date.fromisoformat(to["to"]), context
    ),
    "cancel": lambda schedule, due, _: cancel(schedule, the_one_due(schedule, due)),
    "plan": lambda schedule, on, context: plan(schedule, date.fromisoformat(on["first"]), on["n"], context),
}


def done(schedule: Schedule, do: dict[str, Any], context: Context) -> Schedule:
    ((step, value),) = do.items()
    return STEPS[step](schedule, value, context)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_worked_case(case: dict[str, Any]) -> None:
    schedule = schedule_of(case["start"])
    context = a_context(date.fromisoformat(case["today"]))
    for step in case["steps"]:
        if "refused" in step:
            with pytest.raises(Refusal):
                done(schedule, step["do"], context)
        else:
            schedule = done(schedule, step["do"], context)
            assert as_in_the_case(schedule) == step["then"], step["do"]


def test_the_cases_are_all_there() -> None:
    assert len(CASES) == 40
    assert sum(len(case["steps"]) for case in CASES) == 61
