"""Scholarships on a contract: what they cover of a line comes after discounts, and waits for credits (CRE-11)."""

from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.catalog import ClientCreditDetails, GiftCardDetails, GiftVoucherDetails, OnlinePlanDetails
from carnet.events.contracts import (
    ConfirmationRefused,
    ContractChanged,
    ContractOpened,
    DiscountPlaced,
    LinesMarked,
    MarkedDiscount,
    OnSite,
    ProductAdded,
    ProductCancelled,
    ProductEdited,
)
from carnet.events.payments import InvoiceMarkRequested
from carnet.events.scholarship_uses import (
    ScholarshipApplied,
    ScholarshipReduced,
    ScholarshipUseRequested,
    ScholarshipUseWithdrawn,
)
from carnet.events.scholarships import ScholarshipRefusal, ScholarshipUseRefused
from carnet.refusals import Refusal, conflict
from carnet.requests.causes import SCHOLARSHIP_USE
from contracts.contracts.domain.aid_asked import not_aided
from contracts.contracts.domain.changes import Change, Opening, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract, InvoiceMark
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.marks import mark, refuse_invoiced
from contracts.contracts.domain.pending import ask, granted, refused
from contracts.contracts.domain.products import Addition, Aiding, PlanChange, Presented
from contracts.contracts.domain.purchases import payment_statuses
from tests.unit.contracts.contract_builders import (
    BEN,
    BOOK,
    FIFTY_OFF,
    JAZZ,
    TEN_PERCENT,
    TODAY,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
)

AWARD, OTHER = an_id(801), an_id(802)
HALF = Aiding(AWARD, rate=5000)
REQUEST = an_id(999)
PLAN = a_product(303, OnlinePlanDetails(courses=("solfege",), months=12), price=12000, participant=True)
BETTER = a_product(304, OnlinePlanDetails(courses=("solfege",), months=12), price=20000, participant=True)


def opening(*add: Addition, discounts: tuple[str, ...] = (), more: tuple[Any, ...] = ()) -> Decision[Contract]:
    command = Opening(mode="on_site", sale=OnSite(), currency="EUR", add=add, discounts=discounts)
    return open_contract(command, an_offer(PLAN, BETTER, *more), a_context())


def changing(contract: Contract, **fields: Any) -> Decision[Contract]:
    context = a_context(new_id=counted(7000))
    return change_contract(contract, Change(**fields), an_offer(PLAN, BETTER), context)


def test_cre_11_half_of_a_line_is_covered_after_discounts_and_is_not_in_the_total() -> None:
    decided = opening(buying(JAZZ, scholarship=HALF), buying(BOOK), discounts=(TEN_PERCENT.id,))
    jazz, book, discount = decided.state.lines
    assert (jazz.purchase.price, jazz.aided, jazz.amount) == (30000, 13500, 16500)
    assert [share.amount for share in discount.shares] == [3000, 100]
    assert decided.state.total == 30000 - 3000 - 13500 + book.purchase.price - 100
    assert decided.events[0].total == decided.state.total
    assert payment_statuses(decided.state, 13500)[jazz.id] == "paid"


def test_cre_11_it_comes_last_in_a_change() -> None:
    contract = kept(opening(buying(JAZZ), buying(BOOK, scholarship=Aiding(AWARD, amount=400))))
    jazz, book = contract.lines
    decided = changing(
        contract,
        cancel=(jazz.id,),
        edit=(Edit(book.id, price=300),),
        add=(buying(JAZZ, scholarship=HALF),),
        discounts=(FIFTY_OFF.id,),
    )
    kinds = [ProductCancelled, ProductEdited, ProductAdded, DiscountPlaced, ScholarshipReduced, ScholarshipApplied]
    assert [type(event) for event in decided.events] == [*kinds, ContractChanged]


@pytest.mark.parametrize(("asked", "covered"), [(1, 1), (29_999, 29_999), (30_000, 30_000), (90_000, 30_000)])
def test_cre_11_an_amount_is_capped_at_the_price_after_discounts(asked: int, covered: int) -> None:
    decided = opening(buying(JAZZ, scholarship=Aiding(AWARD, amount=asked)))
    assert (decided.state.lines[0].aided, decided.state.total) == (covered, 30_000 - covered)


def test_cre_11_a_rate_is_rounded_half_up() -> None:
    decided = opening(buying(BOOK, price=101, reason="a copy", scholarship=HALF))
    assert decided.state.lines[0].aided == 51


