"""What staff moves of a schedule is published once, as it then is, and answers no change of it (PAY-5, EVT-1)."""

from collections.abc import Callable
from datetime import date

import pytest

from carnet.decisions import Decision
from carnet.events import payments as published
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.domain.receiving import PostDated
from payments.schedules.domain.decisions import (
    cancel_instalment,
    change_instalment,
    hold_cheques,
    plan_unscheduled,
    published_instalments,
)
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.upcoming import Changes
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    CONTRACT,
    ORGANISATION,
    TODAY,
    a_context,
    a_schedule,
    an_id,
    an_instalment,
)

CONTEXT = a_context()


def as_sold(mode: str) -> Schedule:
    return a_schedule(
        an_instalment(1, "2026-12-05", 1000),
        an_instalment(2, "2027-01-05", 1000, held=True),
        an_instalment(3, "2027-02-05", 1000),
        unscheduled=300,
        paid=700,
        mode=mode,
    )


MOVES: dict[str, tuple[Callable[[Schedule], Decision[Schedule]], int, int]] = {
    "amount": (lambda s: change_instalment(s, an_id(1), Changes(amount=1200), CONTEXT), 3200, 100),
    "date": (lambda s: change_instalment(s, an_id(1), Changes(due=date(2027, 5, 1)), CONTEXT), 3000, 300),
    "method": (lambda s: change_instalment(s, an_id(1), Changes(method="card"), CONTEXT), 3000, 300),
    "the same again": (lambda s: change_instalment(s, an_id(1), Changes(due=date(2026, 12, 5)), CONTEXT), 3000, 300),
    "cancelled": (lambda s: cancel_instalment(s, an_id(3), CONTEXT), 2000, 1300),
    "a cheque cancelled": (lambda s: cancel_instalment(s, an_id(2), CONTEXT), 2000, 1300),
    "planned": (lambda s: plan_unscheduled(s, date(2027, 3, 31), 3, CONTEXT), 3300, 0),
    "held": (lambda s: hold_cheques(s, (PostDated(date(2027, 4, 1), 200, "Nord", "Inès"),), CONTEXT), 3200, 100),
}


@pytest.mark.parametrize("mode", ["online", "on_site"])
@pytest.mark.parametrize("move", MOVES)
def test_each_move_is_published_once_with_the_schedule_as_it_then_is(mode: str, move: str) -> None:
    before = as_sold(mode)
    decide, planned, unscheduled = MOVES[move]
    decision = decide(before)
    after = decision.state
    assert (after.planned, after.unscheduled, after.version) == (planned, unscheduled, before.version)
    assert decision.events == (
        published.ScheduleAdjusted(
            contract=CONTRACT,
            account=ACCOUNT,
            mode=before.mode,
            currency="EUR",
            effective_on=TODAY,
            change=None,
            covers=3,
            balance=published.Balance(
                total=4000, paid=700, processing=0, planned=planned, unscheduled=unscheduled, refund_due=0
            ),
            balance_before=published.Balance(
                total=4000, paid=700, processing=0, planned=3000, unscheduled=300, refund_due=0
            ),
            instalments=published_instalments(after),
            instalments_before=published_instalments(before),
        ),
    )


def test_pay_7_the_deposit_list_has_the_cheques_of_a_schedule_and_nothing_else() -> None:
    assert HeldCheque.of(as_sold("online")) == [
        HeldCheque(
            id=an_id(2),
            organisation=ORGANISATION,
            contract=CONTRACT,
            account=ACCOUNT,
            due=date(2027, 1, 5),
            amount=1000,
            currency="EUR",
            bank="Banque du Nord",
            holder="Paul Martin",
        )
    ]
    assert HeldCheque.of(cancel_instalment(as_sold("online"), an_id(2), CONTEXT).state) == []
