"""Collecting, decided: what is due, how an attempt starts and how it ends (PAY-6, PAY-11, PAY-12)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.events import payments as published
from carnet.events.contracts import ContractTerms
from carnet.refusals import Refusal
from payments.collection.domain.calendars import CollectionCalendar
from payments.collection.domain.orders import Failed, Order, Pending, Succeeded, ended, waiting
from payments.collection.domain.results import collected, not_collected, payment_of
from payments.collection.domain.starting import Claim, Started, by_hand, for_the_run, miss_method, start
from payments.payment_methods.domain import PaymentMethod
from payments.schedules.domain.decisions import adjust_schedule, wake
from payments.schedules.domain.schedule import Instalment, Schedule
from tests.unit.payments.payments_builders import ORGANISATION, TODAY, a_context, a_schedule, an_id, an_instalment

CONTEXT = a_context()
CARD = PaymentMethod(
    id=an_id(70), provider="sandbox", kind="card", token="tok_success", label=None, added_at=CONTEXT.now
)
CLAIM = Claim("claim", CONTEXT.now + timedelta(minutes=1), 7)
CALENDAR = CollectionCalendar(id=ORGANISATION, organisation=ORGANISATION)
DUE = an_instalment(1, "2026-11-20", 1000)
NEXT = an_instalment(2, "2026-12-20", 1000)


def with_(instalment: Instalment, **changes: Any) -> Instalment:
    return instalment.model_copy(update=changes)


def started(*instalments: Instalment, chosen: int = 1, **fields: Any) -> Started:
    schedule = a_schedule(*instalments, **fields)
    return start(schedule, schedule.instalments[:chosen], CARD, CLAIM, CONTEXT)


def the_order(start: Started) -> tuple[Schedule, Order]:
    (order,) = start.orders
    return start.decision.state, order


def after_failing(schedule: Schedule, order: Order, calendar: CollectionCalendar = CALENDAR) -> Any:
    return not_collected(schedule, order, "refused", calendar, CONTEXT)


@pytest.mark.parametrize(
    "changes",
    [
        {"due": TODAY + timedelta(days=1)},
        {"method": "transfer"},
        {"on_request": True},
        {"gave_up": True},
        {"waits_for_method": True},
        {"next_try": TODAY + timedelta(days=1)},
    ],
)
def test_pay_11_the_run_collects_what_is_due_and_nothing_else(changes: dict[str, Any]) -> None:
    schedule = a_schedule(DUE, with_(NEXT, **{"due": TODAY, **changes}))
    assert for_the_run(schedule, TODAY) == (DUE,)
    assert schedule.collect_on == DUE.due


def test_pay_11_nothing_is_collected_on_site_nor_from_a_held_cheque() -> None:
    assert for_the_run(a_schedule(DUE, mode="on_site"), TODAY) == ()
    assert by_hand(a_schedule(DUE, mode="on_site"), TODAY) == ()
    held = an_instalment(3, "2026-11-20", 500, held=True)
    assert for_the_run(a_schedule(held), TODAY) == by_hand(a_schedule(held), TODAY) == ()
    with pytest.raises(Refusal, match="no cheque"):
        started(held)


def test_pay_6_by_hand_what_was_tried_in_vain_is_collected_too() -> None:
    in_vain, on_request = with_(DUE, gave_up=True), with_(NEXT, due=TODAY, on_request=True)
    in_cash = with_(an_instalment(3, "2026-11-21", 5), method="cash")
    assert by_hand(a_schedule(in_vain, on_request, in_cash), TODAY) == (in_vain, on_request)


def test_pay_6_an_attempt_is_saved_with_the_order_that_will_make_it() -> None:
    schedule, order = the_order(started(with_(DUE, tries=1), NEXT))
    (event,) = started(with_(DUE, tries=1), NEXT).decision.events
    assert isinstance(event, published.CollectionStarted)
    assert (event.instalment, event.amount, event.number, event.balance.processing) == (DUE.id, 1000, 2, 1000)
    assert [attempt.id for attempt in schedule.attempts] == [order.id]
    assert (order.amount, order.token, order.claim, order.check_at) == (1000, "tok_success", "claim", CLAIM.check_at)
    assert (order.asks, order.status, order.slot) == (1, "asked", 7)


def test_pay_6_several_instalments_are_several_attempts_published_one_by_one() -> None:
    both = started(DUE, NEXT, chosen=2)
    assert [event.balance.processing for event in both.decision.events] == [1000, 2000]
    assert len({order.id for order in both.orders}) == 2


def test_pay_6_what_is_collected_is_paid_once() -> None:
    schedule, order = the_order(started(DUE))
    decision = collected(schedule, order, CONTEXT)
    paid, passage = decision.events
    assert isinstance(paid, published.PaymentCollected)
    assert isinstance(passage, published.ContractPaid)
    assert (paid.payment, paid.attempt, paid.method, paid.received_on) == (order.id, order.id, "card", TODAY)
    assert decision.state.balance.paid == 1000
    payment = payment_of(order, "ch_1", CONTEXT)
    assert (payment.id, payment.provider, payment.reference, payment.remaining) == (order.id, "sandbox", "ch_1", 1000)
    with pytest.raises(Refusal, match="no attempt"):
        collected(decision.state, order, CONTEXT)


def test_pay_6_a_failed_instalment_keeps_its_due_date_and_is_tried_again_by_the_calendar() -> None:
    decision = after_failing(*the_order(started(DUE, NEXT)))
    (event,) = decision.events
    assert isinstance(event, published.PaymentFailed)
    assert (event.reason, event.next_try, event.due) == ("refused", date(2026, 11, 24), DUE.due)
    back = decision.state.instalment(DUE.id)
    assert (back.due, back.amount, back.tries, back.next_try) == (DUE.due, 1000, 1, date(2026, 11, 24))
    assert decision.state.collect_on == date(2026, 11, 24)


def test_pay_6_after_the_last_attempt_it_stays_planned_and_late_outside_the_run() -> None:
    decision = after_failing(*the_order(started(with_(DUE, tries=2), NEXT)))
    back = decision.state.instalment(DUE.id)
    assert (back.tries, back.gave_up, back.next_try, decision.events[0].next_try) == (3, True, None, None)
    assert decision.state.collect_on == NEXT.due
    again = start(decision.state, [back], CARD, CLAIM, CONTEXT)  # by hand
    assert after_failing(*the_order(again)).state.instalment(DUE.id).gave_up


def test_pay_6_a_failure_ahead_of_its_date_waits_for_that_date() -> None:
    decision = after_failing(*the_order(started(NEXT)))
    assert decision.events[0].next_try == NEXT.due


def test_pay_13_what_the_bank_took_back_is_not_tried_again_by_itself() -> None:
    decision = after_failing(*the_order(started(with_(DUE, on_request=True))))
    assert decision.events[0].next_try is None
    assert decision.state.collect_on is None


def test_pay_6_when_it_fails_the_rules_apply_to_what_changed_meanwhile() -> None:
    schedule, order = the_order(started(DUE, NEXT))
    cheaper = adjust_schedule(schedule, ContractTerms(total=1300, live_lines=1, version=4), CONTEXT).state
    assert (cheaper.processing, cheaper.planned) == (1000, 300)
    back = after_failing(cheaper, order)
    assert (back.state.processing, back.state.planned) == (0, 1300)
    gone = adjust_schedule(schedule, ContractTerms(total=0, live_lines=0, version=4), CONTEXT).state
    nothing = after_failing(gone, order)
    assert (nothing.state.instalments, nothing.state.refund_due, nothing.events[0].next_try) == ((), 0, None)


def test_pay_6_money_that_comes_after_a_failure_was_reported_pays_that_instalment() -> None:
    schedule, order = the_order(started(DUE, NEXT, unscheduled=0))
    back = after_failing(schedule, order).state
    over = ended(order, Failed("refused", "declined"), CONTEXT.now)
    late = collected(back, over, CONTEXT)
    assert (late.state.paid, [each.id for each in late.state.instalments]) == (1000, [NEXT.id])
    assert isinstance(late.events[0], published.PaymentCollected)


def test_pay_6_money_that_comes_twice_is_to_be_refunded() -> None:
    schedule, order = the_order(started(DUE))
    back = after_failing(schedule, order).state
    second = start(back, back.instalments, CARD, CLAIM, replace(CONTEXT, new_id=lambda: an_id(5000)))
    paid = collected(second.decision.state, second.orders[0], CONTEXT).state
    late = collected(paid, ended(order, Failed("refused", "declined"), CONTEXT.now), CONTEXT)
    assert (late.state.paid, late.state.refund_due) == (2000, 1000)
    assert [type(event) for event in late.events] == [published.PaymentCollected, published.RefundLineCreated]


def test_pay_12_without_a_method_it_is_not_attempted_and_that_is_published_once() -> None:
    schedule = a_schedule(DUE, NEXT)
    decision = miss_method(schedule, for_the_run(schedule, TODAY), CONTEXT)
    (event,) = decision.events
    assert isinstance(event, published.PaymentMethodMissing)
    assert (event.instalment, event.balance.processing, event.instalments[0].waits_for_method) == (DUE.id, 0, True)
    assert for_the_run(decision.state, TODAY) == ()
    awake = wake(decision.state, CONTEXT)
    assert [type(each) for each in awake.events] == [published.ScheduleAdjusted]
    assert for_the_run(awake.state, TODAY) == (DUE,)
    assert wake(awake.state, CONTEXT).events == ()


def test_pay_6_an_order_that_is_over_has_no_date_to_be_looked_at() -> None:
    _, order = the_order(started(DUE))
    pending = waiting(order, Pending("ch_1"), CONTEXT.now)
    assert (pending.status, pending.reference, pending.claim, pending.over) == ("pending", "ch_1", None, False)
    done = ended(pending, Succeeded("ch_1"), CONTEXT.now)
    assert (done.over, done.check_at, done.claim) == (True, None, None)
    failed = ended(pending, Failed("refused", "declined"), CONTEXT.now)
    assert (failed.reference, failed.code) == ("ch_1", "declined")
