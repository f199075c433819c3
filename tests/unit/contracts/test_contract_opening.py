"""Opening a contract: what can be bought, for whom, and how it may be paid (CON-1, CAT-2, CAT-4, CAT-5, PAY-7)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from carnet.events.catalog import Details, ItemDetails, LicenceDetails, MembershipDetails, OnlinePlanDetails
from carnet.events.contracts import (
    AtOnce,
    ContractOpened,
    Deposit,
    DiscountPlaced,
    Instalments,
    Later,
    OnSite,
    ProductAdded,
    Sale,
)
from carnet.money import LARGEST
from carnet.refusals import Refusal
from contracts.accounts.domain import Member
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.products import Addition, Offer
from tests.unit.contracts.contract_builders import (
    ACCOUNT,
    ADA,
    BALLET,
    BEN,
    BOOK,
    CAL,
    CREDIT,
    JAZZ,
    LICENCE,
    MEMBERSHIP,
    OTHER_ACCOUNT,
    REDUCED,
    TEN_PERCENT,
    TODAY,
    WORKSHOP,
    a_context,
    a_product,
    an_account,
    an_id,
    an_offer,
    buying,
    opened,
)


def opening(*additions: Addition, offer: Offer | None = None, **fields: Any) -> Any:
    command = Opening(**{"mode": "online", "sale": AtOnce(), "currency": "EUR", "add": additions, **fields})
    return open_contract(command, offer or an_offer(), a_context())


def refused(*additions: Addition, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        opening(*additions, **fields)
    return refusal.value


def test_con_1_a_contract_has_an_account_a_mode_and_a_total_that_is_the_sum_of_its_lines() -> None:
    contract = opened(JAZZ, BALLET, BOOK, mode="on_site", sale=OnSite())
    assert (contract.account, contract.mode, contract.currency, contract.opened_on) == (
        ACCOUNT,
        "on_site",
        "EUR",
        TODAY,
    )
    assert contract.total == 30000 + 20000 + 1000
    assert contract.live_lines == 3


def test_con_1_a_contract_without_a_line_is_refused() -> None:
    assert refused().slug == "no-lines"


def test_an_opening_publishes_its_total_then_its_lines_then_its_discounts_and_counts_its_version() -> None:
    decision = opening(buying(JAZZ), buying(BOOK), discounts=(TEN_PERCENT.id,))
    published, jazz, book, discount = decision.events
    assert isinstance(published, ContractOpened)
    assert (published.total, published.live_lines, published.version) == (27900, 3, 4)
    assert isinstance(jazz, ProductAdded)
    assert isinstance(book, ProductAdded)
    assert isinstance(discount, DiscountPlaced)
    assert decision.state.version == 0


def test_cat_4_a_purchase_is_a_snapshot_of_what_was_bought() -> None:
    line = opening(buying(JAZZ, tariff=REDUCED)).state.lines[0]
    bought = line.purchase
    assert (bought.name, bought.price, bought.vat_rate, bought.bought_on) == (JAZZ.name, 15000, 2000, TODAY)
    assert (bought.format.name, bought.tariff.name, bought.participant) == ("A term", "Reduced", BEN)
    assert bought.details == JAZZ.details


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_cat_5_only_what_is_on_sale_can_be_bought_or_placed(status: str) -> None:
    course = JAZZ.model_copy(update={"status": status})
    refusal = refused(buying(JAZZ), offer=an_offer(course))
    assert (refusal.slug, refusal.rule, refusal.params["product"]) == ("product-not-on-sale", "CAT-5", JAZZ.id)
    discount = TEN_PERCENT.model_copy(update={"status": status})
    assert refused(buying(JAZZ), discounts=(discount.id,), offer=an_offer(discount)).slug == "product-not-on-sale"


@pytest.mark.parametrize(
    ("addition", "slug"),
    [
        (buying(JAZZ, product=an_id(7)), "unknown-product"),
        (buying(JAZZ, format=an_id(7)), "unknown-format"),
        (buying(JAZZ, tariff=an_id(7)), "unknown-tariff"),
        (buying(JAZZ, participant=None), "participant-missing"),
        (buying(BOOK, participant=BEN), "participant-superfluous"),
        (buying(JAZZ, participant=an_id(7)), "participant-not-of-account"),
        (buying(JAZZ, participant=CAL), "participant-not-of-account"),
        (buying(JAZZ, beneficiary=ACCOUNT), "beneficiary-superfluous"),
        (buying(CREDIT, beneficiary=an_id(7)), "unknown-account"),
        (buying(TEN_PERCENT), "discount-is-placed"),
    ],
)
def test_cat_2_an_addition_names_what_exists_and_whom_it_is_for(addition: Addition, slug: str) -> None:
    assert refused(addition).slug == slug


def test_cat_2_an_erased_member_takes_part_in_nothing() -> None:
    account = an_account(
        members=(Member(id=ADA, kind="adult", first_name="Ada"), Member(id=BEN, kind="child", erased=True))
    )
    assert refused(buying(JAZZ), offer=an_offer(account=account)).slug == "participant-not-of-account"


def test_a_product_that_is_no_discount_is_not_placed() -> None:
    assert refused(buying(JAZZ), discounts=(BOOK.id,)).slug == "not-a-discount"


def test_cre_1_a_client_credit_goes_to_the_account_unless_another_is_named() -> None:
    assert opening(buying(CREDIT)).state.lines[0].purchase.beneficiary == ACCOUNT
    named = opening(buying(CREDIT, beneficiary=OTHER_ACCOUNT))
    assert named.state.lines[0].purchase.beneficiary == OTHER_ACCOUNT


@pytest.mark.parametrize(
    ("bought_on", "months", "last_day"),
    [
        (date(2027, 9, 1), 12, date(2028, 8, 31)),
        (date(2027, 1, 1), 1, date(2027, 1, 31)),
        (date(2027, 8, 31), 1, date(2027, 9, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 27)),
        (date(2027, 12, 15), 3, date(2028, 3, 14)),
    ],
)
def test_cat_3_months_from_a_day_end_the_day_before_that_day_so_many_months_later(
    bought_on: date, months: int, last_day: date
) -> None:
    product = a_product(300, MembershipDetails(months=months))
    command = Opening(mode="online", sale=AtOnce(), currency="EUR", add=(buying(product),))
    decision = open_contract(command, an_offer(product), replace(a_context(), today=bought_on))
    assert decision.state.lines[0].purchase.expires_on == last_day


@pytest.mark.parametrize(
    ("details", "expiry"),
    [
        (LicenceDetails(valid_until=date(2027, 8, 31)), date(2027, 8, 31)),
        (LicenceDetails(), None),
        (MembershipDetails(valid_until=date(2027, 6, 30)), date(2027, 6, 30)),
        (MembershipDetails(months=12), date(2027, 11, 21)),
        (OnlinePlanDetails(courses=("a",), months=12), date(2027, 11, 21)),
        (OnlinePlanDetails(courses=("a",)), None),
        (ItemDetails(), None),
    ],
)
def test_con_10_the_expiry_of_licences_memberships_and_plans_is_derived_at_the_purchase(
    details: Details, expiry: date | None
) -> None:
    product = a_product(300, details)
    assert opening(buying(product), offer=an_offer(product)).state.lines[0].purchase.expires_on == expiry


@pytest.mark.parametrize(
    ("mode", "sale", "allowed"),
    [
        ("online", AtOnce(), True),
        ("online", Instalments(count=3), True),
        ("online", Deposit(deposit=1000, count=3), True),
        ("online", Later(), True),
        ("online", OnSite(), False),
        ("on_site", OnSite(), True),
        ("on_site", Later(), True),
        ("on_site", Instalments(count=3), True),
        ("on_site", Deposit(deposit=1000, count=3), True),
        ("on_site", AtOnce(), False),
    ],
)
def test_pay_7_a_sale_goes_with_the_mode(mode: str, sale: Sale, allowed: bool) -> None:
    if allowed:
        assert opening(buying(JAZZ), mode=mode, sale=sale).state.sale == sale
    else:
        assert refused(buying(JAZZ), mode=mode, sale=sale).slug == "sale-not-for-mode"


def test_pay_7_a_deposit_is_at_most_the_total() -> None:
    assert opening(buying(JAZZ), sale=Deposit(deposit=30000, count=1)).state.total == 30000
    assert refused(buying(JAZZ), sale=Deposit(deposit=30001, count=1)).slug == "deposit-above-total"


@pytest.mark.parametrize("first_due", [date(2026, 11, 21), date(2037, 1, 1)])
@pytest.mark.parametrize("sale", [Instalments(count=3), Deposit(deposit=1000, count=3)])
def test_pay_7_instalments_start_neither_in_the_past_nor_absurdly_late(sale: Sale, first_due: date) -> None:
    dated = sale.model_copy(update={"first_due": first_due})
    assert refused(buying(JAZZ), sale=dated).slug == "first-due-out-of-range"


def test_an_erased_account_opens_no_contract() -> None:
    assert refused(buying(BOOK), offer=an_offer(account=an_account(erased=True))).slug == "account-erased"


def test_mon_1_a_total_above_the_largest_amount_is_refused_even_where_a_discount_lowers_it() -> None:
    dear = a_product(300, ItemDetails(), price=LARGEST)
    assert opening(buying(dear), offer=an_offer(dear)).state.total == LARGEST
    refusal = refused(buying(dear), buying(dear), discounts=(TEN_PERCENT.id,), offer=an_offer(dear))
    assert refusal.slug == "total-too-large"


def test_an_opening_takes_at_most_a_hundred_lines() -> None:
    assert opening(*[buying(BOOK)] * 100).state.live_lines == 100
    assert refused(*[buying(BOOK)] * 100, discounts=(TEN_PERCENT.id,)).slug == "change-too-large"


def test_every_kind_of_product_can_be_bought() -> None:
    contract = opened(JAZZ, WORKSHOP, LICENCE, MEMBERSHIP, CREDIT, BOOK, discounts=(TEN_PERCENT,))
    assert [line.purchase.kind for line in contract.lines] == [
        "course", "workshop", "licence", "membership", "client_credit", "item", "discount",
    ]  # fmt: skip
