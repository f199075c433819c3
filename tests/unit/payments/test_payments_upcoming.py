"""Upcoming payments (PAY-5), attempts (PAY-6), refunds (PAY-4) and reversals (PAY-13) beyond the worked cases."""

from collections.abc import Callable
from datetime import date

import pytest

from carnet.refusals import Refusal
from payments.refunds.domain.refunds import settle, take_back
from payments.schedules.domain.attempts import collect, failed, use_credit
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.upcoming import Changes, cancel, change, change_amount, change_date, change_method, plan
from tests.unit.payments.payments_builders import (
    a_context,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
    used,
)

CONTEXT = a_context()


def three_planned(**fields: object) -> Schedule:
    return a_schedule(
        an_instalment(1, "2026-12-05", 1000), an_instalment(2, "2027-01-05", 1000, held=True),
        an_instalment(3, "2027-02-05", 1000), **fields,
    )  # fmt: skip


def test_pay_5_a_rise_is_taken_from_unscheduled_first_and_never_from_a_cheque() -> None:
    after = change_amount(three_planned(unscheduled=300), an_id(1), 1800, CONTEXT)
    assert (after.unscheduled, [amount for _, amount in dates_and_amounts(after)]) == (0, [1800, 1000, 500])


def test_pay_5_a_rise_within_unscheduled_leaves_the_others_alone() -> None:
    after = change_amount(three_planned(unscheduled=300), an_id(1), 1300, CONTEXT)
    assert (after.unscheduled, [amount for _, amount in dates_and_amounts(after)]) == (0, [1300, 1000, 1000])


def test_pay_5_a_fall_goes_to_the_others_that_are_free() -> None:
    after = change_amount(three_planned(), an_id(1), 400, CONTEXT)
    assert [amount for _, amount in dates_and_amounts(after)] == [400, 1000, 1600]


def test_pay_5_on_site_a_fall_with_no_other_is_unscheduled() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000), mode="on_site")
    after = change_amount(schedule, an_id(1), 400, CONTEXT)
    assert (after.unscheduled, dates_and_amounts(after)) == (600, [("2026-12-05", 400)])


def test_pay_5_the_same_amount_only_fixes_it() -> None:
    schedule = three_planned()
    after = change_amount(schedule, an_id(1), 1000, CONTEXT)
    assert dates_and_amounts(after) == dates_and_amounts(schedule)
    assert after.instalment(an_id(1)).fixed


def test_pay_5_a_date_or_a_method_does_not_fix() -> None:
    moved = change_date(three_planned(), an_id(1), date(2027, 3, 1), CONTEXT)
    assert [each.id for each in moved.instalments] == [an_id(2), an_id(3), an_id(1)]
    changed = change_method(moved, an_id(1), "transfer").instalment(an_id(1))
    assert (changed.method, changed.fixed) == ("transfer", False)


def test_pay_5_several_changes_at_once_move_the_date_first() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000))
    after = change(schedule, an_id(1), Changes(400, date(2027, 1, 5), "transfer"), CONTEXT)
    assert dates_and_amounts(after) == [("2027-01-05", 400), ("2027-02-05", 600)]
    changed, made = after.instalments
    assert (changed.fixed, changed.method) == (True, "transfer")
    assert (made.fixed, made.method) == (False, None)


def test_pay_5_what_is_not_sent_stays_as_it_is() -> None:
    schedule = change_method(three_planned(), an_id(1), "transfer")
    for changes, what in (
        (Changes(amount=900), {"amount": 900, "fixed": True}),
        (Changes(due=date(2026, 12, 6)), {"due": date(2026, 12, 6)}),
        (Changes(method="card"), {"method": "card"}),
    ):
        after = change(schedule, an_id(1), changes, CONTEXT).instalment(an_id(1))
        assert after == schedule.instalment(an_id(1)).model_copy(update=what)


