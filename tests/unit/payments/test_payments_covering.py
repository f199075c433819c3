"""What a change of the total does to a schedule (PAY-1, PAY-2, PAY-3, CRE-6) beyond the worked cases."""

from datetime import date
from typing import Any

import pytest

from payments.receipts.domain.receiving import PostDated, hold
from payments.refunds.domain.refunds import take_back
from payments.schedules.domain.attempts import collect, failed, succeeded, use_credit
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import BalanceError, PlannedBefore, Schedule, balanced
from payments.schedules.domain.upcoming import cancel, plan
from tests.unit.payments.payments_builders import (
    a_context,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
    used,
)


def changed_by(schedule: Schedule, amount: int) -> Schedule:
    return cover(schedule.but(total=schedule.total + amount), a_context())


def test_pay_2_what_covers_the_total_already_comes_back_as_it_is() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 3333), an_instalment(2, "2027-01-05", 3334), unscheduled=5)
    assert changed_by(schedule, 0) == schedule


def test_pay_2_instalments_on_the_same_date_each_take_their_share() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 5000), an_instalment(2, "2026-12-05", 2500))
    after = changed_by(schedule, 750)
    assert [(each.id, each.amount) for each in after.instalments] == [(an_id(1), 5500), (an_id(2), 2750)]


def test_pay_2_a_rise_spares_fixed_ones_and_cheques() -> None:
    schedule = a_schedule(
        an_instalment(1, "2026-12-05", 1000, fixed=True),
        an_instalment(2, "2027-01-05", 1000, held=True),
        an_instalment(3, "2027-02-05", 1000),
    )
    assert [amount for _, amount in dates_and_amounts(changed_by(schedule, 500))] == [1000, 1000, 1500]


def test_pay_2_where_only_cheques_are_left_a_rise_is_one_more_instalment_online() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True))
    assert dates_and_amounts(changed_by(schedule, 500)) == [("2026-12-05", 1000), ("2027-01-05", 500)]


def test_pay_2_a_fall_takes_firm_ones_the_latest_first_be_they_fixed_or_cheques() -> None:
    schedule = a_schedule(
        an_instalment(1, "2026-12-05", 1000, fixed=True),
        an_instalment(2, "2027-01-05", 1000, held=True),
        an_instalment(3, "2027-02-05", 1000, fixed=True),
        an_instalment(4, "2027-03-05", 1000),
    )
    after = changed_by(schedule, -2300)
    assert dates_and_amounts(after) == [("2026-12-05", 1000)]
    assert after.unscheduled == 700


def test_pay_2_a_cheque_reached_exactly_leaves_nothing_unscheduled() -> None:
    schedule = a_schedule(
        an_instalment(1, "2026-12-05", 1000, held=True), an_instalment(2, "2027-01-05", 1000, held=True)
    )
    after = changed_by(schedule, -1000)
    assert dates_and_amounts(after) == [("2026-12-05", 1000)]
    assert after.unscheduled == 0


def test_pay_2_online_where_something_was_unscheduled_what_is_left_stays_so() -> None:
    after = changed_by(a_schedule(paid=1000, unscheduled=500), 250)
    assert (after.unscheduled, after.instalments) == (750, ())


def test_pay_2_a_new_instalment_is_due_on_the_day_of_the_change() -> None:
    after = changed_by(a_schedule(paid=1000), 250)
    assert dates_and_amounts(after) == [("2026-11-21", 250)]


@pytest.mark.parametrize("mark", ["gave_up", "on_request", "waits_for_method"])
def test_pay_2_a_rise_spares_what_is_outside_the_run(mark: str) -> None:
    outside = an_instalment(1, "2026-12-05", 1000).model_copy(update={mark: True})
    after = changed_by(a_schedule(outside, an_instalment(2, "2027-01-05", 1000)), 500)
    assert dates_and_amounts(after) == [("2026-12-05", 1000), ("2027-01-05", 1500)]


def test_pay_2_on_site_a_rise_spares_what_is_late() -> None:
    after = changed_by(a_schedule(an_instalment(1, "2026-11-20", 1000), mode="on_site"), 500)
    assert (after.unscheduled, dates_and_amounts(after)) == (500, [("2026-11-20", 1000)])


def test_pay_2_what_is_due_today_is_not_late() -> None:
    after = changed_by(a_schedule(an_instalment(1, "2026-11-21", 1000)), 500)
    assert dates_and_amounts(after) == [("2026-11-21", 1500)]


def test_pay_5_one_month_after_the_latest_is_its_own_day_where_it_is_on_no_other() -> None:
    held = an_instalment(1, "2027-02-28", 1000, held=True)
    assert dates_and_amounts(changed_by(a_schedule(held, day=5), 500))[-1] == ("2027-03-28", 500)
    assert dates_and_amounts(changed_by(a_schedule(held, day=30), 500))[-1] == ("2027-03-30", 500)


TEN_TWENTY = (an_instalment(1, "2026-12-05", 1000), an_instalment(2, "2027-01-05", 2000))


def dropped(schedule: Schedule) -> Schedule:
    """The schedule once a change has left nothing to pay."""
    return cover(schedule.but(total=schedule.paid + schedule.processing), a_context(first_id=2000))


def test_pay_2_a_plan_comes_back_with_the_method_that_staff_had_put_on_it() -> None:
    by_transfer = TEN_TWENTY[0].model_copy(update={"method": "transfer"})
    after = changed_by(dropped(a_schedule(by_transfer, TEN_TWENTY[1])), 3000)
    assert [(each.amount, each.method) for each in after.instalments] == [(1000, "transfer"), (2000, None)]


