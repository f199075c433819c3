"""PAY-17: every amount of a schedule is the sum of the moves that made it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.decisions import Actor, Context, Decision
from carnet.events import payments as published
from carnet.events.contracts import ContractTerms, Instalments, OnSite
from carnet.refusals import Refusal
from payments.collection.domain.calendars import CollectionCalendar
from payments.collection.domain.orders import Order
from payments.collection.domain.results import collected, not_collected
from payments.collection.domain.starting import Claim
from payments.collection.domain.starting import start as start_collecting
from payments.credit_uses.domain import KnownCredit, UseRequest, complete_use, request_use, return_use
from payments.payment_methods.domain import SANDBOX, PaymentMethod
from payments.receipts.domain.receiving import Payment, PostDated, Received
from payments.receipts.domain.voiding import void_payment
from payments.refunds.domain.reversing import TakenBack, reverse_by_provider
from payments.refunds.domain.settling import Settling, settle_refund_line
from payments.schedules.domain.decisions import (
    adjust_schedule,
    cancel_instalment,
    change_instalment,
    hold_cheques,
    open_schedule,
    plan_unscheduled,
    record_payment,
)
from payments.schedules.domain.explaining import Entry, Explained, explain
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.starting import Opening
from payments.schedules.domain.upcoming import Changes
from tests.unit.payments.payments_builders import ACCOUNT, ORGANISATION, TODAY, a_context, an_id, an_opening
from tests.unit.payments.test_payments_properties import AMOUNTS, DATES, POSITIONS, TOTALS

CREDIT = KnownCredit(id=an_id(71), organisation=ORGANISATION, account=ACCOUNT, currency="EUR", sold_by=None)

CALENDAR = CollectionCalendar(id=ORGANISATION, organisation=ORGANISATION)
METHOD = PaymentMethod(id=an_id(80), provider=SANDBOX, kind="card", token="tok", label=None, added_at=a_context().now)


@dataclass
class Book:
    """A schedule with its journal, moved by the decisions of the service."""

    opening: Opening
    context: Context = field(default_factory=a_context)
    journal: list[Entry] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    requests: list[UseRequest] = field(default_factory=list)
    schedule: Schedule = field(init=False)

    def __post_init__(self) -> None:
        self.save(open_schedule(self.opening, self.context))

    def save(self, decision: Decision[Schedule]) -> None:
        for event in decision.events:
            actor = str(self.context.actor)
            self.journal.append(Entry(len(self.journal) + 1, self.context.now, actor, event))
        self.schedule = decision.state

    def nth(self, n: int) -> str:
        instalments = self.schedule.instalments
        return instalments[n % len(instalments)].id if instalments else "none"

    def change(self, total: int) -> None:
        terms = ContractTerms(total=total, live_lines=1, version=self.schedule.covers + 1)
        self.save(adjust_schedule(self.schedule, terms, self.context))

    def pay(self, amount: int) -> None:
        received = Received(amount, "cash", self.context.today, overpayment_confirmed=True)
        payment = received.recorded(self.context.new_id(), self.schedule, self.context.now, "user:ines")
        self.save(record_payment(self.schedule, received, payment.id, self.context))
        self.payments.append(payment)

    def collect(self, n: int) -> None:
        instalments = [each for each in self.schedule.instalments if each.id == self.nth(n)]
        claim = Claim(id=None, check_at=self.context.now, slot=0)
        started = start_collecting(self.schedule, instalments, METHOD, claim, self.context)
        self.save(started.decision)
        self.orders += started.orders

    def outcome(self, *, well: bool) -> None:
        if self.orders:
            order = self.orders.pop()
            if well:
                self.save(collected(self.schedule, order, self.context))
            else:
                self.save(not_collected(self.schedule, order, "refused", CALENDAR, self.context))

    def use(self, amount: int) -> None:
        decision, request = request_use(self.schedule, CREDIT, amount, self.context)
        self.save(decision)
        self.requests.append(request)

    def answer(self, *, well: bool) -> None:
        if self.requests:
            request = self.requests.pop()
            if well:
                self.save(complete_use(self.schedule, request, self.context))
            else:
                self.save(return_use(self.schedule, request, "more-than-left", self.context))

    def settle(self, amount: int, how: published.SettledHow) -> None:
        settled = settle_refund_line(self.schedule, Settling(amount, how, "agreed"), self.payments, self.context)
        self.save(settled.decision)

    def take_back(self, n: int, amount: int) -> None:
        if self.payments:
            place = n % len(self.payments)
            taken = TakenBack(self.context.new_id(), amount, "bounced_cheque")
            done = reverse_by_provider(self.schedule, self.payments[place], (), taken, self.context)
            self.save(done.decision)
            self.payments[place] = done.payment

    def void(self, n: int) -> None:
        if self.payments:
            place = n % len(self.payments)
            undone = void_payment(self.schedule, self.payments[place], "a slip", self.context)
            self.save(undone.decision)
            self.payments[place] = undone.payment


Step = Callable[[Book], None]

HOWS: st.SearchStrategy[published.SettledHow] = st.sampled_from(("converted", "on_site", "waived"))
STEPS: st.SearchStrategy[Step] = st.one_of(
    TOTALS.map(lambda total: lambda b: b.change(total)),
    TOTALS.map(lambda total: lambda b: b.change(total)),
    AMOUNTS.map(lambda amount: lambda b: b.pay(amount)),
    POSITIONS.map(lambda n: lambda b: b.collect(n)),
    st.booleans().map(lambda well: lambda b: b.outcome(well=well)),
    AMOUNTS.map(lambda amount: lambda b: b.use(amount)),
    st.booleans().map(lambda well: lambda b: b.answer(well=well)),
    st.tuples(AMOUNTS, HOWS).map(lambda it: lambda b: b.settle(*it)),
    st.tuples(POSITIONS, AMOUNTS).map(lambda it: lambda b: b.take_back(*it)),
    POSITIONS.map(lambda n: lambda b: b.void(n)),
    st.tuples(POSITIONS, AMOUNTS).map(
        lambda it: lambda b: b.save(change_instalment(b.schedule, b.nth(it[0]), Changes(amount=it[1]), b.context))
    ),
    POSITIONS.map(lambda n: lambda b: b.save(cancel_instalment(b.schedule, b.nth(n), b.context))),
    st.tuples(DATES, st.integers(1, 4)).map(
        lambda it: lambda b: b.save(plan_unscheduled(b.schedule, it[0], it[1], b.context))
    ),
    st.tuples(DATES, AMOUNTS).map(
        lambda it: lambda b: b.save(hold_cheques(b.schedule, (PostDated(it[0], it[1], "Nord", "M"),), b.context))
    ),
)
OPENINGS = st.builds(
    an_opening, st.just("online"), st.builds(Instalments, count=st.integers(1, 4)), TOTALS
) | st.builds(an_opening, st.just("on_site"), st.just(OnSite()), TOTALS)


def amounts_of(schedule: Schedule) -> dict[str, int]:
    found = {each.id: each.amount for each in schedule.instalments}
    found |= {"unscheduled": schedule.unscheduled, "refund_line": schedule.refund_due}
    return {place: amount for place, amount in found.items() if amount}


def by_place(explained: tuple[Explained, ...]) -> dict[str, Explained]:
    return {each.instalment.id if each.instalment else each.place: each for each in explained}


@settings(max_examples=300, deadline=None)
@given(OPENINGS, st.lists(STEPS, min_size=8, max_size=25))
def test_pay_17_every_amount_is_the_sum_of_its_moves_after_any_steps(opening: Opening, steps: list[Step]) -> None:
    book = Book(opening)
    for step in steps:
        book.context = replace(book.context, today=book.context.today + timedelta(days=1))
        try:
            step(book)
        except Refusal:
            continue
        explained = by_place(explain(book.journal))
        sums = {place: sum(share.amount for share in each.shares) for place, each in explained.items()}
        assert sums == amounts_of(book.schedule)
        for place, each in explained.items():
            assert sums[place] == each.amount == each.shares[-1].after
            assert all(share.amount and share.move.cause not in ("moved", "other") for share in each.shares)


def shown_of(explained: Explained) -> list[tuple[str, int, int]]:
    return [(share.move.cause, share.amount, share.after) for share in explained.shares]


def test_pay_17_a_season_explains_itself() -> None:
    book = Book(an_opening("online", Instalments(count=3), 90000))
    book.pay(10000)
    book.change(102000)
    first, second, third = (each.id for each in book.schedule.instalments)
    book.save(change_instalment(book.schedule, second, Changes(amount=40000), book.context))
    book.save(cancel_instalment(book.schedule, third, book.context))
    book.collect(0)
    book.outcome(well=False)
    explained = by_place(explain(book.journal))
    assert shown_of(explained[first]) == [
        ("opened", 30000, 30000),
        ("paid", -10000, 20000),
        ("contract_changed", 3000, 23000),
        ("amount_changed", -2200, 20800),
        ("collection_started", -20800, 0),
        ("collection_failed", 20800, 20800),
    ]
    assert shown_of(explained[second])[-1] == ("amount_changed", 5500, 40000)
    assert shown_of(explained["unscheduled"]) == [("instalment_cancelled", 31200, 31200)]
    book.save(plan_unscheduled(book.schedule, TODAY, 2, book.context))
    planned = by_place(explain(book.journal))[book.schedule.instalments[-1].id]
    assert shown_of(planned) == [("put_on_dates", 15600, 15600)]
    change = explained[first].shares[2].move
    assert (change.total_before, change.total_after, change.entry.actor) == (90000, 102000, "user:ines")


def test_pay_17_a_refund_line_explains_itself_until_it_is_settled() -> None:
    book = Book(an_opening("on_site", OnSite(), 50000))
    book.pay(50000)
    book.change(20000)
    book.settle(12000, "converted")
    (line,) = explain(book.journal)
    assert (line.place, shown_of(line)) == (
        "refund_line",
        [("contract_changed", 30000, 30000), ("settled", -12000, 18000)],
    )
    book.settle(18000, "on_site")
    assert explain(book.journal) == ()


def test_pay_17_a_move_of_a_newer_release_is_explained_as_one() -> None:
    book = Book(an_opening("on_site", OnSite(), 50000))
    newer = published.ScheduleMoved(
        contract=book.schedule.id,
        account=ACCOUNT,
        mode="on_site",
        currency="EUR",
        effective_on=TODAY,
        covers=3,
        balance=published.Balance(total=50000, paid=1000, processing=0, planned=0, unscheduled=49000, refund_due=0),
        instalments=(),
    )
    book.journal.append(Entry(2, book.context.now, str(Actor("service", "payments")), newer))
    (unscheduled,) = explain(book.journal)
    assert shown_of(unscheduled) == [("opened", 50000, 50000), ("other", -1000, 49000)]
