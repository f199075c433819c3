"""Subscriptions: sold on a contract of their own, billed period by period (CON-21, PAY-15, MON-3)."""

from datetime import date
from typing import Any

import bson
import pytest

from carnet.decisions import Decision
from carnet.envelope import LARGEST_EVENT_BODY
from carnet.events.catalog import SubscriptionDetails
from carnet.events.contracts import (
    AtOnce,
    ContractChanged,
    Deposit,
    Instalments,
    Later,
    OnSite,
    ProductAdded,
    ProductEdited,
)
from carnet.events.subscriptions import SubscriptionCancelled
from carnet.refusals import Refusal
from contracts.contracts.domain.advice import advise
from contracts.contracts.domain.changes import Change, Opening, cancel_contract, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract, InvoiceMark
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.listed_subscriptions import listed_subscriptions
from contracts.contracts.domain.periods import MOST_PERIODS
from contracts.contracts.domain.products import FreeLine, Presented, Product
from contracts.contracts.domain.purchases import purchases
from contracts.contracts.domain.subscriptions import Cancelling, bill_next, cancel_subscription
from contracts.contracts.store import CONTRACTS
from tests.unit.contracts.contract_builders import (
    BEN,
    BOOK,
    TEN_PERCENT,
    TODAY,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    changing,
    counted,
    kept,
    opened,
)

MONTHLY = a_product(301, SubscriptionDetails(unit="month", every=1, minimum=3), price=4500, participant=True)
WEEKLY = a_product(302, SubscriptionDetails(unit="week", every=2, minimum=1), price=1200)
YEARLY = a_product(303, SubscriptionDetails(unit="year", every=1, minimum=2), price=9000)
OFFER = an_offer(MONTHLY, WEEKLY, YEARLY)


def opening(product: Product, today: date = TODAY, sale: Any = None, **fields: Any) -> Decision[Contract]:
    command = Opening(mode="online", sale=sale or AtOnce(), currency="EUR", add=(buying(product, **fields),))
    return open_contract(command, OFFER, a_context(today))


def sold(product: Product, today: date = TODAY, **fields: Any) -> Contract:
    return kept(opening(product, today, **fields))


def billed(contract: Contract, today: date) -> Contract:
    """The contract once all that is due by that day is billed, each period by a decision of its own."""
    new_id = counted(10_000)
    while (decision := bill_next(contract, a_context(today, new_id))).events:
        contract = kept(decision)
    return contract


def days(contract: Contract) -> list[tuple[int | None, date | None, date | None]]:
    return [(line.purchase.period, line.purchase.first_day, line.purchase.last_day) for line in contract.lines]


