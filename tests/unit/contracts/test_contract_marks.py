"""Purchases that an invoice bears: marked all or none, and left as they are until a credit note (INV-4, CON-8)."""

from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.contracts import LinesMarked, LinesUnmarked, MarkedDiscount, MarkRefused
from carnet.events.payments import InvoiceMarkRequested
from carnet.journal import rows_of
from carnet.refusals import Refusal
from contracts.contracts.domain.changes import Change, cancel_contract, change_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.marks import MOST_MARKED, mark, note_invoice, unmark
from contracts.contracts.domain.pending import ask, granted
from contracts.contracts.domain.purchases import paid_parts, payment_statuses
from tests.unit.contracts.contract_builders import (
    BALLET,
    BOOK,
    CREDIT,
    FIFTY_OFF,
    FREE,
    JAZZ,
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
    largest,
    line_of,
    opened,
)

REQUEST, INVOICE, NUMBER = an_id(801), an_id(802), "FA-2026-000001"


def asking(contract: Contract, *lines: str, paid: int | None = None, request: str = REQUEST) -> Decision[Contract]:
    asked = InvoiceMarkRequested(
        contract=contract.id, account=contract.account, request=request, lines=lines,
        paid=contract.total if paid is None else paid, effective_on=TODAY,
    )  # fmt: skip
    return mark(contract, asked, a_context())


def test_inv_3_what_is_left_out_of_all_paid_purchases_is_not_marked() -> None:
    contract = opened(JAZZ, BOOK)
    asked = InvoiceMarkRequested(
        contract=contract.id, account=contract.account, request=REQUEST, left_out=(line_of(contract, JAZZ),),
        paid=contract.total, effective_on=TODAY,
    )  # fmt: skip
    (event,) = mark(contract, asked, a_context()).events
    assert isinstance(event, LinesMarked)
    assert [each.purchase.product for each in event.lines] == [BOOK.id]


def invoiced(contract: Contract, *lines: str, paid: int | None = None) -> Contract:
    decision = asking(contract, *lines, paid=paid)
    (event,) = decision.events
    assert isinstance(event, LinesMarked)
    return note_invoice(kept(decision), REQUEST, [each.purchase.line for each in event.lines], INVOICE, NUMBER)


def why(decision: Decision[Contract]) -> str:
    (event,) = decision.events
    assert isinstance(event, MarkRefused)
    assert not any(line.invoice for line in decision.state.lines if line.invoice and line.invoice.request == REQUEST)
    return event.refusal.problem


def test_inv_4_a_mark_answers_with_the_purchase_its_discounts_and_what_it_brings() -> None:
    contract = opened(JAZZ, BOOK, discounts=(TEN_PERCENT,))
    jazz = line_of(contract, JAZZ)
    decision = asking(contract, jazz)
    (event,) = decision.events
    assert isinstance(event, LinesMarked)
    assert [(each.purchase.line, each.net) for each in event.lines] == [(jazz, 27000)]
    assert event.lines[0].discounts == (MarkedDiscount(name=TEN_PERCENT.name, amount=3000),)
    assert kept(decision).whole_version == contract.version


def test_pay_14_all_paid_purchases_are_marked_the_oldest_first_without_what_sells_money_or_costs_nothing() -> None:
    contract = opened(JAZZ, FREE, CREDIT, BOOK, BALLET)
    (event,) = asking(contract, paid=30000 + 10000 + 1000).events
    assert isinstance(event, LinesMarked)
    assert [each.purchase.product for each in event.lines] == [JAZZ.id, BOOK.id]
    assert not event.more


def test_inv_4_an_invoice_holds_a_hundred_lines_and_the_answer_says_that_there_are_more() -> None:
    contract = opened(*[BOOK] * MOST_MARKED)
    contract = kept(changing(contract, add=(buying(BOOK),)))
    (event,) = asking(contract).events
    assert isinstance(event, LinesMarked)
    assert (len(event.lines), event.more) == (MOST_MARKED, True)


