"""Charges with dates of their own: planned, moved and dropped with their lines, spared by all else (PAY-15)."""

from datetime import date
from typing import Any

import pytest

from carnet.envelope import LARGEST_EVENT_BODY
from carnet.events.contracts import (
    AtOnce,
    ContractChanged,
    ContractOpened,
    ContractTerms,
    DatedCharge,
    Instalments,
    Later,
)
from carnet.events.payments import ContractPaid, ContractReopened
from carnet.journal import rows_of
from carnet.refusals import Refusal
from payments.accounts.domain import Names
from payments.follow_up.domain import NEVER, FollowUp
from payments.receipts.domain.receiving import Received, receive
from payments.receipts.domain.voiding import void_payment
from payments.reminders.domain.debts import debts_of
from payments.schedules.api.views import ScheduleView
from payments.schedules.domain.attempts import collect, failed, succeeded
from payments.schedules.domain.decisions import adjust_schedule, change_instalment
from payments.schedules.domain.schedule import Instalment, PlannedBefore, Schedule
from payments.schedules.domain.schedule_events import passage, published_instalments
from payments.schedules.domain.starting import start
from payments.schedules.domain.upcoming import Changes, cancel, change, change_amount, change_date
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    CONTRACT,
    TODAY,
    a_charge,
    a_context,
    an_id,
    an_opening,
    dates_and_amounts,
)

DECEMBER, JANUARY, FEBRUARY = (
    a_charge(70, "2026-12-01", 5000),
    a_charge(71, "2027-01-01", 5000),
    a_charge(72, "2027-02-01", 5000),
)
PERIODS = (DECEMBER, JANUARY, FEBRUARY)


def opened(
    others: int = 0, *, sale: Any = None, periods: tuple[DatedCharge, ...] = PERIODS, mode: str = "online"
) -> Schedule:
    """A contract with these periods and other lines that come to ``others``, on which nothing is paid."""
    total = others + sum(charge.amount for charge in periods)
    return start(an_opening(mode, sale or Instalments(count=2), total, charges=periods), a_context())


def changed(schedule: Schedule, *charges: DatedCharge, by: int = 0, first_id: int = 2000) -> Schedule:
    """The schedule once the contract has these charges, and its other lines come to ``by`` more."""
    others = schedule.total - sum(charge.amount for charge in schedule.charges) + by
    total = others + sum(charge.amount for charge in charges)
    terms = ContractTerms(total=total, live_lines=2, version=schedule.covers + 1, charges=charges)
    return adjust_schedule(schedule, terms, a_context(first_id=first_id)).state


def paid(schedule: Schedule, amount: int) -> Schedule:
    return receive(schedule, Received(amount, "transfer", TODAY), a_context(first_id=3000))


def of_lines(schedule: Schedule) -> dict[str | None, int]:
    """What is planned of each charge."""
    return {each.line: each.amount for each in schedule.instalments if each.line}


def of_others(schedule: Schedule) -> list[tuple[str, int]]:
    return [(each.due.isoformat(), each.amount) for each in schedule.ordinary]


def of_line(schedule: Schedule, charge: DatedCharge) -> Instalment:
    (found,) = (each for each in schedule.instalments if each.line == charge.line)
    return found


def test_pay_15_an_opening_plans_each_charge_on_its_date_and_the_rest_as_the_sale_says() -> None:
    schedule = opened(3000)
    assert of_others(schedule) == [("2026-11-21", 1500), ("2026-12-21", 1500)]
    assert {each.line: each.due for each in schedule.instalments if each.line} == {c.line: c.due for c in PERIODS}
    assert schedule.total == 18000


@pytest.mark.parametrize(("mode", "sale"), [("online", AtOnce()), ("online", Later()), ("on_site", Later())])
def test_pay_15_charges_are_on_dates_whatever_the_sale(mode: str, sale: Any) -> None:
    schedule = opened(3000, sale=sale, mode=mode)
    assert of_lines(schedule) == {charge.line: 5000 for charge in PERIODS}
    assert schedule.unscheduled == (0 if isinstance(sale, AtOnce) else 3000)