def test_pay_2_a_plan_comes_back_as_amounts_that_nobody_has_fixed() -> None:
    after = changed_by(dropped(a_schedule(an_instalment(1, "2026-12-05", 1000, fixed=True))), 500)
    assert [(each.amount, each.fixed) for each in after.instalments] == [(500, False)]


def test_pay_2_a_plan_all_of_whose_dates_are_past_does_not_come_back() -> None:
    schedule = dropped(a_schedule(*TEN_TWENTY))
    after = cover(schedule.but(total=500), a_context(date(2027, 1, 6)))
    assert dates_and_amounts(after) == [("2027-01-06", 500)]
    assert after.last_plan == ()


def test_pay_2_the_last_plan_is_what_was_dropped_last() -> None:
    once = changed_by(dropped(a_schedule(*TEN_TWENTY)), 100)
    cancelled = plan(cancel(once, once.instalments[0].id), date(2027, 4, 1), 1, a_context(first_id=3000))
    assert dropped(cancelled).last_plan == (
        PlannedBefore(due=date(2027, 1, 5), amount=67),
        PlannedBefore(due=date(2027, 4, 1), amount=33),
    )


def test_pay_2_further_falls_keep_the_last_plan() -> None:
    schedule = dropped(a_schedule(*TEN_TWENTY, paid=500))
    assert changed_by(changed_by(schedule, -200), -100).last_plan == schedule.last_plan


def reopened_by_the_bank() -> Schedule:
    """A plan was dropped, and then the bank took a payment back."""
    return take_back(dropped(a_schedule(*TEN_TWENTY, paid=500)), 500, a_context(first_id=3000))


def test_pay_2_what_staff_puts_on_dates_makes_the_last_plan_forgotten() -> None:
    schedule = reopened_by_the_bank()
    assert schedule.last_plan
    unscheduled = cancel(schedule, schedule.instalments[0].id)
    assert plan(unscheduled, date(2027, 3, 1), 2, a_context()).last_plan == ()
    assert hold(schedule, (PostDated(date(2027, 3, 1), 500, "N", "M"),), a_context()).last_plan == ()


def test_a_schedule_saved_before_there_were_last_plans_has_none() -> None:
    saved: dict[str, Any] = a_schedule(*TEN_TWENTY).model_dump(mode="json")
    del saved["last_plan"]
    assert Schedule.model_validate(saved).last_plan == ()


def test_pay_3_a_supplement_after_full_payment_is_an_ordinary_instalment() -> None:
    (instalment,) = changed_by(a_schedule(paid=1000), 250).instalments
    assert instalment.free


def test_cre_6_the_latest_use_gets_its_part_back_first() -> None:
    schedule = a_schedule(paid=1000, credit_uses=(used("A", 300), used("B", 400)))
    after = changed_by(schedule, -500)
    assert after.credit_uses == (used("A", 200),)
    assert (after.paid, after.refund_due) == (500, 0)


def test_cre_6_only_what_credits_did_not_bring_is_a_refund_line() -> None:
    schedule = a_schedule(paid=1000, credit_uses=(used("A", 300),))
    after = changed_by(schedule, -500)
    assert (after.credit_uses, after.paid, after.refund_due) == ((), 700, 200)


def test_cre_6_a_credit_that_succeeds_while_there_is_a_refund_line_gets_it_back() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000), paid=1000)
    attempted = use_credit(schedule, "A", 1000, "attempt")
    after = succeeded(changed_by(attempted, -1500), "attempt", a_context())
    assert (after.paid, after.refund_due, after.credit_uses) == (1000, 500, ())


def test_pay_6_a_part_grows_again_where_the_rest_of_the_instalment_is_planned() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, fixed=True), unscheduled=200)
    attempted = use_credit(schedule, "A", 500, "attempt")
    assert (attempted.unscheduled, dates_and_amounts(attempted)) == (0, [("2026-12-05", 700)])
    assert failed(attempted, "attempt", a_context()) == schedule


def test_pay_6_a_cheque_given_up_for_a_credit_is_whole_again_when_that_fails() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True), an_instalment(2, "2027-01-05", 1000))
    attempted = use_credit(schedule, "A", 400, "attempt")
    assert (attempted.unscheduled, dates_and_amounts(attempted)) == (600, [("2027-01-05", 1000)])
    assert failed(attempted, "attempt", a_context()) == schedule


def test_pay_6_a_cheque_whose_rest_is_gone_returns_as_unscheduled() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True), an_instalment(2, "2027-01-05", 1000))
    attempted = changed_by(use_credit(schedule, "A", 400, "attempt"), -600)
    after = failed(attempted, "attempt", a_context())
    assert (after.unscheduled, dates_and_amounts(after)) == (400, [("2027-01-05", 1000)])


def test_pay_1_what_is_at_the_provider_is_not_touched_by_a_change() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000), an_instalment(2, "2027-01-05", 1000), paid=50)
    attempted = collect(schedule, an_id(1), "attempt")
    after = changed_by(attempted, -1500)
    assert (after.attempts, after.paid, after.refund_due) == (attempted.attempts, 50, 500)


@pytest.mark.parametrize(
    "broken",
    [
        {"paid": 1},
        {"unscheduled": -1, "total": 999},
        {"refund_due": 100, "total": 900},
        {"credit_uses": (used("A", 1),)},
    ],
)
def test_the_identity_is_a_fault_of_the_code_where_it_breaks(broken: dict[str, object]) -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000))
    assert balanced(schedule) is schedule
    with pytest.raises(BalanceError):
        balanced(schedule.but(**broken))