def test_cre_11_nothing_is_covered_of_what_costs_nothing_or_a_voucher_covers() -> None:
    for addition in (
        buying(BOOK, price=0, reason="given", scholarship=HALF),
        buying(JAZZ, voucher=Presented("ab" * 32, "C6RX"), scholarship=HALF),
    ):
        with pytest.raises(Refusal) as refusal:
            opening(addition)
        assert refusal.value.slug == "scholarship-covers-nothing"


@pytest.mark.parametrize(
    "details",
    [
        ClientCreditDetails(value=5000),
        GiftCardDetails(minimum=1000, maximum=90000),
        GiftVoucherDetails(products=(JAZZ.id,)),
    ],
)
def test_cre_11_it_never_covers_what_is_money_or_a_right_to_give(details: Any) -> None:
    sold = a_product(302, details, price=5000)
    with pytest.raises(Refusal) as refusal:
        opening(buying(sold, scholarship=HALF), more=(sold,))
    assert refusal.value.slug == "scholarship-not-for-kind"


def test_cre_11_an_opening_waits_for_the_answer_of_credits_and_is_then_made_as_decided() -> None:
    decided = opening(buying(JAZZ, scholarship=HALF))
    waiting = ask(None, decided, a_context())
    (asked,) = waiting.events
    assert isinstance(asked, ScholarshipUseRequested)
    (use,) = asked.uses
    assert (use.scholarship, use.product, use.kind, use.amount) == (AWARD, JAZZ.id, "course", 15000)
    assert (use.participant, asked.currency, asked.given_back) == (BEN, "EUR", ())
    assert waiting.state.opening == "pending"
    made = granted(kept(waiting), SCHOLARSHIP_USE.name, REQUEST, use.line)
    assert [type(event) for event in made.events] == [ContractOpened, ProductAdded, ScholarshipApplied]
    assert made.state.lines[0].aided == 15000


@pytest.mark.parametrize(
    ("why", "slug"),
    [
        ("unknown", "scholarship-unknown"),
        ("other-account", "scholarship-unknown"),
        ("other-member", "scholarship-of-other-member"),
        ("not-eligible", "scholarship-not-for-product"),
        ("not-begun", "scholarship-out-of-dates"),
        ("ended", "scholarship-out-of-dates"),
        ("not-enough", "scholarship-used-up"),
        ("currency", "scholarship-not-used"),
        ("of_a_newer_release", "scholarship-not-used"),
    ],
)
def test_cre_11_a_refused_use_leaves_the_contract_as_it_was(why: ScholarshipRefusal, slug: str) -> None:
    contract = kept(opening(buying(BOOK)))
    waiting = kept(ask(contract, changing(contract, add=(buying(JAZZ, scholarship=HALF),)), a_context()))
    assert waiting.pending is not None
    answer = ScholarshipUseRefused.model_construct(
        request=REQUEST,
        contract=contract.id,
        line=waiting.pending.lines[0].id,
        scholarship=AWARD,
        amount=15000,
        left=10,
        why=why,
        effective_on=TODAY,
    )
    refusal = not_aided(waiting, answer)
    assert refusal.slug == slug
    assert "“course" in refusal.detail
    left = refused(waiting, SCHOLARSHIP_USE.name, REQUEST, refusal)
    assert [type(event) for event in left.events] == [ConfirmationRefused]
    assert left.state.lines == contract.lines


def test_cre_11_a_cancelled_line_takes_off_what_it_brought_and_all_else_stays() -> None:
    contract = kept(opening(buying(JAZZ, scholarship=HALF), buying(BOOK)))
    decided = changing(contract, cancel=(contract.lines[0].id,))
    cancelled = decided.events[0]
    assert isinstance(cancelled, ProductCancelled)
    assert (cancelled.amount, decided.state.total) == (15000, 1000)


@pytest.mark.parametrize(("price", "aided"), [(20_000, 15_000), (15_000, 15_000), (9_000, 9_000), (0, 0)])
def test_cre_11_what_is_covered_falls_with_the_price_and_never_below_nothing(price: int, aided: int) -> None:
    contract = kept(opening(buying(JAZZ, scholarship=HALF)))
    decided = changing(contract, edit=(Edit(contract.lines[0].id, price=price),))
    reductions = [event for event in decided.events if isinstance(event, ScholarshipReduced)]
    assert [(event.amount_before, event.amount_after) for event in reductions] == (
        [] if aided == 15_000 else [(15_000, aided)]
    )
    assert (decided.state.lines[0].aided, decided.state.total) == (aided, price - aided)
    assert not isinstance(ask(contract, decided, a_context()).events[0], ScholarshipUseRequested)


