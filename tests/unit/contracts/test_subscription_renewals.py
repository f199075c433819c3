"""The client is informed before the term of a subscription renews, once for each renewal (CON-21)."""

from datetime import date, timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as some

from carnet.events.catalog import SubscriptionDetails
from carnet.events.subscriptions import SubscriptionRenewalAnnounced
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.renewals import announce_or_bill
from contracts.contracts.domain.subscriptions import Cancelling, cancel_subscription
from contracts.contracts.domain.wishes import decline_request, request_cancellation
from tests.unit.contracts.contract_builders import TODAY, a_context, a_product, kept
from tests.unit.contracts.test_subscription_pauses import lifted, paused, sold


def terms(unit: Literal["week", "month", "year"], minimum: int, every: int = 1) -> Product:
    details = SubscriptionDetails(unit=unit, every=every, minimum=minimum, pausable=True)
    return a_product(331, details, price=4500)


MONTHS, YEARS = terms("month", 12), terms("year", 1)
NOTICE = 60


def worked(
    contract: Contract, until: date, days: int | None = NOTICE
) -> tuple[Contract, list[SubscriptionRenewalAnnounced]]:
    """All that the worker does by that day, in its order."""
    announced = []
    while True:
        decision = announce_or_bill(contract, days, a_context(until))
        if decision.state == contract:
            return contract, announced
        announced += [event for event in decision.events if isinstance(event, SubscriptionRenewalAnnounced)]
        contract = kept(decision) if decision.events else decision.state


def test_con_21_the_end_of_the_minimum_term_is_announced_on_its_day_once_and_no_shorter_period_after_it() -> None:
    contract = sold(MONTHS)  # from 22 November 2026
    contract, none_yet = worked(contract, date(2027, 9, 22))
    assert none_yet == []
    contract, (announced,) = worked(contract, date(2027, 9, 23))
    assert (announced.period, announced.term_ends_on, announced.renews_on) == (
        13,
        date(2027, 11, 21),
        date(2027, 11, 22),
    )
    assert (announced.last_day, announced.price, announced.effective_on) == (
        date(2027, 12, 21),
        4500,
        date(2027, 9, 23),
    )
    assert worked(contract, date(2029, 1, 1))[1] == []


def test_con_21_a_year_at_once_announces_each_before_it_is_billed_on_its_own_day() -> None:
    contract, announced = worked(sold(YEARS), date(2030, 1, 1))
    assert [each.renews_on.year for each in announced] == [2027, 2028, 2029]
    assert [each.effective_on for each in announced] == [each.renews_on - timedelta(NOTICE) for each in announced]
    assert [each.period for each in announced] == [2, 3, 4]
    assert contract.subscription is not None
    assert contract.subscription.added == 5


def test_con_21_nothing_is_announced_where_the_organisation_does_not_wish_so_or_the_term_is_shorter() -> None:
    assert worked(sold(MONTHS), date(2028, 1, 1), None)[1] == []
    assert worked(sold(terms("month", 1)), date(2028, 1, 1))[1] == []


def test_con_21_what_is_cancelled_before_it_renews_is_not_announced() -> None:
    cancelled = kept(cancel_subscription(sold(MONTHS), Cancelling(date(2027, 11, 22)), a_context(TODAY)))
    assert worked(cancelled, date(2028, 1, 1))[1] == []
    later = kept(cancel_subscription(sold(YEARS), Cancelling(date(2027, 11, 23)), a_context(TODAY)))
    assert len(worked(later, date(2028, 1, 1))[1]) == 1


def test_con_17_a_request_to_cancel_is_answered_first() -> None:
    asked = kept(request_cancellation(sold(MONTHS), date(2027, 12, 1), a_context(TODAY)))
    _, none = worked(asked, date(2027, 10, 1))
    assert none == []
    declined = kept(decline_request(asked, a_context(date(2027, 10, 1))))
    _, (announced,) = worked(declined, date(2027, 10, 2))
    assert announced.effective_on == date(2027, 9, 23)


def test_con_18_a_pause_moves_the_renewal_and_one_that_is_open_has_none_until_it_is_lifted() -> None:
    contract = sold(terms("month", 2))  # renews on 22 January 2027
    asked, noticed = date(2027, 1, 1), date(2027, 1, 2)
    until_april = paused(contract, asked, 3)
    assert worked(until_april, noticed, 20)[1] == []
    _, (announced,) = worked(until_april, date(2027, 4, 2), 20)
    assert (announced.term_ends_on, announced.renews_on) == (date(2027, 1, 21), date(2027, 4, 22))
    paused_openly = paused(contract, asked, None)
    paused_openly, none = worked(paused_openly, date(2027, 6, 1), 20)
    assert (none, paused_openly.renews_on) == ([], None)
    _, (late,) = worked(lifted(paused_openly, date(2027, 6, 10), date(2027, 6, 1)), date(2027, 6, 1), 20)
    assert (late.renews_on, late.effective_on) == (date(2027, 6, 10), date(2027, 5, 21))


def test_con_21_a_renewal_that_a_pause_moves_is_announced_again_for_its_new_day() -> None:
    contract = sold(terms("month", 2))  # renews on 22 January 2027
    contract, (announced,) = worked(contract, date(2027, 1, 2), 20)
    assert announced.renews_on == date(2027, 1, 22)
    moved = paused(contract, date(2027, 1, 10), 3, date(2027, 1, 3))
    assert worked(moved, date(2027, 4, 1), 20)[1] == []
    moved, (again,) = worked(moved, date(2027, 4, 2), 20)
    assert (again.period, again.renews_on) == (announced.period, date(2027, 4, 22))
    assert worked(moved, date(2027, 12, 1), 20)[1] == []
    # It was informed of the day of the pause; once that is lifted, of the earlier one.
    earlier = lifted(moved, date(2027, 4, 10), date(2027, 4, 3))
    _, (earliest,) = worked(earlier, date(2027, 4, 4), 20)
    assert earliest.renews_on == date(2027, 4, 10)


def test_con_21_a_pause_that_leaves_the_renewal_where_it_was_announces_nothing_again() -> None:
    contract, (announced,) = worked(sold(terms("month", 2)), date(2027, 1, 2), 20)
    later = paused(contract, date(2027, 2, 10), 3, date(2027, 1, 3))
    assert announced.renews_on == date(2027, 1, 22)
    assert worked(later, date(2027, 12, 1), 20)[1] == []


@given(
    days=some.integers(1, 180),
    unit=some.sampled_from(["week", "month", "year"]),
    every=some.integers(1, 3),
    minimum=some.integers(1, 14),
    steps=some.lists(some.integers(1, 500), min_size=1, max_size=6),
)
def test_con_21_however_the_clock_moves_the_same_is_announced(
    days: int, unit: Literal["week", "month", "year"], every: int, minimum: int, steps: list[int]
) -> None:
    product = terms(unit, minimum, every)
    end = TODAY + timedelta(sum(steps))
    _, at_once = worked(sold(product), end, days)
    contract, on, one_by_one = sold(product), TODAY, list[SubscriptionRenewalAnnounced]()
    for step in steps:
        on += timedelta(step)
        contract, some_more = worked(contract, on, days)
        one_by_one += some_more
    assert one_by_one == at_once
    assert len({each.period for each in at_once}) == len(at_once)
