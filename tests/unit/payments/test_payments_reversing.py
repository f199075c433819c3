"""Payments that the bank takes back (PAY-13)."""

from typing import Any

import pytest

from carnet.events import payments as published
from carnet.refusals import Kind, Refusal
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.reversing import Reversal, Reversed, TakenBack, reverse_by_hand, reverse_by_provider
from payments.schedules.domain.schedule import Attempt, Schedule
from payments.schedules.domain.schedule_events import published_instalments
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
    return reverse_by_provider(schedule, payment, (), TakenBack(TAKEN, amount, "returned_debit"), a_context())


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
        published.PaymentReversed(
            contract=CONTRACT,
            account=ACCOUNT,
            mode="online",
            currency="EUR",
            effective_on=TODAY,
            covers=3,
            balance=after.balance,
            instalments=published_instalments(after),
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
    assert isinstance(event, published.PaymentReversed)
    assert (event.amount, event.beyond, event.balance) == (1000, 1000 - leaving, done.decision.state.balance)
    assert (done.decision.state.lost, done.payment.lost) == (1000 - leaving, 1000 - leaving)


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
        reverse_by_hand(a_schedule(paid=1000), payment, (), TakenBack(TAKEN, amount, "chargeback"), a_context())
    assert (refusal.value.kind, refusal.value.slug) == (Kind.CONFLICT, "more-than-payment")
    assert refusal.value.params == {"payment": DEBIT.id, "amount": amount, "most": most}


def test_pay_13_by_hand_it_does_the_same() -> None:
    taken, schedule = TakenBack(TAKEN, 1000, "bounced_cheque"), a_schedule(paid=600)
    by_hand = reverse_by_hand(schedule, DEBIT, (), taken, a_context())
    by_provider = reverse_by_provider(schedule, DEBIT, (), taken, a_context())
    assert (by_hand.decision, by_hand.payment) == (by_provider.decision, by_provider.payment)
    assert (by_hand.reversal.by_provider, by_provider.reversal.by_provider) == (False, True)
    assert by_hand.reversal.beyond == 400


# It is one reversal, no matter who reports it first


class Bank:
    """A schedule and a payment of 1000, with what provider and staff say of its reversals."""

    def __init__(self, paid: int = 1000, payment: Payment = DEBIT) -> None:
        self.schedule, self.payment = a_schedule(paid=paid), payment
        self.known: dict[str, Reversal] = {}

    def provider(self, number: int, amount: int) -> list[str]:
        """The provider reports it; the names of the events."""
        taken = TakenBack(an_id(number), amount, "chargeback")
        return self._keep(
            reverse_by_provider(self.schedule, self.payment, tuple(self.known.values()), taken, a_context())
        )

    def staff(self, number: int, amount: int, *, another: bool = False) -> list[str]:
        """Staff records it."""
        taken = TakenBack(an_id(number), amount, "chargeback")
        known = tuple(self.known.values())
        return self._keep(reverse_by_hand(self.schedule, self.payment, known, taken, a_context(), another=another))

    def _keep(self, done: Reversed) -> list[str]:
        self.schedule, self.payment = done.decision.state, done.payment
        self.known |= {each.id: each for each in done.reversals}
        gone = self.payment.reversed + self.payment.beyond
        assert gone == sum(each.amount for each in self.known.values()) <= self.payment.amount
        return [name for name in names(done) if name in ("PaymentReversed", "ReversalConfirmed")]

    @property
    def taken(self) -> list[int]:
        """What each reversal took."""
        return [each.amount for each in self.known.values()]


def test_pay_13_what_staff_recorded_first_is_confirmed_by_the_provider_and_taken_once() -> None:
    bank = Bank()
    assert bank.staff(1, 1000) == ["PaymentReversed"]
    bank.schedule = bank.schedule.but(instalments=(), paid=1000)  # the family pays by transfer
    assert bank.provider(2, 1000) == ["ReversalConfirmed"]
    assert (bank.schedule.paid, bank.schedule.lost, bank.payment.beyond, bank.taken) == (1000, 0, 0, [1000])
    assert bank.known[an_id(1)].unconfirmed == 0
    assert bank.provider(2, 1000) == []  # said again


def test_pay_13_to_a_part_that_staff_recorded_the_provider_adds_the_rest() -> None:
    bank = Bank()
    bank.staff(1, 400)
    assert bank.provider(2, 1000) == ["ReversalConfirmed", "PaymentReversed"]
    assert (bank.taken, bank.schedule.paid) == ([400, 600], 0)


def test_pay_13_what_staff_recorded_at_once_the_provider_may_report_in_parts() -> None:
    bank = Bank()
    bank.staff(1, 1000)
    assert bank.provider(2, 300) == bank.provider(3, 700) == ["ReversalConfirmed"]
    assert (bank.taken, bank.known[an_id(1)].unconfirmed) == ([1000], 0)


def test_pay_13_several_are_matched_by_their_amounts_first() -> None:
    bank = Bank()
    bank.staff(1, 400)
    bank.staff(2, 600, another=True)
    assert bank.provider(3, 600) == ["ReversalConfirmed"]
    assert [each.unconfirmed for each in bank.known.values()] == [400, 0]
    assert bank.provider(4, 400) == ["ReversalConfirmed"]


def test_pay_13_two_of_the_provider_are_two() -> None:
    bank = Bank()
    assert bank.provider(1, 400) == bank.provider(2, 600) == ["PaymentReversed"]
    assert bank.taken == [400, 600]


def test_pay_13_what_the_provider_reported_first_staff_does_not_record_again() -> None:
    bank = Bank()
    bank.provider(1, 400)
    with pytest.raises(Refusal) as refusal:
        bank.staff(2, 400)
    assert (refusal.value.kind, refusal.value.slug) == (Kind.CONFLICT, "reversed-before")
    assert refusal.value.params == {"payment": DEBIT.id, "reversals": [an_id(1)], "amount": 400}
    assert bank.staff(2, 300, another=True) == ["PaymentReversed"]
    assert bank.provider(3, 300) == ["ReversalConfirmed"]
    assert bank.taken == [400, 300]


def test_pay_13_no_payment_is_taken_back_above_what_it_brought() -> None:
    bank = Bank(paid=5000)
    bank.provider(1, 700)
    assert bank.provider(2, 700) == ["PaymentReversed"]
    assert (bank.taken, bank.schedule.paid) == ([700, 300], 4000)
    assert bank.provider(3, 700) == []


def test_pay_13_what_was_refunded_before_is_lost_and_explained_by_that_refund() -> None:
    bank = Bank(paid=300, payment=DEBIT.model_copy(update={"refunded": 700}))
    bank.staff(1, 300)
    assert bank.provider(2, 1000) == ["ReversalConfirmed", "PaymentReversed"]
    assert (bank.payment.reversed, bank.payment.beyond, bank.schedule.lost) == (300, 700, 700)
