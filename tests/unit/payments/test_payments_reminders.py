"""What an account is reminded of, on which day, and never twice (PAY-10, NOT-4)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.decisions import Actor
from carnet.events.payments import PaymentsReminded, RemindersEnded
from carnet.refusals import Refusal
from payments.refunds.domain.refunds import take_back
from payments.reminders.domain.calendar import ReminderCalendar, Step, WantedCalendar, change_calendar
from payments.reminders.domain.debts import debts_of, is_paused
from payments.reminders.domain.reminding import (
    AccountReminders,
    Reminded,
    remind,
    remind_by_hand,
    reminders_of,
    resume_reminders,
    still_due,
    stop_reminders,
)
from payments.schedules.domain.schedule import Attempt, Instalment, Schedule, Taken
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    ORGANISATION,
    a_context,
    a_schedule,
    an_id,
    an_instalment,
)

DUE = date(2026, 12, 5)


def on(days: int) -> date:
    """So many days after the due date."""
    return DUE + timedelta(days=days)


def active(since: date = date(2026, 1, 1), **fields: Any) -> ReminderCalendar:
    return ReminderCalendar.none_of(ORGANISATION).model_copy(update={"active_since": since, **fields})


def outside(number: int = 1, due: date = DUE, amount: int = 12_000) -> Instalment:
    """An instalment that the run does not collect: the family has to pay it."""
    return an_instalment(number, due.isoformat(), amount).model_copy(update={"gave_up": True})


def nobody() -> AccountReminders:
    return reminders_of(ORGANISATION, ACCOUNT)


def looked(
    known: AccountReminders, today: date, *schedules: Schedule, calendar: ReminderCalendar | None = None
) -> Reminded:
    return remind(known, schedules, calendar or active(), a_context(today))


def days_of(schedules: Sequence[Schedule], calendar: ReminderCalendar, days: range) -> list[int]:
    """The days after the due date on which a reminder goes, if somebody looks every day."""
    known, went = nobody(), list[int]()
    for day in days:
        reminded = remind(known, schedules, calendar, a_context(on(day)))
        known = reminded.decision.state
        if reminded.reminder is not None:
            went.append(day)
    return went


def test_pay_10_a_notice_goes_before_and_reminders_after_and_each_once() -> None:
    schedule = a_schedule(outside())
    assert days_of([schedule], active(), range(-10, 60)) == [-3, 1, 8, 15]
    assert days_of([schedule], active(steps=(Step(days=5),)), range(-10, 60)) == [5]
    assert days_of([schedule], active().model_copy(update={"active_since": None}), range(-10, 60)) == []


def test_pay_10_a_day_that_nobody_worked_is_made_up_for_by_the_last_step_alone() -> None:
    assert days_of([a_schedule(outside())], active(), range(9, 60)) == [9, 15]


def test_pay_10_steps_before_the_calendar_was_turned_on_do_not_go() -> None:
    assert days_of([a_schedule(outside())], active(since=on(2)), range(2, 60)) == [8, 15]
    assert days_of([a_schedule(outside())], active(since=on(16)), range(16, 60)) == []


def test_pay_10_one_mail_lists_all_that_is_due_of_all_contracts_and_what_is_announced() -> None:
    late, soon = outside(1), outside(2, due=on(3), amount=3_000)
    other = a_schedule(outside(3, due=on(-40), amount=500), outside(4, due=on(30))).model_copy(
        update={"id": an_id(77), "number": "2026-0077"}
    )
    reminded = looked(nobody(), on(1), a_schedule(late, soon), other)
    assert reminded.reminder is not None
    shown = [(each.kind, each.due, each.amount, each.number) for each in reminded.reminder.debts]
    assert shown == [
        ("late", on(-40), 500, "2026-0077"),
        ("late", DUE, 12_000, None),
        ("coming", on(3), 3_000, None),
    ]
    again = looked(reminded.decision.state, on(1), a_schedule(late, soon, outside(5, due=on(0))), other)
    assert again.reminder is None, "a day has one"


def test_pay_10_what_is_due_today_is_not_late() -> None:
    (debt,) = debts_of(a_schedule(outside()), DUE)
    assert debt.kind == "today"
    assert [each.kind for day in (-1, 1) for each in debts_of(a_schedule(outside()), on(day))] == ["coming", "late"]


@pytest.mark.parametrize("mode", ["online", "on_site"])
def test_pay_10_what_is_processing_held_or_still_collected_is_not_recalled(mode: str) -> None:
    taken = Attempt(id=an_id(9), taken=(Taken(instalment=outside(), amount=12_000),))
    held = an_instalment(2, DUE.isoformat(), 5_000, held=True)
    run = an_instalment(3, DUE.isoformat(), 4_000)
    schedule = a_schedule(held, run, attempts=(taken,), mode=mode)
    kinds = [(each.kind, each.amount, each.collected) for each in debts_of(schedule, on(-1))]
    assert kinds == [("coming", 4_000, mode == "online")]
    late = [each.amount for each in debts_of(schedule, on(2))]
    assert late == ([] if mode == "online" else [4_000]), "what the run collects late is no fault of the family"


@pytest.mark.parametrize("fields", [{"refund_due": 500}, {"lost": 300}], ids=["refund", "loss"])
def test_pay_10_nothing_goes_while_something_is_to_be_settled(fields: dict[str, int]) -> None:
    other = a_schedule(paid=900, **fields).model_copy(update={"id": an_id(78)})
    assert is_paused([other])
    assert looked(nobody(), on(1), a_schedule(outside()), other).decision.events == ()


def test_pay_10_what_a_card_holder_disputes_pauses_reminders_and_a_returned_debit_does_not() -> None:
    paid = a_schedule(outside(), paid=9_000)
    disputed = take_back(paid, 9_000, a_context(on(0)), disputed=True)
    returned = take_back(paid, 9_000, a_context(on(0)))
    assert looked(nobody(), on(1), disputed).reminder is None
    reminded = looked(nobody(), on(1), returned).reminder
    assert reminded is not None
    assert [each.amount for each in reminded.debts] == [12_000, 9_000]


def test_pay_10_staff_is_informed_once_that_the_reminders_have_ended() -> None:
    schedule, known, published = a_schedule(outside()), nobody(), list[int]()
    for day in range(60):
        decision = looked(known, on(day), schedule).decision
        known = decision.state
        published += [day for event in decision.events if isinstance(event, RemindersEnded)]
    assert published == [22]
    assert all(
        not isinstance(event, RemindersEnded)
        for event in looked(nobody(), on(40), schedule, calendar=active(staff_after=None)).decision.events
    )


def informed(
    schedule: Schedule, calendar: ReminderCalendar, known: AccountReminders, days: range
) -> list[tuple[int, bool]]:
    """The days on which staff is informed of what is due, and whether it learns that the client stopped reminders."""
    found = list[tuple[int, bool]]()
    for day in days:
        reminded = remind(known, [schedule], calendar, a_context(on(day)))
        known = reminded.decision.state
        events = reminded.decision.events
        found += [(day, event.stopped) for event in events if isinstance(event, RemindersEnded)]
    return found


def test_pay_10_staff_is_told_of_what_is_late_though_the_client_stopped_the_reminders() -> None:
    schedule, asked = a_schedule(outside()), a_context(on(2))
    client = stop_reminders(nobody(), replace(asked, actor=Actor("client", ACCOUNT))).state
    staff = stop_reminders(nobody(), asked).state
    assert informed(schedule, active(), client, range(2, 60)) == [(22, True)]
    assert informed(schedule, active(), staff, range(2, 60)) == [], "staff stopped them: it knows"
    assert informed(schedule, active(), nobody(), range(60)) == [(22, False)]
    assert looked(client, on(22), schedule).reminder is None


def test_not_4_staff_is_told_of_an_order_once_its_reminders_have_ended() -> None:
    order = a_schedule(unscheduled=30_000, unscheduled_since=DUE)
    assert informed(order, active(), nobody(), range(60)) == [(22, False)]
    late_step = active(order_steps=(Step(days=3), Step(days=30)))
    assert informed(order, late_step, nobody(), range(60)) == [(30, False)], "not before the last step"
    assert informed(order, active(order_steps=()), nobody(), range(60)) == [], "nothing recalls it: nothing ends"
    assert informed(order, active(staff_after=None), nobody(), range(60)) == []


def test_pay_10_a_moved_date_begins_anew_and_a_failed_attempt_does_not() -> None:
    first = looked(nobody(), on(1), a_schedule(outside())).decision.state
    moved = a_schedule(outside(due=on(5)))
    assert looked(first, on(6), moved).reminder is not None
    away = looked(first, on(2), a_schedule(paid=12_000)).decision.state
    other = looked(away, on(3), a_schedule(outside(2, due=on(2)), paid=12_000)).decision.state
    back = looked(other, on(7), a_schedule(outside(), outside(2, due=on(2))))
    assert back.reminder is None


def test_not_4_an_order_that_is_on_no_date_has_steps_of_its_own_and_they_end_when_it_is_paid() -> None:
    order = a_schedule(unscheduled=30_000, unscheduled_since=DUE)
    assert days_of([order], active(), range(40)) == [3, 10]
    assert days_of([order], active(order_steps=()), range(40)) == []
    assert debts_of(a_schedule(unscheduled=30_000), DUE) == [], "an older release kept no day: nobody is reminded"
    assert looked(nobody(), on(3), a_schedule(paid=30_000)).reminder is None


def test_pay_10_by_hand_all_that_is_due_goes_in_own_words_once_a_day() -> None:
    schedule = a_schedule(outside(), outside(2, due=on(9)), unscheduled=700, unscheduled_since=on(-20))
    calendar = ReminderCalendar.none_of(ORGANISATION)
    reminded = remind_by_hand(nobody(), [schedule], calendar, "Bonjour !", a_context(on(1)))
    (event,) = reminded.decision.events
    assert isinstance(event, PaymentsReminded)
    assert (event.by_hand, [each.kind for each in event.debts]) == (True, ["order", "late"])
    assert reminded.reminder is not None
    assert (reminded.reminder.text_fr, reminded.reminder.text_en) == ("Bonjour !", "Bonjour !")
    with pytest.raises(Refusal, match="reminder today"):
        remind_by_hand(reminded.decision.state, [schedule], calendar, "", a_context(on(1)))
    with pytest.raises(Refusal, match="Nothing of this account is due"):
        remind_by_hand(nobody(), [a_schedule(outside())], calendar, "", a_context(on(-1)))


def test_pay_10_when_it_is_sent_a_reminder_says_what_is_due_then() -> None:
    first, second = outside(1), outside(2, due=on(-9), amount=4_000)
    reminder = looked(nobody(), on(1), a_schedule(first, second)).reminder
    assert reminder is not None
    smaller = a_schedule(first.resized(7_000), outside(3, due=on(-3)), paid=4_000)
    assert [(each.instalment, each.amount) for each in still_due(reminder, [smaller], on(2))] == [(first.id, 7_000)]
    assert still_due(reminder, [a_schedule(paid=16_000)], on(2)) == ()


def test_pay_10_who_wants_no_reminders_gets_none_until_they_are_resumed() -> None:
    stopped = stop_reminders(nobody(), a_context(on(0)))
    assert [type(each).__name__ for each in stopped.events] == ["RemindersStopped"]
    assert stop_reminders(stopped.state, a_context(on(0))).events == ()
    assert looked(stopped.state, on(1), a_schedule(outside())).decision.events == ()
    resumed = resume_reminders(stopped.state, a_context(on(2)))
    assert looked(resumed.state, on(2), a_schedule(outside())).reminder is not None
    assert resume_reminders(resumed.state, a_context(on(2))).events == ()


def test_pay_10_the_words_of_a_step_go_in_the_language_of_the_family() -> None:
    step = Step(days=1, text_fr="Petit rappel")
    reminder = looked(nobody(), on(1), a_schedule(outside()), calendar=active(steps=(step,))).reminder
    assert reminder is not None
    assert (reminder.text_fr, reminder.text_en) == ("Petit rappel", "Petit rappel")


def test_not_4_a_code_comes_with_the_step_of_an_unpaid_order_once() -> None:
    calendar = active(steps=(Step(days=1),), order_steps=(Step(days=3), Step(days=10, code="RENTREE10")))
    schedule = a_schedule(unscheduled=500, unscheduled_since=DUE)
    first = looked(nobody(), on(3), schedule, calendar=calendar)
    second = looked(first.decision.state, on(10), schedule, calendar=calendar)
    assert [each.reminder.code for each in (first, second) if each.reminder] == ["", "RENTREE10"]
    assert looked(second.decision.state, on(11), schedule, calendar=calendar).reminder is None


def test_not_4_a_code_is_not_lost_where_an_instalment_is_recalled_the_same_day() -> None:
    calendar = active(steps=(Step(days=15, text_fr="Encore dû"),), order_steps=(Step(days=3, code="RENTREE10"),))
    reminder = looked(
        nobody(), on(15), a_schedule(outside(), unscheduled=500, unscheduled_since=DUE), calendar=calendar
    ).reminder
    assert reminder is not None
    assert (reminder.text_fr, reminder.code) == ("Encore dû", "RENTREE10")


def test_pay_10_a_calendar_keeps_the_day_on_which_it_was_turned_on() -> None:
    wanted = WantedCalendar(active=True, hour=8, steps=[Step(days=8), Step(days=-3)], order_steps=[], staff_after=None)
    changed = change_calendar(ReminderCalendar.none_of(ORGANISATION), wanted, a_context(on(0)))
    assert (changed.state.active_since, [each.days for each in changed.state.steps]) == (DUE, [-3, 8])
    assert change_calendar(changed.state, wanted, a_context(on(5))).events == ()
