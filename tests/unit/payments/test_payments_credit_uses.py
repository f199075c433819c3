"""A client credit pays a part of a contract: asked, then paid or back where it was, and its events (CRE-3, CRE-6)."""

from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.contracts import ContractTerms
from carnet.events.payments import CreditGivenBack, CreditRefusal, CreditUseCompleted, CreditUseReturned
from carnet.ids import new_id
from carnet.refusals import Kind, Refusal
from carnet.requests.asked import refusal_from
from carnet.requests.refused_uses import use_refused
from payments.credit_uses.domain import (
    KnownCredit,
    UseRequest,
    complete_use,
    request_use,
    return_use,
)
from payments.credit_uses.store import USE_REQUESTS
from payments.schedules.domain.decisions import adjust_schedule
from payments.schedules.domain.schedule import CreditUse, Schedule
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    CONTRACT,
    ORGANISATION,
    a_context,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
    used,
)

CREDIT = an_id(70)


def a_credit(**fields: Any) -> KnownCredit:
    usual = {"id": CREDIT, "organisation": ORGANISATION, "account": ACCOUNT, "currency": "EUR", "sold_by": an_id(71)}
    return KnownCredit(**(usual | fields))


def asked(schedule: Schedule, amount: int) -> tuple[Schedule, UseRequest]:
    decision, request = request_use(schedule, a_credit(), amount, a_context())
    return decision.state, request


def names(decision: Decision[Schedule]) -> list[str]:
    return [type(event).__name__ for event in decision.events]


def changed(schedule: Schedule, total: int) -> Schedule:
    return adjust_schedule(
        schedule, ContractTerms(total=total, live_lines=1, version=5), a_context(first_id=2000)
    ).state


THREE = a_schedule(
    an_instalment(1, "2026-12-05", 300), an_instalment(2, "2027-01-05", 300), an_instalment(3, "2027-02-05", 300)
)


def test_cre_3_what_is_asked_is_processing_and_taken_from_the_earliest_instalments() -> None:
    decision, request = request_use(THREE, a_credit(), 400, a_context())
    after = decision.state
    assert (after.processing, after.paid) == (400, 0)
    assert dates_and_amounts(after) == [("2027-01-05", 200), ("2027-02-05", 300)]
    (published,) = decision.events
    assert published.model_dump(include={"request", "credit", "amount", "covers"}) == {
        "request": request.id,
        "credit": CREDIT,
        "amount": 400,
        "covers": 3,
    }
    assert (request.contract, request.account, request.credit, request.amount) == (CONTRACT, ACCOUNT, CREDIT, 400)
    assert (request.status, request.reason, request.asked_by) == ("requested", None, "user:ines")


def test_cre_3_what_is_unscheduled_is_taken_first() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 300), unscheduled=100)
    after, _ = asked(schedule, 150)
    assert (after.unscheduled, dates_and_amounts(after)) == (0, [("2026-12-05", 250)])


def test_cre_3_no_more_is_asked_than_is_left_to_pay() -> None:
    with pytest.raises(Refusal) as caught:
        asked(THREE, 901)
    assert (caught.value.slug, caught.value.params) == ("more-than-due", {"amount": 901, "due": 900})


@pytest.mark.parametrize(
    ("credit", "slug"),
    [
        (a_credit(account=an_id(9)), "credit-other-account"),
        (a_credit(currency="CHF"), "credit-other-currency"),
        (a_credit(sold_by=CONTRACT), "credit-sold-by-this-contract"),
    ],
)
def test_cre_3_what_can_never_be_is_not_even_asked(credit: KnownCredit, slug: str) -> None:
    with pytest.raises(Refusal) as caught:
        request_use(THREE, credit, 1, a_context())
    assert (caught.value.slug, caught.value.rule, caught.value.params) == (slug, "CRE-3", {"credit": CREDIT})


def test_cre_3_a_credit_that_a_refund_line_became_has_no_contract_that_sells_it() -> None:
    decision, _ = request_use(THREE, a_credit(sold_by=None), 1, a_context())
    assert decision.state.processing == 1


def test_cre_3_a_use_that_succeeds_is_paid() -> None:
    after, request = asked(THREE, 400)
    decision = complete_use(after, request, a_context())
    assert (decision.state.paid, decision.state.processing) == (400, 0)
    assert decision.state.credit_uses == (CreditUse(credit=CREDIT, amount=400),)
    (published,) = decision.events
    assert isinstance(published, CreditUseCompleted)
    assert (published.request, published.credit, published.amount, published.balance.paid) == (
        request.id,
        CREDIT,
        400,
        400,
    )
    answered = request.granted(a_context())
    assert (answered.status, answered.reason, answered.answered_at) == ("completed", None, a_context().now)


