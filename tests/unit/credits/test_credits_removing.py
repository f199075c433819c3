"""The credits of lines that are to be cancelled: removed together, or none of them (CRE-4, CRE-5)."""

from datetime import timedelta

import pytest

from carnet.decisions import Decision
from carnet.events.contracts import CreditRemovalRequested
from carnet.events.credits import CreditGrantPostponed, CreditRemovalRefused, CreditRemoved
from credits.domain.credit import Credit, Use, entry
from credits.domain.movements import adjust
from credits.domain.removing import RefusedRemoval, Removal, remove, remove_all
from credits.domain.selling import SellingContract, SoldCredit, grant, pay, whole_until
from tests.unit.credits.credits_builders import (
    ACCOUNT,
    DAY,
    GRANDMOTHER,
    LINE,
    ORGANISATION,
    PAID,
    REQUEST,
    SELLING,
    a_credit,
    an_id,
    removal,
)

SECOND = an_id(2)


def selling(*lines: str) -> SellingContract:
    """The contract, with these lines unpaid."""
    awaiting = tuple(
        SoldCredit(line=each, sequence=2, account=GRANDMOTHER, value=700, currency="EUR") for each in lines
    )
    return SellingContract(id=SELLING, organisation=ORGANISATION, told=3, awaiting=awaiting)


def removed(answer: Removal | Decision[RefusedRemoval]) -> Removal:
    assert isinstance(answer, Removal)
    return answer


def refusal(answer: Removal | Decision[RefusedRemoval]) -> CreditRemovalRefused:
    assert isinstance(answer, Decision)
    (event,) = answer.events
    assert isinstance(event, CreditRemovalRefused)
    return event


def test_cre_4_an_unused_credit_is_removed_and_the_request_answered() -> None:
    (decision,) = removed(remove_all(selling(), {LINE: a_credit()}, removal(), 9)).removed
    assert (decision.state.status, decision.state.left, decision.state.removed_on) == ("removed", 0, DAY)
    assert decision.events == (
        CreditRemoved(
            credit=LINE,
            account=ACCOUNT,
            amount=5000,
            left=0,
            currency="EUR",
            contract=SELLING,
            line=LINE,
            effective_on=DAY,
            request=REQUEST,
            removed=5000,
        ),
    )


def test_cre_7_the_removal_is_an_entry_that_names_its_request() -> None:
    decision = remove(a_credit(), DAY, REQUEST)
    movement = entry(a_credit(), decision.state, decision.events[0], DAY)
    assert movement is not None
    assert (movement.kind, movement.reason, movement.amount) == ("removed", "line_cancelled", -5000)
    assert (movement.contract, movement.request) == (SELLING, REQUEST)


def test_cre_4_a_credit_that_is_not_granted_yet_never_will_be() -> None:
    answer = removed(remove_all(selling(LINE, SECOND), {}, removal(), 9))
    (decision,) = answer.removed
    credit = decision.state
    assert (credit.account, credit.amount, credit.left, credit.status) == (GRANDMOTHER, 700, 0, "removed")
    assert (credit.granted_on, credit.removed_on) == (None, DAY)
    assert entry(None, credit, decision.events[0], DAY) is None
    assert [sold.line for sold in answer.selling.awaiting] == [SECOND]
    _, granted = grant(pay(whole_until(answer.selling, 9), 9, DAY + timedelta(days=3)))
    assert [decision.state.id for _, decision in granted] == [SECOND]


@pytest.mark.parametrize("left", [0, 4999])
def test_cre_5_a_credit_of_which_less_is_left_stays_and_is_named(left: int) -> None:
    credit = a_credit(left, uses=(Use(contract=PAID, amount=5000 - left),))
    answer = remove_all(selling(), {LINE: credit}, removal(), 9)
    problem = refusal(answer)
    assert (problem.request, problem.contract, problem.credit) == (REQUEST, SELLING, LINE)
    assert (problem.amount, problem.left, problem.currency, problem.effective_on) == (5000, left, "EUR", DAY)
    assert isinstance(answer, Decision)
    assert (answer.state.id, answer.state.credit, answer.state.left) == (REQUEST, LINE, left)


