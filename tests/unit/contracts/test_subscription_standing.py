"""Where the subscriptions of an account stand on a day (CON-14)."""

from datetime import date

import pytest

from contracts.accounts.domain import Member
from contracts.contracts.domain.changes import cancel_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.listed_subscriptions import Status, listed_subscriptions
from contracts.contracts.domain.pauses import lift_pause
from contracts.contracts.domain.periods import MOST_PERIODS
from contracts.contracts.domain.subscriptions import Cancelling, cancel_subscription
from contracts.contracts.domain.wishes import request_cancellation
from tests.unit.contracts.contract_builders import ADA, BEN, BOOK, TODAY, a_context, kept, opened
from tests.unit.contracts.test_subscription_pauses import WEEKLY, paused, sold
from tests.unit.contracts.test_subscriptions import MONTHLY as FOR_A_MEMBER
from tests.unit.contracts.test_subscriptions import sold as sold_to

DECEMBER = date(2026, 12, 1)


def cancelled(on: date, *, by_days: bool = False) -> Contract:
    return kept(cancel_subscription(sold(), Cancelling(on, by_days), a_context()))


def full() -> Contract:
    contract = sold(WEEKLY)
    assert contract.subscription
    subscription = contract.subscription.model_copy(update={"added": MOST_PERIODS})
    return contract.model_copy(update={"subscription": subscription})


LIFTED = kept(lift_pause(paused(sold(), DECEMBER, 3), date(2027, 2, 1), a_context(date(2027, 1, 10))))
ASKED = kept(request_cancellation(sold(), date(2027, 1, 1), a_context()))
LAST = date(2026, 11, 22).toordinal() + MOST_PERIODS * 14 - 1


@pytest.mark.parametrize(
    ("contract", "today", "status", "on"),
    [
        (sold(), date(2026, 11, 1), "soon_active", date(2026, 11, 22)),
        (sold(), TODAY, "active_recurring", None),
        (full(), TODAY, "active_until", date.fromordinal(LAST)),
        (full(), date.fromordinal(LAST + 1), "ended", date.fromordinal(LAST)),
        # The period under way stays whole: the pause shows from the day that is not billed any more.
        (paused(sold(), DECEMBER, 2), date(2026, 12, 21), "pause_to_come", date(2026, 12, 22)),
        (paused(sold(), DECEMBER, 2), date(2026, 12, 22), "paused", date(2027, 2, 22)),
        (paused(sold(), DECEMBER, 2), date(2027, 2, 22), "active_recurring", None),
        (paused(sold(), DECEMBER, None), date(2030, 1, 1), "paused", None),
        (LIFTED, date(2027, 1, 20), "paused", date(2027, 2, 1)),
        (LIFTED, date(2027, 2, 1), "active_recurring", None),
        (ASKED, TODAY, "cancellation_requested", date(2027, 1, 1)),
        (cancelled(DECEMBER, by_days=True), date(2026, 11, 30), "cancellation_to_come", date(2026, 11, 30)),
        (cancelled(DECEMBER), date(2026, 12, 21), "cancellation_to_come", date(2026, 12, 21)),
        (cancelled(DECEMBER), date(2026, 12, 22), "ended", date(2026, 12, 21)),
        (cancelled(TODAY), TODAY, "ended", None),
        (kept(cancel_contract(sold(), a_context())), TODAY, "ended", TODAY),
    ],
)  # fmt: skip
def test_con_14_the_status_of_a_subscription(contract: Contract, today: date, status: Status, on: date | None) -> None:
    (listed,) = listed_subscriptions([contract], [], today)
    assert (listed.status, listed.on) == (status, on)


def test_con_14_they_are_listed_by_first_name_and_what_is_for_nobody_comes_last() -> None:
    members = [Member(id=BEN, kind="child", first_name="Ben"), Member(id=ADA, kind="adult", first_name="Ada")]
    of_ben, of_ada, of_nobody = sold_to(FOR_A_MEMBER), sold_to(FOR_A_MEMBER, participant=ADA), sold()
    found = listed_subscriptions([of_nobody, of_ben, opened(BOOK), of_ada], members, TODAY)
    assert [each.subscription.sold.participant for each in found] == [ADA, BEN, None]
