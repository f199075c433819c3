"""INV-7: every entry of the accountant's export is balanced, and their sums are those of the schedules."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.events import credits
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.refusals import Refusal
from payments.books.domain.books import Books, change_plan, close
from payments.books.domain.entries import Counter, Entry, Facts, entry_of
from payments.books.domain.moves import BOOKED_EVENTS, Booked, credit_move
from payments.books.domain.plan import DEFAULTS, Account, KindAccount, Plan
from payments.books.drawing import Drawn
from payments.books.writing import FEC_HEADER, as_fec
from payments.invoices.domain.document import Vat
from payments.invoices.domain.drawing_up import Sold, credit_note, deposit_invoice, deposit_lines, invoice
from payments.invoices.domain.invoices import drawn_up
from payments.schedules.domain.starting import Opening
from tests.unit.payments.invoice_samples import ASSOCIATION as EXEMPT
from tests.unit.payments.invoice_samples import documents, numbered, particulars
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, TODAY, a_context, an_id
from tests.unit.payments.test_payments_explaining import OPENINGS, STEPS, Book, Step

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
ORGANISATION = an_id(1)
PLAN = Plan()


class Methods(dict[str, Any]):
    """Every payment came in cash."""

    def __missing__(self, key: str) -> str:
        return "cash"


FACTS = Facts(methods=Methods())


def balances(entries: Iterable[Entry]) -> dict[str, int]:
    """Debit less credit, by the number of the account; each entry is balanced."""
    sums = defaultdict[str, int](int)
    for entry in entries:
        assert sum(each.debit for each in entry.postings) == sum(each.credit for each in entry.postings) > 0
        for each in entry.postings:
            assert (each.debit == 0) != (each.credit == 0)
            sums[each.account.number] += each.debit - each.credit
    return {number: amount for number, amount in sums.items() if amount}


def booked(what: Any, on: date = TODAY, number: int = 0) -> Entry | None:
    return entry_of(Booked(an_id(number), AT, on, what), on, PLAN, FACTS)


def of_journal(book: Book) -> list[Entry]:
    events = [each.event for each in book.journal]
    kept = [each for each in events if isinstance(each, (*BOOKED_EVENTS, published.PaymentCollected))]
    return [entry for each in kept if (entry := booked(each)) is not None]


@settings(max_examples=200, deadline=None)
@given(OPENINGS, st.lists(STEPS, min_size=8, max_size=25))
def test_inv_7_what_clients_paid_in_the_books_is_what_the_schedule_has_after_any_steps(
    opening: Opening, steps: list[Step]
) -> None:
    book = Book(opening)
    for step in steps:
        book.context = replace(book.context, today=book.context.today + timedelta(days=1))
        try:
            step(book)
        except Refusal:
            continue
        sums = balances(of_journal(book))
        assert -sums.get("411000", 0) == book.schedule.paid
        assert sums.get("416000", 0) == sum(each.lost for each in book.payments)


def moved(event: Event) -> Entry | None:
    move = credit_move(event, ORGANISATION, 1, AT)
    return booked(move) if move is not None else None


@settings(max_examples=60, deadline=None)
@given(documents())
def test_inv_7_an_invoice_is_sales_and_vat_by_rate_and_its_credit_note_takes_all_of_it_back(document: Any) -> None:
    if document.kind != "invoice":
        return
    context, fields = a_context(), {"organisation": ORGANISATION, "account": ACCOUNT, "contract": CONTRACT}
    more = {**fields, "request": an_id(3), "issued_by": "user:ines"}
    made = drawn_up(document, id=an_id(4), count=1, context=context, **more)
    noted = credit_note(document, numbered(1, "AV"), reason="Moved away")
    note = drawn_up(noted, id=an_id(5), count=1, context=context, **more)
    facts = Facts(invoices={made.id: made, note.id: note})
    common = {"contract": CONTRACT, "account": ACCOUNT, "currency": "EUR", "lines": (), "effective_on": TODAY}
    issued = published.InvoiceIssued.model_construct(**common, invoice=made.id)
    cancelled = published.InvoiceCancelled.model_construct(**common, invoice=made.id, credit_note=note.id)
    (first, second) = (
        entry_of(Booked(an_id(9), AT, TODAY, event), TODAY, PLAN, facts) for event in (issued, cancelled)
    )
    assert first is not None
    assert second is not None
    assert (first.journal, first.piece, second.piece) == ("VE", made.number, note.number)
    sums = balances([first])
    assert sums["411000"] == document.gross
    assert -sums.get("445710", 0) == document.tax
    assert balances([first, second]) == {}


def test_inv_7_a_deposit_is_received_in_advance_until_the_invoice_deducts_it_or_a_credit_note_takes_it_back() -> None:
    plan = Plan(accounts={"deposits": Account(number="419700", name="Acomptes")})
    lines = [
        Sold(id="a", name="Jazz", gross=30000, vat=Vat(rate=2000)),
        Sold(id="b", name="Bal", gross=600, vat=EXEMPT),
    ]
    taken = deposit_lines(12000, lines[:1], name="Acompte")
    deposit = kept(deposit_invoice(particulars(), numbered(1), taken, paid_on=TODAY), 4)
    final = kept(invoice(particulars(), numbered(2), lines, supplied_on=TODAY, deposits=[deposit.document]), 5)
    final = final.model_copy(update={"deposits": (deposit.id,)})
    note = kept(credit_note(deposit.document, numbered(1, "AV"), reason="Moved away"), 6)
    facts = Facts(invoices={each.id: each for each in (deposit, final, note)})
    common = {"contract": CONTRACT, "account": ACCOUNT, "currency": "EUR", "lines": (), "effective_on": TODAY}
    advanced, sold, back = (
        entry_of(Booked(an_id(9), AT, TODAY, event), TODAY, plan, facts)
        for event in (
            published.InvoiceIssued.model_construct(**common, invoice=deposit.id),
            published.InvoiceIssued.model_construct(**common, invoice=final.id, deposits=final.deposits),
            published.InvoiceCancelled.model_construct(**common, invoice=deposit.id, credit_note=note.id),
        )
    )
    assert advanced is not None
    assert sold is not None
    assert back is not None
    assert balances([advanced]) == {"411000": 12000, "419700": -10000, "445710": -2000}
    assert balances([sold]) == {"411000": 18600, "419700": 10000, "706000": -25600, "445710": -3000}
    assert balances([advanced, sold]) == {"411000": 30600, "706000": -25600, "445710": -5000}
    assert balances([advanced, back]) == {}


def kept(document: Any, number: int) -> Any:
    fields = {"organisation": ORGANISATION, "account": ACCOUNT, "contract": CONTRACT, "request": an_id(3)}
    return drawn_up(document, id=an_id(number), count=number, context=a_context(), issued_by="user:ines", **fields)


def test_inv_7_each_kind_and_each_rate_has_its_account() -> None:
    plan = Plan.model_validate(
        {
            "sales": [{"kind": "item", "account": {"number": "707100", "name": "Boutique"}}],
            "vat": [{"rate": 550, "account": {"number": "445715", "name": "TVA 5,5 %"}}],
        }
    )
    lines = [
        Sold(id=an_id(1), name="Course", gross=12_000, vat=Vat(rate=2_000), kind="course"),
        Sold(id=an_id(2), name="Book", gross=1_055, vat=Vat(rate=550), kind="item", supplies="goods"),
        Sold(id=an_id(3), name="Shoes", gross=6_000, vat=Vat(rate=2_000), supplies="goods"),
    ]
    document = invoice(particulars(), numbered(1), lines, supplied_on=TODAY)
    made = drawn_up(
        document, id=an_id(4), count=1, context=a_context(), organisation=ORGANISATION, account=ACCOUNT,
        contract=CONTRACT, request=an_id(5), issued_by="user:ines",
    )  # fmt: skip
    event = published.InvoiceIssued.model_construct(contract=CONTRACT, account=ACCOUNT, invoice=made.id)
    entry = entry_of(Booked(an_id(9), AT, TODAY, event), TODAY, plan, Facts(invoices={made.id: made}))
    assert entry is not None
    assert balances([entry]) == {
        "411000": 19_055,
        "706000": -10_000,
        "707100": -6_000,
        "445710": -3_000,
        "445715": -55,
    }


CREDIT = {"credit": an_id(7), "account": ACCOUNT, "currency": "EUR", "effective_on": TODAY}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            credits.CreditIssued(**CREDIT, amount=5_000, left=5_000, origin="deposit", method="cash"),
            {"530000": 5_000, "419100": -5_000},
        ),
        (credits.CreditIssued(**CREDIT, amount=500, left=500, origin="staff"), {"658000": 500, "419100": -500}),
        (credits.CreditIssued(**CREDIT, amount=500, left=500, origin="refund", contract=CONTRACT), None),
        (credits.CreditAdjusted(**CREDIT, amount=-300, left=200), {"658000": -300, "419100": 300}),
        (
            credits.CreditGranted(**CREDIT, amount=900, left=900, contract=CONTRACT, line=an_id(7)),
            {"411000": 900, "419100": -900},
        ),
        (
            credits.CreditRemoved(**CREDIT, amount=900, left=0, contract=CONTRACT, line=an_id(7), removed=950),
            {"411000": -950, "419100": 950},
        ),
        (credits.CreditRemoved(**CREDIT, amount=900, left=0, contract=CONTRACT, line=an_id(7), removed=0), None),
        (
            credits.DepositReversed(**CREDIT, amount=5_000, taken=2_000, left=0, due=3_000, reason="bounced_cheque"),
            {"411000": 3_000, "419100": 2_000, "512000": -5_000},
        ),
        (credits.CreditTakenBack(**CREDIT, amount=700, left=0, due=0), {"411000": -700, "419100": 700}),
        (
            credits.CreditTakenBack(**CREDIT, amount=700, left=0, due=0, contract=CONTRACT, payment=an_id(8)),
            {"416000": -700, "419100": 700},
        ),
        (credits.DepositDueSettled(**CREDIT, amount=90, how="paid", left=0, due=0), {"512000": 90, "411000": -90}),
        (credits.DepositDueSettled(**CREDIT, amount=90, how="waived", left=0, due=0), {"658000": 90, "411000": -90}),
        (credits.CreditUsed(**CREDIT, amount=90, left=0, contract=CONTRACT, request=an_id(6)), None),
    ],
)
def test_inv_7_what_moves_a_credit_by_itself_is_booked(event: Event, expected: dict[str, int] | None) -> None:
    entry = moved(event)
    assert (balances([entry]) if entry else None) == expected


def test_inv_7_what_is_entered_for_a_closed_period_counts_on_the_day_after_it() -> None:
    books = Books.none_of(ORGANISATION)
    august, september = date(2026, 8, 31), date(2026, 9, 30)
    first = replace(a_context(date(2026, 9, 3)), now=AT)
    books = close(books, august, first).state
    books = close(books, september, replace(first, today=date(2026, 10, 2), now=AT + timedelta(days=30))).state
    assert books.closed_until == september
    before, between, after = AT, AT + timedelta(days=1), AT + timedelta(days=31)
    assert books.counts_on(date(2026, 8, 20), before) == date(2026, 8, 20)
    assert books.counts_on(date(2026, 8, 20), between) == date(2026, 9, 1)
    assert books.counts_on(date(2026, 8, 20), after) == date(2026, 10, 1)
    assert books.counts_on(date(2026, 10, 5), after) == date(2026, 10, 5)


def test_inv_7_only_what_is_over_is_closed_and_once() -> None:
    books = Books.none_of(ORGANISATION)
    for until, slug in ((TODAY, "period-not-over"), (TODAY + timedelta(days=9), "period-not-over")):
        with pytest.raises(Refusal) as refused:
            close(books, until, a_context())
        assert refused.value.slug == slug
    closed = close(books, TODAY - timedelta(days=2), a_context()).state
    for days in (2, 30):
        with pytest.raises(Refusal) as refused:
            close(closed, TODAY - timedelta(days=days), a_context())
        assert refused.value.slug == "period-closed"


def test_inv_7_a_closed_period_keeps_the_accounts_of_then() -> None:
    closed = close(Books.none_of(ORGANISATION), TODAY - timedelta(days=1), a_context()).state
    plan = Plan(accounts={"clients": Account(number="411900", name="Familles")})
    changed = change_plan(closed, plan)
    assert [type(each) for each in changed.events] == [published.BooksSettingsChanged]
    assert changed.state.plan_on(TODAY - timedelta(days=1)).account("clients") == DEFAULTS["clients"]
    assert changed.state.plan_on(TODAY).account("clients").number == "411900"
    assert change_plan(changed.state, plan).events == ()


@pytest.mark.parametrize(
    ("plan", "slug"),
    [
        (Plan(accounts={"cash": Account(number="512000", name="Caisse")}), "account-named-twice"),
        (
            Plan(sales=tuple(KindAccount(kind="item", account=DEFAULTS["sales"]) for _ in range(2))),
            "account-given-twice",
        ),
    ],
)
def test_inv_7_accounts_that_contradict_each_other_are_refused(plan: Plan, slug: str) -> None:
    with pytest.raises(Refusal) as refused:
        change_plan(Books.none_of(ORGANISATION), plan)
    assert refused.value.slug == slug


async def test_inv_7_the_fec_has_a_line_for_each_posting_and_nothing_that_parts_fields() -> None:
    payment = published.PaymentCollected.model_construct(
        contract=CONTRACT, account=ACCOUNT, amount=12_345, method="card", received_on=TODAY
    )
    entry = booked(payment)
    assert entry is not None
    counter = Counter()

    async def some() -> AsyncIterator[Drawn]:
        yield Drawn(counter.next(entry), replace(entry, name="x"), "2026-0042", "2026-0107", TODAY)
        named = replace(entry, piece="FA-1", name="Zoë\tŒuvrard | fils\r\nΩ")
        yield Drawn(counter.next(entry), named, "2026-0042", "2026-0107", None)

    written = b"".join([part async for part in as_fec(some(), "EUR")])
    lines = [line.split("\t") for line in written.decode("iso8859-15").split("\r\n")]
    assert lines.pop() == [""]
    assert lines[0] == list(FEC_HEADER)
    assert {len(line) for line in lines} == {18}
    assert lines[1][2:5] == ["BQ-2026-11-00001", "20261121", "411000"]
    assert [line[11:13] for line in lines[1:3]] == [["0,00", "123,45"], ["123,45", "0,00"]]
    assert lines[1][6:11] == [
        "2026-0042",
        "Client 2026-0042",
        "2026-0107",
        "20261121",
        "Paiement (carte), contrat 2026-0107",
    ]
    assert (lines[1][15], lines[3][15]) == ("20261121", "")
    assert lines[3][10] == "Paiement (carte) FA-1 Zoë Œuvrard fils ?"


async def _none() -> AsyncIterator[Drawn]:
    return
    yield


async def test_inv_7_an_empty_period_has_a_header() -> None:
    assert b"".join([part async for part in as_fec(_none(), "EUR")]).startswith(b"JournalCode\t")
