"""Amounts that a provider can't write to the last unit: the rest goes on, and the sum stays right (PAY-6, MON-1)."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.events import payments as published
from carnet.refusals import Refusal
from payments.collection.domain import steps
from payments.collection.domain.starting import Claim, Started, start
from payments.collection.domain.steps import step_of
from payments.payment_methods.domain import PaymentMethod
from payments.provider.stripe_meanings import to_stripe
from payments.refunds.domain.settling import Settling, settle_refund_line
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.schedule_events import published_instalments
from tests.unit.payments.payments_builders import (
    a_context,
    a_payment,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
)

DATES = ("2026-11-21", "2026-12-21", "2027-01-21")


def a_method(provider: str) -> PaymentMethod:
    now = a_context().now
    return PaymentMethod(id=an_id(50), provider=provider, kind="card", token="cus_1/pm_1", label=None, added_at=now)


def planned(*amounts: int, currency: str = "TND") -> Schedule:
    dates = zip(DATES, amounts, strict=False)
    schedule = a_schedule(*(an_instalment(n, due, amount) for n, (due, amount) in enumerate(dates, 1)))
    return schedule.but(currency=currency)


def collecting(schedule: Schedule, *numbers: int, provider: str = "stripe", first_id: int = 1000) -> Started:
    wanted = [schedule.instalment(an_id(number)) for number in numbers]
    context = a_context(first_id=first_id)
    return start(schedule, wanted, a_method(provider), Claim(None, context.now, 0), context)


def test_what_can_not_be_written_goes_to_the_next_and_the_last_is_whole() -> None:
    schedule = planned(33_334, 33_333, 33_333)
    amounts = []
    for number in (1, 2, 3):
        started = collecting(schedule, number, first_id=1000 * number)
        (order,) = started.orders
        amounts.append(order.amount)
        assert to_stripe(order.amount, "TND") is not None
        (event,) = started.decision.events
        assert isinstance(event, published.CollectionStarted)
        assert (event.amount, event.instalments) == (order.amount, published_instalments(started.decision.state))
        schedule = started.decision.state
    assert amounts == [33_330, 33_330, 33_340]
    assert (schedule.processing, schedule.planned, schedule.unscheduled) == (100_000, 0, 0)


def test_several_at_once_hand_on_what_is_left_over() -> None:
    started = collecting(planned(33_334, 33_333, 33_333), 1, 2, 3)
    assert [order.amount for order in started.orders] == [33_330, 33_330, 33_340]


def test_where_no_other_is_open_it_is_unscheduled() -> None:
    after = collecting(planned(1_003), 1).decision.state
    assert (after.processing, after.unscheduled, after.instalments) == (1_000, 3, ())


def test_what_is_smaller_than_can_be_written_makes_no_order() -> None:
    started = collecting(planned(7, 1_000), 1)
    assert started.orders == ()
    (event,) = started.decision.events
    assert isinstance(event, published.ScheduleAdjusted)
    # Staff did not move it, so the client gets no mail about moved payments (NOT-1).
    assert (event.change, event.instalments_before) == (None, None)
    assert dates_and_amounts(started.decision.state) == [(DATES[1], 1_007)]


@pytest.mark.parametrize(("provider", "currency"), [("sandbox", "TND"), ("stripe", "EUR")])
def test_where_every_unit_can_be_written_nothing_moves(provider: str, currency: str) -> None:
    started = collecting(planned(33_334, 33_333, currency=currency), 1, provider=provider)
    assert started.orders[0].amount == 33_334
    assert dates_and_amounts(started.decision.state) == [(DATES[1], 33_333)]


@given(st.integers(0, 10**9), st.sampled_from(("EUR", "TND", "KWD", "MGA", "ISK", "XPF")))
def test_a_multiple_of_the_step_is_what_stripe_can_write(amount: int, currency: str) -> None:
    assert (to_stripe(amount, currency) is not None) == (amount % step_of("stripe", currency) == 0)


def test_a_refund_goes_back_in_what_can_be_written() -> None:
    schedule = a_schedule(paid=3_000, refund_due=1_007).but(currency="TND")
    payment = a_payment(11, 3_000, provider="stripe", currency="TND")
    done = settle_refund_line(schedule, Settling(1_000, "refunded"), (payment,), a_context())
    assert [part.amount for part in done.settlement.parts] == [1_000]
    with pytest.raises(Refusal) as refusal:
        settle_refund_line(schedule, Settling(1_007, "refunded"), (payment,), a_context())
    assert (refusal.value.slug, refusal.value.params["most"]) == ("not-refundable-online", 1_000)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(steps).failed == 0
