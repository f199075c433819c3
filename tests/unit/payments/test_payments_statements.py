"""PAY-16: the statement of an account agrees with its schedules, whatever moved them."""

import io
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from carnet.events import credits
from carnet.events import payments as published
from carnet.events.contracts import OnSite
from carnet.refusals import Refusal
from payments.accounts.domain import Names
from payments.books.domain.moves import CreditMove, credit_move
from payments.schedules.domain.explaining import Entry
from payments.schedules.domain.starting import Opening
from payments.statements.domain import Movement, deposit_movements, movements, statement
from payments.statements.paper import Letterhead, render
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, TODAY, an_id, an_opening
from tests.unit.payments.test_payments_explaining import OPENINGS, STEPS, Book, Step


def moved(book: Book) -> list[Movement]:
    return list(movements(CONTRACT, book.journal))


def season() -> Book:
    """Charged 300, paid 100 and 90 around a fall by 150, 40 handed back, 50 bounced, 30 of a credit and 10 back."""
    book = Book(an_opening("on_site", OnSite(), 30_000))
    book.pay(10_000)
    book.change(15_000)
    book.pay(9_000)
    book.context = replace(book.context, today=TODAY + timedelta(days=10))
    book.settle(4_000, "on_site")
    book.take_back(0, 5_000)
    book.use(3_000)
    book.answer(well=True)
    book.change(12_000)
    return book


def test_pay_16_every_charge_payment_refund_reversal_and_credit_is_on_it_with_the_balance_after_it() -> None:
    whole = statement(moved(season()), None, TODAY + timedelta(days=10))
    assert [(line.movement.kind, line.movement.amount, line.balance) for line in whole.lines] == [
        ("charge", 30_000, 30_000),
        ("payment", -10_000, 20_000),
        ("charge", -15_000, 5_000),
        ("payment", -9_000, -4_000),
        ("refund", 4_000, 0),
        ("reversal", 5_000, 5_000),
        ("credit_used", -3_000, 2_000),
        ("charge", -3_000, -1_000),
        ("credit_given_back", 1_000, 0),
    ]
    assert (whole.opening, whole.raised, whole.lowered, whole.closing) == (0, 40_000, 40_000, 0)


def test_pay_16_a_period_begins_with_what_was_owed_before_it() -> None:
    later = statement(moved(season()), TODAY + timedelta(days=1), TODAY + timedelta(days=10))
    assert (later.opening, [line.movement.kind for line in later.lines][:2], later.closing) == (
        -4_000,
        ["refund", "reversal"],
        0,
    )
    nothing = statement(moved(season()), TODAY + timedelta(days=1), TODAY + timedelta(days=9))
    assert (nothing.opening, nothing.lines, nothing.closing) == (-4_000, (), -4_000)


def test_pay_16_a_payment_counts_on_the_day_on_which_it_was_received() -> None:
    book = Book(an_opening("on_site", OnSite(), 30_000))
    book.context = replace(book.context, today=TODAY + timedelta(days=5))
    book.pay(10_000)
    (_, payment) = moved(book)
    assert payment.on == TODAY + timedelta(days=5)
    event = payment.event
    assert isinstance(event, published.PaymentCollected)
    earlier = replace(payment.entry, event=event.model_copy(update={"received_on": TODAY}))
    assert [each.on for each in movements(CONTRACT, [book.journal[0], earlier])] == [TODAY, TODAY]


def test_pay_16_a_move_of_a_newer_release_is_an_entry_too() -> None:
    book = Book(an_opening("on_site", OnSite(), 30_000))
    before = book.journal[0].event
    assert isinstance(before, published.ScheduleCreated)
    newer = published.ScheduleMoved(
        contract=CONTRACT, account=ACCOUNT, mode="on_site", currency="EUR", effective_on=TODAY, covers=3,
        balance=before.balance.model_copy(update={"paid": 1_000, "unscheduled": 29_000}), instalments=(),
    )  # fmt: skip
    entries = [*book.journal, Entry(2, book.context.now, "user:ines", newer)]
    assert [(each.kind, each.amount) for each in movements(CONTRACT, entries)] == [
        ("charge", 30_000),
        ("other", -1_000),
    ]


@settings(max_examples=300, deadline=None)
@given(OPENINGS, st.lists(STEPS, min_size=8, max_size=25), st.integers(0, 25))
def test_pay_16_the_statement_agrees_with_the_schedule_after_any_steps(
    opening: Opening, steps: list[Step], cut: int
) -> None:
    book = Book(opening)
    for step in steps:
        book.context = replace(book.context, today=book.context.today + timedelta(days=1))
        try:
            step(book)
        except Refusal:
            continue
        whole = statement(moved(book), None, book.context.today)
        assert whole.closing == book.schedule.total - book.schedule.paid
        sums = defaultdict[str, int](int)
        for line in whole.lines:
            sums[line.movement.kind] += line.movement.amount
        assert "other" not in sums
        assert sums["charge"] == book.schedule.total
        received = [each.amount for each in book.payments if not each.voided]
        assert sums["payment"] + sums["payment_voided"] == -sum(received) - collected_online(book)
        assert sums["reversal"] == sum(each.reversed for each in book.payments)
    day = TODAY + timedelta(days=cut)
    before, after = (
        statement(moved(book), None, day),
        statement(moved(book), day + timedelta(days=1), book.context.today),
    )
    assert after.opening == before.closing if day < book.context.today else not after.lines
    assert len({each.id for each in moved(book)}) == len(moved(book))


