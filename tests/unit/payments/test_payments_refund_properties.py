"""What holds of a contract's money whatever is paid, attempted, settled, reversed and given back (PAY-4, PAY-13)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.events.contracts import ContractTerms, Instalments, OnSite
from carnet.refusals import Refusal
from payments.receipts.domain.receiving import Payment, Received
from payments.receipts.domain.voiding import void_payment
from payments.refunds.domain.losses import resolve_loss
from payments.refunds.domain.reversing import Reversal, TakenBack, reverse_by_hand, reverse_by_provider
from payments.refunds.domain.settling import HandedOver, Settlement, Settling, refund_failed, settle_refund_line
from payments.refunds.domain.voiding import void_settlement
from payments.schedules.domain.attempts import collect, failed, succeeded, use_credit
from payments.schedules.domain.decisions import adjust_schedule, record_payment
from payments.schedules.domain.refund_lines import with_refund_line
from payments.schedules.domain.schedule import Schedule, balanced
from payments.schedules.domain.starting import Opening, start
from tests.unit.payments.payments_builders import TODAY, a_context, a_payment, an_id, an_opening
from tests.unit.payments.test_payments_properties import AMOUNTS, POSITIONS, TOTALS


@dataclass
class Book:
    """A contract's schedule with all that brought money to it and took money from it."""

    schedule: Schedule
    context: Context
    payments: dict[str, Payment] = field(default_factory=dict)
    settlements: dict[str, Settlement] = field(default_factory=dict)
    reversals: dict[str, Reversal] = field(default_factory=dict)
    handed_over: list[tuple[str, str, str]] = field(default_factory=list)
    """Settlement, payment and order of each refund that the provider has not said no to."""

    def next_day(self) -> None:
        self.context = replace(self.context, today=self.context.today + timedelta(days=1))

    def save(self, decision: Decision[Schedule]) -> None:
        assert decision.events
        for event in decision.events:
            if isinstance(event, published.ScheduleShown):
                assert event.balance == decision.state.balance
        self.move(decision.state, decision.events)

    def move(self, schedule: Schedule, events: tuple[Event, ...] = ()) -> None:
        self.schedule = with_refund_line(self.schedule, Decision(schedule, events), self.context).state

    def bring(self, amount: int, payment_id: str) -> None:
        number = int(payment_id[-12:])
        self.payments[payment_id] = a_payment(number, amount, self.context.today.isoformat())

    def nth_payment(self, n: int) -> Payment | None:
        return list(self.payments.values())[n % len(self.payments)] if self.payments else None

    def nth_attempt(self, n: int) -> str:
        attempts = self.schedule.attempts
        return attempts[n % len(attempts)].id if attempts else "none"


Step = Callable[[Book], None]


def total(to: int) -> Step:
    def step(book: Book) -> None:
        terms = ContractTerms(total=to, live_lines=1, version=book.schedule.covers + 1)
        book.save(adjust_schedule(book.schedule, terms, book.context))

    return step