def refused(**fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        opening(MONTHLY, **fields)
    return refusal.value


def test_con_21_the_minimum_term_is_billed_at_the_opening_each_period_a_line_with_its_days() -> None:
    decision = opening(MONTHLY, date(2027, 1, 31))
    contract = decision.state
    assert days(contract) == [
        (1, date(2027, 1, 31), date(2027, 2, 27)),
        (2, date(2027, 2, 28), date(2027, 3, 30)),
        (3, date(2027, 3, 31), date(2027, 4, 29)),
    ]
    assert contract.total == 3 * 4500
    assert [event.purchase.period for event in decision.events if isinstance(event, ProductAdded)] == [1, 2, 3]
    assert {line.purchase.participant for line in contract.lines} == {BEN}


def test_pay_15_each_period_is_a_charge_due_on_its_first_day() -> None:
    contract = sold(MONTHLY, date(2027, 1, 31))
    charges = contract.terms(contract.version).charges
    assert [(each.line, each.amount, each.due) for each in charges] == [
        (line.id, 4500, line.purchase.first_day) for line in contract.lines
    ]


def test_pay_15_a_period_that_costs_nothing_is_no_charge() -> None:
    contract = sold(MONTHLY)
    free = contract.lines[1].id
    after = changing(contract, edit=(Edit(free, price=0),)).state
    assert free not in {each.line for each in after.terms(1).charges}
    assert after.terms(1).total == sum(each.amount for each in after.terms(1).charges) == 2 * 4500


def test_con_21_the_next_period_is_billed_one_period_ahead_on_the_first_day_of_the_last_one() -> None:
    contract = sold(MONTHLY, date(2027, 1, 31))
    assert contract.bill_on == date(2027, 3, 31)
    assert not bill_next(contract, a_context(date(2027, 3, 30))).events
    decision = bill_next(contract, a_context(date(2027, 3, 31)))
    added, changed = decision.events
    assert isinstance(added, ProductAdded)
    assert isinstance(changed, ContractChanged)
    assert (added.purchase.period, added.purchase.first_day) == (4, date(2027, 4, 30))
    assert (changed.total_before, changed.total_after) == (3 * 4500, 4 * 4500)
    assert changed.agreed.charges[-1].due == date(2027, 4, 30)
    assert kept(decision).bill_on == date(2027, 4, 30)


def test_mon_5_a_year_behind_is_billed_period_by_period_each_on_its_own_day() -> None:
    contract = billed(sold(MONTHLY, date(2027, 1, 31)), date(2028, 3, 31))
    first = [line.purchase.first_day for line in contract.lines]
    assert [day.isoformat()[:7] for day in first if day][-3:] == ["2028-02", "2028-03", "2028-04"]
    assert date(2028, 2, 29) in first  # a leap year, counted from the 31st
    assert [line.purchase.bought_on for line in contract.lines[3:]] == first[2:-1]


def test_con_21_two_weeks_and_a_year_are_counted_from_the_first_day() -> None:
    assert days(billed(sold(WEEKLY, TODAY), TODAY)) == [
        (1, date(2026, 11, 22), date(2026, 12, 5)),
        (2, date(2026, 12, 6), date(2026, 12, 19)),
    ]
    assert days(sold(YEARLY, date(2028, 2, 29), first_day=date(2028, 2, 29))) == [
        (1, date(2028, 2, 29), date(2029, 2, 27)),
        (2, date(2029, 2, 28), date(2030, 2, 27)),
    ]


def test_con_21_it_can_begin_later_and_nothing_is_billed_before() -> None:
    contract = sold(WEEKLY, first_day=date(2027, 1, 4))
    assert contract.bill_on == date(2027, 1, 4)
    assert days(contract) == [(1, date(2027, 1, 4), date(2027, 1, 17))]


def test_con_2_another_price_of_staff_is_that_of_every_period_with_its_reason() -> None:
    contract = sold(MONTHLY, price=4000, reason="the neighbour")
    contract = billed(contract, date(2027, 6, 1))
    assert {line.purchase.price for line in contract.lines} == {4000}
    assert {line.purchase.list_price for line in contract.lines} == {4500}


def test_con_11_another_price_of_one_period_is_not_that_of_the_next() -> None:
    contract = sold(WEEKLY, TODAY)
    cheaper = kept(changing(contract, edit=(Edit(contract.lines[0].id, price=100),)))
    assert [line.purchase.price for line in billed(cheaper, TODAY).lines] == [100, 1200]


def test_con_21_nothing_else_is_sold_with_a_subscription() -> None:
    def apart(**fields: Any) -> str:
        command = Opening(
            **{"mode": "online", "sale": AtOnce(), "currency": "EUR", "add": (buying(MONTHLY),), **fields}
        )
        with pytest.raises(Refusal) as refusal:
            open_contract(command, OFFER, a_context())
        return refusal.value.slug

    assert apart(add=(buying(BOOK), buying(MONTHLY))) == "subscription-apart"
    assert apart(add=(buying(MONTHLY), buying(WEEKLY))) == "subscription-apart"
    assert apart(free=(FreeLine("Key", 500, 2000),)) == "subscription-apart"
    assert apart(discounts=(TEN_PERCENT.id,)) == "subscription-apart"


@pytest.mark.parametrize("sale", [Instalments(count=3), Deposit(deposit=100, count=1)], ids=lambda sale: sale.start)
def test_pay_15_it_is_not_paid_by_instalments_of_a_sale(sale: Any) -> None:
    assert refused(sale=sale).slug == "sale-not-for-subscription"
    assert opening(MONTHLY, sale=Later()).events


def test_con_21_what_does_not_go_with_it_is_refused() -> None:
    assert refused(voucher=Presented("digest", "ABCD")).slug == "subscription-not-covered"
    assert refused(first_day=date(2026, 11, 21)).slug == "first-day-out-of-range"
    assert refused(first_day=date(2027, 11, 23)).slug == "first-day-out-of-range"
    assert opening(MONTHLY, first_day=date(2027, 11, 22)).events
    with pytest.raises(Refusal) as refusal:
        opening(BOOK, first_day=TODAY)
    assert refusal.value.slug == "first-day-superfluous"


def test_con_21_a_contract_of_something_else_takes_no_subscription() -> None:
    with pytest.raises(Refusal) as refusal:
        change_contract(opened(BOOK), Change(add=(buying(MONTHLY),)), OFFER, a_context())
    assert refusal.value.slug == "subscription-apart"


@pytest.mark.parametrize(
    "change",
    [
        Change(add=(buying(BOOK),)),
        Change(free=(FreeLine("Key", 500, 2000),)),
        Change(discounts=(TEN_PERCENT.id,)),
    ],
    ids=["a product", "a fee", "a discount"],
)
def test_con_21_nothing_is_added_to_the_contract_of_a_subscription(change: Change) -> None:
    with pytest.raises(Refusal) as refusal:
        change_contract(sold(MONTHLY), change, OFFER, a_context())
    assert (refusal.value.slug, refusal.value.rule) == ("subscription-alone", "CON-21")


@pytest.mark.parametrize("step", ["cancel", "delete", "edit"])
def test_con_21_no_period_is_taken_out_nor_ended_otherwise(step: str) -> None:
    contract = sold(MONTHLY)
    line = contract.lines[1].id
    asked: dict[str, Any] = {"edit": (Edit(line, expires_on=date(2027, 1, 1)),)} if step == "edit" else {step: (line,)}
    with pytest.raises(Refusal) as refusal:
        changing(contract, **asked)
    assert refusal.value.slug == "period-of-subscription"
    assert refusal.value.params["period"] == 2


def test_con_22_the_whole_contract_can_be_cancelled_and_nothing_is_billed_after() -> None:
    contract = kept(cancel_contract(sold(WEEKLY), a_context()))
    assert contract.total == 0
    assert contract.bill_on is None


def test_con_12_a_subscription_sold_by_mistake_is_deleted_once_its_contract_is_cancelled() -> None:
    contract = kept(cancel_contract(sold(WEEKLY), a_context()))
    periods = tuple(line.id for line in contract.lines)
    after = kept(changing(contract, delete=periods))
    assert [line.deleted_on for line in after.lines] == [TODAY] * len(periods)
    assert purchases([after], {}, [BEN], TODAY) == []
    assert [each.contract.id for each in listed_subscriptions([contract], [], TODAY)] == [contract.id]
    assert listed_subscriptions([after], [], TODAY) == []
    with pytest.raises(Refusal) as refusal:
        changing(contract, edit=(Edit(periods[0], expires_on=date(2027, 1, 1)),))
    assert refusal.value.slug == "contract-cancelled"


def test_con_10_a_period_is_past_once_its_last_day_is() -> None:
    contract = sold(MONTHLY, date(2027, 1, 31))
    found = purchases([contract], {}, [BEN], date(2027, 2, 28))
    assert [each.standing for each in found] == ["active", "active", "past"]


def test_con_21_the_longest_subscription_has_a_last_period_and_events_that_can_be_published() -> None:
    contract = sold(WEEKLY)
    contract = contract.model_copy(
        update={
            "subscription": contract.subscription
            and contract.subscription.model_copy(update={"added": MOST_PERIODS - 1}),
            "lines": tuple(
                contract.lines[0].model_copy(
                    update={"purchase": contract.lines[0].purchase.model_copy(update={"line": an_id(n)})}
                )
                for n in range(MOST_PERIODS - 1)
            ),
        }
    )
    decision = bill_next(contract, a_context(date(2099, 1, 1)))
    assert max(len(event.model_dump_json()) for event in decision.events) < LARGEST_EVENT_BODY / 3
    assert len(bson.encode(CONTRACTS.write(kept(decision)))) < 1024 * 1024, "MongoDB holds 16 MiB"
    assert kept(decision).bill_on is None
    assert not bill_next(kept(decision), a_context(date(2099, 1, 1))).events


def test_con_1_it_is_paid_on_site_too() -> None:
    command = Opening(mode="on_site", sale=OnSite(), currency="EUR", add=(buying(WEEKLY),))
    assert open_contract(command, OFFER, a_context()).state.terms(1).charges


def cancelling(contract: Contract, on: date, today: date = TODAY, **fields: Any) -> Decision[Contract]:
    return cancel_subscription(contract, Cancelling(on, **fields), a_context(today, counted(20_000)))


def not_cancelled(contract: Contract, on: date, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        cancelling(contract, on, **fields)
    return refusal.value


def live(contract: Contract) -> list[tuple[int | None, date | None, int]]:
    return [(line.purchase.period, line.purchase.last_day, line.purchase.price) for line in contract.live]


def test_con_17_periods_that_begin_on_the_date_or_after_are_cancelled_and_none_is_billed_after() -> None:
    contract = sold(MONTHLY)  # from 22 November
    decision = cancelling(contract, date(2026, 12, 22))
    after = kept(decision)
    assert live(after) == [(1, date(2026, 12, 21), 4500)]
    assert after.bill_on is None
    assert after.terms(1).total == 4500
    published = next(event for event in decision.events if isinstance(event, SubscriptionCancelled))
    assert (published.cancelled_from, published.ends_on, published.fee) == (date(2026, 12, 22), date(2026, 12, 21), 0)
    assert isinstance(decision.events[-1], ContractChanged)


def test_con_17_the_period_under_way_stays_whole_or_is_priced_by_its_days_half_up() -> None:
    contract = sold(MONTHLY)
    assert live(cancelling(contract, date(2026, 12, 2)).state) == [(1, date(2026, 12, 21), 4500)]
    by_days = cancelling(contract, date(2026, 12, 2), by_days=True)
    assert live(by_days.state) == [(1, date(2026, 12, 1), 1500)]  # 10 of 30 days
    edited = next(event for event in by_days.events if isinstance(event, ProductEdited))
    assert (edited.price_before, edited.price_after, edited.last_day) == (4500, 1500, date(2026, 12, 1))
    assert [each.amount for each in by_days.state.terms(1).charges] == [1500]


def test_con_17_a_date_to_come_goes_on_billing_until_it_and_the_last_period_may_be_priced_by_days() -> None:
    contract = kept(cancelling(sold(WEEKLY), date(2027, 1, 10), by_days=True))
    assert contract.subscription
    assert contract.subscription.ends_on == date(2027, 1, 9)
    contract = billed(contract, date(2028, 1, 1))
    # Fortnights from 22 November: the last one from 3 January has seven of its fourteen days.
    assert live(contract)[-1] == (4, date(2027, 1, 9), 600)
    assert contract.bill_on is None


def test_con_17_a_fee_is_a_line_that_is_no_period() -> None:
    product = a_product(304, SubscriptionDetails(unit="month", every=1, minimum=2, cancellation_fee=2500), price=4500)
    command = Opening(mode="online", sale=AtOnce(), currency="EUR", add=(buying(product),))
    contract = kept(open_contract(command, an_offer(product), a_context()))
    usual = cancelling(contract, date(2026, 12, 22)).state
    assert [(line.purchase.name, line.purchase.price) for line in usual.live if not line.period] == [
        (product.name, 2500)
    ]
    assert (usual.total, sum(each.amount for each in usual.terms(1).charges)) == (7000, 4500)
    other = cancelling(contract, date(2026, 12, 22), fee=1000, fee_name="Fee").state
    assert [(line.purchase.name, line.purchase.price) for line in other.live if not line.period] == [("Fee", 1000)]
    assert cancelling(contract, date(2026, 12, 22), fee=0).state.total == 4500


def test_con_17_within_the_minimum_term_staff_is_warned_and_not_stopped() -> None:
    contract = sold(MONTHLY)
    early, late = (cancelling(contract, on).state for on in (date(2026, 12, 22), date(2027, 2, 22)))
    assert [advice.name for advice in advise(contract, early, None)] == ["within-minimum-term"]
    assert advise(contract, late, None) == ()
    assert advise(early, early, None) == ()


def test_con_17_what_cannot_be_cancelled_at_a_date_is_refused() -> None:
    contract = sold(MONTHLY)
    assert not_cancelled(opened(BOOK), TODAY).slug == "not-a-subscription"
    assert not_cancelled(contract, date(2026, 11, 21)).slug == "cancellation-out-of-range"
    assert not_cancelled(contract, date(2031, 11, 23)).slug == "cancellation-out-of-range"
    once = kept(cancelling(contract, date(2026, 12, 22)))
    assert not_cancelled(once, date(2027, 1, 22)).slug == "subscription-cancelled"
    marked = contract.lines[1].model_copy(update={"invoice": InvoiceMark(request=an_id(1), number="FA-1")})
    invoiced = contract.model_copy(update={"lines": (contract.lines[0], marked, contract.lines[2])})
    assert not_cancelled(invoiced, date(2026, 12, 22)).slug == "line-invoiced"


def test_con_17_one_that_has_not_begun_is_cancelled_whole() -> None:
    contract = sold(WEEKLY, first_day=date(2027, 1, 4))
    after = cancelling(contract, date(2027, 1, 4)).state
    assert live(after) == []
    assert after.subscription
    assert after.subscription.ends_on is None