def collected_online(book: Book) -> int:
    events = (entry.event for entry in book.journal)
    return sum(each.amount for each in events if isinstance(each, published.PaymentCollected) and each.attempt)


def test_pay_16_pages_are_parts_of_the_whole() -> None:
    whole = statement(moved(season()), None, TODAY + timedelta(days=10))
    first = whole.after(None, 4)
    rest = whole.after(first[-1].movement.place, 100)
    assert (*first, *rest) == whole.lines


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_pay_16_the_paper_says_what_moved_and_what_is_left_in_the_language_of_the_family() -> None:
    later = statement(moved(season()), TODAY + timedelta(days=1), TODAY + timedelta(days=10))
    letterhead = Letterhead("École de danse", ("12 rue des Lilas",), "EUR", "fr", "#0f766e")
    names = Names(owner="Inès Martin", number="2026-0042")
    text = text_of(render(later, names, {CONTRACT: "2026-0107"}, letterhead, made_on=TODAY))
    for part in (
        "Relevé de compte",
        "du 22 novembre 2026 au 1er décembre 2026",
        "Inès Martin",
        "2026-0042",
        "Solde avant le 22 novembre 2026 −40,00 €",
        "Remboursement Contrat 2026-0107 40,00 € 0,00 €",
        "Paiement rejeté par la banque Contrat 2026-0107 · espèces 50,00 €",
        "Achats annulés ou réduits",
        "Solde au 1er décembre 2026 0,00 €",
    ):
        assert part in text, part
    english = text_of(render(later, Names(), {}, replace(letterhead, language="en"), made_on=TODAY))
    assert "Account statement" in english
    assert "Balance before 22 November 2026 −€40.00" in english


def test_pay_16_the_paper_of_an_empty_period_says_so() -> None:
    empty = statement([], None, TODAY)
    text = text_of(render(empty, Names(), {}, Letterhead("École", (), "EUR", "fr"), made_on=TODAY))
    assert "Aucune opération sur cette période." in text


CREDIT, NOW = an_id(77), datetime(2026, 11, 21, 9, tzinfo=UTC)


def deposited() -> list[CreditMove]:
    """100 without a contract, of which the bank takes 90 back when 30 are left; 20 of the rest is paid, 5 waived."""
    common = {"credit": CREDIT, "account": ACCOUNT, "currency": "EUR", "effective_on": TODAY}
    events = [
        credits.CreditIssued(
            **common,
            amount=10_000,
            left=10_000,
            origin="deposit",
            method="cheque",
            received_on=TODAY - timedelta(days=3),
        ),
        credits.CreditAdjusted(**common, amount=100, left=10_100),
        credits.DepositReversed(**common, amount=9_000, taken=3_000, left=0, due=6_000, reason="bounced_cheque"),
        credits.CreditTakenBack(**common, amount=1_000, left=0, due=5_000),
        credits.DepositDueSettled(**common, amount=2_000, how="paid", left=0, due=3_000),
        credits.DepositDueSettled(**common, amount=500, how="waived", left=0, due=2_500),
    ]
    made = (credit_move(each, an_id(1), place, NOW + timedelta(minutes=place)) for place, each in enumerate(events, 1))
    return [move for move in made if move is not None]


def test_pay_16_a_deposit_without_a_contract_moves_the_balance_only_by_what_is_due_once_the_bank_took_it_back() -> None:
    whole = statement([*moved(season()), *deposit_movements(deposited())], None, TODAY + timedelta(days=400))
    alone = statement(deposit_movements(deposited()), None, TODAY)
    assert [(line.movement.kind, line.movement.amount, line.balance) for line in alone.lines] == [
        ("deposit", -10_000, -10_000),
        ("deposit_kept", 10_000, 0),
        ("deposit_reversed", 9_000, 9_000),
        ("deposit_taken", -3_000, 6_000),
        ("due_recovered", -1_000, 5_000),
        ("due_paid", -2_000, 3_000),
        ("due_waived", -500, 2_500),
    ]
    book = season()
    assert whole.closing == book.schedule.total - book.schedule.paid + 2_500
    assert len({line.movement.id for line in whole.lines}) == len(whole.lines)


def test_pay_16_deposits_are_on_paper_in_both_languages() -> None:
    for language, words in (("fr", "Dépôt rejeté par la banque"), ("en", "Deposit taken back by the bank")):
        letterhead = Letterhead("Pas de Deux", (), "EUR", language)
        alone = statement(deposit_movements(deposited()), None, TODAY)
        pdf = render(alone, Names(owner="Inès Martin", members=(), number="2027-0001"), {}, letterhead, made_on=TODAY)
        assert words in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
