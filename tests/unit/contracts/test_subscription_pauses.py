"""The pause of a subscription: what moves, what stays, and how it is lifted (CON-18)."""

from datetime import date
from typing import Any

import pytest

from carnet.events.catalog import SubscriptionDetails
from carnet.events.contracts import AtOnce, ContractChanged, ProductEdited
from carnet.events.subscriptions import SubscriptionPaused, SubscriptionPauseLifted
from carnet.refusals import Refusal
from contracts.contracts.domain.advice import WITHIN_MINIMUM, advise
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract, InvoiceMark
from contracts.contracts.domain.pauses import Pausing, lift_pause, pause_subscription
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.subscriptions import Cancelling, bill_next, cancel_subscription
from tests.unit.contracts.contract_builders import (
    BOOK,
    TODAY,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
    opened,
)
from tests.unit.contracts.test_subscriptions import billed, days

MONTHLY = a_product(311, SubscriptionDetails(unit="month", every=1, minimum=3, pausable=True), price=4500)
WEEKLY = a_product(312, SubscriptionDetails(unit="week", every=2, minimum=2, pausable=True), price=1200)
FIXED = a_product(313, SubscriptionDetails(unit="month", every=1, minimum=1), price=4500)


def sold(product: Product = MONTHLY, today: date = TODAY) -> Contract:
    """From 22 November 2026, the day of the sale."""
    command = Opening(mode="online", sale=AtOnce(), currency="EUR", add=(buying(product),))
    return kept(open_contract(command, an_offer(product), a_context(today)))


def paused(contract: Contract, on: date, months: int | None = 1, today: date = TODAY) -> Contract:
    return kept(pause_subscription(contract, Pausing(on, months), a_context(today, counted(30_000))))


def lifted(contract: Contract, on: date | None, today: date) -> Contract:
    return kept(lift_pause(contract, on, a_context(today, counted(40_000))))