def test_pay_7_a_held_cheque_is_deposited_on_another_date_and_stays_a_cheque() -> None:
    schedule = three_planned()
    after = change(schedule, an_id(2), Changes(due=date(2027, 3, 1), method="cheque"), CONTEXT).instalment(an_id(2))
    was = schedule.instalment(an_id(2))
    assert after == was.model_copy(update={"due": date(2027, 3, 1), "method": "cheque"})


@pytest.mark.parametrize(
    ("move", "slug"),
    [
        (lambda s: change_amount(s, an_id(1), 0, CONTEXT), "zero-amount"),
        (lambda s: change_amount(s, an_id(2), 500, CONTEXT), "held-cheque-amount"),
        (lambda s: change_amount(s, an_id(1), 2001, CONTEXT), "others-do-not-suffice"),
        (lambda s: change_amount(s, an_id(9), 500, CONTEXT), "unknown-instalment"),
        (lambda s: change_date(s, an_id(1), date(2026, 11, 20), CONTEXT), "past-date"),
        (lambda s: change_method(s, an_id(2), "card"), "held-cheque-method"),
        (lambda s: change_method(s, an_id(9), "card"), "unknown-instalment"),
        (lambda s: change(s, an_id(1), Changes(1500, date(2026, 11, 20)), CONTEXT), "past-date"),
        (lambda s: change(s, an_id(1), Changes(2001, date(2027, 3, 1), "card"), CONTEXT), "others-do-not-suffice"),
        (lambda s: change_date(s, an_id(9), date(2027, 1, 1), CONTEXT), "unknown-instalment"),
        (lambda s: cancel(s, an_id(9)), "unknown-instalment"),
        (lambda s: plan(s, date(2027, 1, 1), 3, CONTEXT), "nothing-unscheduled"),
        (lambda s: plan(cancel(s, an_id(1)), date(2026, 11, 20), 3, CONTEXT), "past-date"),
        (lambda s: collect(s, an_id(2), "attempt"), "not-collectable"),
        (lambda s: collect(s.but(mode="on_site"), an_id(1), "attempt"), "not-collectable"),
        (lambda s: use_credit(s, "A", 3001, "attempt"), "more-than-due"),
        (lambda s: failed(s, "attempt", CONTEXT), "unknown-attempt"),
        (lambda s: settle(s, 1), "more-than-to-refund"),
        (lambda s: take_back(s, 101, CONTEXT), "more-than-paid"),
    ],
)
def test_refusals(move: Callable[[Schedule], Schedule], slug: str) -> None:
    schedule = three_planned(paid=200, credit_uses=(used("A", 100),))
    with pytest.raises(Refusal) as refused:
        move(schedule)
    assert refused.value.slug == slug


def test_pay_5_fewer_units_than_dates_leave_the_last_dates_out() -> None:
    after = plan(a_schedule(unscheduled=2), date(2027, 1, 31), 3, CONTEXT)
    assert dates_and_amounts(after) == [("2027-01-31", 1), ("2027-02-28", 1)]
    assert (after.day, after.unscheduled) == (31, 0)


def test_pay_13_a_refund_line_is_reduced_first() -> None:
    after = take_back(a_schedule(paid=1000, refund_due=300), 500, CONTEXT)
    assert (after.refund_due, dates_and_amounts(after)) == (0, [("2026-11-21", 200)])
    assert after.instalments[0].on_request
    assert take_back(a_schedule(paid=1000, refund_due=300), 300, CONTEXT).instalments == ()


def test_pay_13_on_site_it_is_unscheduled() -> None:
    assert take_back(a_schedule(paid=1000, mode="on_site"), 500, CONTEXT).unscheduled == 500


def test_pay_13_what_is_planned_is_left_alone() -> None:
    after = take_back(a_schedule(an_instalment(1, "2026-12-05", 700), paid=1000), 500, CONTEXT)
    assert dates_and_amounts(after) == [("2026-11-21", 500), ("2026-12-05", 700)]