def test_pay_8_what_is_paid_of_a_subscription_says_that_more_is_billed() -> None:
    for schedule, charged in ((opened(), True), (opened(9000, periods=()), False)):
        paid = receive(schedule, Received(schedule.total, "cash", TODAY), a_context())
        (event,) = passage(schedule, paid, a_context())
        assert isinstance(event, ContractPaid)
        assert event.charged is charged
        (back,) = passage(paid, schedule, a_context())
        assert isinstance(back, ContractReopened)


def test_pay_15_an_opening_below_its_charges_takes_the_rest_from_the_earliest() -> None:
    schedule = start(an_opening("online", AtOnce(), 12000, charges=PERIODS), a_context())
    assert of_lines(schedule) == {DECEMBER.line: 2000, JANUARY.line: 5000, FEBRUARY.line: 5000}


def test_pay_15_a_new_charge_is_planned_without_a_spread() -> None:
    schedule = opened(3000)
    after = changed(schedule, *PERIODS, a_charge(73, "2027-03-01", 6000))
    assert [each for each in after.instalments if each.line != an_id(73)] == list(schedule.instalments)
    assert of_lines(after)[an_id(73)] == 6000


def test_pay_15_a_charge_is_dropped_with_its_line() -> None:
    schedule = opened(3000)
    after = changed(schedule, DECEMBER, FEBRUARY)
    assert after.instalments == tuple(each for each in schedule.instalments if each.line != JANUARY.line)


def test_pay_15_a_charge_moves_with_its_line_as_one_that_was_never_attempted() -> None:
    schedule = opened(3000)
    tried = schedule.but(
        instalments=(each.model_copy(update={"tries": 3, "gave_up": bool(each.line)}) for each in schedule.instalments)
    )
    moved = a_charge(70, "2027-04-01", 5000)
    after = changed(tried, moved, JANUARY, FEBRUARY)
    own = of_line(after, moved)
    assert (own.due, own.amount, own.tries, own.gave_up) == (moved.due, 5000, 0, False)
    assert of_line(after, JANUARY) == of_line(tried, JANUARY)


def test_pay_15_a_charge_that_staff_moved_stays_there_until_its_line_moves() -> None:
    schedule = opened()
    by_staff = change_date(schedule, of_line(schedule, DECEMBER).id, JANUARY.due, a_context())
    assert of_line(changed(by_staff, *PERIODS, by=100), DECEMBER).due == JANUARY.due
    moved = a_charge(70, "2027-04-01", 5000)
    assert of_line(changed(by_staff, moved, JANUARY, FEBRUARY), moved).due == moved.due


@pytest.mark.parametrize("amount", [3000, 8000])
def test_pay_15_a_charge_has_the_amount_of_its_line(amount: int) -> None:
    schedule = opened(3000)
    repriced = a_charge(71, "2027-01-01", amount)
    after = changed(schedule, DECEMBER, repriced, FEBRUARY)
    assert of_line(after, repriced).amount == amount
    assert of_others(after) == of_others(schedule)


@pytest.mark.parametrize(("due", "expected"), [("2026-11-01", "2026-11-21"), ("2026-12-01", "2026-12-01")])
def test_pay_15_what_a_paid_charge_costs_more_is_one_more_instalment(due: str, expected: str) -> None:
    charge = a_charge(70, due, 5000)
    after = changed(paid(opened(periods=(charge,)), 5000), a_charge(70, due, 5500))
    assert [(each.due.isoformat(), each.amount, each.line) for each in after.instalments] == [
        (expected, 500, an_id(70))
    ]


