"""The price of a subscription is another one from a period on (CON-21)."""

from datetime import date

import pytest

from carnet.decisions import Decision
from carnet.events.contracts import ContractChanged, ProductAdded, ProductEdited
from carnet.events.subscriptions import SubscriptionPriceChanged
from carnet.refusals import Refusal
from contracts.contracts.domain.contracts import Contract, InvoiceMark
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.prices import Pricing, change_price
from contracts.contracts.domain.subscriptions import Cancelling, bill_next, cancel_subscription
from tests.unit.contracts.contract_builders import BOOK, TODAY, a_context, an_id, changing, kept, opened
from tests.unit.contracts.test_subscription_pauses import MONTHLY as PAUSABLE
from tests.unit.contracts.test_subscription_pauses import paused
from tests.unit.contracts.test_subscription_pauses import sold as pausable
from tests.unit.contracts.test_subscriptions import MONTHLY, billed, sold

JANUARY = date(2027, 1, 1)


def pricing(contract: Contract, on: date, price: int, today: date = TODAY) -> Decision[Contract]:
    return change_price(contract, Pricing(on, price), a_context(today))


def prices(contract: Contract) -> list[int]:
    return [line.purchase.price for line in contract.live]


def refused(contract: Contract, on: date, price: int) -> str:
    with pytest.raises(Refusal) as refusal:
        pricing(contract, on, price)
    return refusal.value.slug


def test_con_21_the_periods_from_a_day_on_have_the_new_price_and_so_have_those_billed_later() -> None:
    decision = pricing(sold(MONTHLY), JANUARY, 4900)  # from 22 November
    edited, published, changed = decision.events
    assert isinstance(edited, ProductEdited)
    assert (edited.price_before, edited.price_after, edited.first_day) == (4500, 4900, None)
    assert isinstance(published, SubscriptionPriceChanged)
    assert (published.period, published.begins_on, published.price_before, published.price_after) == (
        3,
        date(2027, 1, 22),
        4500,
        4900,
    )
    assert isinstance(changed, ContractChanged)
    assert (changed.total_before, changed.total_after) == (13_500, 13_900)
    after = billed(kept(decision), date(2027, 2, 22))
    assert prices(after) == [4500, 4500, 4900, 4900, 4900]
    assert [each.amount for each in after.terms(1).charges] == prices(after)
    assert [line.purchase.list_price for line in after.lines] == [None, None, None, 4500, 4500]


def test_con_21_a_price_that_begins_later_leaves_the_periods_before_it() -> None:
    contract = kept(pricing(sold(MONTHLY), date(2027, 4, 1), 5000))
    assert contract.total == 13_500
    assert prices(billed(contract, date(2027, 4, 22))) == [4500] * 5 + [5000, 5000]


def test_con_21_the_last_price_given_counts_from_its_day_on_whatever_was_given_before() -> None:
    contract = kept(pricing(sold(MONTHLY), date(2027, 4, 1), 5000))
    contract = kept(pricing(contract, date(2027, 3, 1), 4500))
    assert refused(contract, date(2027, 3, 1), 4500) == "same-price"
    contract = billed(contract, date(2027, 4, 22))
    assert set(prices(contract)) == {4500}
    assert {line.purchase.list_price for line in contract.lines} == {None}


def test_con_11_a_price_that_staff_edited_is_replaced_from_that_day_on() -> None:
    contract = sold(MONTHLY)
    contract = kept(changing(contract, edit=(Edit(contract.lines[2].id, price=100),)))
    decision = pricing(contract, JANUARY, 4500)
    assert prices(decision.state) == [4500] * 3
    published = next(event for event in decision.events if isinstance(event, SubscriptionPriceChanged))
    assert (published.price_before, published.price_after) == (100, 4500)


def test_con_18_what_waits_for_a_lifting_has_the_new_price_and_no_day() -> None:
    contract = paused(pausable(PAUSABLE), date(2026, 12, 1), months=None)
    decision = pricing(contract, JANUARY, 4900)
    published = next(event for event in decision.events if isinstance(event, SubscriptionPriceChanged))
    assert (published.period, published.begins_on) == (2, None)
    assert prices(decision.state) == [4500, 4900, 4900]


def test_con_21_a_period_that_is_billed_later_says_what_the_tariff_was() -> None:
    contract = kept(pricing(sold(MONTHLY, price=4000, reason="the neighbour"), JANUARY, 4200))
    added = bill_next(contract, a_context(date(2027, 1, 22))).events[0]
    assert isinstance(added, ProductAdded)
    assert (added.purchase.price, added.purchase.list_price) == (4200, 4500)


def test_con_21_what_cannot_have_another_price_is_refused() -> None:
    contract = sold(MONTHLY)
    assert refused(opened(BOOK), JANUARY, 100) == "not-a-subscription"
    assert refused(contract, JANUARY, 4500) == "same-price"
    assert refused(contract, date(2026, 11, 21), 4900) == "price-out-of-range"
    assert refused(contract, date(2028, 11, 23), 4900) == "price-out-of-range"
    ended = kept(cancel_subscription(contract, Cancelling(date(2026, 12, 22)), a_context()))
    assert refused(ended, JANUARY, 4900) == "subscription-cancelled"
    marked = contract.lines[2].model_copy(update={"invoice": InvoiceMark(request=an_id(1), number="FA-1")})
    invoiced = contract.model_copy(update={"lines": (*contract.lines[:2], marked)})
    assert refused(invoiced, JANUARY, 4900) == "line-invoiced"