def falls_to(quarters: int) -> Step:
    """The total falls to so many quarters of what is paid, so that there is a refund line."""
    return lambda book: total(book.schedule.paid * quarters // 4)(book)


def cash(amount: int) -> Step:
    def step(book: Book) -> None:
        payment = book.context.new_id()
        received = Received(amount, "cash", book.context.today, overpayment_confirmed=True)
        kept = received.recorded(payment, book.schedule, book.context.now, "user:ines")
        book.save(record_payment(book.schedule, received, payment, book.context))
        book.payments[payment] = kept

    return step


def attempt(n: int) -> Step:
    def step(book: Book) -> None:
        if book.schedule.instalments:
            instalment = book.schedule.instalments[n % len(book.schedule.instalments)].id
            book.move(collect(book.schedule, instalment, book.context.new_id()))

    return step


def collects(n: int) -> Step:
    """An instalment is attempted, and that succeeds at once."""

    def step(book: Book) -> None:
        attempt(n)(book)
        attempt_ends(len(book.schedule.attempts) - 1, well=True)(book)

    return step


def credit(amount: int) -> Step:
    def step(book: Book) -> None:
        book.move(use_credit(book.schedule, an_id(90), amount, book.context.new_id()))

    return step


def attempt_ends(n: int, *, well: bool) -> Step:
    def step(book: Book) -> None:
        before = {each.id: each for each in book.schedule.attempts}
        ended = book.nth_attempt(n)
        book.move((succeeded if well else failed)(book.schedule, ended, book.context))
        if well and before[ended].credit is None:
            book.bring(before[ended].amount, ended)

    return step


def settle(part: int, how: published.SettledHow) -> Step:
    """Settle so many quarters of what can be, or a unit more than can be."""

    def step(book: Book) -> None:
        most = book.schedule.settleable
        amount = most * part // 4 if part < 5 else most + 1
        if amount:
            payments = list(book.payments.values())
            done = settle_refund_line(book.schedule, Settling(amount, how, "why"), payments, book.context)
            assert book.schedule.paid - done.decision.state.paid == amount
            assert book.schedule.refund_due - done.decision.state.refund_due == amount
            book.save(done.decision)
            book.settlements[done.settlement.id] = done.settlement
            book.payments |= {payment.id: payment for payment in done.payments}
            book.handed_over += [(done.settlement.id, part.payment, part.order) for part in done.settlement.parts]

    return step


def refund_fails(n: int) -> Step:
    def step(book: Book) -> None:
        if book.handed_over:
            settlement, payment, order = book.handed_over.pop(n % len(book.handed_over))
            refund = HandedOver(book.settlements[settlement], book.payments[payment], order)
            returned = refund_failed(book.schedule, refund, "other", book.context)
            book.save(returned.decision)
            book.settlements[settlement], book.payments[payment] = returned.settlement, returned.payment

    return step


def bank_takes(n: int, amount: int, *, by_hand: bool) -> Step:
    def step(book: Book) -> None:
        payment = book.nth_payment(n)
        if payment is not None:
            taken = TakenBack(book.context.new_id(), amount, "chargeback")
            known = [each for each in book.reversals.values() if each.payment == payment.id]
            if by_hand:
                done = reverse_by_hand(book.schedule, payment, known, taken, book.context, another=amount % 2 == 0)
            else:
                done = reverse_by_provider(book.schedule, payment, known, taken, book.context)
            if done.reversals:
                book.save(done.decision)
            book.payments[payment.id] = done.payment
            book.reversals |= {each.id: each for each in done.reversals}

    return step


def void(n: int) -> Step:
    """A payment turns out to be a wrong entry."""

    def step(book: Book) -> None:
        payment = book.nth_payment(n)
        if payment is not None:
            undone = void_payment(book.schedule, payment, "a slip", book.context)
            assert book.schedule.paid - undone.decision.state.paid >= payment.amount
            book.save(undone.decision)
            book.payments[payment.id] = undone.payment

    return step


def void_settled(n: int) -> Step:
    """A settlement turns out to be a wrong entry."""

    def step(book: Book) -> None:
        if book.settlements:
            settlement = list(book.settlements.values())[n % len(book.settlements)]
            payments = list(book.payments.values())
            undone = void_settlement(book.schedule, settlement, payments, "a slip", book.context)
            book.save(undone.decision)
            book.settlements[settlement.id] = undone.settlement
            book.payments |= {payment.id: payment for payment in undone.payments}

    return step


def deal_with(n: int) -> Step:
    """Support deals with what is lost of a payment."""

    def step(book: Book) -> None:
        payment = book.nth_payment(n)
        if payment is not None:
            resolved = resolve_loss(book.schedule, payment, "insured", book.context)
            assert resolved.decision.state.balance == book.schedule.balance
            book.save(resolved.decision)
            book.payments[payment.id] = resolved.payment

    return step


MAY_BE_REFUSED = {
    "more-than-to-refund",
    "not-refundable-online",
    "more-than-payment",
    "reversed-before",
    "left-again",
    "already-voided",
    "not-recorded-by-staff",
    "payment-reversed",
    "settlement-handed-over",
    "nothing-lost",
    "more-than-due",
    "not-collectable",
    "unknown-attempt",
}
"""Everything else just happens: a change of the total, what the provider says, what the bank takes."""

HOWS: st.SearchStrategy[published.SettledHow] = st.sampled_from(
    ("refunded", "refunded", "refunded", "converted", "on_site", "waived")
)
QUARTERS = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        TOTALS.map(total),
        QUARTERS.map(falls_to),
        QUARTERS.map(falls_to),
        AMOUNTS.map(cash),
        POSITIONS.map(attempt),
        POSITIONS.map(collects),
        POSITIONS.map(collects),
        AMOUNTS.map(credit),
        st.builds(attempt_ends, POSITIONS, well=st.sampled_from((True, True, False))),
        st.builds(settle, st.integers(1, 5), HOWS),
        st.builds(settle, st.integers(2, 4), HOWS),
        POSITIONS.map(refund_fails),
        st.builds(bank_takes, POSITIONS, AMOUNTS, by_hand=st.booleans()),
        POSITIONS.map(void),
        POSITIONS.map(void_settled),
        POSITIONS.map(deal_with),
    ),
    min_size=10,
    max_size=30,
)
collected: tuple[Step, ...] = tuple(collects(0) for _ in range(4))
sequences = st.builds(
    lambda first, then: [*first, *then],
    st.sampled_from(((), collected, (*collected, falls_to(1)), (*collected, falls_to(0)))),
    steps,
)
openings = st.builds(
    an_opening, st.just("online"), st.builds(Instalments, count=st.integers(1, 4)), st.integers(1, 100_000)
) | st.builds(an_opening, st.just("on_site"), st.just(OnSite()), TOTALS)