def test_cre_5_of_several_credits_all_are_removed_or_none() -> None:
    unspent, spent = a_credit(), a_credit(10, id=SECOND, line=SECOND)
    assert refusal(remove_all(selling(), {LINE: unspent, SECOND: spent}, removal(LINE, SECOND), 9)).credit == SECOND
    assert refusal(remove_all(selling(LINE), {SECOND: spent}, removal(LINE, SECOND), 9)).credit == SECOND
    both = {LINE: unspent, SECOND: a_credit(id=SECOND, line=SECOND)}
    published = [
        decision.state.id for decision in removed(remove_all(selling(), both, removal(LINE, SECOND), 9)).removed
    ]
    assert published == [LINE, SECOND]


@pytest.mark.parametrize("credit", [a_credit(4000), adjust(a_credit(), -1, DAY).state])
def test_cre_5_what_staff_has_taken_off_counts_as_used(credit: Credit) -> None:
    assert refusal(remove_all(selling(), {LINE: credit}, removal(), 9)).credit == LINE


def test_cre_4_more_than_was_sold_goes_with_it() -> None:
    generous = adjust(a_credit(), 300, DAY).state
    (decision,) = removed(remove_all(selling(), {LINE: generous}, removal(), 9)).removed
    movement = entry(generous, decision.state, decision.events[0], DAY)
    assert movement is not None
    assert movement.amount == -5300


def test_cre_4_a_credit_that_is_removed_already_is_answered_once_more() -> None:
    gone = a_credit(0, status="removed", removed_on=DAY)
    (decision,) = removed(remove_all(selling(), {LINE: gone}, removal(), 9)).removed
    assert (decision.state.status, len(decision.events)) == ("removed", 1)


def test_a_line_that_sells_no_credit_is_a_fault_of_the_event() -> None:
    with pytest.raises(LookupError, match="sells a credit"):
        remove_all(selling(SECOND), {}, removal(LINE), 9)
    with pytest.raises(ValueError, match="no line sold"):
        remove(a_credit(line=None), DAY)


def lowering(*lines: str, cancelled: tuple[str, ...] = ()) -> CreditRemovalRequested:
    return removal(*cancelled).model_copy(update={"lines": cancelled, "lowered": lines})


def test_con_11_a_line_whose_credit_exists_brings_no_less() -> None:
    event = refusal(remove_all(selling(), {LINE: a_credit()}, lowering(LINE), 9))
    assert (event.credit, event.left, event.amount, event.why) == (LINE, 5000, 5000, "exists")


def test_con_11_a_line_that_sold_no_credit_yet_may_bring_less_and_grants_it_when_that_is_paid() -> None:
    before = selling(LINE)
    answer = removed(remove_all(before, {}, lowering(LINE), 4))
    assert answer.removed == ()
    assert answer.postponed is not None
    (event,) = answer.postponed.events
    assert isinstance(event, CreditGrantPostponed)
    assert (event.request, event.contract, event.lines) == (REQUEST, SELLING, (LINE,))
    late, decisions = grant(pay(answer.selling, 3, DAY))
    assert decisions == ()  # a payment of the dearer contract that is received after the answer grants nothing
    _, decisions = grant(whole_until(pay(late, 6, DAY), 6))
    assert [decision.state.left for _, decision in decisions] == [700]


def test_con_11_a_request_that_cancels_and_lowers_is_granted_whole_or_refused_whole() -> None:
    both = lowering(SECOND, cancelled=(LINE,))
    exists = refusal(remove_all(selling(), {LINE: a_credit(), SECOND: a_credit(id=SECOND)}, both, 9))
    assert (exists.credit, exists.why) == (SECOND, "exists")
    used = a_credit(left=1, uses=(Use(contract=an_id(7), amount=4999),))
    assert refusal(remove_all(selling(SECOND), {LINE: used}, both, 9)).why == "used"
    answer = removed(remove_all(selling(SECOND), {LINE: a_credit()}, both, 9))
    assert [decision.state.id for decision in answer.removed] == [LINE]
    assert answer.postponed is not None
    assert answer.postponed.state.lines == (SECOND,)