def test_inv_4_an_answer_stays_within_the_size_of_an_event_however_many_discounts_apply() -> None:
    contract, _ = largest("𝄞" * 120)
    rest: list[str] = []
    for request in (REQUEST, an_id(803)):
        decision = asking(contract, request=request)
        rows_of(contract.id, contract.organisation, contract.version, decision.events, a_context())
        (event,) = decision.events
        assert isinstance(event, LinesMarked)
        assert event.more
        rest += [each.purchase.line for each in event.lines]
        contract = note_invoice(kept(decision), request, rest, INVOICE, NUMBER)
    assert rest == [line.id for line in contract.live if not line.discount][: len(rest)]
    assert len(rest) > 1


def test_inv_4_purchases_that_one_invoice_does_not_hold_are_refused_together() -> None:
    contract, _ = largest("é" * 120)
    lines = [line.id for line in contract.live if not line.discount]
    (refused,) = asking(contract, *lines[:MOST_MARKED]).events
    assert isinstance(refused, MarkRefused)
    assert refused.refusal.problem == "invoice-too-large"
    most = refused.refusal.params["most"]
    assert not isinstance(asking(contract, *lines[:most]).events[0], MarkRefused)


def test_pay_14_what_is_paid_is_of_invoiced_purchases_first() -> None:
    contract = opened(JAZZ, BOOK)
    contract = invoiced(contract, line_of(contract, BOOK))
    statuses = payment_statuses(contract, 1000)
    assert statuses == {line_of(contract, JAZZ): "unpaid", line_of(contract, BOOK): "paid"}


def test_inv_1_what_is_not_paid_cancelled_unknown_or_invoiced_already_is_refused_with_all_others() -> None:
    contract = opened(JAZZ, BOOK, CREDIT, FREE)
    jazz, book = line_of(contract, JAZZ), line_of(contract, BOOK)
    assert why(asking(contract, jazz, book, paid=30500)) == "line-not-paid"
    assert why(asking(contract, jazz, an_id(5))) == "unknown-line"
    assert why(asking(contract, jazz, line_of(contract, CREDIT))) == "line-without-invoice"
    assert why(asking(contract, jazz, line_of(contract, FREE))) == "line-without-invoice"
    assert why(asking(kept(changing(contract, cancel=(book,))), jazz, book)) == "line-cancelled"
    assert why(asking(contract, paid=0)) == "nothing-to-invoice"
    again = asking(invoiced(contract, jazz), jazz, book, request=an_id(803))
    (refused,) = again.events
    assert isinstance(refused, MarkRefused)
    assert (refused.refusal.problem, refused.refusal.params["number"]) == ("line-invoiced", NUMBER)


