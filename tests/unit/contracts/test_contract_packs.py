"""Session packs that contracts sell: their last day, and cancelling them, with a fee if they were used (CON-8)."""

from datetime import date

import pytest

from carnet.events.catalog import SessionPackDetails
from carnet.events.contracts import CreditRemovalRequested, OnSite
from carnet.events.credits import PackRemovalRefused
from carnet.requests.causes import CREDIT_REMOVAL
from contracts.contracts.domain.causes import pack_in_the_way
from contracts.contracts.domain.changes import Change, Opening, cancel_contract, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pending import ask, granted, refused
from contracts.contracts.domain.products import FreeLine
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

PACK = a_product(302, SessionPackDetails(sessions=10), price=12000)
REQUEST = an_id(999)
FEE = FreeLine(name="Two lessons taken", price=2400, vat_rate=0)


def opened(details: SessionPackDetails | None = None) -> Contract:
    product = PACK if details is None else a_product(302, details, price=12000)
    command = Opening(mode="on_site", sale=OnSite(), currency="EUR", add=(buying(product), buying(BOOK)))
    return kept(open_contract(command, an_offer(product), a_context()))


def cancelling(contract: Contract, *free: FreeLine) -> Contract:
    change = Change(cancel=(contract.lines[0].id,), free=free)
    return kept(
        ask(contract, change_contract(contract, change, an_offer(PACK), a_context(new_id=counted(7000))), a_context())
    )


@pytest.mark.parametrize(
    ("details", "last"),
    [
        (SessionPackDetails(), None),
        (SessionPackDetails(valid_until=date(2028, 6, 30)), date(2028, 6, 30)),
        (SessionPackDetails(days=1), TODAY),
        (SessionPackDetails(months=3, starts="first_use"), None),
    ],
)
def test_cat_3_the_purchase_of_a_pack_has_its_last_day_unless_it_starts_at_the_first_use(
    details: SessionPackDetails, last: date | None
) -> None:
    assert opened(details).lines[0].purchase.expires_on == last


@pytest.mark.parametrize(
    ("free", "with_fee"), [((), False), ((FEE,), True), ((FreeLine(name="Nothing", price=0, vat_rate=0),), False)]
)
def test_con_8_cancelling_its_sale_asks_credits_and_says_whether_there_is_a_fee(
    free: tuple[FreeLine, ...], with_fee: bool
) -> None:
    contract = opened()
    change = Change(cancel=(contract.lines[0].id,), free=free)
    decided = change_contract(contract, change, an_offer(PACK), a_context(new_id=counted(7000)))
    (event,) = ask(contract, decided, a_context()).events
    assert isinstance(event, CreditRemovalRequested)
    assert (event.lines, event.with_fee) == ((contract.lines[0].id,), with_fee)


def test_con_8_the_whole_contract_is_cancelled_with_a_fee_which_is_all_that_is_left_of_it() -> None:
    contract = opened()
    context = a_context(new_id=counted(7000))
    decided = cancel_contract(contract, context, (FEE,))
    (event,) = ask(contract, decided, a_context()).events
    assert isinstance(event, CreditRemovalRequested)
    assert event.with_fee
    after = kept(decided)
    assert (after.cancelled, after.total) == (True, FEE.price)
    assert [line.purchase.name for line in after.live] == [FEE.name]
    (without,) = ask(contract, cancel_contract(contract, a_context()), a_context()).events
    assert isinstance(without, CreditRemovalRequested)
    assert not without.with_fee


def test_con_8_a_used_pack_refuses_the_change_and_says_what_to_do_first() -> None:
    contract = opened()
    waiting, line = cancelling(contract), contract.lines[0].id
    said = PackRemovalRefused(request=REQUEST, contract=contract.id, pack=line, uses=2, effective_on=TODAY)
    refusal = pack_in_the_way(waiting, said)
    assert (refusal.slug, refusal.rule, refusal.params["uses"]) == ("pack-used", "CON-8", 2)
    assert PACK.name in refusal.detail
    assert refused(waiting, CREDIT_REMOVAL.name, REQUEST, refusal).state.lines == contract.lines


def test_con_8_once_it_is_removed_the_change_is_made_with_its_fee() -> None:
    contract = opened()
    made = granted(cancelling(contract, FEE), CREDIT_REMOVAL.name, REQUEST, contract.lines[0].id)
    assert made.state.total == contract.total - 12000 + 2400
