"""Changing a contract in one go, and cancelling it whole (CON-2 to 6, CON-11, CON-22)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.decisions import Decision
from carnet.events.contracts import (
    ContractCancelled,
    ContractChanged,
    DiscountPlaced,
    ProductAdded,
    ProductCancelled,
    ProductDeleted,
    ProductEdited,
)
from carnet.events.payments import Balance
from carnet.refusals import Kind, Refusal
from contracts.contracts.api.views import lines_of
from contracts.contracts.domain.advice import OPEN_ANOTHER, advise
from contracts.contracts.domain.changes import Change, cancel_contract, change_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.products import FreeLine
from contracts.contracts.domain.purchases import purchases
from contracts.contracts.domain.schedules import KnownSchedule, refuse_if_moved
from tests.unit.contracts.contract_builders import (
    BALLET,
    BALLET_OFF,
    BOOK,
    CREDIT,
    FIFTY_OFF,
    FREE,
    JAZZ,
    LICENCE,
    MEMBERSHIP,
    ORGANISATION,
    PRODUCTS,
    TEN_PERCENT,
    TODAY,
    WORKSHOP,
    a_context,
    an_id,
    an_offer,
    buying,
    changing,
    counted,
    kept,
    line_of,
    opened,
)


def refused(contract: Contract, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        changing(contract, **fields)
    return refusal.value


@pytest.mark.parametrize("product", [JAZZ, WORKSHOP, LICENCE, MEMBERSHIP, CREDIT, BOOK])
def test_con_2_a_product_of_any_kind_is_added_after_the_opening(product: Any) -> None:
    contract = opened(BALLET)
    decision = changing(contract, add=(buying(product),))
    added, changed = decision.events
    assert isinstance(added, ProductAdded)
    assert added.purchase == decision.state.lines[-1].purchase
    assert isinstance(changed, ContractChanged)
    assert decision.state.total == contract.total + added.purchase.price


def test_con_4_one_change_cancels_edits_adds_and_places_in_the_order_of_the_rule() -> None:
    contract = opened(JAZZ, BALLET, BOOK, discounts=(BALLET_OFF,))
    decision = changing(
        contract,
        cancel=(line_of(contract, BALLET), line_of(contract, BALLET_OFF)),
        edit=(Edit(line_of(contract, BOOK), price=2000),),
        add=(buying(WORKSHOP),),
        discounts=(TEN_PERCENT.id,),
    )
    assert [type(event) for event in decision.events] == [
        ProductCancelled, ProductCancelled, ProductEdited, ProductAdded, DiscountPlaced, ContractChanged,
    ]  # fmt: skip
    assert [event.kind for event in decision.events[:2]] == ["discount", "course"]
    assert decision.state.total == (30000 + 2000 + 5000) * 9 // 10


def test_con_4_the_change_ends_with_its_totals_and_the_version_of_the_contract() -> None:
    contract = opened(JAZZ, BALLET)
    decision = changing(contract, cancel=(line_of(contract, BALLET),), add=(buying(WORKSHOP),))
    changed = decision.events[-1]
    assert isinstance(changed, ContractChanged)
    assert (changed.total_before, changed.total_after, changed.live_lines) == (50000, 35000, 2)
    assert changed.version == kept(decision).version == contract.version + 3
    assert changed.effective_on == TODAY


def test_con_4_a_change_that_leaves_everything_as_it_is_is_refused() -> None:
    contract = opened(JAZZ)
    line = contract.lines[0]
    assert refused(contract).slug == "nothing-to-change"
    assert refused(contract, edit=(Edit(line.id, price=30000, notes=None),)).slug == "nothing-to-change"


def test_con_4_a_line_is_named_once() -> None:
    contract = opened(JAZZ)
    line = contract.lines[0].id
    assert refused(contract, cancel=(line, line)).slug == "line-named-twice"
    assert refused(contract, cancel=(line,), edit=(Edit(line, price=1),)).params["lines"] == [line]
    assert refused(contract, edit=(Edit(line, price=1), Edit(line, price=2))).slug == "line-named-twice"


def test_con_6_a_cancelled_line_leaves_the_total_and_is_cancelled_once() -> None:
    contract = opened(JAZZ, BALLET)
    changed = kept(changing(contract, cancel=(line_of(contract, JAZZ),)))
    assert changed.total == 20000
    assert (changed.lines[0].state, changed.lines[0].cancelled_on) == ("cancelled", TODAY)
    assert refused(changed, cancel=(line_of(contract, JAZZ),)).slug == "line-cancelled"
    assert refused(changed, edit=(Edit(line_of(contract, JAZZ), notes="gone"),)).slug == "line-cancelled"


def test_con_6_an_unknown_line_is_refused() -> None:
    refusal = refused(opened(JAZZ), cancel=(an_id(7),))
    assert (refusal.kind, refusal.slug) == (Kind.UNKNOWN, "unknown-line")


def test_con_6_a_line_with_a_discount_in_force_is_not_cancelled_and_the_discount_is_named() -> None:
    contract = opened(JAZZ, BALLET, discounts=(BALLET_OFF, TEN_PERCENT))
    refusal = refused(contract, cancel=(line_of(contract, BALLET), line_of(contract, TEN_PERCENT)))
    assert (refusal.kind, refusal.slug, refusal.rule) == (Kind.CONFLICT, "line-bears-discount", "CON-6")
    assert refusal.params == {"line": line_of(contract, BALLET), "discounts": [line_of(contract, BALLET_OFF)]}
    assert BALLET_OFF.name in refusal.detail


@pytest.mark.parametrize("turn", [1, -1])
def test_con_6_a_change_names_lines_and_discounts_in_whatever_order(turn: int) -> None:
    contract = opened(JAZZ, BALLET, discounts=(TEN_PERCENT,))
    cancel = (line_of(contract, JAZZ), line_of(contract, TEN_PERCENT), line_of(contract, BALLET))[::turn]
    assert kept(changing(contract, cancel=cancel)).total == 0


def test_con_6_what_the_total_loses_by_a_cancelled_discount_is_negative() -> None:
    contract = opened(JAZZ, discounts=(TEN_PERCENT,))
    cancelled = changing(contract, cancel=(line_of(contract, TEN_PERCENT),)).events[0]
    assert isinstance(cancelled, ProductCancelled)
    assert cancelled.amount == -3000


def test_con_12_what_was_entered_by_mistake_is_cancelled_and_in_no_view() -> None:
    contract = opened(JAZZ, BALLET)
    line = line_of(contract, JAZZ)
    decision = changing(contract, delete=(line,))
    assert [type(event) for event in decision.events] == [ProductCancelled, ProductDeleted, ContractChanged]
    after = kept(decision)
    assert after.total == kept(changing(contract, cancel=(line,))).total
    assert [each.id for each in lines_of(after, notes=True)] == [line_of(contract, BALLET)]
    assert [each.id for each in lines_of(after, notes=True, deleted={line})] == [each.id for each in after.lines]
    assert [bought.line.id for bought in purchases([after], {}, [], TODAY)] == [line_of(contract, BALLET)]
    for again in ({"delete": (line,)}, {"cancel": (line,)}, {"edit": (Edit(line, notes="x"),)}):
        assert refused(after, **again).slug == "unknown-line"


def test_con_12_a_line_that_was_cancelled_before_is_deleted_and_the_total_stays() -> None:
    contract = opened(JAZZ, BALLET)
    line = line_of(contract, JAZZ)
    cancelled = kept(changing(contract, cancel=(line,)))
    decision = changing(cancelled, delete=(line,))
    assert [type(event) for event in decision.events] == [ProductDeleted, ContractChanged]
    assert decision.state.total == cancelled.total


def test_con_12_deleting_is_refused_as_cancelling_is() -> None:
    contract = opened(JAZZ, discounts=(TEN_PERCENT,))
    line = line_of(contract, JAZZ)
    assert refused(contract, delete=(line,)).slug == "line-bears-discount"
    both = changing(contract, delete=(line,), cancel=(line_of(contract, TEN_PERCENT),))
    assert both.state.total == 0
    assert refused(contract, delete=(line,), cancel=(line,)).slug == "line-named-twice"


def test_con_11_price_expiry_and_notes_are_edited_and_notes_stand_in_the_personal_part() -> None:
    contract = opened(LICENCE)
    line = contract.lines[0].id
    decision = changing(contract, edit=(Edit(line, price=2500, expires_on=date(2027, 12, 31), notes="paid late"),))
    published = decision.events[0]
    assert isinstance(published, ProductEdited)
    assert (published.price_before, published.price_after, published.expires_on) == (2000, 2500, date(2027, 12, 31))
    assert published.personal is not None
    assert published.personal.notes == "paid late"
    assert "paid late" not in published.model_copy(update={"personal": None}).model_dump_json()
    assert decision.state.lines[0].notes == "paid late"


def test_con_11_what_an_edit_does_not_name_stays_and_none_takes_away() -> None:
    contract = opened(LICENCE)
    line = contract.lines[0].id
    noted = kept(changing(contract, edit=(Edit(line, notes="calls in the evening"),)))
    assert (noted.lines[0].purchase, noted.total) == (contract.lines[0].purchase, contract.total)
    bare = changing(noted, edit=(Edit(line, expires_on=None, notes=None),)).state.lines[0]
    assert (bare.purchase.expires_on, bare.notes) == (None, None)


def test_con_11_a_price_below_the_discount_shares_that_the_line_bears_is_refused() -> None:
    contract = opened(JAZZ, BALLET, discounts=(BALLET_OFF, FIFTY_OFF))
    ballet = line_of(contract, BALLET)
    shares = 3000 + round(5000 * 17000 / 47000)
    assert changing(contract, edit=(Edit(ballet, price=shares),)).state.total == 25000 + shares - 5000 + 5000 - 3000
    refusal = refused(contract, edit=(Edit(ballet, price=shares - 1),))
    assert (refusal.slug, refusal.rule, refusal.params["lowest"]) == ("price-below-discount", "CON-11", shares)


def test_con_11_the_price_of_a_line_goes_below_shares_that_are_given_back_in_the_same_change() -> None:
    contract = opened(JAZZ, discounts=(TEN_PERCENT,))
    decision = changing(
        contract, cancel=(line_of(contract, TEN_PERCENT),), edit=(Edit(line_of(contract, JAZZ), price=0),)
    )
    assert decision.state.total == 0


def test_con_11_a_discount_is_fixed_but_may_have_notes() -> None:
    contract = opened(JAZZ, discounts=(TEN_PERCENT,))
    discount = line_of(contract, TEN_PERCENT)
    assert refused(contract, edit=(Edit(discount, price=1),)).slug == "discount-is-fixed"
    assert refused(contract, edit=(Edit(discount, expires_on=TODAY),)).slug == "discount-is-fixed"
    assert changing(contract, edit=(Edit(discount, notes="two children"),)).state.total == contract.total


def test_con_11_a_last_day_before_the_purchase_is_refused() -> None:
    contract = opened(LICENCE)
    refusal = refused(contract, edit=(Edit(contract.lines[0].id, expires_on=date(2026, 11, 21)),))
    assert refusal.slug == "expiry-before-purchase"


def test_con_22_a_contract_is_cancelled_whole_discounts_first_and_nothing_is_added_after() -> None:
    contract = opened(JAZZ, BALLET, discounts=(TEN_PERCENT,))
    decision = cancel_contract(contract, a_context())
    *cancelled, changed, last = decision.events
    assert [event.kind for event in cancelled] == ["discount", "course", "course"]
    assert isinstance(changed, ContractChanged)
    assert (changed.total_before, changed.total_after, changed.live_lines) == (45000, 0, 0)
    assert isinstance(last, ContractCancelled)
    after = kept(decision)
    assert (after.cancelled, after.total, after.version) == (True, 0, changed.version)
    assert refused(after, add=(buying(BOOK),)).slug == "contract-cancelled"
    with pytest.raises(Refusal, match="open another one"):
        cancel_contract(after, a_context())


def test_con_22_the_fee_of_a_cancelled_contract_can_be_cancelled_and_nothing_else_is_changed() -> None:
    contract = kept(cancel_contract(opened(JAZZ), a_context(), (FreeLine("Fee", 1500, 2000),)))
    (fee,) = [line.id for line in contract.live]
    for change in ({"add": (buying(BOOK),)}, {"edit": (Edit(fee, price=500),)}, {"free": (FreeLine("More", 1, 0),)}):
        assert refused(contract, **change, cancel=() if "edit" in change else (fee,)).slug == "contract-cancelled"
    waived = changing(contract, cancel=(fee,))
    assert (waived.state.total, waived.state.cancelled_on) == (0, contract.cancelled_on)
    assert [type(event) for event in waived.events] == [ProductCancelled, ContractChanged]
    assert changing(contract, delete=(fee,)).state.total == 0


def test_con_22_a_contract_without_live_lines_can_be_closed() -> None:
    contract = opened(BOOK)
    empty = kept(changing(contract, cancel=(contract.lines[0].id,)))
    decision = cancel_contract(empty, a_context())
    assert [type(event) for event in decision.events] == [ContractChanged, ContractCancelled]


def test_a_change_takes_at_most_a_hundred_lines_and_a_contract_five_hundred() -> None:
    contract = opened(*[FREE] * 100)
    assert refused(contract, add=(buying(FREE),) * 101).slug == "change-too-large"
    for number in range(1, 5):
        ids = counted(10_000 * number)
        contract = kept(changing(contract, add=(buying(FREE),) * 100, new_id=ids))
    assert refused(contract, add=(buying(FREE),), cancel=(contract.lines[0].id,)).slug == "contract-full"


def balance(total: int, *, planned: int = 0, unscheduled: int = 0, processing: int = 0) -> Balance:
    paid = total - planned - unscheduled - processing
    return Balance(
        total=total, paid=paid, processing=processing, planned=planned, unscheduled=unscheduled, refund_due=0
    )


def test_con_5_a_course_added_to_a_contract_paid_in_full_online_is_advised_against_and_not_forbidden() -> None:
    contract = opened(JAZZ)
    after = changing(contract, add=(buying(BALLET),)).state
    assert advise(contract, after, balance(30000)) == (OPEN_ANOTHER,)
    assert advise(contract, after, None) == ()
    for left in ("planned", "unscheduled", "processing"):
        assert advise(contract, after, balance(30000, **{left: 1})) == ()
    workshop = changing(contract, add=(buying(WORKSHOP),)).state
    assert advise(contract, workshop, balance(30000)) == ()
    on_site = contract.model_copy(update={"mode": "on_site"})
    assert advise(on_site, after, balance(30000)) == ()


def test_con_3_a_confirmation_is_refused_once_a_later_version_of_the_schedule_was_received() -> None:
    received = KnownSchedule(id=an_id(1), organisation=ORGANISATION, version=4, covers=2, balance=balance(30000))
    refuse_if_moved(None, 1)
    refuse_if_moved(received, 4)
    refuse_if_moved(received, 5)
    with pytest.raises(Refusal) as refusal:
        refuse_if_moved(received, 3)
    assert (refusal.value.kind, refusal.value.params["newest"]) == (Kind.STALE, 4)


SOLD = (JAZZ, BALLET, WORKSHOP, LICENCE, MEMBERSHIP, CREDIT, BOOK, FREE)
DISCOUNTS = tuple(product for product in PRODUCTS.values() if product.details.kind == "discount")


@st.composite
def changes(draw: st.DrawFn, contract: Contract) -> Change:
    lines = [line.id for line in contract.lines]
    named = draw(st.lists(st.sampled_from(lines), max_size=4, unique=True))
    cut = draw(st.integers(0, len(named)))
    prices = st.integers(0, 60_000)
    return Change(
        cancel=tuple(named[:cut]),
        edit=tuple(Edit(line, price=draw(prices)) for line in named[cut:]),
        add=tuple(buying(product) for product in draw(st.lists(st.sampled_from(SOLD), max_size=3))),
        discounts=tuple(product.id for product in draw(st.lists(st.sampled_from(DISCOUNTS), max_size=2))),
    )


def total_by_events(total: int, decision: Decision[Contract]) -> int:
    """The total after a change as a subscriber reckons it from its events."""
    for event in decision.events:
        if isinstance(event, ProductAdded):
            total += event.purchase.price
        elif isinstance(event, DiscountPlaced | ProductCancelled):
            total -= event.amount
        elif isinstance(event, ProductEdited):
            total += event.price_after - event.price_before
    return total


def outcome(contract: Contract, change: Change, first_id: int) -> Decision[Contract] | tuple[str, dict[str, Any]]:
    """What is decided, or the refusal's name and parameters."""
    try:
        return change_contract(contract, change, an_offer(), a_context(new_id=counted(first_id)))
    except Refusal as refusal:
        return refusal.slug, refusal.params


