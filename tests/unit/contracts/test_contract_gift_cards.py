"""Gift cards that contracts sell: the amount that the buyer chooses, and what their schedules know of them (CRE-8)."""

from typing import Any

import pytest

from carnet.events.catalog import DiscountDetails, GiftCardDetails
from carnet.events.contracts import CreditRemovalRequested, OnSite
from carnet.events.credits import CreditRemovalRefused
from carnet.refusals import Refusal
from contracts.contracts.api.views import lines_of
from contracts.contracts.domain.causes import credit_in_the_way
from contracts.contracts.domain.changes import Change, Opening, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pending import ask
from contracts.contracts.domain.products import Addition, Product, bought
from contracts.peers import terms_asked
from tests.unit.contracts.contract_builders import (
    BOOK,
    TODAY,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
)

CARD = a_product(305, GiftCardDetails(minimum=1000, maximum=20000), price=5000)


def sold(*products: Product, discounts: tuple[Product, ...] = ()) -> Contract:
    command = Opening(
        mode="on_site",
        sale=OnSite(),
        currency="EUR",
        add=tuple(buying(product) for product in products),
        discounts=tuple(product.id for product in discounts),
    )
    return kept(open_contract(command, an_offer(*products, *discounts), a_context()))


def buys(**fields: Any) -> Addition:
    return buying(CARD, **fields)


@pytest.mark.parametrize(
    ("fields", "price", "value", "list_price"),
    [
        ({}, 5000, 5000, None),
        ({"worth": 7500}, 7500, 7500, None),
        ({"worth": 1000}, 1000, 1000, None),
        ({"worth": 20000, "price": 18000, "reason": "A good client"}, 18000, 20000, 20000),
    ],
)
def test_cat_3_it_is_worth_what_the_buyer_chose_and_costs_that_unless_staff_sets_another_price(
    fields: dict[str, Any], price: int, value: int, list_price: int | None
) -> None:
    purchase = bought(buys(**fields), an_offer(CARD), a_context())
    assert isinstance(purchase.details, GiftCardDetails)
    assert (purchase.kind, purchase.price, purchase.details.value, purchase.list_price) == (
        "gift_card",
        price,
        value,
        list_price,
    )


@pytest.mark.parametrize(
    ("addition", "slug"),
    [
        (buys(worth=999), "worth-out-of-bounds"),
        (buys(worth=20001), "worth-out-of-bounds"),
        (buying(BOOK, worth=1000), "worth-superfluous"),
        (buying(BOOK, recipient=an_id(1)), "recipient-superfluous"),
    ],
)
def test_cat_3_another_amount_is_refused_and_only_a_gift_card_has_one(addition: Addition, slug: str) -> None:
    with pytest.raises(Refusal) as caught:
        bought(addition, an_offer(CARD, BOOK), a_context())
    assert caught.value.slug == slug


def test_cre_8_the_schedule_gets_what_of_the_total_sells_cards_less_the_discounts_on_it() -> None:
    contract = sold(BOOK, CARD)
    assert contract.terms(1).cards == 5000
    discount = a_product(306, DiscountDetails(amount=700, products=(CARD.id,)))
    lowered = sold(BOOK, CARD, discounts=(discount,))
    assert (lowered.terms(1).cards, lowered.total) == (4300, contract.total - 700)
    assert terms_asked(contract.terms(1), "EUR", TODAY)["cards"] == {"amount": 5000, "currency": "EUR"}
    assert "cards" not in terms_asked(sold(BOOK).terms(1), "EUR", TODAY)
    gone = change_contract(contract, Change(cancel=(contract.lines[1].id,)), an_offer(CARD), a_context())
    assert gone.state.terms(1).cards == 0


def test_con_7_a_discount_on_everything_leaves_it_as_it_is() -> None:
    everything = a_product(307, DiscountDetails(rate=1000))
    contract = sold(BOOK, CARD, discounts=(everything,))
    assert [share.line for line in contract.live for share in line.shares] == [contract.lines[0].id]


def _contract() -> Contract:
    return sold(CARD, BOOK)


def test_con_8_cancelling_its_sale_asks_credits_and_a_used_card_refuses_it_in_its_own_name() -> None:
    contract = _contract()
    change = Change(cancel=(contract.lines[0].id,))
    decided = change_contract(contract, change, an_offer(CARD), a_context(new_id=counted(7000)))
    (event,) = ask(contract, decided, a_context()).events
    assert isinstance(event, CreditRemovalRequested)
    assert event.lines == (contract.lines[0].id,)
    said = CreditRemovalRefused(
        request=an_id(999),
        contract=contract.id,
        credit=contract.lines[0].id,
        amount=5000,
        left=4000,
        currency="EUR",
        effective_on=TODAY,
    )
    for why, slug in (("used", "gift-card-used"), ("exists", "gift-card-exists")):
        refusal = credit_in_the_way(contract, said.model_copy(update={"why": why}))
        assert (refusal.slug, refusal.params["card"], "gift card" in refusal.detail) == (slug, said.credit, True)
        assert "4000" not in f"{refusal.detail} {refusal.params}", "what is left is shown to who has the code (CRE-8)"


def test_the_view_of_the_line_says_what_the_card_is_worth() -> None:
    card, book = lines_of(_contract(), notes=False)
    assert (card.worth and card.worth.amount, book.worth) == (5000, None)