def test_pay_15_what_a_charge_outside_the_run_costs_more_is_collected_by_itself() -> None:
    schedule = opened(periods=(DECEMBER,))
    given_up = schedule.but(instalments=(each.model_copy(update={"gave_up": True}) for each in schedule.instalments))
    after = changed(given_up, a_charge(70, "2026-12-01", 5500))
    assert sorted((each.amount, each.gave_up) for each in after.instalments) == [(500, False), (5000, True)]


def test_pay_15_where_only_charges_are_planned_what_is_added_is_due_today() -> None:
    after = changed(opened(sale=AtOnce()), *PERIODS, by=700)
    assert of_others(after) == [("2026-11-21", 700)]
    assert of_lines(after) == {charge.line: 5000 for charge in PERIODS}


def test_pay_15_a_fall_reaches_charges_once_nothing_else_can_give() -> None:
    schedule = opened(3000)
    schedule = change_amount(schedule, schedule.ordinary[1].id, 1600, a_context(first_id=4000))
    after = changed(paid(schedule, 400), *PERIODS, by=-2500)
    assert (of_others(after), of_lines(after)) == ([("2026-12-21", 100)], {charge.line: 5000 for charge in PERIODS})
    further = changed(after, *PERIODS, by=-400)
    assert of_lines(further) == {DECEMBER.line: 4700, JANUARY.line: 5000, FEBRUARY.line: 5000}


def test_pay_15_what_was_paid_too_much_pays_the_next_period() -> None:
    schedule = paid(opened(12000, sale=AtOnce()), 12000)
    after = changed(schedule, *PERIODS, by=-7000)
    assert of_lines(after) == {JANUARY.line: 3000, FEBRUARY.line: 5000}
    assert (after.refund_due, after.unscheduled) == (0, 0)


def test_pay_15_a_refund_line_pays_a_new_charge_first() -> None:
    schedule = changed(paid(opened(6000, sale=AtOnce(), periods=()), 6000), by=-2000)
    assert schedule.refund_due == 2000
    after = changed(schedule, DECEMBER)
    assert (after.refund_due, of_lines(after)) == (0, {DECEMBER.line: 3000})


def test_pay_15_the_last_plan_holds_no_charges_they_come_back_by_their_lines() -> None:
    schedule = opened(3000)
    nothing = changed(schedule, by=-3000)
    assert nothing.last_plan == tuple(PlannedBefore(due=each.due, amount=each.amount) for each in schedule.ordinary)
    back = changed(nothing, *PERIODS, by=3000, first_id=5000)
    assert dates_and_amounts(back) == dates_and_amounts(schedule)
    assert of_lines(back) == of_lines(schedule)


def test_pay_15_a_contract_of_charges_alone_keeps_the_dates_of_its_sale_for_what_is_added() -> None:
    after = changed(opened(), *PERIODS, by=500)
    assert of_others(after) == [("2026-11-21", 250), ("2026-12-21", 250)]


def test_pay_5_what_staff_takes_off_or_puts_on_an_instalment_spares_charges() -> None:
    schedule = opened(3000)
    lowered = change_amount(schedule, schedule.ordinary[0].id, 500, a_context())
    assert of_others(lowered) == [("2026-11-21", 500), ("2026-12-21", 2500)]
    alone = opened(3000, sale=AtOnce())
    lowered = change_amount(alone, alone.ordinary[0].id, 500, a_context())
    assert of_others(lowered) == [("2026-11-21", 500), ("2026-12-21", 2500)]
    assert of_lines(lowered) == of_lines(schedule)


def test_pay_15_a_cancelled_charge_is_unscheduled_and_goes_with_its_line() -> None:
    schedule = opened(3000)
    cancelled = cancel(schedule, of_line(schedule, JANUARY).id)
    after = changed(cancelled, DECEMBER, FEBRUARY)
    assert (after.unscheduled, of_others(after)) == (0, of_others(schedule))


def at_the_provider(others: int, **more: Any) -> Schedule:
    schedule = opened(others, **more)
    return collect(schedule, of_line(schedule, DECEMBER).id, "attempt")