def go(book: Book, step: Step) -> None:
    """Take a step, or None if a rule refuses it."""
    try:
        step(book)
    except Refusal as refusal:
        if refusal.slug not in MAY_BE_REFUSED:
            raise


def held(book: Book) -> None:
    """Every rule that binds the book's parts."""
    schedule = balanced(book.schedule)
    live = [each for each in book.settlements.values() if each.voided is None]
    others = sum(each.amount for each in live if each.how != "refunded")
    uses = sum(use.amount for use in schedule.credit_uses)
    there = [each for each in book.payments.values() if each.voided is None]
    brought = sum(each.amount - each.refunded - each.reversed for each in there)
    assert schedule.paid == brought - others + uses
    beyond = sum(each.beyond for each in there)
    assert beyond <= others + sum(each.refunded for each in there), "what is lost had left by refunds or settlements"
    assert schedule.lost == sum(each.lost for each in there) <= beyond
    for payment in book.payments.values():
        parts = [part for each in book.settlements.values() for part in each.parts if part.payment == payment.id]
        taken = [each for each in book.reversals.values() if each.payment == payment.id]
        assert payment.refunded == sum(part.amount for part in parts if not part.failed)
        assert min(payment.refunded, payment.reversed, payment.beyond) >= 0
        assert payment.refunded + payment.reversed <= payment.amount
        assert payment.reversed + payment.beyond == sum(each.amount for each in taken) <= payment.amount
        assert not payment.voided or not taken
        assert payment.provider or not payment.refunded
    for settlement in book.settlements.values():
        parts = list(settlement.parts)
        assert settlement.how != "refunded" or sum(part.amount for part in parts) == settlement.amount


@settings(max_examples=300, deadline=None)
@given(openings, sequences)
def test_pay_4_and_13_what_is_paid_is_what_was_brought_and_has_not_gone_back(
    opening: Opening, sequence: list[Step]
) -> None:
    schedule = start(opening, a_context())
    book = Book(schedule, a_context(first_id=2000))
    for step in sequence:
        book.next_day()
        go(book, step)
        held(book)


@settings(max_examples=200, deadline=None)
@given(openings, sequences)
def test_pay_3_a_line_is_followed_from_its_first_day_to_its_last(opening: Opening, sequence: list[Step]) -> None:
    schedule = start(opening, a_context())
    book = Book(schedule, a_context(first_id=2000))
    since = None
    for step in sequence:
        book.next_day()
        go(book, step)
        since = None if not book.schedule.refund_due else since or book.context.today
        line = book.schedule.refund_line
        assert (line.since if line else None) == since
        assert since is None or since > TODAY
