"""Gift cards pay a contract for anyone who presents the code, and never what sells gift cards (CRE-8)."""

from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.contracts import ContractTerms
from carnet.events.payments import CreditGivenBack, CreditUseCompleted, CreditUseRequested
from carnet.refusals import Refusal
from payments.credit_uses.domain import KnownCredit, UseRequest, complete_use, request_use, return_use
from payments.schedules.domain.decisions import adjust_schedule
from payments.schedules.domain.schedule import CreditUse, Schedule
from payments.statements.domain import _amounts
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    ORGANISATION,
    a_context,
    a_schedule,
    an_id,
    an_instalment,
    dates_and_amounts,
)

CARD, OTHER, DIGEST = an_id(70), an_id(72), "d" * 64


def a_card(credit: str = CARD, **fields: Any) -> KnownCredit:
    usual = {"id": credit, "organisation": ORGANISATION, "account": an_id(9), "currency": "EUR", "sold_by": an_id(71)}
    return KnownCredit(**(usual | {"card": True} | fields))


def asked(schedule: Schedule, amount: int, card: str = CARD) -> tuple[Schedule, UseRequest]:
    decision, request = request_use(schedule, a_card(card), amount, a_context(first_id=3000), code=DIGEST)
    return decision.state, request


def by_card(amount: int, card: str = CARD) -> CreditUse:
    return CreditUse(credit=card, amount=amount, card=True)


def changed(schedule: Schedule, total: int, cards: int) -> Decision[Schedule]:
    terms = ContractTerms(total=total, live_lines=1, version=5, cards=cards)
    return adjust_schedule(schedule, terms, a_context(first_id=2000))


def back(decision: Decision[Schedule]) -> list[tuple[str, int, bool]]:
    return [(each.credit, each.amount, each.card) for each in decision.events if isinstance(each, CreditGivenBack)]


def test_cre_8_it_pays_the_contract_of_another_account_and_its_code_is_passed_on_as_a_digest() -> None:
    decision, request = request_use(a_schedule(unscheduled=900), a_card(), 400, a_context(), code=DIGEST)
    event = decision.events[0]
    assert isinstance(event, CreditUseRequested)
    assert (event.credit, event.code, event.account, decision.state.processing) == (CARD, DIGEST, ACCOUNT, 400)
    done = complete_use(decision.state, request, a_context())
    completed = done.events[0]
    assert isinstance(completed, CreditUseCompleted)
    assert completed.card
    assert done.state.credit_uses == (by_card(400),)
    assert list(_amounts(completed, completed.balance.total)) == [("card_used", -400)]


@pytest.mark.parametrize(
    ("credit", "code", "slug"),
    [(a_card(), None, "code-missing"), (a_card(card=False, account=ACCOUNT), DIGEST, "code-superfluous")],
)
def test_cre_8_a_card_needs_its_code_and_a_credit_has_none(credit: KnownCredit, code: str | None, slug: str) -> None:
    with pytest.raises(Refusal) as caught:
        request_use(a_schedule(unscheduled=900), credit, 400, a_context(), code=code)
    assert (caught.value.slug, caught.value.rule) == (slug, "CRE-8")


def test_cre_8_cards_pay_no_more_than_what_does_not_sell_cards_what_is_under_way_included() -> None:
    before = a_schedule(unscheduled=900, cards=500)
    with pytest.raises(Refusal) as caught:
        asked(before, 401)
    assert (caught.value.slug, caught.value.params) == ("card-buys-card", {"amount": 401, "most": 400})
    under_way, first = asked(before, 300)
    with pytest.raises(Refusal):
        asked(under_way, 101, OTHER)
    paid = complete_use(under_way, first, a_context()).state
    with pytest.raises(Refusal):
        asked(paid, 101, OTHER)
    assert asked(paid, 100, OTHER)[0].processing == 100


def test_cre_8_a_course_exchanged_for_a_card_gives_back_what_cards_had_paid_and_is_due_again() -> None:
    paid = a_schedule(paid=900, credit_uses=(by_card(600), CreditUse(credit=an_id(73), amount=100)))
    decision = changed(paid, 900, cards=700)
    assert (decision.state.paid, decision.state.unscheduled + decision.state.planned) == (500, 400)
    assert back(decision) == [(CARD, 400, True)]
    assert decision.state.credit_uses == (by_card(200), CreditUse(credit=an_id(73), amount=100))


@pytest.mark.parametrize(
    ("total", "cards", "gone", "paid"),
    [
        (400, 100, [(OTHER, 300, True), (CARD, 200, True)], 400),
        (300, 0, [(an_id(73), 100, False), (OTHER, 300, True), (CARD, 200, True)], 300),
        (0, 0, [(an_id(73), 100, False), (OTHER, 300, True), (CARD, 500, True)], 0),
    ],
)
def test_cre_6_the_latest_use_gives_first_whether_a_card_must_or_too_much_was_paid(
    total: int, cards: int, gone: list[tuple[str, int, bool]], paid: int
) -> None:
    uses = (by_card(500), by_card(300, OTHER), CreditUse(credit=an_id(73), amount=100))
    decision = changed(a_schedule(paid=900, credit_uses=uses), total, cards)
    assert back(decision) == gone
    assert (decision.state.paid, decision.state.refund_due) == (paid, 0)


@pytest.mark.parametrize("succeeds", [True, False])
def test_cre_8_a_use_under_way_while_the_contract_came_to_sell_cards_is_given_back_or_returned(succeeds: bool) -> None:
    under_way, request = asked(a_schedule(an_instalment(1, "2026-12-05", 900)), 900)
    moved = changed(under_way, 900, cards=600)
    assert (moved.state.processing, back(moved)) == (900, [])
    if succeeds:
        done = complete_use(moved.state, request, a_context())
        assert (done.state.paid, back(done)) == (300, [(CARD, 600, True)])
        assert sum(amount for _, amount in dates_and_amounts(done.state)) + done.state.unscheduled == 600
    else:
        returned = return_use(moved.state, request, "unknown-code", a_context())
        assert (returned.state.paid, dates_and_amounts(returned.state)) == (0, [("2026-12-05", 900)])


def test_cre_8_a_contract_without_cards_is_as_before() -> None:
    paid = a_schedule(paid=900, credit_uses=(by_card(900),))
    assert back(changed(paid, 900, cards=0)) == []
