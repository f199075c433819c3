"""How a schedule starts (PAY-7) and what an opening publishes (EVT-1, PAY-8)."""

from datetime import date

import pytest

from carnet.events import payments as published
from carnet.events.contracts import AtOnce, Deposit, Instalments, Later, OnSite
from carnet.refusals import Refusal
from payments.schedules.domain.covering import cover
from payments.schedules.domain.decisions import open_schedule
from payments.schedules.domain.starting import start
from tests.unit.payments.payments_builders import CHANGE, TODAY, a_context, an_opening, dates_and_amounts


def test_pay_7_at_once_is_one_instalment_on_the_day_of_the_sale() -> None:
    schedule = start(an_opening("online", AtOnce(), 30000), a_context())
    assert dates_and_amounts(schedule) == [("2026-11-21", 30000)]
    assert not schedule.instalments[0].fixed


def test_pay_7_instalments_are_monthly_and_the_first_date_gives_the_day() -> None:
    sale = Instalments(count=4, first_due=date(2027, 1, 31))
    schedule = start(an_opening("online", sale, 10001), a_context())
    assert dates_and_amounts(schedule) == [
        ("2027-01-31", 2501),
        ("2027-02-28", 2500),
        ("2027-03-31", 2500),
        ("2027-04-30", 2500),
    ]
    assert schedule.day == 31


def test_pay_7_instalments_without_a_first_date_start_on_the_day_of_the_sale() -> None:
    schedule = start(an_opening("online", Instalments(count=2), 30000), a_context())
    assert dates_and_amounts(schedule) == [("2026-11-21", 15000), ("2026-12-21", 15000)]


def test_pay_7_a_deposit_is_fixed_and_due_today_and_the_rest_follows_monthly() -> None:
    schedule = start(an_opening("on_site", Deposit(deposit=5000, count=2), 30000), a_context())
    assert dates_and_amounts(schedule) == [("2026-11-21", 5000), ("2026-12-21", 12500), ("2027-01-21", 12500)]
    assert [each.fixed for each in schedule.instalments] == [True, False, False]


def test_mon_3_a_deposit_on_the_31st_keeps_the_31st_after_a_short_month() -> None:
    schedule = start(an_opening("online", Deposit(deposit=1000, count=3), 4000), a_context(date(2027, 1, 31)))
    assert [due for due, _ in dates_and_amounts(schedule)] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert schedule.day == 31


def test_pay_7_a_deposit_may_fall_on_the_date_of_the_first_instalment() -> None:
    sale = Deposit(deposit=5000, count=2, first_due=TODAY)
    schedule = start(an_opening("online", sale, 15000), a_context())
    assert dates_and_amounts(schedule) == [("2026-11-21", 5000), ("2026-11-21", 5000), ("2026-12-21", 5000)]
    assert len({each.id for each in schedule.instalments}) == 3


@pytest.mark.parametrize(
    ("sale", "dates"),
    [
        (AtOnce(), ["2026-11-21"]),
        (Instalments(count=3, first_due=date(2027, 1, 31)), ["2027-01-31", "2027-02-28", "2027-03-31"]),
    ],
)
def test_pay_2_an_opening_that_comes_to_zero_keeps_its_dates(sale: AtOnce | Instalments, dates: list[str]) -> None:
    schedule = start(an_opening("online", sale, 0), a_context())
    assert (schedule.instalments, schedule.unscheduled) == ((), 0)
    after = cover(schedule.but(total=300), a_context())
    assert dates_and_amounts(after) == [(due, 300 // len(dates)) for due in dates]


@pytest.mark.parametrize("sale", [Later(), AtOnce()])
def test_pay_2_a_start_without_dates_or_with_amounts_on_them_has_no_last_plan(sale: Later | AtOnce) -> None:
    assert start(an_opening("online", sale, 100), a_context()).last_plan == ()


def test_pay_7_a_deposit_above_the_total_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        start(an_opening("online", Deposit(deposit=5000, count=3), 2000), a_context())
    assert refused.value.slug == "deposit-above-total"


@pytest.mark.parametrize(("mode", "sale"), [("online", Later()), ("on_site", Later()), ("on_site", OnSite())])
def test_pay_7_later_and_on_site_are_unscheduled(mode: str, sale: Later | OnSite) -> None:
    schedule = start(an_opening(mode, sale, 30000), a_context())
    assert (schedule.unscheduled, schedule.instalments) == (30000, ())


@pytest.mark.parametrize(("mode", "sale"), [("online", OnSite()), ("on_site", AtOnce())])
def test_pay_7_a_start_that_the_mode_does_not_allow_is_refused(mode: str, sale: AtOnce | OnSite) -> None:
    with pytest.raises(Refusal) as refused:
        start(an_opening(mode, sale, 30000), a_context())
    assert refused.value.slug == "sale-not-for-mode"
    assert refused.value.params == {"mode": mode, "start": sale.start}


@pytest.mark.parametrize("first_due", [date(2026, 11, 20), date(2037, 1, 1), date.max])
def test_pay_7_a_first_date_that_is_past_or_too_far_is_refused(first_due: date) -> None:
    for sale in (Instalments(count=60, first_due=first_due), Deposit(deposit=1, count=60, first_due=first_due)):
        with pytest.raises(Refusal) as refused:
            start(an_opening("online", sale, 30000), a_context())
        assert refused.value.slug == "first-due-out-of-range"


@pytest.mark.parametrize("sale", [AtOnce(), Instalments(count=3), Later()])
def test_pay_7_nothing_to_pay_is_an_empty_schedule(sale: AtOnce | Instalments | Later) -> None:
    schedule = start(an_opening("online", sale, 0), a_context())
    assert (schedule.instalments, schedule.unscheduled) == ((), 0)


def test_evt_1_an_opening_is_answered_by_one_schedule_created() -> None:
    decision = open_schedule(an_opening("online", Instalments(count=2), 30000), a_context())
    (created,) = decision.events
    assert isinstance(created, published.ScheduleCreated)
    assert (created.change, created.covers, created.effective_on) == (CHANGE, 3, TODAY)
    assert created.balance == published.Balance(
        total=30000, paid=0, processing=0, planned=30000, unscheduled=0, refund_due=0
    )
    assert [each.amount for each in created.instalments] == [15000, 15000]
    assert decision.state.version == 0


def test_pay_8_an_opening_with_total_zero_is_fully_paid() -> None:
    decision = open_schedule(an_opening("online", AtOnce(), 0), a_context())
    assert [type(event) for event in decision.events] == [published.ScheduleCreated, published.ContractPaid]


def test_pay_8_an_opening_without_a_live_line_is_not_paid() -> None:
    decision = open_schedule(an_opening("online", AtOnce(), 0, live_lines=0), a_context())
    assert [type(event) for event in decision.events] == [published.ScheduleCreated]