@pytest.mark.parametrize("others", [0, 300, 8000])
def test_pay_6_what_returns_of_a_charge_that_is_gone_is_not_charged(others: int) -> None:
    schedule = at_the_provider(others)
    gone = changed(schedule, JANUARY, FEBRUARY)
    assert gone.attempts == schedule.attempts
    after = failed(gone, "attempt", a_context(first_id=6000))
    assert DECEMBER.line not in of_lines(after)
    assert (after.planned, after.refund_due) == (others + 10000, 0)


def test_pay_6_a_charge_that_is_gone_and_paid_all_the_same_pays_the_next_ones() -> None:
    gone = changed(at_the_provider(0), JANUARY, FEBRUARY)
    after = succeeded(gone, "attempt", a_context(first_id=6000))
    assert of_lines(after) == {FEBRUARY.line: 5000}


def test_pay_6_what_returns_of_a_charge_is_on_its_new_date_and_at_its_new_price() -> None:
    schedule = at_the_provider(8000)
    repriced = changed(schedule, a_charge(70, "2027-05-01", 4000), JANUARY, FEBRUARY)
    after = failed(repriced, "attempt", a_context(first_id=6000))
    own = of_line(after, DECEMBER)
    assert (own.due.isoformat(), own.amount) == ("2027-05-01", 4000)
    assert of_others(after) == of_others(schedule)


def test_an_event_says_which_instalment_is_a_charge() -> None:
    assert [each.line for each in published_instalments(opened(periods=(DECEMBER,)))] == [DECEMBER.line]


def test_events_from_before_there_were_terms_say_the_same_with_their_other_fields() -> None:
    common = {"contract": CONTRACT, "account": ACCOUNT, "mode": "online", "currency": "EUR", "effective_on": TODAY}
    before: dict[str, Any] = {**common, "live_lines": 2, "version": 4}
    terms = ContractTerms(total=700, live_lines=2, version=4)
    assert ContractOpened(**before, sale=AtOnce(), total=700).agreed == terms
    assert ContractChanged(**before, total_before=100, total_after=700).agreed == terms
    dated = terms.model_copy(update={"charges": PERIODS})
    assert ContractChanged(**before, total_before=100, total_after=700, terms=dated).agreed == dated


def test_a_schedule_saved_before_there_were_charges_has_none() -> None:
    saved: dict[str, Any] = opened(3000, periods=()).model_dump(mode="json")
    del saved["charges"]
    for instalment in saved["instalments"]:
        del instalment["line"]
    assert Schedule.model_validate(saved) == opened(3000, periods=())


def test_pay_19_a_voided_payment_returns_what_it_took_of_a_charge_to_the_date_that_its_line_now_has() -> None:
    schedule, context = opened(), a_context(first_id=3000)
    received = Received(5000, "transfer", TODAY)
    payment = received.recorded(an_id(90), schedule, context.now, "user:ines")
    schedule = receive(schedule, received, context)
    assert dates_and_amounts(schedule) == [("2027-01-01", 5000), ("2027-02-01", 5000)]
    moved = DECEMBER.model_copy(update={"due": JANUARY.due.replace(day=15)})
    schedule = changed(schedule, moved, JANUARY, FEBRUARY)
    after = void_payment(schedule, payment, "a slip", a_context(first_id=4000)).decision.state
    assert dates_and_amounts(after) == [("2027-01-01", 5000), ("2027-01-15", 5000), ("2027-02-01", 5000)]


def test_pay_15_a_schedule_of_the_most_periods_can_be_published_though_none_was_ever_paid() -> None:
    periods = tuple(a_charge(10_000 + number, "2027-01-01", 5000) for number in range(480))
    schedule = opened(periods=periods[:-1])
    total = 480 * 5000
    terms = ContractTerms(total=total, live_lines=480, version=schedule.covers + 1, charges=periods)
    decision = adjust_schedule(schedule, terms, a_context(first_id=2000))
    assert max(len(event.model_dump_json()) for event in decision.events) < LARGEST_EVENT_BODY
    assert decision.state.planned == total


