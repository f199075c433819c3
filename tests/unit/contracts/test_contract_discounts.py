"""Discounts: what they take off, each line's share, and giving back exactly that (CON-6, CON-7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.events.catalog import DiscountDetails, ItemDetails
from carnet.events.contracts import AtOnce
from carnet.money import split
from carnet.refusals import Refusal
from contracts.contracts.domain.changes import Change, Opening, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.discounts import borne
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.products import Product
from tests.unit.contracts.contract_builders import (
    BALLET,
    BALLET_OFF,
    BOOK,
    COURSES_OFF,
    CREDIT,
    ENORMOUS,
    FIFTY_OFF,
    FREE,
    JAZZ,
    TEN_PERCENT,
    WORKSHOP,
    a_context,
    a_product,
    an_offer,
    buying,
    changing,
    kept,
    line_of,
    opened,
)


def shares(contract: Contract, discount: Product) -> dict[str, int]:
    line = next(line for line in contract.lines if line.id == line_of(contract, discount))
    return {share.line: share.amount for share in line.shares}


def test_con_7_a_rate_is_of_the_net_prices_of_the_live_lines_split_by_them() -> None:
    contract = opened(JAZZ, BALLET, discounts=(TEN_PERCENT,))
    assert shares(contract, TEN_PERCENT) == {line_of(contract, JAZZ): 3000, line_of(contract, BALLET): 2000}
    assert contract.total == 45000


@pytest.mark.parametrize(("price", "rate", "amount"), [(105, 1000, 11), (104, 1000, 10), (1, 5000, 1), (3, 3333, 1)])
def test_con_7_a_rate_is_rounded_half_up(price: int, rate: int, amount: int) -> None:
    item, discount = a_product(300, ItemDetails(), price=price), a_product(301, DiscountDetails(rate=rate))
    command = Opening("online", AtOnce(), "EUR", (buying(item),), (discount.id,))
    assert open_contract(command, an_offer(item, discount), a_context()).state.total == price - amount


def test_con_7_an_amount_is_capped_at_the_net_prices() -> None:
    contract = opened(JAZZ, BOOK, discounts=(FIFTY_OFF, ENORMOUS))
    assert sum(shares(contract, FIFTY_OFF).values()) == 5000
    assert sum(shares(contract, ENORMOUS).values()) == 26000
    assert contract.total == 0


def test_con_7_net_is_the_price_less_the_shares_of_the_discounts_placed_before() -> None:
    contract = opened(JAZZ, BALLET, discounts=(BALLET_OFF, TEN_PERCENT))
    assert shares(contract, TEN_PERCENT) == {line_of(contract, JAZZ): 3000, line_of(contract, BALLET): 1700}


def test_con_7_a_discount_applies_by_kind_or_by_product_and_never_to_a_discount() -> None:
    contract = opened(JAZZ, BALLET, WORKSHOP, discounts=(BALLET_OFF, COURSES_OFF))
    assert set(shares(contract, BALLET_OFF)) == {line_of(contract, BALLET)}
    assert set(shares(contract, COURSES_OFF)) == {line_of(contract, JAZZ), line_of(contract, BALLET)}


def test_con_7_a_discount_covers_lines_added_in_the_same_change_and_never_later_ones() -> None:
    contract = opened(JAZZ)
    placed = kept(changing(contract, add=(buying(BALLET),), discounts=(TEN_PERCENT.id,)))
    assert placed.total == 45000
    later = kept(changing(placed, add=(buying(WORKSHOP),)))
    assert later.total == 50000
    assert line_of(later, WORKSHOP) not in shares(later, TEN_PERCENT)


def test_con_7_a_discount_does_not_cover_lines_cancelled_in_the_same_change() -> None:
    contract = opened(JAZZ, BALLET)
    changed = kept(changing(contract, cancel=(line_of(contract, JAZZ),), discounts=(TEN_PERCENT.id,)))
    assert set(shares(changed, TEN_PERCENT)) == {line_of(contract, BALLET)}


@pytest.mark.parametrize(("bought", "discount"), [(BOOK, COURSES_OFF), (FREE, TEN_PERCENT)])
def test_con_7_a_discount_that_takes_nothing_off_is_refused(bought: Product, discount: Product) -> None:
    with pytest.raises(Refusal) as refusal:
        opened(bought, discounts=(discount,))
    assert (refusal.value.slug, refusal.value.params["product"]) == ("discount-takes-nothing", discount.id)


def test_con_7_cancelling_a_discount_takes_back_exactly_its_shares_and_moves_no_other() -> None:
    contract = opened(JAZZ, BALLET, discounts=(BALLET_OFF, TEN_PERCENT))
    before = shares(contract, TEN_PERCENT)
    changed = kept(changing(contract, cancel=(line_of(contract, BALLET_OFF),)))
    assert changed.total == contract.total + 3000
    assert shares(changed, TEN_PERCENT) == before


def test_con_7_a_price_edit_moves_no_share() -> None:
    contract = opened(JAZZ, BALLET, discounts=(TEN_PERCENT,))
    edited = kept(changing(contract, edit=(Edit(line_of(contract, JAZZ), price=50000),)))
    assert shares(edited, TEN_PERCENT) == shares(contract, TEN_PERCENT)
    assert edited.total == 50000 + 20000 - 5000


def test_con_6_a_free_line_that_a_discount_applies_to_cannot_be_cancelled_either() -> None:
    contract = opened(JAZZ, FREE, discounts=(TEN_PERCENT,))
    with pytest.raises(Refusal) as refusal:
        changing(contract, cancel=(line_of(contract, FREE),))
    assert refusal.value.params["discounts"] == [line_of(contract, TEN_PERCENT)]


prices = st.lists(st.integers(0, 10**6), min_size=1, max_size=12)
worths = st.lists(
    st.one_of(
        st.builds(DiscountDetails, rate=st.integers(1, 10_000)),
        st.builds(DiscountDetails, amount=st.integers(1, 2 * 10**6)),
    ),
    min_size=1,
    max_size=4,
)


@given(prices, worths)
def test_con_7_shares_sum_up_fit_the_net_prices_and_come_back_exactly(
    prices: list[int], worths: list[DiscountDetails]
) -> None:
    items = [a_product(300 + index, ItemDetails(), price=price) for index, price in enumerate(prices)]
    discounts = [a_product(400 + index, worth) for index, worth in enumerate(worths)]
    offer = an_offer(*items, *discounts)
    context = a_context()
    opening = Opening("online", AtOnce(), "EUR", tuple(buying(item) for item in items))
    contract = kept(open_contract(opening, offer, context))
    for discount, worth in zip(discounts, worths, strict=True):
        nets = [line.purchase.price - borne(contract.lines).get(line.id, 0) for line in contract.lines[: len(items)]]
        whole = sum(nets)
        expected = min(worth.amount, whole) if worth.amount else (whole * (worth.rate or 0) * 2 + 10_000) // 20_000
        if expected == 0:
            with pytest.raises(Refusal, match="takes nothing off"):
                change_contract(contract, Change(discounts=(discount.id,)), offer, context)
            continue
        placed = kept(change_contract(contract, Change(discounts=(discount.id,)), offer, context))
        parts = [share.amount for share in placed.lines[-1].shares]
        assert parts == split(expected, nets)
        assert all(part <= net for part, net in zip(parts, nets, strict=True))
        assert placed.total == contract.total - expected
        back = change_contract(placed, Change(cancel=(placed.lines[-1].id,)), offer, context).state
        assert back.total == contract.total
        assert borne(back.lines) == borne(contract.lines)
        contract = placed


@pytest.mark.parametrize("details", [DiscountDetails(rate=5000), DiscountDetails(rate=5000, kinds=("client_credit",))])
def test_con_7_a_discount_leaves_what_sells_money_alone(details: DiscountDetails) -> None:
    discount = a_product(230, details)
    contract = opened(CREDIT, BOOK)
    if details.kinds:
        with pytest.raises(Refusal, match="takes nothing off"):
            change_contract(contract, Change(discounts=(discount.id,)), an_offer(discount), a_context())
        return
    changed = change_contract(contract, Change(discounts=(discount.id,)), an_offer(discount), a_context()).state
    assert [(share.line, share.amount) for share in changed.lines[-1].shares] == [(line_of(contract, BOOK), 500)]


def test_con_7_a_discount_that_names_a_client_credit_applies_to_it() -> None:
    discount = a_product(231, DiscountDetails(rate=5000, products=(CREDIT.id,)))
    contract = opened(CREDIT, BOOK)
    changed = change_contract(contract, Change(discounts=(discount.id,)), an_offer(discount), a_context()).state
    assert [(share.line, share.amount) for share in changed.lines[-1].shares] == [(line_of(contract, CREDIT), 5000)]
