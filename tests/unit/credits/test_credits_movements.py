"""Credits issued, used, restored and adjusted: by whom, how far, and with which entry (CRE-1 to CRE-7)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.decisions import Decision
from carnet.events.credits import CreditAdjusted, CreditIssued, CreditRestored, CreditUsed, CreditUseRefused
from carnet.money import LARGEST
from carnet.refusals import Refusal
from credits.domain.credit import Credit, Entry, Receipt, Use, entry
from credits.domain.movements import Gift, adjust, convert, issue, refuse, restore, use
from credits.domain.refusals import not_used
from credits.domain.removing import remove
from tests.unit.credits.credits_builders import (
    ACCOUNT,
    DAY,
    GRANDMOTHER,
    LINE,
    ORGANISATION,
    OTHER,
    PAID,
    REQUEST,
    SELLING,
    a_context,
    a_credit,
    an_id,
    asked,
    given_back,
    settled,
)


def saved(before: Credit | None, decision: Decision[Credit], note: str | None = None) -> tuple[Credit, Entry | None]:
    """The credit as the journal leaves it, and its entry."""
    (event,) = decision.events
    after = decision.state.model_copy(update={"version": decision.state.version + 1})
    return after, entry(before, after, event, DAY, note)


def used(credit: Credit, amount: int = 2000, contract: str = PAID) -> Credit:
    answer = use(credit, asked(amount, contract))
    assert isinstance(answer, Decision)
    return saved(credit, answer)[0]


def refused(slug: str, deciding: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        deciding()
    assert caught.value.slug == slug
    return caught.value


# How a credit comes (CRE-2)


def test_cre_2_staff_grants_a_credit_of_its_own() -> None:
    decision = issue(Gift(ACCOUNT, 1500, "EUR"), ORGANISATION, a_context())
    credit, movement = saved(None, decision, "Sorry for the rain.")
    assert (credit.origin, credit.contract, credit.line, credit.receipt) == ("staff", None, None, None)
    assert (credit.amount, credit.left, credit.status, credit.granted_on) == (1500, 1500, "granted", DAY)
    assert decision.events == (
        CreditIssued(
            credit=credit.id,
            account=ACCOUNT,
            amount=1500,
            left=1500,
            currency="EUR",
            origin="staff",
            contract=None,
            effective_on=DAY,
        ),
    )
    assert movement is not None
    assert (movement.kind, movement.reason, movement.amount) == ("granted", "staff", 1500)
    assert movement.note == "Sorry for the rain."


def test_pay_7_a_deposit_without_contract_becomes_a_credit_that_says_how_it_came() -> None:
    receipt = Receipt(method="cheque", received_on=DAY - timedelta(days=2))
    credit, movement = saved(None, issue(Gift(ACCOUNT, 1500, "EUR", receipt), ORGANISATION, a_context()))
    assert (credit.origin, credit.receipt) == ("deposit", receipt)
    assert movement is not None
    assert movement.reason == "deposit"


def test_pay_7_a_deposit_is_not_received_after_today() -> None:
    receipt = Receipt(method="cash", received_on=DAY + timedelta(days=1))
    refused("received-in-future", lambda: issue(Gift(ACCOUNT, 1, "EUR", receipt), ORGANISATION, a_context()))


def test_pay_4_a_refund_line_becomes_a_credit_of_the_contracts_account() -> None:
    decision = convert(None, settled(700, an_id(7)), an_id(7), ORGANISATION)
    credit, movement = saved(None, decision)
    assert (credit.id, credit.account, credit.origin) == (an_id(7), ACCOUNT, "refund")
    assert (credit.contract, credit.line, credit.left) == (PAID, None, 700)
    assert isinstance(decision.events[0], CreditIssued)
    assert (decision.events[0].origin, decision.events[0].contract) == ("refund", PAID)
    assert movement is not None
    assert (movement.kind, movement.reason, movement.contract) == ("granted", "refund_converted", PAID)


def test_pay_4_a_refund_line_is_converted_once() -> None:
    refused("credit-exists", lambda: convert(a_credit(), settled(700, LINE), LINE, ORGANISATION))


# How it pays (CRE-3)


def test_cre_3_a_credit_pays_a_part_and_keeps_the_rest() -> None:
    before = a_credit()
    answer = use(before, asked(2000))
    assert isinstance(answer, Decision)
    after, movement = saved(before, answer)
    assert (after.left, after.uses, after.used) == (3000, (Use(contract=PAID, amount=2000),), 2000)
    assert answer.events == (
        CreditUsed(
            credit=LINE,
            account=ACCOUNT,
            amount=2000,
            left=3000,
            currency="EUR",
            contract=PAID,
            request=REQUEST,
            effective_on=DAY,
        ),
    )
    assert movement is not None
    assert (movement.kind, movement.reason, movement.amount) == ("used", "pays_contract", -2000)
    assert (movement.contract, movement.request) == (PAID, REQUEST)


def test_cre_3_it_is_used_up_to_the_last_unit_on_several_contracts() -> None:
    credit = used(used(used(a_credit(), 1000), 3000, OTHER), 1000)
    assert credit.left == 0
    assert credit.uses == (Use(contract=PAID, amount=2000), Use(contract=OTHER, amount=3000))
    assert use(credit, asked(1)) == "more-than-left"


@pytest.mark.parametrize(
    ("credit", "use_of", "reason"),
    [
        (None, {}, "unknown-credit"),
        (a_credit(account=GRANDMOTHER), {}, "other-account"),
        (a_credit(), {"currency": "CHF"}, "other-currency"),
        (a_credit(), {"contract": SELLING}, "sold-by-this-contract"),
        (a_credit(0, status="removed"), {}, "removed"),
        (a_credit(1999), {}, "more-than-left"),
    ],
)
def test_cre_3_a_use_that_may_not_be_is_refused(credit: Credit | None, use_of: dict[str, str], reason: str) -> None:
    assert use(credit, asked(2000, **use_of)) == reason


def test_cre_3_a_refusal_is_kept_and_published_in_the_sequence_of_the_request() -> None:
    decision = refuse(asked(2000), "more-than-left", ORGANISATION)
    assert (decision.state.id, decision.state.reason) == (REQUEST, "more-than-left")
    assert decision.events == (
        CreditUseRefused(
            request=REQUEST,
            credit=LINE,
            contract=PAID,
            amount=2000,
            reason="more-than-left",
            effective_on=DAY,
            refusal=not_used("more-than-left", LINE),
        ),
    )


def test_cre_3_the_contract_whose_refund_line_it_was_can_be_paid_with_it() -> None:
    converted = a_credit(origin="refund", contract=PAID, line=None)
    assert used(converted, 2000, PAID).left == 3000


# How it gets back what it had paid (CRE-6)


def test_cre_6_what_is_given_back_is_left_again() -> None:
    before = used(a_credit())
    decision = restore(before, given_back(500))
    after, movement = saved(before, decision)
    assert (after.left, after.used_on(PAID)) == (3500, 1500)
    assert isinstance(decision.events[0], CreditRestored)
    assert (decision.events[0].amount, decision.events[0].left, decision.events[0].contract) == (500, 3500, PAID)
    assert movement is not None
    assert (movement.kind, movement.reason, movement.amount, movement.contract) == (
        "restored",
        "given_back",
        500,
        PAID,
    )
    assert restore(after, given_back(1500)).state.uses == ()


def test_cre_6_no_more_comes_back_than_it_pays_of_that_contract() -> None:
    credit = used(used(a_credit()), 1000, OTHER)
    problem = refused("more-than-used", lambda: restore(credit, given_back(1001, OTHER)))
    assert problem.params == {"credit": LINE, "contract": OTHER, "used": 1000}
    refused("unknown-credit", lambda: restore(None, given_back(1)))


def test_cre_6_what_comes_back_after_the_removal_is_the_clients_all_the_same() -> None:
    generous = saved(None, adjust(used(a_credit()), 2000, DAY))[0]
    removed = saved(None, remove(generous, DAY, REQUEST))[0]
    after, _ = saved(removed, restore(removed, given_back(2000)))
    assert (after.status, after.left, after.uses, after.removed_on) == ("granted", 2000, (), DAY)


# How staff adjusts it (CRE-7)


@pytest.mark.parametrize(("amount", "left"), [(500, 5500), (-500, 4500), (-5000, 0)])
def test_cre_7_staff_adjusts_what_is_left_with_a_reason(amount: int, left: int) -> None:
    before = a_credit()
    decision = adjust(before, amount, DAY)
    after, movement = saved(before, decision, "Counted wrong.")
    assert (after.left, after.amount) == (left, 5000)
    assert decision.events == (
        CreditAdjusted(credit=LINE, account=ACCOUNT, amount=amount, left=left, currency="EUR", effective_on=DAY),
    )
    assert movement is not None
    assert (movement.kind, movement.reason, movement.amount, movement.note) == (
        "adjusted",
        "staff",
        amount,
        "Counted wrong.",
    )


def test_cre_7_no_adjustment_goes_below_zero_or_above_what_can_be_counted() -> None:
    assert refused("more-than-left", lambda: adjust(used(a_credit()), -3001, DAY)).params["left"] == 3000
    refused("credit-too-large", lambda: adjust(used(a_credit()), LARGEST - 4999, DAY))
    assert restore(adjust(used(a_credit()), LARGEST - 5000, DAY).state, given_back(2000)).state.left == LARGEST


def test_cre_4_a_removed_credit_is_adjusted_no_more() -> None:
    refused("credit-removed", lambda: adjust(a_credit(0, status="removed"), 1, DAY))


# Any sequence of movements

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["use", "use", "give back", "adjust"]),
        st.sampled_from([PAID, OTHER]),
        st.integers(-3000, 3000).filter(bool),
    ),
    max_size=20,
)


@settings(deadline=None)
@given(MOVES)
def test_cre_7_what_is_left_is_the_sum_of_the_entries_whatever_moves(moves: list[tuple[str, str, int]]) -> None:
    credit, entries = a_credit(), [5000]
    for move, contract, amount in moves:
        try:
            decision: Decision[Credit] | str
            match move:
                case "use":
                    decision = use(credit, asked(abs(amount), contract))
                case "give back":
                    decision = restore(credit, given_back(abs(amount), contract))
                case _:
                    decision = adjust(credit, amount, DAY)
        except Refusal:
            continue
        if isinstance(decision, Decision):
            credit, movement = saved(credit, decision)
            assert movement is not None
            entries.append(movement.amount)
        assert credit.left == sum(entries) >= 0
        assert all(each.amount > 0 for each in credit.uses)