def by_transfer(periods: int) -> Schedule:
    """A schedule of so many periods, none of them ever paid; staff has said how each is to be paid."""
    schedule = opened(periods=tuple(a_charge(10_000 + number, "2027-01-01", 999_999) for number in range(periods)))
    return schedule.but(instalments=[each.anew(method="transfer") for each in schedule.instalments])


def test_pay_5_staff_moves_a_schedule_of_the_most_periods_though_none_was_ever_paid() -> None:
    schedule, context = by_transfer(480), a_context(first_id=2000)
    moving = Changes(due=date(2027, 2, 1))
    decision = change_instalment(schedule, schedule.instalments[-1].id, moving, context)
    (row,) = rows_of(schedule.id, schedule.organisation, schedule.version, decision.events, context)
    assert len(row["data"]["instalments"]) == len(row["data"]["instalments_before"]) == 480
    larger = by_transfer(540)
    decision = change_instalment(larger, larger.instalments[-1].id, moving, context)
    with pytest.raises(Refusal, match="the most is"):  # an answer to staff: no event is parked
        rows_of(larger.id, larger.organisation, larger.version, decision.events, context)


@pytest.mark.parametrize(
    ("amount", "invoiced", "pays"),
    [(0, 0, False), (4999, 0, False), (5000, 0, True), (5000, 5000, False), (9999, 5000, False), (10_000, 5000, True),
     (15_000, 15_000, False)],
)  # fmt: skip
def test_inv_1_a_period_is_to_be_invoiced_once_it_is_paid_whole_and_on_no_invoice(
    amount: int, invoiced: int, pays: bool
) -> None:
    schedule = paid(opened(), amount) if amount else opened()
    bears = schedule.invoicing.model_copy(update={"invoiced": invoiced})
    assert schedule.but(invoicing=bears).pays_charge is pays


WAITING = JANUARY.model_copy(update={"due": date(2077, 1, 1), "paused": True})


def test_con_18_what_waits_for_a_pause_to_be_lifted_has_no_date_anywhere() -> None:
    schedule = changed(opened(), DECEMBER, WAITING)
    row = FollowUp.of(schedule, Names())
    shown = {each.line: (each.due, each.paused) for each in ScheduleView.of(schedule).instalments}

    assert shown == {DECEMBER.line: (DECEMBER.due, False), JANUARY.line: (None, True)}
    assert [each.paused for each in published_instalments(schedule)] == [False, True]
    assert [each.due for each in row.planned] == [DECEMBER.due]
    assert (row.due, row.next_due) == (10_000, DECEMBER.due)
    assert of_line(schedule, WAITING).id not in [each.instalment for each in debts_of(schedule, TODAY)]
    assert FollowUp.of(changed(opened(), WAITING), Names()).next_due == NEVER


def test_con_18_staff_gives_a_date_to_what_waits_for_a_pause_and_not_another_amount_alone() -> None:
    schedule = changed(opened(), WAITING)
    (waiting,) = schedule.instalments

    with pytest.raises(Refusal) as refused:
        change(schedule, waiting.id, Changes(amount=2000), a_context())
    assert refused.value.slug == "paused-instalment-amount"
    dated = change(schedule, waiting.id, Changes(amount=2000, due=JANUARY.due), a_context())
    assert not dated.paused
    assert dates_and_amounts(dated) == [("2027-01-01", 2000), ("2027-02-01", 3000)]


def test_con_18_what_waits_for_a_pause_gives_no_date_to_other_instalments() -> None:
    schedule = changed(opened(), DECEMBER, WAITING)
    lowered = change_amount(schedule, of_line(schedule, DECEMBER).id, 2000, a_context())
    assert [each.due for each in lowered.dated] == [date(2026, 12, 1), date(2027, 1, 1)]