@given(st.data())
def test_con_1_4_7_whatever_the_changes_the_total_is_that_of_the_live_lines_and_of_the_events(
    data: st.DataObject,
) -> None:
    ids = counted(5000)
    contract = opened(JAZZ, BALLET, BOOK)
    for _ in range(data.draw(st.integers(1, 6))):
        change, first = data.draw(changes(contract)), ids_from(ids)
        preview = outcome(contract, change, first)
        confirmed = outcome(contract, change, first)
        assert confirmed == preview, "preview and confirmation are one (CON-3)"
        if not isinstance(confirmed, Decision):
            continue
        after, published = kept(confirmed), confirmed.events[-1]
        assert isinstance(published, ContractChanged)
        assert (published.total_before, published.total_after) == (contract.total, after.total)
        assert total_by_events(contract.total, confirmed) == after.total >= 0
        prices = sum(line.purchase.price for line in after.live if not line.discount)
        shares = sum(share.amount for line in after.live for share in line.shares)
        assert after.total == prices - shares
        live = {line.id for line in after.live}
        assert all(share.line in live for line in after.live for share in line.shares)
        assert published.version == after.version
        contract = after


def ids_from(ids: Callable[[], str]) -> int:
    """A number from which a hundred ids are free."""
    for _ in range(99):
        ids()
    return int(ids().rsplit("-", 1)[1]) + 1
