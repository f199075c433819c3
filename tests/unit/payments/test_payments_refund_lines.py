"""What the follow-up keeps of a refund line: since when it is there and what made it (PAY-3, PAY-9)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.decisions import Context, Decision
from carnet.events.contracts import ContractTerms
from payments.accounts.domain import Names
from payments.follow_up.domain import FollowUp
from payments.receipts.domain.receiving import Received
from payments.refunds.domain.settling import HandedOver, Settling, refund_failed, settle_refund_line
from payments.schedules.domain.decisions import adjust_schedule, change_instalment, record_payment
from payments.schedules.domain.refund_lines import with_refund_line
from payments.schedules.domain.schedule import RefundCause, Schedule
from payments.schedules.domain.upcoming import Changes
from tests.unit.payments.payments_builders import (
    CHANGE,
    PAYMENT,
    TODAY,
    a_context,
    a_payment,
    a_schedule,
    an_id,
    an_instalment,
    used,
)

NAMES = Names(owner="Inès Martin")
LATER = date(2027, 1, 15)


def later(change: str = an_id(500)) -> Context:
    context = a_context(LATER)
    return replace(context, change=change, now=context.now + timedelta(days=55))


def to_total(schedule: Schedule, total: int, context: Context) -> Decision[Schedule]:
    return adjust_schedule(schedule, ContractTerms(total=total, live_lines=1, version=schedule.covers + 1), context)


def saved(before: Schedule, decision: Decision[Schedule], context: Context) -> tuple[Schedule, FollowUp]:
    """The schedule as it is saved, and the row that shows it."""
    schedule = with_refund_line(before, decision, context).state
    return schedule, FollowUp.of(schedule, NAMES)


def since_and_cause(row: FollowUp) -> tuple[Any, Any]:
    assert (row.refund_since is None) == (row.refund_noted_at is None)
    return row.refund_since, row.refund_cause


def a_line(total: int = 700) -> tuple[Schedule, FollowUp]:
    """A contract of 1000, paid, that has become cheaper today, and its row."""
    paid = a_schedule(paid=1000)
    return saved(paid, to_total(paid, total, a_context()), a_context())


def test_pay_3_a_line_dates_from_the_change_that_made_it() -> None:
    _, row = a_line()
    assert (row.refund_due, row.names) == (300, NAMES)
    assert since_and_cause(row) == (TODAY, RefundCause(kind="change", id=CHANGE))
    assert row.refund_noted_at == a_context().now


def test_pay_7_a_payment_of_too_much_makes_one() -> None:
    schedule, context = a_schedule(an_instalment(1, "2026-12-05", 500)), a_context()
    decision = record_payment(schedule, Received(800, "cash", TODAY), PAYMENT, context)
    _, row = saved(schedule, decision, context)
    assert (row.refund_due, since_and_cause(row)) == (300, (TODAY, RefundCause(kind="payment", id=PAYMENT)))


def test_pay_4_a_refund_that_fails_makes_one() -> None:
    line, _ = a_line()
    done = settle_refund_line(line, Settling(300, "refunded"), [a_payment(1, 1000)], a_context())
    schedule, row = saved(line, done.decision, a_context())
    assert since_and_cause(row) == (None, None)
    refund = HandedOver(done.settlement, done.payments[0], done.settlement.parts[0].order)
    _, row = saved(schedule, refund_failed(schedule, refund, "expired", later()).decision, later())
    assert since_and_cause(row) == (LATER, RefundCause(kind="refund_failed", id=done.settlement.id))


def test_a_line_keeps_its_day_and_its_cause_while_its_amount_changes() -> None:
    line, row = a_line()
    expected = since_and_cause(row)
    schedule, row = saved(line, settle_refund_line(line, Settling(100, "on_site"), (), later()).decision, later())
    assert (row.refund_due, since_and_cause(row)) == (200, expected)
    for total in (850, 100):
        _, row = saved(schedule, to_total(schedule, total, later()), later())
        assert since_and_cause(row) == expected


def test_a_line_that_went_and_comes_again_is_another() -> None:
    line, _ = a_line()
    gone, row = saved(line, to_total(line, 1000, later(an_id(501))), later(an_id(501)))
    assert (row.refund_due, since_and_cause(row)) == (0, (None, None))
    _, row = saved(gone, to_total(gone, 900, later(an_id(502))), later(an_id(502)))
    assert since_and_cause(row) == (LATER, RefundCause(kind="change", id=an_id(502)))


def test_a_line_that_an_older_release_has_noted_elsewhere_is_made_no_second_time() -> None:
    before = a_schedule(paid=1000, refund_due=300)
    schedule, row = saved(before, to_total(before, 600, later()), later())
    assert (row.refund_due, schedule.refund_line) == (400, None)


def test_what_staff_moves_makes_no_line_and_no_cause() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 500))
    decision = change_instalment(schedule, an_id(1), Changes(due=LATER), a_context())
    assert RefundCause.of(decision.events) is None
    assert since_and_cause(saved(schedule, decision, a_context())[1]) == (None, None)


@pytest.mark.parametrize(("mode", "awaiting"), [("online", 400), ("on_site", 0)])
def test_pay_3_only_online_a_line_awaits_correction(mode: str, awaiting: int) -> None:
    row = FollowUp.of(a_schedule(paid=1000, refund_due=400, mode=mode), NAMES)
    assert (row.refund_due, row.awaiting_correction) == (400, awaiting)


def test_pay_4_what_can_be_settled_is_no_more_than_is_paid() -> None:
    waits = FollowUp.of(a_schedule(paid=1000, refund_due=400), NAMES)
    assert waits.refundable == 400
    assert waits.model_copy(update={"paid": 150}).refundable == 150


def test_pay_9_credit_used_is_what_credits_brought() -> None:
    uses = (used(an_id(90), 300), used(an_id(91), 50))
    assert FollowUp.of(a_schedule(paid=1000, credit_uses=uses), NAMES).credit_used == 350
