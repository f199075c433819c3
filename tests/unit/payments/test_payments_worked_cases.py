"""The worked cases of the schedule, every step of every case; their words are in tests/data/README.md."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

from carnet.decisions import Context
from carnet.refusals import Refusal
from payments.collection.domain.calendars import CollectionCalendar
from payments.collection.domain.orders import Order
from payments.collection.domain.results import not_collected
from payments.receipts.domain.receiving import Payment, Received, receive
from payments.receipts.domain.voiding import void_payment
from payments.refunds.domain.refunds import settle, take_back
from payments.schedules.domain.attempts import collect, failed, succeeded, use_credit
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Cheque, Instalment, Schedule
from payments.schedules.domain.upcoming import cancel, change_amount, change_date, plan
from tests.unit.payments.payments_builders import a_context, an_id

CASES = json.loads((Path(__file__).parents[2] / "data" / "schedule-changes.json").read_text(encoding="utf-8"))
NO_MORE_TRIES = CollectionCalendar(id=an_id(2), organisation=an_id(2), retry_after=())


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
        marks = {
            "fixed": each.fixed,
            "held": each.held,
            "outside_run": each.on_request or each.gave_up or each.waits_for_method,
        }
        written = {"due": each.due.isoformat(), "amount": each.amount}
        planned.append(written | {name: True for name, marked in marks.items() if marked})
    uses = [{"credit": use.credit, "amount": use.amount} for use in schedule.credit_uses]
    last_plan = [{"due": each.due.isoformat(), "amount": each.amount} for each in schedule.last_plan]
    return (
        {
            "mode": schedule.mode,
            "total": schedule.total,
            "paid": schedule.paid,
            "processing": schedule.processing,
            "planned": planned,
            "unscheduled": schedule.unscheduled,
            "refund_due": schedule.refund_due,
        }
        | ({"paid_by_credit": uses} if uses else {})
        | ({"last_plan": last_plan} if last_plan else {})
    )


def the_one_due(schedule: Schedule, due: str) -> str:
    (found,) = [each.id for each in schedule.instalments if each.due.isoformat() == due]
    return found


def the_attempt(name: str) -> str:
    """The id of the attempt of the instalment due on that date, or of the use of that credit."""
    return str(uuid5(NAMESPACE_OID, name))


def give_up(schedule: Schedule, due: str, context: Context) -> Schedule:
    (attempt,) = (each for each in schedule.attempts if each.id == the_attempt(due))
    (instalment,) = (part.instalment for part in attempt.taken)
    order = Order(
        id=attempt.id,
        organisation=schedule.organisation,
        kind="charge",
        contract=schedule.id,
        account=schedule.account,
        amount=attempt.amount,
        currency=schedule.currency,
        provider="sandbox",
        method=an_id(4),
        method_kind="card",
        token="tok_refused",
        instalment=instalment.id,
        due=instalment.due,
        slot=0,
        check_at=context.now,
        made_at=context.now,
    )
    return not_collected(schedule, order, "refused", NO_MORE_TRIES, context).state


class Player:
    """Plays one case; a step that depends on earlier ones than the schedule shows (a payment, say) finds them here."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.schedule = schedule_of(case["start"])
        self.context = a_context(date.fromisoformat(case["today"]))
        self.payments: list[Payment] = []

    def play(self, do: Mapping[str, Any]) -> None:
        """Take one step; a refusal leaves everything as it was."""
        ((step, value),) = do.items()
        self.schedule = STEPS[step](self, value)

    def pay(self, amount: int) -> Schedule:
        received = Received(amount, "cash", self.context.today)
        after = receive(self.schedule, received, self.context)
        number = 100 + len(self.payments)
        self.payments.append(received.recorded(an_id(number), self.schedule, self.context.now, "user:ines"))
        return after

    def void(self, number: int) -> Schedule:
        """The payment of that number, from 1, was a wrong entry."""
        return void_payment(self.schedule, self.payments[number - 1], "a slip", self.context).decision.state


def on(step: Callable[[Schedule, Any, Context], Schedule]) -> Callable[[Player, Any], Schedule]:
    """A step that depends on nothing but the schedule."""
    return lambda player, value: step(player.schedule, value, player.context)


STEPS: Mapping[str, Callable[[Player, Any], Schedule]] = {
    "total": on(lambda schedule, total, context: cover(schedule.but(total=total), context)),
    "pay": Player.pay,
    "void": Player.void,
    "collect": on(lambda schedule, due, _: collect(schedule, the_one_due(schedule, due), the_attempt(due))),
    "use_credit": on(
        lambda schedule, use, _: use_credit(schedule, use["credit"], use["amount"], the_attempt(use["credit"]))
    ),
    "succeeded": on(lambda schedule, name, context: succeeded(schedule, the_attempt(name), context)),
    "failed": on(lambda schedule, name, context: failed(schedule, the_attempt(name), context)),
    "gave_up": on(give_up),
    "settle": on(lambda schedule, amount, _: settle(schedule, amount)),
    "reversed": on(take_back),
    "amount": on(
        lambda schedule, to, context: change_amount(schedule, the_one_due(schedule, to["due"]), to["amount"], context)
    ),
    "date": on(
        lambda schedule, to, context: change_date(
            schedule, the_one_due(schedule, to["due"]), date.fromisoformat(to["to"]), context
        )
    ),
    "cancel": on(lambda schedule, due, _: cancel(schedule, the_one_due(schedule, due))),
    "plan": on(lambda schedule, on, context: plan(schedule, date.fromisoformat(on["first"]), on["n"], context)),
}


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_worked_case(case: dict[str, Any]) -> None:
    player = Player(case)
    for step in case["steps"]:
        if "refused" in step:
            before = player.schedule
            with pytest.raises(Refusal):
                player.play(step["do"])
            assert player.schedule == before
        else:
            player.play(step["do"])
            assert as_in_the_case(player.schedule) == step["then"], step["do"]


def test_the_cases_are_all_there() -> None:
    assert len(CASES) == 57
    assert sum(len(case["steps"]) for case in CASES) == 107
