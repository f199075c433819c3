"""A change that cancels what sold client credits: pending, made or refused (CRE-4, CRE-5, CON-8)."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carnet.decisions import Context, Decision
from carnet.events import Event
from carnet.events.catalog import DiscountDetails
from carnet.events.contracts import (
    ChangeRefused,
    ConfirmationRefused,
    ContractCancelled,
    ContractChanged,
    CreditRemovalRequested,
    Named,
    ProductEdited,
)
from carnet.events.credits import CreditRemovalRefused
from carnet.refusals import Kind, Refusal
from carnet.requests.asked import refusal_from
from carnet.requests.causes import CREDIT_REMOVAL
from contracts.contracts.domain.causes import credit_in_the_way, credits_lowered, credits_removed
from contracts.contracts.domain.changes import Change, cancel_contract, change_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.pending import ask, granted, made, refuse_pending, refused
from contracts.contracts.domain.products import Product
from tests.unit.contracts.contract_builders import (
    BALLET,
    BOOK,
    COURSES_OFF,
    CREDIT,
    FIFTY_OFF,
    JAZZ,
    TEN_PERCENT,
    TODAY,
    WORKSHOP,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
    line_of,
    opened,
)

REMOVAL = CREDIT_REMOVAL.name
REQUEST = an_id(999)
"""The change of ``a_context``."""


def asking(contract: Contract, **fields: Any) -> tuple[Contract, Decision[Contract]]:
    """The contract once a change of it is confirmed, and what the change was decided to be."""
    context = a_context(new_id=counted(5000))
    decided = change_contract(contract, Change(**fields), an_offer(), context)
    return kept(ask(contract, decided, context)), decided


def refusing(credit: str, left: int = 4000) -> CreditRemovalRefused:
    return CreditRemovalRefused(
        request=REQUEST, contract=an_id(1000), credit=credit, amount=10000, left=left, currency="EUR",
        effective_on=TODAY,
    )  # fmt: skip


def answered(contract: Contract, *lines: str) -> Decision[Contract]:
    """What the last of these removals leads to."""
    decision = Decision(contract)
    for line in lines:
        decision = granted(decision.state, REMOVAL, REQUEST, line)
    return decision


def test_cre_4_a_change_that_cancels_what_sold_a_credit_only_asks_credits() -> None:
    contract = opened(JAZZ, CREDIT)
    waiting, _ = asking(contract, cancel=(line_of(contract, CREDIT),), add=(buying(BOOK),))
    assert (waiting.lines, waiting.total, waiting.live_lines) == (contract.lines, contract.total, 2)
    assert waiting.version == contract.version + 1
    context = a_context()
    decided = change_contract(contract, Change(cancel=(line_of(contract, CREDIT),)), an_offer(), context)
    [published] = ask(contract, decided, context).events
    assert published == CreditRemovalRequested(
        contract=contract.id,
        account=contract.account,
        request=REQUEST,
        lines=(line_of(contract, CREDIT),),
        names=(Named(id=line_of(contract, CREDIT), name=CREDIT.name),),
        effective_on=TODAY,
    )


def test_cre_4_a_change_that_cancels_no_credit_is_made_as_it_is() -> None:
    contract = opened(JAZZ, CREDIT)
    context = a_context()
    decided = change_contract(contract, Change(cancel=(line_of(contract, JAZZ),)), an_offer(), context)
    assert ask(contract, decided, context) is decided


def test_cre_4_raising_the_price_of_a_credit_or_adding_one_asks_nobody() -> None:
    contract = opened(JAZZ, CREDIT)
    waiting, decided = asking(contract, edit=(Edit(line_of(contract, CREDIT), price=11000),), add=(buying(CREDIT),))
    assert waiting.pending is None
    assert waiting.total == decided.state.total == 30000 + 11000 + 10000


CREDITS_OFF = a_product(206, DiscountDetails(amount=3000, products=(CREDIT.id,)))


@pytest.mark.parametrize("how", ["price", "discount"])
def test_con_11_a_change_that_lets_a_credit_bring_less_asks_credits_whether_it_exists(how: str) -> None:
    contract = opened(JAZZ, CREDIT)
    line = line_of(contract, CREDIT)
    change = Change(edit=(Edit(line, price=7000),)) if how == "price" else Change(discounts=(CREDITS_OFF.id,))
    context = a_context(new_id=counted(5000))
    decided = change_contract(contract, change, an_offer(CREDITS_OFF), context)
    decision = ask(contract, decided, context)
    (event,) = decision.events
    assert isinstance(event, CreditRemovalRequested)
    assert (event.lines, event.lowered) == ((), (line,))
    assert event.names == (Named(id=line, name=CREDIT.name),)
    waiting = kept(decision)
    assert (waiting.total, waiting.pending and waiting.pending.awaited) == (40000, (line,))
    assert kept(granted(waiting, REMOVAL, REQUEST, line)).total == 37000


def test_con_11_a_price_that_falls_as_much_as_a_discount_goes_is_no_fall() -> None:
    context = a_context(new_id=counted(5000))
    offer = an_offer(CREDITS_OFF)
    contract = kept(change_contract(opened(CREDIT), Change(discounts=(CREDITS_OFF.id,)), offer, context))
    line, discount = line_of(contract, CREDIT), line_of(contract, CREDITS_OFF)
    change = Change(cancel=(discount,), edit=(Edit(line, price=7000),))
    assert credits_lowered(contract, change_contract(contract, change, offer, context).state) == ()


def test_con_11_a_credit_that_exists_refuses_the_fall_in_its_own_words() -> None:
    contract = opened(JAZZ, CREDIT)
    line = line_of(contract, CREDIT)
    waiting, _ = asking(contract, edit=(Edit(line, price=0),))
    problem = refusing(line, left=10000).model_copy(update={"why": "exists"})
    decision = refused(waiting, REMOVAL, REQUEST, credit_in_the_way(waiting, problem))
    event, general = decision.events
    assert isinstance(event, ChangeRefused)
    assert isinstance(general, ConfirmationRefused)
    assert event.why == "exists"
    assert decision.state.refused_change is not None
    assert decision.state.refused_change.why == "exists"
    refusal = refusal_from(general.refusals[0])
    assert (refusal.slug, refusal.rule) == ("credit-exists", "CON-11")


def test_cre_4_the_request_names_every_credit_and_the_change_is_made_once_all_are_removed() -> None:
    contract = opened(CREDIT, JAZZ, CREDIT)
    first, second = (line.id for line in contract.lines if line.purchase.kind == "client_credit")
    waiting, decided = asking(contract, cancel=(second, first))
    assert credits_removed(contract, decided.state) == (first, second)
    assert waiting.pending is not None
    assert waiting.pending.awaited == (first, second)

    half = granted(waiting, REMOVAL, REQUEST, second)
    assert half.events == ()
    assert half.state.pending is not None
    assert half.state.pending.awaited == (first,)
    assert (half.state.total, half.state.lines) == (contract.total, contract.lines)

    whole = granted(half.state, REMOVAL, REQUEST, first)
    assert whole.state.pending is None
    assert whole.state.total == 30000
    assert [type(event).__name__ for event in whole.events] == [
        "ProductCancelled",
        "ProductCancelled",
        "ContractChanged",
    ]


def test_con_4_the_version_published_is_that_of_the_last_event_though_the_request_came_before() -> None:
    contract = opened(JAZZ, CREDIT)
    waiting, decided = asking(contract, cancel=(line_of(contract, CREDIT),), add=(buying(WORKSHOP),))
    decision = answered(waiting, line_of(contract, CREDIT))
    published = decision.events[-1]
    assert isinstance(published, ContractChanged)
    assert published.version == kept(decision).version == kept(decided).version + 1
    assert kept(decision).whole_version == published.version


def test_con_22_a_whole_cancellation_waits_too_and_ends_as_one() -> None:
    contract = opened(JAZZ, CREDIT, discounts=(TEN_PERCENT,))
    context = a_context()
    waiting = kept(ask(contract, cancel_contract(contract, context), context))
    assert not waiting.cancelled
    decision = answered(waiting, line_of(contract, CREDIT))
    assert decision.state.cancelled_on == TODAY
    assert (decision.state.total, decision.state.live_lines) == (0, 0)
    changed, cancelled = decision.events[-2:]
    assert isinstance(changed, ContractChanged)
    assert isinstance(cancelled, ContractCancelled)
    assert changed.version == kept(decision).version


def test_mon_5_a_change_takes_effect_on_the_day_of_its_request_however_late_the_answer() -> None:
    contract = opened(JAZZ, CREDIT)
    waiting, _ = asking(contract, cancel=(line_of(contract, CREDIT),))
    decision = answered(waiting, line_of(contract, CREDIT))
    assert {event.effective_on for event in decision.events} == {TODAY}
    assert decision.state.lines[1].cancelled_on == TODAY


def test_cre_5_a_refusal_leaves_the_contract_and_names_the_credit_that_prevents_it() -> None:
    contract = opened(JAZZ, CREDIT)
    credit = line_of(contract, CREDIT)
    waiting, _ = asking(contract, cancel=(credit,), add=(buying(BOOK),))
    decision = refused(waiting, REMOVAL, REQUEST, credit_in_the_way(waiting, refusing(credit)))
    assert (decision.state.lines, decision.state.total, decision.state.pending) == (contract.lines, 40000, None)
    published, refusal_published = decision.events
    assert isinstance(published, ChangeRefused)
    assert isinstance(refusal_published, ConfirmationRefused)
    assert (refusal_published.request, refusal_published.opening) == (REQUEST, False)
    [said] = refusal_published.refusals
    assert (said.cause, said.asked_of, said.problem) == ("credit-removal", "credits", "credit-used")
    assert (published.request, published.credit, published.amount, published.left) == (REQUEST, credit, 10000, 4000)
    assert decision.state.refused_change is not None
    assert decision.state.refused_change.credit == credit

    refusal = refusal_from(said)
    assert (refusal.kind, refusal.slug, refusal.rule) == (Kind.CONFLICT, "credit-used", "CRE-5")
    assert (refusal.params["credit"], refusal.params["left"], refusal.params["amount"]) == (credit, 4000, 10000)
    assert CREDIT.name in refusal.detail


def test_cre_5_a_refused_change_moves_no_schedule_so_the_next_one_starts_from_the_same_whole_version() -> None:
    contract = opened(JAZZ, CREDIT)
    waiting, _ = asking(contract, cancel=(line_of(contract, CREDIT),))
    assert waiting.whole_version == contract.version
    left = kept(refused(waiting, REMOVAL, REQUEST, credit_in_the_way(waiting, refusing(line_of(contract, CREDIT)))))
    assert (left.version, left.whole_version) == (contract.version + 3, contract.version)
    asked_again, _ = asking(left, cancel=(line_of(contract, CREDIT),))
    assert asked_again.whole_version == contract.version
    assert asked_again.refused_change is None

    changed = kept(change_contract(left, Change(add=(buying(BOOK),)), an_offer(), a_context(new_id=counted(7000))))
    assert changed.whole_version == changed.version == left.version + 2
    assert changed.refused_change is None


CHANGES: dict[str, Callable[[Contract, Context], object]] = {
    "an addition": lambda contract, context: change_contract(
        contract, Change(add=(buying(BOOK),)), an_offer(), context
    ),
    "a price": lambda contract, context: change_contract(
        contract, Change(edit=(Edit(contract.lines[0].id, price=1),)), an_offer(), context
    ),
    "notes": lambda contract, context: change_contract(
        contract, Change(edit=(Edit(contract.lines[0].id, notes="Late."),)), an_offer(), context
    ),
    "the same again": lambda contract, context: change_contract(
        contract, Change(cancel=(line_of(contract, CREDIT),)), an_offer(), context
    ),
    "a cancellation": cancel_contract,
}


@pytest.mark.parametrize("other", CHANGES)
def test_every_other_change_is_refused_while_one_is_pending(other: str) -> None:
    contract = opened(JAZZ, CREDIT)
    waiting, _ = asking(contract, cancel=(line_of(contract, CREDIT),))
    with pytest.raises(Refusal) as refused:
        CHANGES[other](waiting, a_context(new_id=counted(7000)))
    assert (refused.value.kind, refused.value.slug) == (Kind.CONFLICT, "change-pending")
    assert refused.value.params["change"] == REQUEST
    refuse_pending(contract)


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    contract = opened(JAZZ, CREDIT)
    credit = line_of(contract, CREDIT)
    waiting, _ = asking(contract, cancel=(credit,))
    done = kept(answered(waiting, credit))
    stale = refusing(credit)
    for state, request in ((contract, REQUEST), (done, REQUEST), (waiting, an_id(4))):
        assert granted(state, REMOVAL, request, credit) == Decision(state)
        assert refused(state, REMOVAL, request, credit_in_the_way(state, stale)) == Decision(state)
    assert granted(waiting, REMOVAL, REQUEST, line_of(contract, JAZZ)) == Decision(waiting)


def test_org_4_erasing_notes_clears_them_in_what_is_pending_too() -> None:
    contract = opened(JAZZ, BALLET, CREDIT)
    jazz, ballet, credit = (line.id for line in contract.lines)
    edits = (Edit(jazz, notes="Anna's tutor pays."), Edit(ballet, notes="Comes late."))
    waiting, _ = asking(contract, cancel=(credit,), edit=edits)
    erased = waiting.without_notes({jazz, credit})
    assert {line.id for line in erased.all_lines if line.notes} == {ballet}
    assert "tutor" not in erased.model_dump_json()

    decision = answered(erased, credit)
    assert [line.notes for line in decision.state.lines] == [None, "Comes late.", None]
    edited = {event.line: event for event in decision.events if isinstance(event, ProductEdited)}
    assert edited[jazz].personal is None
    assert edited[ballet].personal is not None
    assert edited[ballet].personal.notes == "Comes late."


# Whatever the change: granted it is the direct one, refused it is none

KINDS = (JAZZ, BALLET, CREDIT, BOOK, WORKSHOP)
DISCOUNTS = (TEN_PERCENT, COURSES_OFF, FIFTY_OFF)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Contract, Change]:
    """A contract that sold a credit or more, and a change that cancels one of them at least."""
    bought: list[Product] = draw(st.lists(st.sampled_from(KINDS), max_size=5))
    bought.insert(draw(st.integers(0, len(bought))), CREDIT)
    placed = tuple(draw(st.lists(st.sampled_from(DISCOUNTS), unique=True, max_size=2)))
    try:
        contract = opened(*bought, discounts=placed)
    except Refusal:
        assume(False)
    ids = [line.id for line in contract.lines]
    discounts = [line.id for line in contract.lines if line.discount]
    cancelled = set(draw(st.lists(st.sampled_from(ids), unique=True)))
    cancelled |= {line_of(contract, CREDIT), *discounts}
    edited = [line.id for line in contract.lines if line.id not in cancelled]
    edit = tuple(
        Edit(line, price=draw(st.integers(0, 50000)), notes=draw(st.sampled_from([None, "Late.", "By hand."])))
        for line in draw(st.lists(st.sampled_from(edited), unique=True) if edited else st.just([]))
    )
    change = Change(
        cancel=tuple(draw(st.permutations(sorted(cancelled)))),
        edit=edit,
        add=tuple(buying(product) for product in draw(st.lists(st.sampled_from(KINDS), max_size=3))),
    )
    return contract, change


def published(events: tuple[Event, ...], later: int = 0) -> list[Event]:
    """The events with the version that they lead to raised by that many."""
    return [_raised(event, later) if isinstance(event, ContractChanged) else event for event in events]


def _raised(changed: ContractChanged, later: int) -> ContractChanged:
    version = changed.version + later
    terms = changed.agreed.model_copy(update={"version": version})
    return changed.model_copy(update={"version": version, "terms": terms})


@given(changes(), st.booleans(), st.randoms(use_true_random=False))
def test_cre_4_a_change_that_is_granted_leaves_exactly_what_the_direct_one_would_have(
    drawn: tuple[Contract, Change], whole: bool, chance: Random
) -> None:
    contract, change = drawn
    context = a_context(new_id=counted(5000))
    decided = cancel_contract(contract, context) if whole else change_contract(contract, change, an_offer(), context)
    decision = ask(contract, decided, context)
    waiting = Contract.model_validate(kept(decision).model_dump(mode="json"))
    assert waiting.pending is not None
    assert made(waiting, waiting.pending).total == decided.state.total
    answers = [*waiting.pending.awaited, *waiting.pending.awaited]
    chance.shuffle(answers)
    received: list[Event] = []
    state = waiting
    for line in answers:
        answer = granted(state, REMOVAL, REQUEST, line)
        received.extend(answer.events)
        state = kept(answer)
    assert received == published(decided.events, later=1)
    assert state == kept(decided).model_copy(update={"version": kept(decided).version + 1})


@given(changes(), st.booleans(), st.randoms(use_true_random=False))
def test_cre_5_a_change_that_is_refused_leaves_everything_as_it_was(
    drawn: tuple[Contract, Change], again: bool, chance: Random
) -> None:
    contract, change = drawn
    context = a_context(new_id=counted(5000))
    decided = change_contract(contract, change, an_offer(), context)
    waiting = kept(ask(contract, decided, context))
    credit = chance.choice(credits_removed(contract, decided.state))
    decision = refused(waiting, REMOVAL, REQUEST, credit_in_the_way(waiting, refusing(credit)))
    left = kept(decision)
    ignored = {"version", "last_whole", "refused_change"}
    assert left.model_dump(exclude=ignored) == contract.model_dump(exclude=ignored)
    assert refused(left, REMOVAL, REQUEST, credit_in_the_way(left, refusing(credit))) == Decision(left)
    if again:
        later = replace(a_context(new_id=counted(5000)), change=an_id(998))
        same = change_contract(left, change, an_offer(), later)
        assert list(same.events) == published(decided.events, later=3)
        assert same.state.lines == decided.state.lines
