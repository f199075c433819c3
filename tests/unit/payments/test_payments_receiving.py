"""Payments that staff records and cheques that are held (PAY-7), with what they publish (PAY-8)."""

from dataclasses import replace
from datetime import date

import pytest

from carnet.events import payments as published
from carnet.events.contracts import ContractTerms
from carnet.money import LARGEST
from carnet.refusals import Kind, Refusal
from payments.receipts.domain.receiving import PostDated, Received, hold, receive
from payments.schedules.domain.decisions import adjust_schedule, hold_cheques, record_payment
from payments.schedules.domain.schedule import Schedule
from tests.unit.payments.payments_builders import (
    CHANGE,
    PAYMENT,
    TODAY,
    a_context,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
)


def two_planned(**fields: object) -> Schedule:
    return a_schedule(an_instalment(1, "2026-12-05", 1000), an_instalment(2, "2027-01-05", 1000), **fields)


def cash(amount: int, instalment: str | None = None) -> Received:
    return Received(amount, "cash", TODAY, instalment)


def test_pay_7_without_a_name_unscheduled_goes_first_and_then_the_earliest() -> None:
    after = receive(two_planned(unscheduled=300), cash(1500), a_context())
    assert (after.paid, after.unscheduled, dates_and_amounts(after)) == (1500, 0, [("2027-01-05", 800)])


def test_pay_7_a_named_instalment_goes_first() -> None:
    after = receive(two_planned(unscheduled=300), cash(400, an_id(2)), a_context())
    assert (after.unscheduled, dates_and_amounts(after)) == (300, [("2026-12-05", 1000), ("2027-01-05", 600)])


def test_pay_7_more_than_the_named_instalment_goes_on_as_it_comes() -> None:
    after = receive(two_planned(unscheduled=300), cash(1400, an_id(2)), a_context())
    assert (after.unscheduled, dates_and_amounts(after)) == (0, [("2026-12-05", 900)])


def test_pay_7_among_instalments_of_one_date_the_id_says_which() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000), an_instalment(2, "2026-12-05", 1000))
    after = receive(schedule, cash(1000, an_id(2)), a_context())
    assert [each.id for each in after.instalments] == [an_id(1)]


def test_pay_7_a_part_of_a_fixed_instalment_leaves_the_rest_fixed() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, fixed=True))
    (rest,) = receive(schedule, cash(400), a_context()).instalments
    assert (rest.amount, rest.fixed) == (600, True)


def test_pay_7_too_much_makes_a_refund_line_and_more_raises_it() -> None:
    once = receive(two_planned(), cash(2500), a_context())
    assert (once.refund_due, once.instalments) == (500, ())
    assert receive(once, cash(100), a_context()).refund_due == 600


def test_pay_7_a_held_cheque_is_cashed_whole() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True), an_instalment(2, "2027-01-05", 1000))
    after = receive(schedule, Received(1000, "cheque", TODAY, an_id(1)), a_context())
    assert (after.paid, dates_and_amounts(after)) == (1000, [("2027-01-05", 1000)])


def test_pay_7_a_held_cheque_is_not_cashed_for_another_amount() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True))
    with pytest.raises(Refusal) as refused:
        receive(schedule, cash(900, an_id(1)), a_context())
    assert refused.value.slug == "held-cheque-amount"
    assert refused.value.params == {"instalment": an_id(1), "amount": 1000}


def test_pay_2_a_payment_that_reaches_a_cheque_hands_it_back_whole() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True), an_instalment(2, "2027-01-05", 1000))
    after = receive(schedule, cash(400), a_context())
    assert (after.unscheduled, dates_and_amounts(after)) == (600, [("2027-01-05", 1000)])


@pytest.mark.parametrize(
    ("received", "slug", "kind"),
    [
        (replace(cash(10), received_on=date(2026, 11, 22)), "received-in-future", Kind.INVALID),
        (cash(10, an_id(9)), "unknown-instalment", Kind.UNKNOWN),
        (cash(LARGEST), "paid-too-large", Kind.INVALID),
    ],
)
def test_pay_7_refusals_of_a_payment(received: Received, slug: str, kind: Kind) -> None:
    with pytest.raises(Refusal) as refused:
        receive(two_planned(paid=1), received, a_context())
    assert (refused.value.slug, refused.value.kind) == (slug, kind)


def test_pay_7_a_payment_of_yesterday_can_be_recorded() -> None:
    assert receive(two_planned(), replace(cash(10), received_on=date(2026, 11, 20)), a_context()).paid == 10


def test_a_payment_publishes_the_schedule_as_it_then_is() -> None:
    decision = record_payment(two_planned(), cash(500), PAYMENT, a_context())
    (collected,) = decision.events
    assert isinstance(collected, published.PaymentCollected)
    assert (collected.payment, collected.amount, collected.covers) == (PAYMENT, 500, 3)
    assert collected.balance == decision.state.balance
    assert [each.amount for each in collected.instalments] == [500, 1000]


