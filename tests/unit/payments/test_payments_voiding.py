"""Wrong entries that are voided: payments that staff recorded, settlements on site or waived (PAY-19)."""

from dataclasses import dataclass
from typing import Any

import pytest

from carnet.events import payments as published
from carnet.events.contracts import ContractTerms
from carnet.refusals import Kind, Refusal
from payments.accounts.domain import Names
from payments.follow_up.domain import FollowUp
from payments.receipts.domain.receiving import Payment, Received
from payments.receipts.domain.voiding import void_payment
from payments.refunds.domain.settling import Settlement, Settling, settle_refund_line
from payments.refunds.domain.voiding import void_settlement
from payments.schedules.domain.decisions import adjust_schedule, record_payment
from payments.schedules.domain.refund_lines import with_refund_line
from payments.schedules.domain.schedule import RefundCause, Schedule
from tests.unit.payments.payments_builders import (
    TODAY,
    a_context,
    a_payment,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
    used,
)

DATES = ("2026-12-05", "2027-01-05", "2027-02-05")


def planned(*amounts: int, **fields: Any) -> Schedule:
    dates = zip(DATES, amounts, strict=False)
    return a_schedule(*(an_instalment(n, due, amount) for n, (due, amount) in enumerate(dates, 1)), **fields)


@dataclass
class Till:
    """A schedule, and what staff enters on it."""

    schedule: Schedule

    def pay(self, amount: int, instalment: str | None = None) -> Payment:
        context = a_context(first_id=2000)
        received = Received(amount, "cheque", TODAY, instalment, overpayment_confirmed=True)
        payment = received.recorded(an_id(70), self.schedule, context.now, "user:ines")
        self.schedule = record_payment(self.schedule, received, payment.id, context).state
        return payment

    def settle(self, amount: int, how: Any = "on_site", payments: tuple[Payment, ...] = ()) -> Settlement:
        done = settle_refund_line(self.schedule, Settling(amount, how, "why"), payments, a_context())
        self.schedule = done.decision.state
        return done.settlement

    def void(self, payment: Payment, spent: str | None = None) -> Payment:
        undone = void_payment(self.schedule, payment, "typed 500 for 50", a_context(first_id=3000), spent=spent)
        self.schedule, self.events = undone.decision.state, undone.decision.events
        return undone.payment

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


def refused(till: Till, payment: Payment, **fields: Any) -> Refusal:
    before = till.schedule
    with pytest.raises(Refusal) as refusal:
        till.void(payment, **fields)
    assert (refusal.value.kind, refusal.value.rule, till.schedule) == (Kind.CONFLICT, "PAY-19", before)
    return refusal.value


def test_pay_19_what_the_entry_took_is_back_where_it_was() -> None:
    before = planned(12000, 12000, 12000, unscheduled=500)
    till = Till(before)
    payment = till.pay(20_000)
    kept = till.void(payment)
    assert till.schedule == before
    assert till.names == ["PaymentVoided"]
    (event,) = till.events
    assert isinstance(event, published.PaymentVoided)
    assert (event.payment, event.amount, event.method) == (payment.id, 20_000, "cheque")
    assert (event.received_on, event.balance) == (TODAY, before.balance)
    assert "typed" not in event.model_dump_json()
    assert kept.voided is not None
    assert (kept.voided.reason, kept.voided.on, kept.voided.by) == ("typed 500 for 50", TODAY, "user:ines")
    assert (kept.remaining, kept.not_taken) == (0, 0)


def test_pay_19_a_cheque_that_was_held_is_held_again() -> None:
    before = a_schedule(an_instalment(1, DATES[0], 1000, held=True), an_instalment(2, DATES[1], 1000))
    till = Till(before)
    till.void(till.pay(1000, an_id(1)))
    assert till.schedule == before


def test_pay_19_the_refund_line_goes_with_an_entry_above_what_was_left() -> None:
    before = planned(10_000, 10_000, paid=10_000)
    till = Till(before)
    payment = till.pay(50_000)
    assert till.schedule.refund_due == 30_000
    till.void(payment)
    assert till.schedule == before
    assert till.names == ["PaymentVoided", "RefundLineDropped", "ContractReopened"]


def test_pay_19_the_rules_apply_to_what_has_changed_since() -> None:
    till = Till(planned(10_000, 10_000, 10_000))
    payment = till.pay(10_000)
    till.schedule = adjust_schedule(
        till.schedule, ContractTerms(total=36_000, live_lines=1, version=4), a_context()
    ).state
    till.void(payment)
    assert dates_and_amounts(till.schedule) == list(zip(DATES, (10_000, 13_000, 13_000), strict=True))


def test_pay_19_one_recorded_before_entries_were_remembered_is_due_again() -> None:
    till = Till(planned(10_000, 10_000))
    payment = till.pay(15_000).model_copy(update={"took": None})
    till.void(payment)
    assert dates_and_amounts(till.schedule) == [(DATES[1], 20_000)]
    assert till.schedule.paid == 0


def test_pay_19_what_has_left_again_is_not_voided_and_can_be_after_its_settlement_is() -> None:
    till = Till(a_schedule(unscheduled=30_000))
    payment = till.pay(40_000)
    settlement = till.settle(10_000)
    refusal = refused(till, payment)
    assert (refusal.slug, refusal.params) == (
        "left-again",
        {"payment": payment.id, "amount": 40_000, "left": 30_000},
    )
    undone = void_settlement(till.schedule, settlement, (), "not handed over", a_context())
    till.schedule = undone.decision.state
    till.void(payment)
    assert (till.schedule.paid, till.schedule.unscheduled, till.schedule.refund_due) == (0, 30_000, 0)


