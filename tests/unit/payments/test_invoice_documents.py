"""Invoices and credit notes as documents: their amounts, their kinds (INV-1, INV-3, MON-2, MON-4)."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.events.payments import InvoiceReady
from payments.invoices.domain import invoices
from payments.invoices.domain.document import TYPE_CODES, Document, Vat
from payments.invoices.domain.drawing_up import (
    Sold,
    by_exemption,
    credit_note,
    deposit_invoice,
    deposit_lines,
    invoice,
    vat_within,
)
from payments.invoices.domain.issuing import ready
from tests.unit.payments.invoice_samples import (
    ASSOCIATION,
    FRANCHISE,
    ISSUED,
    LINES,
    TAXED,
    TEACHING,
    documents,
    every_kind,
    exempt,
    numbered,
    particulars,
    parts_of,
    sold,
)
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, a_context, an_id

SUPPLIED = date(2026, 9, 14)


def drawn_up(lines: list[Sold]) -> Document:
    return invoice(particulars(), numbered(1), lines, supplied_on=SUPPLIED, paid_on=ISSUED)


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_mon_4_the_vat_within_a_gross_amount_is_rounded_half_up(gross: int, rate: int) -> None:
    exact = Fraction(gross * rate, 10_000 + rate)
    assert vat_within(gross, rate) == (exact + Fraction(1, 2)).__floor__()


def test_mon_4_vat_is_rounded_once_per_rate_and_never_per_line() -> None:
    """Three lines of 1.00 at 20 % include 0.17 each, but 0.50 together."""
    made = drawn_up([Sold(id=str(place), name="Séance", gross=100, vat=TAXED) for place in range(3)])
    assert [(each.gross, each.net, each.tax) for each in made.vat] == [(300, 250, 50)]
    assert [line.net for line in made.lines] == [84, 83, 83]


def test_mon_4_each_rate_and_the_exempt_part_have_their_own_total() -> None:
    made = drawn_up([*LINES, *exempt((Sold(id="class", name="Éveil musical", gross=18000, vat=TAXED),), TEACHING)])
    assert [(each.vat.rate, each.vat.category, each.gross, each.net, each.tax) for each in made.vat] == [
        (2000, "S", 36499, 30416, 6083),
        (550, "S", 1250, 1185, 65),
        (0, "E", 18000, 18000, 0),
    ]
    assert (made.gross, made.net, made.tax) == (55749, 49601, 6148)
    assert made.exemption == TEACHING.exemption


def test_the_price_before_discounts_is_what_the_line_costs_and_what_they_take_off() -> None:
    line = drawn_up([LINES[0]]).lines[0]
    assert (line.price, line.gross, line.net, line.net_price) == (35000, 31500, 26250, 29167)
    assert [(each.name, each.amount, each.net) for each in line.discounts] == [("Réduction fratrie 10 %", 3500, 2917)]


def test_one_invoice_is_made_for_each_reason_of_exemption_and_what_is_taxed_is_on_the_first() -> None:
    a = Sold(id="a", name="Cours", gross=100, vat=ASSOCIATION)
    b = Sold(id="b", name="Costume", gross=100, vat=TAXED)
    c = Sold(id="c", name="Stage", gross=100, vat=TEACHING)
    d = Sold(id="d", name="Cours", gross=100, vat=ASSOCIATION)
    assert by_exemption([a, b, c, d]) == [(a, b, d), (c,)]
    assert by_exemption([b, c]) == [(b, c)]
    assert by_exemption([]) == []
    with pytest.raises(ValueError, match="one reason"):
        drawn_up([a, c])


def test_what_is_paid_says_how_the_invoice_is_to_be_processed() -> None:
    lines = [LINES[0]]
    paid = drawn_up(lines)
    assert (paid.process, paid.prepaid, paid.due, paid.paid_on) == ("S2", 31500, 0, ISSUED)
    part = invoice(particulars(), numbered(1), lines, supplied_on=SUPPLIED, paid=500, paid_on=ISSUED, due_on=ISSUED)
    assert (part.process, part.prepaid, part.due, part.paid_on) == ("S1", 500, 31000, None)
    assert drawn_up([LINES[1]]).process == "B2"
    assert drawn_up(list(LINES)).process == "M2"
    for wrong in (-1, 31501):
        with pytest.raises(ValueError, match="whole amount"):
            invoice(particulars(), numbered(1), lines, supplied_on=SUPPLIED, paid=wrong)
    with pytest.raises(ValueError, match="at least one line"):
        drawn_up([])


def test_a_deposit_is_spread_over_what_it_is_for_and_the_final_invoice_settles_it() -> None:
    taken = deposit_lines(10000, LINES, name="Acompte")
    assert [(line.vat.rate, line.supplies, line.gross) for line in taken] == [
        (2000, "services", 8345),
        (2000, "goods", 1324),
        (550, "goods", 331),
    ]
    deposit = deposit_invoice(particulars(), numbered(1), taken, paid_on=SUPPLIED)
    assert (deposit.kind, deposit.gross, deposit.due, deposit.process) == ("deposit_invoice", 10000, 0, "M2")
    final = invoice(particulars(), numbered(2), LINES, supplied_on=SUPPLIED, paid_on=ISSUED, deposits=[deposit])
    assert (final.kind, final.process, final.prepaid, final.due) == ("invoice", "M4", 37749, 0)
    assert [(each.number, each.gross) for each in final.preceding] == [("FA-2026-000001", 10000)]


def test_inv_3_a_credit_note_names_its_invoice_and_takes_all_of_it() -> None:
    whole = drawn_up(list(LINES))
    note = credit_note(whole, numbered(1, "AV"), reason="Déménagement")
    assert (note.kind, note.number, note.reason) == ("credit_note", "AV-2026-000001", "Déménagement")
    assert [(each.number, each.issued_on) for each in note.preceding] == [(whole.number, ISSUED)]
    assert (note.lines, note.vat, note.gross, note.tax) == (whole.lines, whole.vat, whole.gross, whole.tax)


def test_inv_3_a_line_is_credited_once() -> None:
    whole = drawn_up(list(LINES))
    for lines, before in ((["dance"], ["dance"]), (["elsewhere"], []), ([], []), (None, [line.id for line in LINES])):
        with pytest.raises(ValueError, match="not credited yet"):
            credit_note(whole, numbered(1, "AV"), reason="Erreur", lines=lines, before=before)


@settings(max_examples=60, deadline=None)
@given(sold(), st.data())
def test_inv_3_the_credit_notes_of_an_invoice_sum_to_it_whatever_the_lines_of_each(
    lines: list[Sold], data: st.DataObject
) -> None:
    whole = drawn_up(lines)
    left, before = {(each.vat): (each.net, each.tax) for each in whole.vat}, list[str]()
    for part in data.draw(parts_of([line.id for line in lines])):
        note = credit_note(whole, numbered(1, "AV"), reason="Erreur", lines=part, before=before)
        before += part
        _is_right(note)
        for each in note.vat:
            left[each.vat] = (left[each.vat][0] - each.net, left[each.vat][1] - each.tax)
    assert set(left.values()) == {(0, 0)}


@settings(max_examples=60, deadline=None)
@given(documents())
def test_the_amounts_of_every_document_agree(document: Document) -> None:
    _is_right(document)


@pytest.mark.parametrize("name", every_kind())
def test_inv_1_a_document_is_read_again_as_it_was_kept(name: str) -> None:
    document = every_kind()[name]
    _is_right(document)
    kept = document.model_dump(mode="json")
    assert Document.model_validate(kept) == document
    newer = {**kept, "of_a_newer_release": 1}
    assert Document.model_validate(newer).model_dump(mode="json") == newer
    assert document.kind in TYPE_CODES


def _is_right(document: Document) -> None:
    assert (document.net + document.tax, document.due + document.prepaid) == (document.gross, document.gross)
    assert document.due >= 0
    assert sum(line.net for line in document.lines) == document.net
    for each in document.vat:
        lines = [line for line in document.lines if line.vat == each.vat]
        assert (sum(line.gross for line in lines), sum(line.net for line in lines)) == (each.gross, each.net)
        assert each.net + each.tax == each.gross
        exact = Fraction(each.gross * each.vat.rate, 10_000 + each.vat.rate)
        assert abs(each.tax - exact) <= (1 if document.kind == "credit_note" else Fraction(1, 2))
    for line in document.lines:
        assert 0 <= line.net <= line.gross <= line.price
        assert line.net_price - sum(each.net for each in line.discounts) == line.net


def test_the_same_reason_in_other_words_is_another_invoice() -> None:
    """Two breakdowns of one category and rate would contradict each other in the electronic part."""
    other = Vat(rate=0, exemption=FRANCHISE.exemption.model_copy(update={"wording": "TVA non applicable"}))
    a = Sold(id="a", name="Cours", gross=100, vat=FRANCHISE)
    assert by_exemption([a, replace(a, id="b", vat=other)]) == [(a,), (replace(a, id="b", vat=other),)]


@pytest.mark.parametrize(
    ("kind", "said"), [("taxed", (False, False)), ("deposit", (False, True)), ("credit_note", (True, False))]
)
def test_inv_5_what_is_ready_says_whether_it_is_a_credit_note_or_a_deposit_invoice(
    kind: str, said: tuple[bool, bool]
) -> None:
    fields = {"organisation": an_id(1), "account": ACCOUNT, "contract": CONTRACT, "request": an_id(3)}
    made = invoices.drawn_up(
        every_kind()[kind], id=an_id(4), count=1, context=a_context(), issued_by="user:ines", **fields
    )
    (event,) = ready(made, a_context()).events
    assert isinstance(event, InvoiceReady)
    assert (event.credit_note, event.deposit) == said
