"""A client's request for the cancellation of a subscription: it changes nothing until staff answers it (CON-17)."""

from datetime import date, timedelta

import pytest

from carnet.decisions import Decision
from carnet.events.subscriptions import CancellationDeclined, CancellationRequested, CancellationWithdrawn
from carnet.refusals import Refusal
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.subscriptions import Cancelling, bill_next, cancel_subscription
from contracts.contracts.domain.wishes import decline_request, request_cancellation, withdraw_request
from tests.unit.contracts.contract_builders import BOOK, TODAY, a_context, kept, opened
from tests.unit.contracts.test_subscriptions import MONTHLY, sold

FROM = date(2027, 1, 22)


def asked(contract: Contract) -> Decision[Contract]:
    return request_cancellation(contract, FROM, a_context())


def test_con_17_a_request_is_kept_and_published_and_changes_nothing_else() -> None:
    contract = sold(MONTHLY)
    decision = asked(contract)
    after = kept(decision)
    (published,) = decision.events
    assert isinstance(published, CancellationRequested)
    assert (published.wished_on, published.name, published.participant) == (
        FROM,
        MONTHLY.name,
        contract.lines[0].purchase.participant,
    )
    assert (after.lines, after.total, after.bill_on) == (contract.lines, contract.total, contract.bill_on)
    assert (after.version, after.whole_version) == (contract.version + 1, contract.version)
    assert after.asked_to_cancel_on == TODAY


@pytest.mark.parametrize(
    ("answer", "event"), [(withdraw_request, CancellationWithdrawn), (decline_request, CancellationDeclined)]
)
def test_con_17_it_is_withdrawn_or_declined_once(answer: type, event: type) -> None:
    decision = answer(kept(asked(sold(MONTHLY))), a_context())
    assert [type(each) for each in decision.events] == [event]
    assert decision.events[0].wished_on == FROM
    after = kept(decision)
    assert after.asked_to_cancel_on is None
    with pytest.raises(Refusal) as refusal:
        answer(after, a_context())
    assert refusal.value.slug == "cancellation-not-requested"
    assert kept(asked(after)).asked_to_cancel_on == TODAY, "it can be asked for again"


def test_con_17_staff_confirms_it_by_cancelling_at_that_date_or_another() -> None:
    contract = kept(cancel_subscription(kept(asked(sold(MONTHLY))), Cancelling(date(2026, 12, 22)), a_context()))
    assert contract.asked_to_cancel_on is None
    assert contract.subscription
    assert contract.subscription.cancellation
    assert contract.subscription.wish is None


def test_con_17_billing_goes_on_while_a_request_waits() -> None:
    contract = kept(asked(sold(MONTHLY)))
    after = kept(bill_next(contract, a_context(FROM)))
    assert len(after.lines) == len(contract.lines) + 1
    assert (after.version, after.asked_to_cancel_on) == (after.whole_version, TODAY)


def test_con_17_what_cannot_be_asked_for_is_refused() -> None:
    contract = sold(MONTHLY)

    def slug(contract: Contract, on: date) -> str:
        with pytest.raises(Refusal) as refusal:
            request_cancellation(contract, on, a_context())
        return refusal.value.slug

    assert slug(kept(asked(contract)), FROM) == "cancellation-requested"
    assert slug(contract, TODAY - timedelta(days=1)) == "cancellation-out-of-range"
    assert slug(opened(BOOK), FROM) == "not-a-subscription"
    ended = kept(cancel_subscription(contract, Cancelling(FROM), a_context()))
    assert slug(ended, FROM) == "subscription-cancelled"