def test_cre_11_a_later_discount_counts_on_the_price_and_lowers_what_is_covered_beyond() -> None:
    contract = kept(opening(buying(BOOK, scholarship=Aiding(AWARD, amount=1000))))
    decided = changing(contract, discounts=(TEN_PERCENT.id,))
    assert [share.amount for share in decided.state.lines[1].shares] == [100]
    assert (decided.state.lines[0].aided, decided.state.total) == (900, 0)


def test_cre_11_a_discount_that_is_cancelled_leaves_what_is_covered_as_it_is() -> None:
    contract = kept(opening(buying(BOOK, scholarship=HALF), discounts=(TEN_PERCENT.id,)))
    decided = changing(contract, cancel=(contract.lines[1].id,))
    assert (decided.state.lines[0].aided, decided.state.total) == (450, 550)


def test_cre_11_what_a_change_gives_back_can_be_used_by_it() -> None:
    contract = kept(opening(buying(PLAN, scholarship=Aiding(AWARD, amount=9000))))
    before = contract.lines[0]
    plan = PlanChange(before.id, buying(BETTER, scholarship=Aiding(AWARD, amount=12000)))
    decided = changing(contract, plans=(plan,))
    (asked,) = ask(contract, decided, a_context()).events
    assert isinstance(asked, ScholarshipUseRequested)
    assert [(part.line, part.scholarship, part.amount) for part in asked.given_back] == [(before.id, AWARD, 9000)]
    assert decided.state.total == 8000


def test_cre_11_only_what_comes_back_to_the_scholarships_that_are_used_is_published() -> None:
    contract = kept(opening(buying(JAZZ, scholarship=HALF), buying(BOOK, scholarship=Aiding(OTHER, amount=300))))
    jazz, book = contract.lines
    edits = (Edit(jazz.id, price=10_000), Edit(book.id, price=100))
    decided = changing(contract, edit=edits, add=(buying(BOOK, scholarship=HALF),))
    (asked,) = ask(contract, decided, a_context()).events
    assert isinstance(asked, ScholarshipUseRequested)
    assert [(part.line, part.amount) for part in asked.given_back] == [(jazz.id, 5000)]


def test_cre_11_another_refusal_gives_the_use_back() -> None:
    contract = kept(opening(buying(BOOK)))
    voucher = Presented("ab" * 32, "C6RX")
    add = (buying(JAZZ, scholarship=HALF), buying(BOOK, voucher=voucher))
    waiting = kept(ask(contract, changing(contract, add=add), a_context()))
    assert waiting.pending is not None
    aided = next(line for line in waiting.pending.lines if line.aid)
    half = granted(waiting, SCHOLARSHIP_USE.name, REQUEST, aided.id).state
    ended = refused(half, "voucher-redemption", REQUEST, conflict("voucher-unknown", "There is none."))
    withdrawn = ended.events[0]
    assert isinstance(withdrawn, ScholarshipUseWithdrawn)
    assert withdrawn.lines == (aided.id,)


def test_inv_4_an_invoice_shows_what_is_covered_and_keeps_it() -> None:
    contract = kept(opening(buying(JAZZ, scholarship=HALF), discounts=(TEN_PERCENT.id,)))
    jazz = contract.lines[0]
    asked = InvoiceMarkRequested(
        contract=contract.id, account=contract.account, request=REQUEST, lines=(), paid=13500, effective_on=TODAY
    )
    (marked,) = mark(contract, asked, a_context()).events
    assert isinstance(marked, LinesMarked)
    (line,) = marked.lines
    assert (line.purchase.price, line.net) == (30000, 13500)
    assert line.discounts == (
        MarkedDiscount(name=TEN_PERCENT.name, amount=3000),
        MarkedDiscount(name="scholarship", amount=13500, scholarship=True),
    )
    invoiced = contract.model_copy(
        update={"lines": (jazz.model_copy(update={"invoice": InvoiceMark(request=REQUEST)}), contract.lines[1])}
    )
    lowered = jazz.model_copy(update={"aid": None, "invoice": InvoiceMark(request=REQUEST)})
    with pytest.raises(Refusal):
        refuse_invoiced(invoiced, invoiced.model_copy(update={"lines": (lowered, contract.lines[1])}))