def test_pay_8_the_last_part_paid_by_a_credit_pays_the_contract_in_full() -> None:
    after, request = asked(THREE, 900)
    assert names(complete_use(after, request, a_context())) == ["CreditUseCompleted", "ContractPaid"]


def test_cre_6_a_use_that_succeeds_after_the_total_fell_gets_the_part_too_much_back() -> None:
    after, request = asked(a_schedule(unscheduled=900, paid=100), 900)
    fallen = changed(after, 700)
    assert (fallen.refund_due, fallen.processing) == (300, 900)
    decision = complete_use(fallen, request, a_context())
    assert (decision.state.paid, decision.state.refund_due) == (700, 0)
    assert names(decision) == ["CreditUseCompleted", "CreditGivenBack", "RefundLineDropped", "ContractPaid"]
    back = decision.events[1]
    assert isinstance(back, CreditGivenBack)
    assert (back.credit, back.amount, back.change) == (CREDIT, 300, None)


def test_cre_6_what_a_credit_had_paid_before_is_counted_with_what_it_pays_now() -> None:
    before = a_schedule(unscheduled=500, paid=400, credit_uses=(used(CREDIT, 400),))
    after, request = asked(before, 500)
    decision = complete_use(changed(after, 300), request, a_context())
    assert [event.amount for event in decision.events if isinstance(event, CreditGivenBack)] == [600 - 400]
    assert decision.state.credit_uses == (used(CREDIT, 300),)


def test_cre_3_a_use_that_is_refused_returns_where_it_was() -> None:
    after, request = asked(THREE, 400)
    decision = return_use(after, request, "more-than-left", a_context())
    assert decision.state == THREE
    (published,) = decision.events
    assert isinstance(published, CreditUseReturned)
    assert (published.request, published.amount, published.reason) == (request.id, 400, "more-than-left")
    assert request.refused("more-than-left", a_context()).status == "returned"


@pytest.mark.parametrize(("reason", "problem"), [("removed", "credit-removed"), ("unknown-credit", "unknown-credit")])
def test_a_request_that_an_older_release_has_kept_is_read_with_its_answer(reason: CreditRefusal, problem: str) -> None:
    _, request = asked(THREE, 400)
    for newer in (request, request.granted(a_context()), request.refused(reason, a_context())):
        document = newer.model_dump(mode="json")
        assert document["status"] in ("requested", "completed", "returned")  # which an older release reads
        del document["asked"]
        assert UseRequest.model_validate(document) == newer
    refused = request.refused(reason, a_context()).asked.refused
    assert refused is not None
    assert refusal_from(refused).slug == problem
    assert refusal_from(refused).kind == use_refused(reason, CREDIT).kind


def test_pay_6_a_use_that_is_refused_after_the_total_fell_owes_no_more_than_that() -> None:
    after, request = asked(THREE, 900)
    decision = return_use(changed(after, 500), request, "removed", a_context())
    assert (decision.state.planned, decision.state.refund_due) == (500, 0)
    assert names(decision) == ["CreditUseReturned", "RefundLineDropped"]


def test_every_refusal_of_credits_has_a_problem_that_says_what_to_do() -> None:
    reasons: tuple[CreditRefusal, ...] = CreditRefusal.__args__
    for reason in reasons:
        problem = use_refused(reason, CREDIT)
        assert problem.detail.endswith(".")
        assert problem.kind is (Kind.UNKNOWN if reason == "unknown-credit" else Kind.CONFLICT)
    assert len({use_refused(reason, CREDIT).slug for reason in reasons}) == len(reasons)


@pytest.mark.parametrize("status", ["requested", "completed", "returned"])
def test_a_use_that_an_older_release_kept_by_its_status_is_read(status: str) -> None:
    kept = {
        "_id": new_id(),
        "organisation": new_id(),
        "contract": new_id(),
        "account": new_id(),
        "credit": new_id(),
        "amount": 5,
        "currency": "EUR",
        "status": status,
        "reason": "insufficient" if status == "returned" else None,
        "asked_at": "2027-01-05T10:00:00Z",
        "asked_by": "user:tester",
    }
    assert USE_REQUESTS.read(kept).status == USE_REQUESTS.write(USE_REQUESTS.read(kept))["status"] == status
