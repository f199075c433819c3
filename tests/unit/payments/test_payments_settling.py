"""How a refund line is settled, and what a refund that fails brings back (PAY-3, PAY-4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from carnet.events import payments as published
from carnet.events.contracts import ContractTerms
from carnet.refusals import Kind, Refusal
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.settling import (
    HandedOver,
    RefundReturned,
    Settled,
    Settling,
    refund_failed,
    refund_orders,
    settle_refund_line,
)
from payments.schedules.domain.decisions import adjust_schedule
from payments.schedules.domain.schedule import Attempt, Schedule
from payments.schedules.domain.schedule_events import published_instalments
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    CONTRACT,
    ORGANISATION,
    TODAY,
    a_context,
    a_payment,
    a_schedule,
    an_id,
    dates_and_amounts,
)

LATEST, MIDDLE, FIRST = (
    a_payment(13, 1000, "2026-11-20"),
    a_payment(12, 1000, "2026-10-20"),
    a_payment(11, 1000, "2026-09-20"),
)
CONTEXT = a_context()
CASH = a_payment(14, 500, "2026-11-21", method="cash", provider=None, reference=None)
PAYMENTS = (FIRST, CASH, LATEST, MIDDLE)


def owing(refund_due: int = 2000, **fields: Any) -> Schedule:
    """A contract on which 3500 were paid, of which a part is to go back."""
    return a_schedule(paid=3500, refund_due=refund_due, **fields)


def settled(schedule: Schedule, amount: int, how: Any, reason: str | None = None) -> Settled:
    return settle_refund_line(schedule, Settling(amount, how, reason), PAYMENTS, a_context())


def refused(schedule: Schedule, amount: int, how: Any, payments: tuple[Payment, ...] = PAYMENTS) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        settle_refund_line(schedule, Settling(amount, how), payments, a_context())
    assert refusal.value.rule == "PAY-4"
    return refusal.value


@pytest.mark.parametrize("mode", ["online", "on_site"])
@pytest.mark.parametrize("how", ["refunded", "converted", "on_site", "waived"])
def test_pay_4_each_way_leaves_paid_and_the_line_and_is_published_once(mode: str, how: Any) -> None:
    before = owing(mode=mode)
    done = settled(before, 1500, how, "agreed with the family")
    after = done.decision.state
    assert (after.total, after.paid, after.refund_due) == (1500, 2000, 500)
    (event,) = done.decision.events
    assert isinstance(event, published.RefundLineSettled)
    assert event == published.RefundLineSettled(
        contract=CONTRACT,
        account=ACCOUNT,
        mode=before.mode,
        currency="EUR",
        effective_on=TODAY,
        covers=3,
        balance=after.balance,
        instalments=published_instalments(after),
        settlement=done.settlement.id,
        amount=1500,
        how=how,
        left=500,
        credit=done.settlement.credit,
        payments=event.payments,
    )
    kept = done.settlement
    assert (kept.contract, kept.account, kept.organisation) == (CONTRACT, ACCOUNT, ORGANISATION)
    assert (kept.amount, kept.currency, kept.how, kept.reason) == (1500, "EUR", how, "agreed with the family")
    assert (kept.settled_on, kept.settled_by) == (TODAY, "user:ines")
    assert (kept.credit is not None) == (how == "converted")
    assert bool(kept.parts) == bool(done.payments) == bool(event.payments) == (how == "refunded")


def test_pay_4_a_refund_goes_to_the_latest_payments_first_and_to_none_that_was_not_collected() -> None:
    done = settled(owing(), 1500, "refunded")
    (event,) = done.decision.events
    assert isinstance(event, published.RefundLineSettled)
    assert [(part.payment, part.amount) for part in event.payments] == [(LATEST.id, 1000), (MIDDLE.id, 500)]
    assert [(part.payment, part.amount) for part in done.settlement.parts] == [(LATEST.id, 1000), (MIDDLE.id, 500)]
    assert len({part.order for part in done.settlement.parts}) == 2
    refunded = {payment.id: payment.refunded for payment in done.payments}
    assert refunded == {LATEST.id: 1000, MIDDLE.id: 500}


def test_pay_4_each_payment_is_an_order_to_its_provider_under_a_key_of_its_own() -> None:
    context = a_context(first_id=7000)
    done = settle_refund_line(owing(), Settling(1500, "refunded"), PAYMENTS, context)
    latest, middle = refund_orders(done, 17, context)
    assert (latest.id, middle.id) == tuple(part.order for part in done.settlement.parts)
    assert (latest.kind, latest.status, latest.amount, latest.currency) == ("refund", "asked", 1000, "EUR")
    assert (latest.provider, latest.charge, latest.payment) == ("sandbox", "ch_13", LATEST.id)
    assert (latest.settlement, latest.contract, latest.account) == (done.settlement.id, CONTRACT, ACCOUNT)
    assert (latest.slot, latest.check_at, latest.claim, latest.asks) == (17, context.now, None, 0)
    assert (middle.amount, middle.charge, middle.token) == (500, "ch_12", "")
    for how in ("converted", "on_site", "waived"):
        assert refund_orders(settled(owing(), 1500, how, "why"), 17, context) == ()


def test_pay_4_of_the_payments_of_one_day_the_last_that_arrived_is_the_latest() -> None:
    arrived = CONTEXT.now
    payments = (a_payment(1, 100, recorded_at=arrived), a_payment(2, 100, recorded_at=arrived + timedelta(seconds=1)))
    done = settle_refund_line(owing(), Settling(100, "refunded"), payments, CONTEXT)
    assert [part.payment for part in done.settlement.parts] == [an_id(2)]


def test_pay_4_the_arrival_decides_not_the_id_of_the_attempt() -> None:
    arrived = CONTEXT.now
    payments = (a_payment(1, 100, recorded_at=arrived + timedelta(seconds=1)), a_payment(2, 100, recorded_at=arrived))
    done = settle_refund_line(owing(), Settling(150, "refunded"), payments, CONTEXT)
    assert [(part.payment, part.amount) for part in done.settlement.parts] == [(an_id(1), 100), (an_id(2), 50)]


def test_pay_4_the_day_of_receipt_comes_before_the_arrival() -> None:
    arrived = CONTEXT.now
    payments = (
        a_payment(1, 100, "2026-11-20", recorded_at=arrived + timedelta(days=1)),
        a_payment(2, 100, "2026-11-21", recorded_at=arrived),
    )
    done = settle_refund_line(owing(), Settling(100, "refunded"), payments, a_context())
    assert [part.payment for part in done.settlement.parts] == [an_id(2)]


def test_pay_4_no_payment_is_refunded_more_than_remains_of_what_it_brought() -> None:
    latest = LATEST.model_copy(update={"refunded": 200, "reversed": 300, "beyond": 100})
    middle = MIDDLE.model_copy(update={"refunded": 1000})
    done = settle_refund_line(owing(), Settling(1400, "refunded"), (FIRST, middle, latest), a_context())
    assert [(part.payment, part.amount) for part in done.settlement.parts] == [(LATEST.id, 400), (FIRST.id, 1000)]
    assert {payment.id: payment.remaining for payment in done.payments} == {LATEST.id: 0, FIRST.id: 0}


@pytest.mark.parametrize(
    ("payments", "most"),
    [((), 0), ((CASH,), 0), ((CASH, LATEST), 1000), ((LATEST.model_copy(update={"refunded": 400}),), 600)],
)
def test_pay_4_where_what_was_collected_online_does_not_suffice_it_says_how_much_does(
    payments: tuple[Payment, ...], most: int
) -> None:
    refusal = refused(owing(), 1001, "refunded", payments)
    assert (refusal.kind, refusal.slug) == (Kind.CONFLICT, "not-refundable-online")
    assert refusal.params == {"amount": 1001, "most": most}


@pytest.mark.parametrize("how", ["refunded", "converted", "on_site"])
def test_pay_4_no_more_than_the_line_and_no_more_than_is_paid(how: Any) -> None:
    above_the_line = refused(owing(), 2001, how)
    assert (above_the_line.slug, above_the_line.params["most"]) == ("more-than-to-refund", 2000)
    at_the_provider = Attempt(id=an_id(60), unscheduled=1000)
    waits = a_schedule(paid=300, refund_due=1300, attempts=(at_the_provider,))
    assert refused(waits, 301, how).params["most"] == 300
    nothing = refused(a_schedule(paid=300), 1, how)
    assert nothing.params["most"] == 0


@pytest.mark.parametrize("reason", [None, ""])
def test_pay_4_waiving_says_why(reason: str | None) -> None:
    with pytest.raises(Refusal) as refusal:
        settled(owing(), 100, "waived", reason)
    assert (refusal.value.kind, refusal.value.slug) == (Kind.INVALID, "reason-missing")
    assert settled(owing(), 100, "on_site", reason).settlement.reason is None


def test_pay_4_a_line_is_settled_in_parts_of_different_kinds() -> None:
    first = settled(owing(), 1500, "converted").decision.state
    second = settled(first, 300, "on_site").decision.state
    third = settled(second, 200, "waived", "too small to send").decision.state
    assert (third.paid, third.refund_due, third.total) == (1500, 0, 1500)
    assert refused(third, 1, "on_site").slug == "more-than-to-refund"


def handed_over(schedule: Schedule, amount: int) -> tuple[Schedule, list[HandedOver]]:
    """A schedule once ``amount`` is refunded, and what the provider was handed, the latest payment first."""
    done = settled(schedule, amount, "refunded")
    payments = {payment.id: payment for payment in done.payments}
    refunds = [HandedOver(done.settlement, payments[part.payment], part.order) for part in done.settlement.parts]
    return done.decision.state, refunds


def failing(schedule: Schedule, refund: HandedOver) -> RefundReturned:
    return refund_failed(schedule, refund, "account_closed", a_context(first_id=5000))


def test_pay_4_a_refund_that_fails_is_paid_again_and_its_line_is_back() -> None:
    after, (latest, _) = handed_over(owing(), 1500)
    returned = failing(after, latest)
    assert (returned.decision.state.paid, returned.decision.state.refund_due) == (3000, 1500)
    failed, changed = returned.decision.events
    assert isinstance(failed, published.RefundFailed)
    assert (failed.settlement, failed.payment, failed.amount) == (latest.settlement.id, LATEST.id, 1000)
    assert (failed.reason, failed.balance) == ("account_closed", returned.decision.state.balance)
    assert isinstance(changed, published.RefundLineChanged)
    assert (changed.amount_before, changed.amount_after, changed.change) == (500, 1500, None)
    assert returned.payment.refunded == 0
    assert [(part.payment, part.failed) for part in returned.settlement.parts] == [
        (LATEST.id, "account_closed"),
        (MIDDLE.id, None),
    ]
    assert returned.settlement.failed == 1000
    again = settle_refund_line(returned.decision.state, Settling(1000, "refunded"), (returned.payment,), a_context())
    assert again.payments[0].refunded == 1000


def test_pay_4_where_all_was_settled_a_refund_that_fails_makes_the_line_anew() -> None:
    after, (_, middle) = handed_over(owing(1500), 1500)
    assert after.refund_due == 0
    failed, created = failing(after, middle).decision.events
    assert isinstance(failed, published.RefundFailed)
    assert isinstance(created, published.RefundLineCreated)
    assert (created.amount, created.change) == (500, None)


def test_pay_4_pay_2_applies_to_what_changed_while_the_refund_was_under_way() -> None:
    after, (refund,) = handed_over(owing(1000), 1000)
    supplement = ContractTerms(total=after.total + 700, live_lines=2, version=4)
    raised = adjust_schedule(after, supplement, a_context()).state
    assert dates_and_amounts(raised) == [("2026-11-21", 700)]
    returned = failing(raised, refund)
    state = returned.decision.state
    assert (state.paid, state.refund_due, state.instalments) == (3500, 300, ())
    assert [type(event).__name__ for event in returned.decision.events] == [
        "RefundFailed",
        "RefundLineCreated",
        "ContractPaid",
    ]


def test_pay_13_a_refund_that_fails_first_covers_what_the_bank_took_meanwhile() -> None:
    after, (refund,) = handed_over(owing(1000), 1000)
    taken = refund.payment.model_copy(update={"beyond": 400})
    returned = failing(after, HandedOver(refund.settlement, taken, refund.order))
    assert (returned.decision.state.paid, returned.decision.state.refund_due) == (3100, 600)
    assert (returned.payment.refunded, returned.payment.reversed, returned.payment.beyond) == (0, 400, 0)
    failed = returned.decision.events[0]
    assert isinstance(failed, published.RefundFailed)
    assert (failed.amount, failed.balance.paid) == (1000, 3100)


def test_an_order_of_another_settlement_is_a_fault_of_the_code() -> None:
    after, (refund,) = handed_over(owing(1000), 1000)
    with pytest.raises(LookupError, match=an_id(77)):
        failing(after, HandedOver(refund.settlement, refund.payment, an_id(77)))


@pytest.mark.parametrize("how", ["refunded", "converted", "on_site", "waived"])
def test_pay_4_what_would_be_missing_if_the_attempt_failed_is_not_settled_yet(how: Any) -> None:
    attempt = Attempt(id=an_id(60), credit=an_id(90), unscheduled=1500)
    schedule = a_schedule(paid=3500, refund_due=2000, attempts=(attempt,))
    assert schedule.settleable == 500
    with pytest.raises(Refusal) as refusal:
        settled(schedule, 501, how, "a gesture")
    assert (refusal.value.kind, refusal.value.slug) == (Kind.CONFLICT, "more-than-to-refund")
    assert refusal.value.params == {"amount": 501, "most": 500, "processing": 1500}
    after = settled(schedule, 500, how, "a gesture").decision.state
    assert (after.paid, after.refund_due, after.settleable) == (3000, 1500, 0)


def test_pay_4_an_attempt_above_the_refund_line_lets_nothing_be_settled() -> None:
    attempt = Attempt(id=an_id(60), credit=an_id(90), unscheduled=10_000)
    schedule = a_schedule(paid=10_000, refund_due=10_000, attempts=(attempt,))
    assert schedule.settleable == 0
    with pytest.raises(Refusal):
        settled(schedule, 1, "on_site")


def test_pay_4_of_one_day_the_payment_that_arrived_last_goes_back_first() -> None:
    by_hand = a_payment(19, 1000, "2026-11-20", recorded_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    arrived_later = a_payment(18, 1000, "2026-11-20", recorded_at=datetime(2026, 11, 21, 9, tzinfo=UTC))
    done = settle_refund_line(owing(), Settling(1200, "refunded"), (by_hand, arrived_later), a_context())
    assert [part.payment for part in done.settlement.parts] == [arrived_later.id, by_hand.id]
