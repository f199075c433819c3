"""Other prices than the tariff's, free lines, and snapshots that stay small (CON-2, CAT-4, CAT-6)."""

from datetime import date, timedelta

import bson
import orjson

from carnet.envelope import LARGEST_EVENT_BODY
from carnet.events.catalog import CourseDetails, Occurrence
from carnet.events.contracts import ProductAdded
from contracts.contracts.domain.changes import LINES_PER_CONTRACT, Change, change_contract
from contracts.contracts.domain.pending import ask
from contracts.contracts.domain.products import FreeLine
from contracts.contracts.domain.purchases import purchases
from contracts.contracts.store import CONTRACTS
from tests.unit.contracts.contract_builders import (
    BEN,
    BOOK,
    CREDIT,
    JAZZ,
    TEN_PERCENT,
    TODAY,
    a_context,
    a_product,
    an_offer,
    buying,
    changing,
    counted,
    kept,
    largest,
    opened,
)

FEE = FreeLine(name="Kept on leaving", price=1234, vat_rate=2000)


def test_con_2_staff_gives_another_price_with_a_reason_that_only_the_journal_keeps() -> None:
    contract = opened(BOOK)
    decision = changing(contract, add=(buying(JAZZ, price=25000, reason="joined late"),))
    added = decision.events[0]
    assert isinstance(added, ProductAdded)
    assert (added.purchase.price, added.purchase.list_price, added.purchase.free) == (25000, 30000, False)
    assert added.personal is not None
    assert added.personal.reason == "joined late"
    assert decision.state.total == 1000 + 25000
    assert "joined late" not in decision.state.model_dump_json()


def test_con_2_the_price_of_the_tariff_is_no_other_price() -> None:
    (line,) = changing(opened(BOOK), add=(buying(JAZZ, price=30000, reason="as agreed"),)).state.lines[1:]
    assert (line.purchase.price, line.purchase.list_price) == (30000, None)


def test_con_2_a_given_price_can_be_zero_and_is_what_discounts_are_of() -> None:
    decision = changing(opened(BOOK), add=(buying(JAZZ, price=0, reason="a gift"),), discounts=(TEN_PERCENT.id,))
    assert [share.amount for share in decision.state.lines[-1].shares] == [100, 0]


def test_con_2_a_free_line_is_an_item_that_is_its_own_product() -> None:
    contract = opened(JAZZ)
    decision = changing(contract, free=(FEE,))
    line = decision.state.lines[-1]
    purchase = line.purchase
    assert (purchase.kind, purchase.name, purchase.price, purchase.vat_rate) == ("item", "Kept on leaving", 1234, 2000)
    assert (purchase.product, purchase.free, purchase.format, purchase.tariff) == (line.id, True, None, None)
    assert decision.state.total == 31234
    cancelled = change_contract(kept(decision), Change(cancel=(line.id,)), an_offer(), a_context())
    assert cancelled.state.total == 30000


def test_con_2_a_contract_can_be_opened_with_a_free_line_alone_and_a_discount_on_everything_covers_one() -> None:
    contract = opened(free=(FEE,), discounts=(TEN_PERCENT,))
    assert (contract.total, contract.live_lines) == (1234 - 123, 2)


def test_con_8_what_is_kept_of_a_cancelled_course_is_one_change() -> None:
    contract = opened(JAZZ)
    decision = changing(contract, cancel=(contract.lines[0].id,), free=(FEE,))
    assert decision.state.total == 1234
    assert [type(event).__name__ for event in decision.events] == [
        "ProductCancelled", "ProductAdded", "ContractChanged",
    ]  # fmt: skip


def test_org_4_the_reason_of_a_price_that_waits_is_erased_with_its_line() -> None:
    contract, context = opened(CREDIT), a_context(new_id=counted(5000))
    change = Change(cancel=(contract.lines[0].id,), add=(buying(JAZZ, price=1, reason="Ben is ill"),))
    waiting = kept(ask(contract, change_contract(contract, change, an_offer(), context), context))
    added = [line.id for line in waiting.all_lines if line.purchase.kind == "course"]
    assert "ill" not in waiting.without_notes(added).model_dump_json()
    assert waiting.without_notes({"another"}) == waiting


def test_cat_6_a_purchase_has_the_first_and_last_day_of_an_activity_and_none_of_its_occurrences() -> None:
    days = [TODAY + timedelta(days=7 * week) for week in range(400)]
    course = CourseDetails(
        occurrences=tuple(Occurrence(on=day, starts="18:00", ends="19:30") for day in reversed(days))
    )
    long = a_product(120, course, participant=True)
    contract = kept(change_contract(opened(BOOK), Change(add=(buying(long),)), an_offer(long), a_context()))
    purchase = contract.lines[-1].purchase
    assert (purchase.first_day, purchase.last_day, purchase.details) == (days[0], days[-1], CourseDetails())
    (bought, _) = purchases([contract], {}, [BEN], days[-1])
    (later, _) = purchases([contract], {}, [BEN], days[-1] + timedelta(days=1))
    assert (bought.standing, later.standing) == ("active", "past")


def test_cat_6_a_purchase_of_before_that_kept_its_occurrences_is_past_after_the_last_one() -> None:
    contract = opened(JAZZ)
    (line,) = contract.lines
    old = CourseDetails(occurrences=(Occurrence(on=date(2026, 11, 20), starts="18:00", ends="19:00"),))
    purchase = line.purchase.model_copy(update={"details": old})
    before = contract.model_copy(update={"lines": (line.model_copy(update={"purchase": purchase}),)})
    (bought,) = purchases([before], {}, [BEN], TODAY)
    assert bought.standing == "past"


def test_cat_6_the_largest_contract_and_its_events_have_a_bound() -> None:
    contract, decisions = largest("é" * 120)
    events = [event for decision in decisions for event in decision.events]
    assert len(contract.lines) == LINES_PER_CONTRACT
    assert max(len(orjson.dumps(event.model_dump(mode="json"))) for event in events) < LARGEST_EVENT_BODY // 4
    assert len(bson.encode(CONTRACTS.write(contract))) < 16 * 1024 * 1024 // 2, "MongoDB holds 16 MiB"
