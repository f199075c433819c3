"""A deposit that the bank takes back: what is left of its credit goes, the rest is due from the account (CRE-2)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.decisions import Decision
from carnet.ids import new_id
from carnet.refusals import Refusal
from credits.domain.credit import Credit, Use, entry
from credits.domain.movements import restore
from credits.domain.taking_back import DueReceipt, recover, reverse_deposit, settle_due
from tests.unit.credits.credits_builders import DAY, PAID, a_credit, given_back

RECEIPT = DueReceipt(new_id(), "cash")


def a_deposit(left: int = 5000, **fields: Any) -> Credit:
    used = (Use(contract=PAID, amount=5000 - left),) if left < 5000 else ()
    return a_credit(left, **{"origin": "deposit", "contract": None, "line": None, "uses": used, **fields})


def reversed_(credit: Credit, amount: int) -> Decision[Credit]:
    return reverse_deposit(credit, amount, "bounced_cheque", DAY)


@pytest.mark.parametrize(
    ("left", "amount", "then"), [(5000, 5000, (0, 0)), (5000, 2000, (3000, 0)), (1500, 5000, (0, 3500)), (0, 1, (0, 1))]
)
def test_cre_2_what_is_left_goes_and_the_rest_is_due(left: int, amount: int, then: tuple[int, int]) -> None:
    before = a_deposit(left)
    decision = reversed_(before, amount)
    (event,) = decision.events
    assert (decision.state.left, decision.state.due) == then
    assert (decision.state.reversed, decision.state.uses) == (amount, before.uses)
    assert event.model_dump(include={"amount", "left", "due", "taken"}) == {
        "amount": amount, "left": then[0], "due": then[1], "taken": left - then[0],
    }  # fmt: skip
    movement = entry(before, decision.state, event, DAY)
    assert (movement.amount if movement else 0) == then[0] - left


def test_cre_2_no_more_than_the_deposit_is_taken_back_and_only_of_a_deposit() -> None:
    once = reversed_(a_deposit(), 4000).state
    with pytest.raises(Refusal, match="1000 minor units of this deposit"):
        reversed_(once, 1001)
    with pytest.raises(Refusal) as refused:
        reversed_(a_credit(), 1)
    assert refused.value.slug == "not-a-deposit"


def test_cre_2_what_a_contract_gives_back_covers_what_is_due_first() -> None:
    owing = reversed_(a_deposit(1000), 5000).state
    restored = restore(owing, given_back(3000)).state
    decision = recover(restored, DAY)
    (event,) = decision.events
    assert (decision.state.left, decision.state.due) == (0, 1000)
    assert event.model_dump(include={"amount", "left", "due", "payment"}) == {
        "amount": 3000, "left": 0, "due": 1000, "payment": None,
    }  # fmt: skip
    more = recover(restore(decision.state, given_back(1000)).state, DAY).state
    assert (more.left, more.due) == (0, 0)
    assert recover(more, DAY).events == ()


def test_cre_2_what_is_due_is_paid_or_waived_and_never_more() -> None:
    owing = reversed_(a_deposit(0), 5000).state
    paid = settle_due(owing, 2000, RECEIPT, "cash", DAY).state
    assert (paid.due, paid.left, paid.due_note) == (3000, 0, "cash")
    assert settle_due(paid, 3000, None, "moved away", DAY).state.due == 0
    with pytest.raises(Refusal) as refused:
        settle_due(paid, 3001, RECEIPT, "cash", DAY)
    assert (refused.value.slug, refused.value.params["due"]) == ("more-than-due", 3000)


@given(st.integers(0, 5000), st.lists(st.integers(1, 5000), max_size=4))
def test_cre_2_nothing_is_lost_or_made_whatever_is_taken_back(left: int, amounts: list[int]) -> None:
    credit = a_deposit(left)
    for amount in amounts:
        if amount <= credit.amount - credit.reversed:
            credit = reversed_(credit, amount).state
    assert credit.left + credit.used + credit.reversed - credit.due == 5000
    assert min(credit.left, credit.due) >= 0
