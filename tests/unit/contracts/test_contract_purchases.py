"""The purchases view and the payment status of each purchase (CON-10, PAY-14)."""

from datetime import date, timedelta

import pytest

from carnet.events.catalog import CourseDetails, Occurrence, SessionPackDetails
from carnet.events.contracts import AtOnce
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.packs import KnownPack
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.purchases import payment_statuses, purchases
from tests.unit.contracts.contract_builders import (
    ADA,
    BALLET,
    BEN,
    BOOK,
    FREE,
    JAZZ,
    LICENCE,
    MEMBERSHIP,
    TEN_PERCENT,
    TODAY,
    a_context,
    a_product,
    an_offer,
    buying,
    changing,
    counted,
    kept,
    line_of,
    opened,
)


def of_family() -> Contract:
    """Ada's jazz, Ben's licence and ballet, a membership of all, a book that was given back."""
    contract = opened(BOOK)
    everything = changing(
        contract,
        add=(buying(LICENCE), buying(BALLET), buying(MEMBERSHIP), buying(JAZZ, participant=ADA)),
        cancel=(line_of(contract, BOOK),),
    )
    return kept(everything)


def test_con_10_purchases_stand_per_member_then_for_the_family_with_cancellations_at_the_end() -> None:
    view = purchases([of_family()], {}, [ADA, BEN], TODAY)
    assert [bought.line.purchase.product for bought in view] == [
        JAZZ.id, LICENCE.id, BALLET.id, MEMBERSHIP.id, BOOK.id,
    ]  # fmt: skip
    assert [bought.standing for bought in view] == ["active"] * 4 + ["cancelled"]
    assert view[-1].payment is None


def test_con_10_an_expired_purchase_is_past_and_comes_after_the_active_ones_of_its_member() -> None:
    expiry = date(2027, 8, 31)
    assert purchases([of_family()], {}, [ADA, BEN], expiry)[1].standing == "active"
    view = purchases([of_family()], {}, [ADA, BEN], expiry + timedelta(days=1))
    assert [(b.line.purchase.product, b.standing) for b in view[1:3]] == [(BALLET.id, "active"), (LICENCE.id, "past")]


def test_con_10_a_course_is_past_after_its_last_occurrence() -> None:
    days = (date(2026, 12, 1), date(2026, 12, 8))
    details = CourseDetails(occurrences=tuple(Occurrence(on=day, starts="18:00", ends="19:00") for day in days))
    course = a_product(300, details)
    contract = one(course)
    assert purchases([contract], {}, [], days[1])[0].standing == "active"
    assert purchases([contract], {}, [], days[1] + timedelta(days=1))[0].standing == "past"


def test_con_10_a_session_pack_shows_what_is_left_and_is_past_once_nothing_is_or_its_last_day_is_over() -> None:
    contract = one(a_product(301, SessionPackDetails(sessions=5, days=30, starts="first_use")))
    line = next(contract.live).id

    def seen(left: int | None, expires_on: date | None, today: date = TODAY) -> tuple[str, date | None]:
        pack = KnownPack(
            id=line, organisation=contract.organisation, contract=contract.id, left=left, expires_on=expires_on
        )
        (bought,) = purchases([contract], {}, [], today, {line: pack})
        assert bought.pack == pack
        return bought.standing, bought.expires_on

    later = TODAY + timedelta(days=29)
    assert purchases([contract], {}, [], TODAY)[0].pack is None
    assert seen(5, None) == ("active", None)
    assert seen(1, later, later) == ("active", later)
    assert seen(0, later) == ("past", later)
    assert seen(1, later, later + timedelta(days=1)) == ("past", later)
    assert seen(None, None) == ("active", None)
    cancelled = kept(changing(contract, cancel=(line,)))
    known = KnownPack(id=line, organisation=contract.organisation, contract=contract.id, left=2)
    assert [each.pack for each in purchases([cancelled], {}, [], TODAY, {line: known})] == [None]


def one(product: Product) -> Contract:
    opening = Opening("online", AtOnce(), "EUR", (buying(product),))
    return kept(open_contract(opening, an_offer(product), a_context(new_id=counted(7000))))


def test_con_10_a_purchase_of_a_member_no_longer_listed_is_shown_with_the_family() -> None:
    contract = opened(JAZZ, BOOK)
    assert [bought.position[0] for bought in purchases([contract], {}, [ADA], TODAY)] == [1, 1]


def test_con_10_contracts_of_an_account_come_together_and_discounts_show_in_the_net_price() -> None:
    first, second = opened(JAZZ, discounts=(TEN_PERCENT,)), one(BOOK)
    view = purchases([second, first], {first.id: 27000}, [ADA, BEN], TODAY)
    assert [(b.contract.id, b.net, b.payment) for b in view] == [(first.id, 27000, "paid"), (second.id, 1000, "unpaid")]


@pytest.mark.parametrize(
    ("paid", "jazz", "ballet"),
    [
        (0, "unpaid", "unpaid"),
        (26999, "partly_paid", "unpaid"),
        (27000, "paid", "unpaid"),
        (27001, "paid", "partly_paid"),
        (45000, "paid", "paid"),
        (60000, "paid", "paid"),
    ],
)
def test_pay_14_what_is_paid_covers_the_oldest_purchases_first(paid: int, jazz: str, ballet: str) -> None:
    contract = opened(JAZZ, BALLET, discounts=(TEN_PERCENT,))
    assert payment_statuses(contract, paid) == {line_of(contract, JAZZ): jazz, line_of(contract, BALLET): ballet}


def test_pay_14_a_free_purchase_is_paid_and_a_cancelled_one_takes_nothing() -> None:
    contract = opened(FREE, JAZZ, BALLET)
    cancelled = kept(changing(contract, cancel=(line_of(contract, JAZZ),)))
    assert payment_statuses(cancelled, 20000) == {
        line_of(contract, FREE): "paid",
        line_of(contract, BALLET): "paid",
    }