def test_pay_8_the_last_payment_publishes_that_the_contract_is_paid() -> None:
    decision = record_payment(two_planned(), cash(2000), PAYMENT, a_context())
    assert [type(event) for event in decision.events] == [published.PaymentCollected, published.ContractPaid]


def test_pay_8_paying_more_on_a_paid_contract_publishes_it_no_second_time() -> None:
    decision = record_payment(a_schedule(paid=100), cash(20), PAYMENT, a_context())
    assert [type(event) for event in decision.events] == [published.PaymentCollected, published.RefundLineCreated]
    created = decision.events[1]
    assert isinstance(created, published.RefundLineCreated)
    assert (created.amount, created.change) == (20, None)


def test_a_payment_is_kept_with_who_recorded_it() -> None:
    context = a_context()
    payment = cash(500).recorded(PAYMENT, two_planned(), context.now, str(context.actor))
    assert (payment.id, payment.amount, payment.currency, payment.recorded_by) == (PAYMENT, 500, "EUR", "user:ines")


def cheque(due: str, amount: int) -> PostDated:
    return PostDated(date.fromisoformat(due), amount, "Banque du Nord", "Paul Martin")


def test_pay_7_cheques_are_held_in_place_of_what_was_to_come() -> None:
    schedule = two_planned(unscheduled=500)
    decision = hold_cheques(schedule, (cheque("2026-12-10", 800), cheque("2027-01-10", 800)), a_context())
    after = decision.state
    assert dates_and_amounts(after) == [("2026-12-10", 800), ("2027-01-05", 900), ("2027-01-10", 800)]
    assert [each.held for each in after.instalments] == [True, False, True]
    assert (after.unscheduled, after.left) == (0, schedule.left)
    (adjusted,) = decision.events
    assert isinstance(adjusted, published.ScheduleAdjusted)
    assert adjusted.change is None
    assert "Martin" not in adjusted.model_dump_json()


def test_pay_7_a_cheque_never_takes_the_place_of_another() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000, held=True), an_instalment(2, "2027-01-05", 1000))
    after = hold(schedule, (cheque("2027-02-01", 1000),), a_context())
    assert dates_and_amounts(after) == [("2026-12-05", 1000), ("2027-02-01", 1000)]


@pytest.mark.parametrize(
    ("cheques", "slug"),
    [
        ((cheque("2026-12-05", 1000), cheque("2026-12-06", 1001)), "more-than-due"),
        ((cheque("2026-11-20", 10),), "past-date"),
    ],
)
def test_pay_7_refusals_of_cheques(cheques: tuple[PostDated, ...], slug: str) -> None:
    with pytest.raises(Refusal) as refused:
        hold(two_planned(), cheques, a_context())
    assert refused.value.slug == slug


def test_evt_1_a_change_that_moves_nothing_is_answered_all_the_same() -> None:
    schedule = two_planned()
    decision = adjust_schedule(schedule, ContractTerms(total=2000, live_lines=2, version=7), a_context())
    (adjusted,) = decision.events
    assert isinstance(adjusted, published.ScheduleAdjusted)
    assert (adjusted.change, adjusted.covers) == (CHANGE, 7)
    assert adjusted.balance == adjusted.balance_before
    assert decision.state == schedule.but(covers=7, live_lines=2)


@pytest.mark.parametrize(
    ("paid", "refund_due", "total", "expected"),
    [
        (1000, 0, 800, published.RefundLineCreated),
        (1000, 200, 700, published.RefundLineChanged),
        (1000, 200, 1000, published.RefundLineDropped),
    ],
)
def test_pay_2_what_happens_to_the_refund_line_is_published(
    paid: int, refund_due: int, total: int, expected: type[published.Event]
) -> None:
    schedule = a_schedule(paid=paid, refund_due=refund_due)
    decision = adjust_schedule(schedule, ContractTerms(total=total, live_lines=1, version=7), a_context())
    assert [type(event) for event in decision.events] == [published.ScheduleAdjusted, expected]
    assert decision.events[1].model_dump()["change"] == CHANGE


def test_pay_8_a_supplement_reopens_and_a_fall_pays() -> None:
    reopened = adjust_schedule(a_schedule(paid=1000), ContractTerms(total=1200, live_lines=2, version=7), a_context())
    assert [type(event) for event in reopened.events] == [published.ScheduleAdjusted, published.ContractReopened]
    paid = adjust_schedule(reopened.state, ContractTerms(total=1000, live_lines=1, version=9), a_context())
    assert [type(event) for event in paid.events] == [published.ScheduleAdjusted, published.ContractPaid]
    assert paid.events[1].model_dump()["covers"] == 9


def test_pay_8_a_contract_without_a_live_line_is_not_fully_paid() -> None:
    decision = adjust_schedule(a_schedule(paid=1000), ContractTerms(total=0, live_lines=0, version=7), a_context())
    assert [type(event) for event in decision.events] == [
        published.ScheduleAdjusted,
        published.RefundLineCreated,
        published.ContractReopened,
    ]