def not_done(decide: Any, *args: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        decide(*args)
    return refusal.value


def test_con_18_periods_that_have_not_begun_move_by_its_months_and_the_one_under_way_stays() -> None:
    contract = sold()
    asked = Pausing(date(2026, 12, 1), 2)
    decision = pause_subscription(contract, asked, a_context())
    after = kept(decision)
    assert days(after) == [
        (1, date(2026, 11, 22), date(2026, 12, 21)),
        (2, date(2027, 2, 22), date(2027, 3, 21)),
        (3, date(2027, 3, 22), date(2027, 4, 21)),
    ]
    assert after.total == contract.total
    assert [each.due for each in after.terms(1).charges] == [first for _, first, _ in days(after)]
    assert after.subscription
    assert after.subscription.minimum_until == date(2027, 4, 21)
    moved, other, published, changed = decision.events
    assert isinstance(moved, ProductEdited)
    assert isinstance(other, ProductEdited)
    assert (moved.first_day, moved.last_day, moved.price_before) == (date(2027, 2, 22), date(2027, 3, 21), 4500)
    assert isinstance(published, SubscriptionPaused)
    assert (published.paused_from, published.months, published.period) == (date(2026, 12, 1), 2, 2)
    assert (published.first_day, published.resumes_on) == (date(2026, 12, 22), date(2027, 2, 22))
    assert isinstance(changed, ContractChanged)


def test_mon_3_after_a_pause_periods_begin_on_the_day_of_the_month_on_which_they_began() -> None:
    contract = paused(sold(today=date(2027, 1, 31)), date(2027, 2, 28), today=date(2027, 2, 1))
    assert [first for _, first, _ in days(contract)] == [date(2027, 1, 31), date(2027, 3, 31), date(2027, 4, 30)]


def test_con_18_weeks_move_by_months_too_and_go_on_from_there() -> None:
    contract = paused(sold(WEEKLY), date(2026, 12, 6))
    assert days(contract) == [
        (1, date(2026, 11, 22), date(2026, 12, 5)),
        (2, date(2027, 1, 6), date(2027, 1, 19)),
    ]
    assert days(billed(contract, date(2027, 1, 6)))[-1] == (3, date(2027, 1, 20), date(2027, 2, 2))


def test_con_18_a_pause_to_come_moves_what_is_billed_later() -> None:
    contract = billed(paused(sold(), date(2027, 8, 1)), date(2027, 9, 30))
    first = [day for _, day, _ in days(contract)]
    assert [each for each in first if each and each > date(2027, 6, 30)] == [
        date(2027, 7, 22), date(2027, 9, 22), date(2027, 10, 22),
    ]  # fmt: skip


def test_con_18_an_open_pause_bills_nothing_until_it_is_lifted_and_goes_on_that_day() -> None:
    contract = paused(sold(WEEKLY), date(2027, 1, 1), months=None)
    assert contract.subscription
    assert contract.subscription.pauses[-1].is_open
    contract = billed(contract, date(2027, 6, 1))
    assert [number for number, _, _ in days(contract)] == [1, 2, 3]
    assert contract.bill_on is None
    contract = billed(lifted(contract, date(2027, 6, 10), date(2027, 6, 1)), date(2027, 6, 1))
    # What waited is billed on the day of the lifting, not on days before.
    assert days(contract)[-1] == (4, date(2027, 6, 10), date(2027, 6, 23))
    assert [line.purchase.bought_on for line in contract.lines][-1] == date(2027, 6, 1)
    assert days(billed(contract, date(2027, 6, 10)))[-1] == (5, date(2027, 6, 24), date(2027, 7, 7))


def test_con_17_the_minimum_term_is_not_over_before_an_open_pause_is_lifted() -> None:
    contract = paused(sold(), date(2026, 12, 1), months=None)
    assert contract.subscription
    assert contract.subscription.minimum_until is None
    after = kept(cancel_subscription(contract, Cancelling(date(2029, 1, 1)), a_context()))
    assert advise(contract, after, None) == (WITHIN_MINIMUM,)


def test_con_18_periods_that_wait_stand_far_ahead_with_what_they_cost() -> None:
    contract = paused(sold(), date(2026, 12, 1), months=None)
    assert [contract.waits(line) for line in contract.lines] == [False, True, True]
    assert [each.due.year for each in contract.terms(1).charges] == [2026, 2076, 2077]
    assert contract.total == 3 * 4500


def test_con_18_lifting_begins_the_next_period_on_its_day_from_a_month_after_the_start() -> None:
    contract = paused(sold(), date(2026, 12, 22), months=3)
    early = not_done(lifted, contract, date(2027, 1, 21), date(2027, 1, 10))
    assert (early.slug, early.params["earliest"]) == ("lifting-out-of-range", "2027-01-22")
    assert not_done(lifted, contract, date(2027, 3, 22), date(2027, 1, 10)).slug == "lifting-out-of-range"
    decision = lift_pause(contract, date(2027, 2, 3), a_context(date(2027, 1, 30)))
    published = next(event for event in decision.events if isinstance(event, SubscriptionPauseLifted))
    assert (published.lifted_on, published.period, published.resumes_on) == (date(2027, 2, 3), 2, date(2027, 2, 3))
    assert days(kept(decision))[1:] == [
        (2, date(2027, 2, 3), date(2027, 3, 2)),
        (3, date(2027, 3, 3), date(2027, 4, 2)),
    ]


def test_con_18_lifting_within_the_period_under_way_bills_no_day_twice() -> None:
    yearly = a_product(314, SubscriptionDetails(unit="year", every=1, minimum=1, pausable=True), price=9000)
    contract = billed(paused(sold(yearly), date(2027, 1, 1), months=None), TODAY)
    contract = lifted(contract, date(2027, 2, 1), date(2027, 2, 1))
    assert days(billed(contract, date(2027, 2, 1)))[-1] == (2, date(2027, 11, 22), date(2028, 11, 21))


def test_con_18_a_pause_that_has_not_begun_is_taken_back_and_all_is_as_before() -> None:
    contract = sold()
    again = lifted(paused(contract, date(2026, 12, 1), months=5), None, TODAY)
    assert (again.lines, again.terms(1)) == (contract.lines, contract.terms(1))
    assert again.subscription
    assert again.subscription.pauses == ()
    begun = not_done(lifted, paused(contract, TODAY, months=5), None, TODAY)
    assert begun.slug == "pause-begun"


def test_con_18_a_pause_that_lasts_is_made_longer_and_no_other_is_put_beside_it() -> None:
    contract = paused(sold(), date(2026, 12, 1))
    longer = paused(contract, date(2026, 12, 15), months=2, today=date(2026, 12, 10))
    assert longer.subscription
    (pause,) = longer.subscription.pauses
    assert (pause.on, pause.months, pause.resumes_on) == (date(2026, 12, 1), 3, date(2027, 3, 22))
    assert days(longer)[1] == (2, date(2027, 3, 22), date(2027, 4, 21))
    assert not_done(paused, contract, date(2027, 2, 1)).slug == "subscription-paused"
    assert not_done(paused, contract, date(2026, 12, 15), 24).slug == "pause-too-long"
    open_one = paused(contract, date(2026, 12, 15), months=None)
    assert not_done(paused, open_one, date(2026, 12, 16)).slug == "subscription-paused"


def test_con_18_a_second_pause_follows_once_the_first_is_over() -> None:
    contract = paused(sold(), date(2026, 12, 22))
    contract = paused(contract, date(2027, 2, 22), today=date(2027, 1, 22))
    assert [first for _, first, _ in days(contract)] == [date(2026, 11, 22), date(2027, 1, 22), date(2027, 3, 22)]


def test_con_18_what_cannot_be_paused_or_lifted_is_refused() -> None:
    contract = sold()
    assert not_done(paused, opened(BOOK), TODAY).slug == "not-a-subscription"
    assert not_done(paused, sold(FIXED), TODAY).slug == "subscription-not-pausable"
    assert not_done(paused, contract, date(2026, 11, 21)).slug == "pause-out-of-range"
    assert not_done(paused, contract, date(2027, 11, 23)).slug == "pause-out-of-range"
    assert not_done(lifted, contract, TODAY, TODAY).slug == "subscription-not-paused"
    one_month = paused(contract, date(2026, 12, 22))
    assert not_done(lifted, one_month, date(2027, 1, 20), TODAY).slug == "pause-ends-by-itself"
    ended = kept(cancel_subscription(contract, Cancelling(date(2026, 12, 22)), a_context()))
    assert not_done(paused, ended, date(2026, 12, 1)).slug == "subscription-cancelled"
    marked = contract.lines[1].model_copy(update={"invoice": InvoiceMark(request=an_id(1), number="FA-1")})
    invoiced = contract.model_copy(update={"lines": (contract.lines[0], marked, contract.lines[2])})
    assert not_done(paused, invoiced, date(2026, 12, 1)).slug == "line-invoiced"


def test_con_17_a_paused_subscription_is_cancelled_and_what_waited_is_never_billed() -> None:
    contract = paused(sold(), date(2026, 12, 1), months=None)
    ended = kept(cancel_subscription(contract, Cancelling(date(2027, 3, 1)), a_context(date(2027, 2, 1))))
    assert [line.purchase.period for line in ended.live] == [1]
    assert ended.bill_on is None
    assert not bill_next(ended, a_context(date(2080, 1, 1))).events
    assert ended.subscription
    assert ended.subscription.ends_on == date(2026, 12, 21)