def test_pay_19_what_credits_brought_is_no_money_of_the_till() -> None:
    till = Till(a_schedule(paid=500, credit_uses=(used(an_id(90), 500),), unscheduled=1000))
    payment = till.pay(1000)
    till.schedule = till.schedule.but(paid=900, unscheduled=600)  # the bank took another one back meanwhile
    assert refused(till, payment).slug == "left-again"


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"provider": "sandbox"}, "not-recorded-by-staff"),
        ({"reversed": 100}, "payment-reversed"),
        ({"beyond": 100}, "payment-reversed"),
    ],
)
def test_pay_19_only_an_entry_of_staff_that_nothing_was_built_on(fields: dict[str, Any], slug: str) -> None:
    till = Till(a_schedule(unscheduled=1000))
    payment = till.pay(1000).model_copy(update=fields)
    assert refused(till, payment).slug == slug


def test_pay_19_once() -> None:
    till = Till(a_schedule(unscheduled=1000))
    payment = till.void(till.pay(1000))
    till.pay(1000)
    assert refused(till, payment).slug == "already-voided"


def test_pay_19_the_payment_of_a_credit_that_was_used_is_not_voided() -> None:
    till = Till(a_schedule(unscheduled=1000))
    payment = till.pay(1000)
    refusal = refused(till, payment, spent=an_id(90))
    assert (refusal.slug, refusal.params["credit"]) == ("credit-spent", an_id(90))


def test_pay_19_a_credit_that_was_used_stays_paid_for_where_the_contract_is() -> None:
    till = Till(a_schedule(paid=1000, unscheduled=0))
    till.void(till.pay(700), an_id(90))
    assert (till.schedule.paid, till.schedule.refund_due, till.schedule.fully_paid) == (1000, 0, True)


# Settlements


@pytest.mark.parametrize("how", ["on_site", "waived"])
def test_pay_19_a_settlement_that_never_was_is_paid_again(how: Any) -> None:
    before = a_schedule(paid=3500, refund_due=2000)
    till = Till(before)
    settlement = till.settle(1500, how)
    undone = void_settlement(till.schedule, settlement, (), "a slip", a_context())
    assert undone.decision.state == before
    event, changed = undone.decision.events
    assert isinstance(event, published.SettlementVoided)
    assert (event.settlement, event.amount, event.how) == (settlement.id, 1500, how)
    assert (event.settled_on, event.recovered, event.balance) == (TODAY, (), before.balance)
    assert "slip" not in event.model_dump_json()
    assert isinstance(changed, published.RefundLineChanged)
    assert undone.settlement.voided is not None
    assert undone.settlement.voided.reason == "a slip"
    with pytest.raises(Refusal) as refusal:
        void_settlement(undone.decision.state, undone.settlement, (), "again", a_context())
    assert refusal.value.slug == "already-voided"


def test_pay_19_the_follow_up_says_what_brought_the_refund_line_back() -> None:
    till = Till(a_schedule(paid=3500, refund_due=2000))
    settlement = till.settle(2000)
    undone = void_settlement(till.schedule, settlement, (), "a slip", a_context())
    row = FollowUp.of(with_refund_line(till.schedule, undone.decision, a_context()).state, Names())
    assert (row.refund_due, row.refund_cause) == (2000, RefundCause(kind="settlement_voided", id=settlement.id))


@pytest.mark.parametrize("how", ["refunded", "converted"])
def test_pay_19_what_somebody_else_has_is_not_voided(how: Any) -> None:
    till = Till(a_schedule(paid=3500, refund_due=2000))
    settlement = till.settle(1000, how, (a_payment(11, 3500),))
    with pytest.raises(Refusal) as refusal:
        void_settlement(till.schedule, settlement, (), "a slip", a_context())
    assert (refusal.value.kind, refusal.value.slug) == (Kind.CONFLICT, "settlement-handed-over")


def test_pay_19_what_the_bank_took_beyond_the_settlement_is_made_good_by_its_voiding() -> None:
    till = Till(a_schedule(paid=1000, refund_due=1000))
    settlement = till.settle(1000)
    payment = a_payment(11, 1000, reversed=300, beyond=600, resolved=100)
    till.schedule = till.schedule.but(lost=500)
    undone = void_settlement(till.schedule, settlement, (payment,), "a slip", a_context())
    (kept,) = undone.payments
    assert (kept.reversed, kept.beyond, kept.lost) == (900, 0, 0)
    after = undone.decision.state
    assert (after.paid, after.refund_due, after.lost) == (400, 400, 0)
    event = undone.decision.events[0]
    assert isinstance(event, published.SettlementVoided)
    assert event.recovered == (published.PaymentReturned(payment=payment.id, amount=600),)


def test_pay_19_what_a_refund_of_its_own_explains_stays_lost() -> None:
    till = Till(a_schedule(paid=1000, refund_due=1000))
    settlement = till.settle(600)
    refunded = a_payment(11, 900, refunded=900, beyond=300)
    till.schedule = till.schedule.but(lost=300)
    undone = void_settlement(till.schedule, settlement, (refunded,), "a slip", a_context())
    assert (undone.payments, undone.decision.state.paid, undone.decision.state.lost) == ((), 1000, 300)
