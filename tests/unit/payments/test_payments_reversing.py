"""Payments that the bank takes back (PAY-13)."""

from typing import Any

import pytest

from carnet.events import payments as told
from carnet.refusals import Kind, Refusal
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.reversing import Reversed, TakenBack, reverse, reverse_by_hand
from payments.schedules.domain.schedule import Attempt, Schedule
from payments.schedules.domain.schedule_events import instalments_told
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    CONTRACT,
    TODAY,
    a_context,
    a_payment,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
    used,
)

DEBIT = a_payment(11, 1000, method="direct_debit")
TAKEN = an_id(70)


def taken_back(schedule: Schedule, amount: int = 1000, payment: Payment = DEBIT) -> Reversed:
    return reverse(schedule, payment, TakenBack(TAKEN, amount, "returned_debit"), a_context())


def names(decided: Reversed) -> list[str]:
    return [type(event).__name__ for event in decided.decision.events]


def test_pay_13_online_it_leaves_paid_and_is_due_today_on_request() -> None:
    before = a_schedule(an_instalment(1, "2026-12-05", 500), paid=1000)
    done = taken_back(before)
    after = done.decision.state
    assert (after.paid, after.total) == (0, 1500)
    assert dates_and_amounts(after) == [("2026-11-21", 1000), ("2026-12-05", 500)]
    assert [each.on_request for each in after.instalments] == [True, False]
    assert after.instalments[0].collect_on is None
    assert done.decision.events == (
        told.PaymentReversed(
            contract=CONTRACT,
            account=ACCOUNT,
            mode="online",
            currency="EUR",
            effective_on=TODAY,
            covers=3,
            balance=after.balance,
            instalments=instalments_told(after),
            payment=DEBIT.id,
            amount=1000,
            method="direct_debit",
            reason="returned_debit",
            beyond=0,
        ),
    )
    assert (done.payment.reversed, done.payment.beyond, done.payment.remaining) == (1000, 0, 0)
    assert (done.reversal.id, done.reversal.amount, done.reversal.beyond) == (TAKEN, 1000, 0)
    assert (done.reversal.reversed_on, done.reversal.reason) == (TODAY, "returned_debit")


def test_pay_13_on_site_it_is_unscheduled() -> None:
    cheque = a_payment(11, 1000, method="cheque", provider=None, reference=None)
    after = taken_back(a_schedule(paid=1000, mode="on_site"), payment=cheque).decision.state
    assert (after.paid, after.unscheduled, after.instalments) == (0, 1000, ())


def test_pay_8_a_contract_that_was_paid_is_reopened() -> None:
    assert names(taken_back(a_schedule(paid=1000))) == ["PaymentReversed", "ContractReopened"]


def test_pay_13_a_refund_line_is_reduced_first() -> None:
    part = taken_back(a_schedule(paid=3000, refund_due=400))
    assert (part.decision.state.refund_due, part.decision.state.planned) == (0, 600)
    assert names(part) == ["PaymentReversed", "RefundLineDropped", "ContractReopened"]
    whole = taken_back(a_schedule(paid=3000, refund_due=1500))
    assert (whole.decision.state.refund_due, whole.decision.state.planned) == (500, 0)
    assert names(whole) == ["PaymentReversed", "RefundLineChanged"]


def test_pay_13_a_part_leaves_the_rest_of_the_payment() -> None:
    done = taken_back(a_schedule(paid=1000), 300)
    assert (done.payment.reversed, done.payment.remaining, done.decision.state.paid) == (300, 700, 700)


@pytest.mark.parametrize(
    ("schedule", "payment", "leaving"),
    [
        (a_schedule(paid=300), DEBIT.model_copy(update={"refunded": 700}), 300),  # refunded before
        (a_schedule(paid=300), DEBIT, 300),  # converted to a credit before
        (a_schedule(paid=0), DEBIT, 0),  # all of it settled before
        (a_schedule(paid=900, credit_uses=(used(an_id(90), 500),)), DEBIT, 400),  # what credits brought stays
        (a_schedule(paid=5000), DEBIT.model_copy(update={"reversed": 1000}), 0),  # taken back before
    ],
)
def test_pay_13_what_was_settled_before_is_kept_as_beyond_and_breaks_no_balance(
    schedule: Schedule, payment: Payment, leaving: int
) -> None:
    done = taken_back(schedule, payment=payment)
    assert schedule.paid - done.decision.state.paid == leaving
    assert (done.reversal.amount, done.reversal.beyond) == (1000, 1000 - leaving)
    assert done.payment.reversed - payment.reversed == leaving
    assert (done.payment.beyond, done.payment.remaining) == (1000 - leaving, 0)
    event = done.decision.events[0]
    assert isinstance(event, told.PaymentReversed)
    assert (event.amount, event.beyond, event.balance) == (1000, 1000 - leaving, done.decision.state.balance)


def test_pay_13_what_is_being_attempted_is_left_alone() -> None:
    attempt = Attempt(id=an_id(60), credit=an_id(90), unscheduled=400)
    after = taken_back(a_schedule(paid=1000, attempts=(attempt,))).decision.state
    assert (after.processing, after.planned, after.paid) == (400, 1000, 0)


@pytest.mark.parametrize(
    ("gone", "amount", "most"), [({}, 1001, 1000), ({"refunded": 400}, 601, 600), ({"reversed": 1000}, 0, 0)]
)
def test_pay_13_by_hand_no_more_than_remains_of_the_payment(gone: dict[str, Any], amount: int, most: int) -> None:
    payment = DEBIT.model_copy(update=gone)
    with pytest.raises(Refusal) as refusal:
        reverse_by_hand(a_schedule(paid=1000), payment, TakenBack(TAKEN, amount, "chargeback"), a_context())
    assert (refusal.value.kind, refusal.value.slug) == (Kind.CONFLICT, "more-than-payment")
    assert refusal.value.params == {"payment": DEBIT.id, "amount": amount, "most": most}


def test_pay_13_by_hand_it_is_the_same() -> None:
    taken, schedule = TakenBack(TAKEN, 1000, "bounced_cheque"), a_schedule(paid=600)
    by_hand = reverse_by_hand(schedule, DEBIT, taken, a_context())
    assert by_hand == reverse(schedule, DEBIT, taken, a_context())
    assert by_hand.reversal.beyond == 400