def refused_by(contract: Contract, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        change_contract(contract, Change(**fields), an_offer(), a_context(new_id=counted(9000)))
    return refusal.value


def test_con_8_inv_4_an_invoiced_purchase_is_neither_cancelled_nor_edited_and_the_refusal_says_what_to_do() -> None:
    contract = opened(JAZZ, BOOK)
    jazz = line_of(contract, JAZZ)
    contract = invoiced(contract, jazz)
    cancelled = refused_by(contract, cancel=(jazz,))
    assert (cancelled.slug, cancelled.rule, cancelled.params["number"]) == ("line-invoiced", "INV-4", NUMBER)
    assert "credit note" in cancelled.detail
    for edit in (Edit(jazz, price=29000), Edit(jazz, price=31000), Edit(jazz, expires_on=TODAY)):
        assert refused_by(contract, edit=(edit,)).slug == "line-invoiced"
    with pytest.raises(Refusal, match="credit note"):
        cancel_contract(contract, a_context())
    assert changing(contract, edit=(Edit(jazz, notes="brings shoes"),)).events
    assert changing(contract, cancel=(line_of(contract, BOOK),)).events


def test_con_11_what_an_invoiced_purchase_brings_neither_falls_by_a_discount_nor_rises_by_cancelling_one() -> None:
    plain = opened(JAZZ, BOOK)
    assert refused_by(invoiced(plain, line_of(plain, JAZZ)), discounts=(FIFTY_OFF.id,)).slug == "line-invoiced"
    reduced = opened(JAZZ, BOOK, discounts=(TEN_PERCENT,))
    discount = line_of(reduced, TEN_PERCENT)
    reduced = invoiced(reduced, line_of(reduced, JAZZ))
    assert refused_by(reduced, cancel=(discount,)).slug == "line-invoiced"
    assert refused_by(reduced, cancel=(discount,), discounts=(TEN_PERCENT.id,)).slug == "line-invoiced"


def test_inv_4_a_purchase_is_held_from_the_mark_on_before_the_invoice_has_its_number() -> None:
    contract = opened(JAZZ)
    marked = kept(asking(contract))
    refusal = refused_by(marked, cancel=(line_of(contract, JAZZ),))
    assert (refusal.slug, refusal.params["number"]) == ("line-invoiced", None)


def test_inv_3_a_credit_note_lets_its_lines_be_changed_again_and_only_those() -> None:
    contract = opened(JAZZ, BOOK)
    jazz, book = line_of(contract, JAZZ), line_of(contract, BOOK)
    decision = unmark(invoiced(contract), [jazz], INVOICE, a_context())
    (event,) = decision.events
    assert isinstance(event, LinesUnmarked)
    assert (event.lines, event.request) == ((jazz,), REQUEST)
    contract = kept(decision)
    assert changing(contract, cancel=(jazz,)).events
    assert refused_by(contract, cancel=(book,)).slug == "line-invoiced"
    assert unmark(contract, [jazz], INVOICE, a_context()).events == ()


def pending_change(contract: Contract, **fields: Any) -> Contract:
    context = a_context(new_id=counted(5000))
    return kept(ask(contract, change_contract(contract, Change(**fields), an_offer(), context), context))


def test_inv_4_lines_that_a_waiting_change_touches_are_not_marked_and_others_are() -> None:
    contract = opened(JAZZ, BOOK, CREDIT, WORKSHOP)
    credit, jazz, book = line_of(contract, CREDIT), line_of(contract, JAZZ), line_of(contract, BOOK)
    waiting = pending_change(contract, cancel=(credit, jazz))
    assert why(asking(waiting, jazz, book)) == "change-pending"
    discounted = pending_change(contract, cancel=(credit,), discounts=(FIFTY_OFF.id,))
    assert why(asking(discounted, book)) == "change-pending"
    marked = kept(asking(waiting, book))
    after = kept(granted(marked, "credit-removal", an_id(999), credit))
    assert not any(line.live for line in after.lines if line.id in (credit, jazz))
    assert next(line.invoice for line in after.lines if line.id == book) is not None


def test_inv_4_a_waiting_change_of_notes_does_not_bring_back_a_mark_that_ended() -> None:
    contract = opened(JAZZ, CREDIT)
    jazz, credit = line_of(contract, JAZZ), line_of(contract, CREDIT)
    waiting = pending_change(invoiced(contract, jazz), cancel=(credit,), edit=(Edit(jazz, notes="moved"),))
    ended = kept(unmark(waiting, [jazz], INVOICE, a_context()))
    after = granted(ended, "credit-removal", an_id(999), credit).state
    assert [line.invoice for line in after.lines] == [None, None]


DEPOSIT, DEPOSIT_NUMBER, SECOND = an_id(811), "FA-2026-000007", an_id(812)


def asking_deposit(contract: Contract, paid: int, request: str = SECOND) -> Decision[Contract]:
    asked = InvoiceMarkRequested(
        contract=contract.id, account=contract.account, request=request, deposit=True, paid=paid, effective_on=TODAY
    )
    return mark(contract, asked, a_context())


def with_deposit(contract: Contract, paid: int) -> Contract:
    decision = asking_deposit(contract, paid)
    (event,) = decision.events
    assert isinstance(event, LinesMarked)
    return note_invoice(kept(decision), SECOND, [event.lines[0].purchase.line], DEPOSIT, DEPOSIT_NUMBER)


def test_inv_1_a_deposit_is_of_the_purchase_that_is_paid_in_part_and_of_that_part_once() -> None:
    contract = opened(JAZZ, CREDIT, BOOK, BALLET)
    (event,) = asking_deposit(contract, 20000).events
    assert isinstance(event, LinesMarked)
    assert event.deposit
    assert [(each.purchase.product, each.net, each.advance) for each in event.lines] == [(JAZZ.id, 30000, 20000)]
    deposited = with_deposit(contract, 20000)
    assert why(asking_deposit(deposited, 20000)) == "nothing-in-advance"
    (more,) = asking_deposit(deposited, 25000, an_id(813)).events
    assert isinstance(more, LinesMarked)
    assert (more.lines[0].advance, more.lines[0].deposits) == (5000, (DEPOSIT,))
    for paid in (0, 30000, 30000 + 4000):  # nothing, only whole purchases, part of what sells money
        assert why(asking_deposit(contract, paid)) == "nothing-in-advance"


def test_pay_14_what_a_deposit_invoice_bears_stays_paid_whatever_is_older() -> None:
    contract = opened(JAZZ, BOOK)
    contract = with_deposit(contract, 30400)
    assert payment_statuses(contract, 30400) == {
        line_of(contract, JAZZ): "paid", line_of(contract, BOOK): "partly_paid"
    }  # fmt: skip
    assert paid_parts(contract, 29000) == {line_of(contract, JAZZ): 28600, line_of(contract, BOOK): 400}


def test_inv_4_a_purchase_with_a_deposit_invoice_is_held_and_its_own_invoice_deducts_the_deposit() -> None:
    contract = with_deposit(opened(JAZZ, BOOK), 20000)
    jazz = line_of(contract, JAZZ)
    refusal = refused_by(contract, cancel=(jazz,))
    assert (refusal.slug, refusal.params["number"]) == ("line-invoiced", DEPOSIT_NUMBER)
    assert refused_by(contract, edit=(Edit(jazz, price=29000),)).slug == "line-invoiced"
    decision = asking(contract, jazz)
    (event,) = decision.events
    assert isinstance(event, LinesMarked)
    assert (event.deposit, event.lines[0].net, event.lines[0].deposits) == (False, 30000, (DEPOSIT,))
    (everything,) = asking(contract).events
    assert isinstance(everything, LinesMarked)
    assert [each.deposits for each in everything.lines] == [(DEPOSIT,), ()]


def test_inv_3_a_mark_ends_with_its_own_invoice_and_that_of_the_whole_purchase_ends_the_deposits_too() -> None:
    deposited = with_deposit(opened(JAZZ, BOOK), 20000)
    jazz = line_of(deposited, JAZZ)
    (freed,) = unmark(deposited, [jazz], DEPOSIT, a_context()).events
    assert isinstance(freed, LinesUnmarked)
    assert (freed.request, freed.lines) == (SECOND, (jazz,))
    marked = kept(asking(deposited, jazz))
    failed = kept(unmark(marked, [jazz], REQUEST, a_context()))
    assert refused_by(failed, cancel=(jazz,)).params["number"] == DEPOSIT_NUMBER
    whole = note_invoice(marked, REQUEST, [jazz], INVOICE, NUMBER)
    assert refused_by(whole, cancel=(jazz,)).params["number"] == NUMBER
    ended = unmark(whole, [jazz], INVOICE, a_context())
    assert [each.request for each in ended.events if isinstance(each, LinesUnmarked)] == [REQUEST, SECOND]
    assert changing(kept(ended), cancel=(jazz,)).events
