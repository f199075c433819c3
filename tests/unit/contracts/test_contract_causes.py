"""A change, or an opening, that asks several services: a cause is one declaration, and all is granted or none of it.

Here a school of the tests lends costumes: a wardrobe keeps one for each workshop that is bought, and takes it back.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.decisions import Decision
from carnet.events import BY_TYPE
from carnet.events.contracts import (
    ChangeRefused,
    ConfirmationRefused,
    ContractChanged,
    ContractOpened,
    CreditRemovalRequested,
)
from carnet.events.credits import CreditRemovalRefused
from carnet.refusals import Refusal
from carnet.requests.asked import Cause
from carnet.requests.causes import CREDIT_REMOVAL
from carnet.requests.together import Ask, ask_all
from contracts.contracts.domain.causes import credit_in_the_way
from contracts.contracts.domain.changes import Change, Opening, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract, RefusedChange
from contracts.contracts.domain.pending import ask, granted, refusals_kept, refuse_pending, refused
from tests.costumes import (
    BOTH,
    COSTUMES,
    EVENTS,
    CostumesRefused,
    CostumesRequested,
    CostumesReturned,
    asks_for_costumes,
    no_costume,
)
from tests.unit.contracts.contract_builders import (
    BOOK,
    CREDIT,
    JAZZ,
    TODAY,
    WORKSHOP,
    AtOnce,
    a_context,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
    line_of,
    opened,
)

REQUEST = an_id(999)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    for event in EVENTS:
        monkeypatch.setitem(BY_TYPE, event.type_name(), event)


def no_size(contract: Contract) -> Refusal:
    return no_costume(contract, CostumesRefused(contract=contract.id, request=REQUEST, size="XS"))


def used(contract: Contract) -> Refusal:
    answer = CreditRemovalRefused(
        request=REQUEST, contract=contract.id, credit=line_of(contract, CREDIT), amount=10000, left=1, currency="EUR",
        effective_on=TODAY,
    )  # fmt: skip
    return credit_in_the_way(contract, answer)


def names(decision: Decision[Contract]) -> list[str]:
    return [type(event).__name__ for event in decision.events]


def opening(*products: Any) -> tuple[Decision[Contract], Decision[Contract]]:
    """What an opening was decided to be, and what is saved of it."""
    context = a_context()
    decided = open_contract(Opening("online", AtOnce(), "EUR", tuple(map(buying, products))), an_offer(), context)
    return decided, ask(None, decided, context, BOTH)


def changing() -> tuple[Contract, Decision[Contract], Decision[Contract]]:
    """A contract, a change that cancels its credit and adds two workshops, and what is saved of it."""
    contract = opened(JAZZ, CREDIT)
    context = a_context(new_id=counted(5000))
    change = Change(cancel=(line_of(contract, CREDIT),), add=(buying(WORKSHOP), buying(WORKSHOP)))
    decided = change_contract(contract, change, an_offer(), context)
    return contract, decided, ask(contract, decided, context, BOTH)


def workshops(decided: Decision[Contract]) -> list[str]:
    return [line.id for line in decided.state.lines if line.purchase.kind == "workshop"]


def test_a_change_that_concerns_no_cause_is_made_as_it_is() -> None:
    decided, saved = opening(JAZZ, CREDIT)
    assert saved is decided


def test_an_opening_waits_without_lines_and_opens_as_it_was_decided() -> None:
    decided, saved = opening(JAZZ, WORKSHOP)
    waiting = kept(saved)
    assert names(saved) == ["CostumesRequested"]
    assert (waiting.opening, waiting.lines, waiting.total, waiting.version) == ("pending", (), 0, 1)
    assert waiting.pending is not None
    assert waiting.pending.awaited == tuple(workshops(decided))
    with pytest.raises(Refusal, match="waits until another service"):
        refuse_pending(waiting)

    waiting = Contract.model_validate(waiting.model_dump(mode="json"))
    made = granted(waiting, "costumes", REQUEST, *workshops(decided), causes=BOTH)
    contract = kept(made)
    assert (contract.lines, contract.opening, contract.pending) == (decided.state.lines, None, None)
    first = made.events[0]
    assert isinstance(first, ContractOpened)
    assert first.version == first.agreed.version == contract.version == contract.whole_version == 1 + len(made.events)
    assert first.model_copy(update={"version": 0, "terms": None}) == decided.events[0].model_copy(
        update={"version": 0, "terms": None}
    )


def test_an_opening_that_is_refused_never_opens() -> None:
    _, saved = opening(JAZZ, WORKSHOP)
    waiting = kept(saved)
    decision = refused(waiting, "costumes", REQUEST, no_size(waiting), BOTH)
    left = kept(decision)
    assert names(decision) == ["ConfirmationRefused"]
    event = decision.events[0]
    assert isinstance(event, ConfirmationRefused)
    assert (event.opening, event.refusals[0].problem, event.refusals[0].params["size"]) == (True, "no-costume", "XS")
    assert (left.opening, left.lines, left.pending) == ("refused", (), None)
    assert left.refused_change == RefusedChange(change=REQUEST, on=TODAY, refusals=event.refusals)
    with pytest.raises(Refusal) as again:
        change_contract(left, Change(add=(buying(BOOK),)), an_offer(), a_context())
    assert again.value.slug == "contract-not-opened"


def test_what_cannot_be_given_back_is_asked_once_everything_else_is_granted() -> None:
    contract, decided, saved = changing()
    assert names(saved) == ["CostumesRequested"]
    waiting = kept(saved)
    first, second = workshops(decided)
    half = granted(waiting, "costumes", REQUEST, first, causes=BOTH)
    assert half.events == ()
    # An answer to what is not asked yet is nobody's.
    assert granted(half.state, CREDIT_REMOVAL.name, REQUEST, line_of(contract, CREDIT), causes=BOTH) == half

    both = granted(half.state, "costumes", REQUEST, second, causes=BOTH)
    [asked] = both.events
    assert isinstance(asked, CreditRemovalRequested)
    assert (asked.request, asked.lines) == (REQUEST, (line_of(contract, CREDIT),))
    made = granted(kept(both), CREDIT_REMOVAL.name, REQUEST, line_of(contract, CREDIT), causes=BOTH)
    assert made.state.lines == decided.state.lines
    assert isinstance(made.events[-1], ContractChanged)
    assert made.events[-1].version == kept(made).version


def test_what_was_granted_is_given_back_when_another_service_refuses() -> None:
    contract, decided, saved = changing()
    granted_ = kept(granted(kept(saved), "costumes", REQUEST, *workshops(decided), causes=BOTH))
    decision = refused(granted_, CREDIT_REMOVAL.name, REQUEST, used(contract), BOTH)
    assert names(decision) == ["CostumesReturned", "ChangeRefused", "ConfirmationRefused"]
    back, released, general = decision.events
    assert isinstance(back, CostumesReturned)
    assert set(back.lines) == set(workshops(decided))
    assert isinstance(released, ChangeRefused)
    assert isinstance(general, ConfirmationRefused)
    assert [said.problem for said in general.refusals] == ["credit-used"]
    assert (decision.state.lines, decision.state.pending) == (contract.lines, None)
    assert decision.state.whole_version == contract.version


def test_what_cannot_be_given_back_is_not_asked_if_something_else_is_refused() -> None:
    contract, _, saved = changing()
    decision = refused(kept(saved), "costumes", REQUEST, no_size(contract), BOTH)
    assert names(decision) == ["ConfirmationRefused"]
    assert decision.state.lines == contract.lines
    assert decision.state.refused_change is not None
    assert decision.state.refused_change.credit is None


THIRD = replace(
    BOTH[1],
    cause=Cause("shoes", "cobbler", "CAT-7"),
    asks=lambda before, after, context: (
        replace(found, cause=Cause("shoes", "cobbler", "CAT-7"))
        if (found := asks_for_costumes(before, after, context))
        else None
    ),
)


@given(
    st.permutations([("costumes", 0), ("costumes", 1), ("shoes", 0), ("shoes", 1)]), st.booleans(), st.integers(1, 3)
)
def test_in_any_order_and_however_often_all_is_granted_or_what_was_is_given_back(
    order: list[tuple[str, int]], refuses: bool, times: int
) -> None:
    context = a_context()
    decided = open_contract(
        Opening("online", AtOnce(), "EUR", (buying(WORKSHOP), buying(WORKSHOP))), an_offer(), context
    )
    causes = (*BOTH, THIRD)
    saved = ask(None, decided, context, causes)
    state, lines = kept(saved), workshops(decided)
    events: list[str] = []
    assert names(saved) == ["CostumesRequested", "CostumesRequested"]
    for cause, number in order:
        for _ in range(times):
            if refuses and cause == "shoes":
                answer = refused(state, cause, REQUEST, no_size(state), causes)
            else:
                answer = granted(state, cause, REQUEST, lines[number], causes=causes)
            state = kept(answer)
            events += names(answer)
    if refuses:
        assert events == ["CostumesReturned", "ConfirmationRefused"]
        assert state.opening == "refused"
    else:
        assert events == names(decided)
        assert state.lines == decided.state.lines


def test_two_causes_that_cannot_be_given_back_are_no_design() -> None:
    last = Ask(CREDIT_REMOVAL, ("a",), CostumesRequested(contract=an_id(1), request=an_id(2), lines=()))
    with pytest.raises(ValueError, match="only one grant of a change may be irreversible"):
        ask_all([last, replace(last, cause=COSTUMES)])


def test_what_an_older_release_has_kept_is_read_and_answered() -> None:
    contract = opened(JAZZ, CREDIT)
    context = a_context(new_id=counted(5000))
    decided = change_contract(contract, Change(cancel=(line_of(contract, CREDIT),)), an_offer(), context)
    document = kept(ask(contract, decided, context)).model_dump(mode="json")
    assert document["pending"]["awaited"] == [line_of(contract, CREDIT)]  # which an older release reads
    del document["pending"]["requests"], document["opening"]
    waiting = Contract.model_validate(document)
    made = granted(waiting, CREDIT_REMOVAL.name, REQUEST, line_of(contract, CREDIT))
    assert made.state.lines == decided.state.lines

    refusal = {"change": REQUEST, "on": "2026-11-22", "credit": an_id(7), "amount": 10000, "left": 1, "why": "exists"}
    old = Contract.model_validate({**contract.model_dump(mode="json"), "refused_change": refusal})
    assert old.refused_change is not None
    [said] = refusals_kept(old, old.refused_change)
    assert (said.problem, said.params["credit"]) == ("credit-exists", an_id(7))
