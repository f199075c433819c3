"""INV-6: payments are matched to invoices, oldest first or by hand, and never beyond what either is."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from carnet.events import payments as published
from carnet.events.contracts import OnSite
from carnet.refusals import Refusal
from payments.invoices.domain.drawing_up import Sold, invoice
from payments.invoices.domain.invoices import Invoice, drawn_up
from payments.matching.domain import Matching, Status, WantedMatch, match_all, match_by_hand, undo_match
from payments.receipts.domain.receiving import Payment, PostDated
from payments.receipts.domain.voiding import void_payment
from payments.refunds.domain.settling import Settling, settle_refund_line
from payments.schedules.domain.decisions import hold_cheques
from tests.unit.payments.invoice_samples import TAXED, numbered, particulars
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, ORGANISATION, an_id, an_opening
from tests.unit.payments.test_payments_explaining import Book


@dataclass
class Office(Book):
    """A contract on site with its payments and invoices."""

    invoices: list[Invoice] = field(default_factory=list)

    def issue(self, *lines: int) -> Invoice:
        number = len(self.invoices) + 1
        sold = [Sold(id=f"{number}-{at}", name="Danse", gross=gross, vat=TAXED) for at, gross in enumerate(lines)]
        issued_on = self.context.today
        document = invoice(
            particulars(), numbered(number).model_copy(update={"issued_on": issued_on}), sold,
            supplied_on=issued_on, paid_on=issued_on,
        )  # fmt: skip
        made = drawn_up(
            document, id=an_id(5000 + number), count=number, context=self.context, organisation=ORGANISATION,
            account=ACCOUNT, contract=CONTRACT, request="r", issued_by="user:ines",
        )  # fmt: skip
        self.invoices.append(made)
        return made

    def cancel(self, place: int, line: int = 0) -> None:
        made = self.invoices[place]
        credited = (*made.credited, made.lines[line])
        self.invoices[place] = made.model_copy(update={"credited": tuple(dict.fromkeys(credited))})

    def match(self, payment: int, invoice: int, amount: int | None = None) -> None:
        asked = WantedMatch(self.payments[payment].id, self.invoices[invoice].id, amount)
        self.save(match_by_hand(self.schedule, self.payments, self.invoices, asked, self.context))

    def undo(self, place: int) -> None:
        match = self.schedule.invoicing.matches[place]
        self.save(undo_match(self.schedule, self.invoices, match.id, self.context))

    @property
    def matching(self) -> Matching:
        return match_all(self.schedule, self.payments, self.invoices)

    def next_day(self) -> None:
        self.context = replace(self.context, today=self.context.today + timedelta(days=1))

    def states(self) -> list[tuple[Status, int, int]]:
        return [(each.status, each.paid, each.covered) for each in self.matching.states.values()]

    def pairs(self) -> list[tuple[int, int, int, bool]]:
        """Which payment pays which invoice, how much, and whether by hand, by their places."""
        payments = [each.id for each in self.payments]
        invoices = [each.id for each in self.invoices]
        return sorted(
            (payments.index(each.payment), invoices.index(each.invoice), each.amount, each.match is not None)
            for each in self.matching.matched
            if each.payment is not None
        )


def office(total: int = 60_000) -> Office:
    return Office(an_opening("on_site", OnSite(), total))


def two_and_two() -> Office:
    """Paid 200 and 300; invoices of 250 and 150."""
    desk = office()
    desk.pay(20_000)
    desk.next_day()
    desk.pay(30_000)
    desk.issue(25_000)
    desk.next_day()
    desk.issue(15_000)
    return desk


def test_inv_6_the_oldest_payment_pays_the_oldest_invoice() -> None:
    desk = two_and_two()
    assert desk.pairs() == [(0, 0, 20_000, False), (1, 0, 5_000, False), (1, 1, 15_000, False)]
    assert desk.states() == [("paid", 25_000, 0), ("paid", 15_000, 0)]


def test_inv_6_a_payment_matched_by_hand_leaves_the_rest_to_the_others_and_is_undone() -> None:
    desk = two_and_two()
    desk.match(0, 1, 12_000)
    by_hand = [(0, 0, 8_000, False), (0, 1, 12_000, True), (1, 0, 17_000, False), (1, 1, 3_000, False)]
    assert desk.pairs() == by_hand
    matched = desk.journal[-1].event
    assert isinstance(matched, published.PaymentMatched)
    assert (matched.amount, matched.number) == (12_000, "FA-2026-000002")
    desk.undo(0)
    assert desk.pairs()[0] == (0, 0, 20_000, False)
    assert isinstance(desk.journal[-1].event, published.PaymentUnmatched)
    assert desk.schedule.invoicing.matches == ()


def test_inv_6_without_an_amount_as_much_is_matched_as_both_allow() -> None:
    desk = two_and_two()
    desk.match(1, 1)
    assert (1, 1, 15_000, True) in desk.pairs()


@pytest.mark.parametrize(
    ("asked", "slug"),
    [((0, 1, 15_001), "match-too-large"), ((0, 0, 20_001), "match-too-large"), ((1, 1, 100), "matched-before")],
)
def test_inv_6_no_more_is_matched_by_hand_than_is_left_of_both(asked: tuple[int, int, int], slug: str) -> None:
    desk = two_and_two()
    desk.match(1, 1, 100)
    with pytest.raises(Refusal) as refused:
        desk.match(*asked)
    assert refused.value.slug == slug
    if slug == "match-too-large":
        assert refused.value.params["most"] == (14_900 if asked[1] else 20_000)


def test_inv_6_nothing_is_matched_to_what_is_matched_by_hand_already() -> None:
    desk = two_and_two()
    desk.match(1, 1)
    with pytest.raises(Refusal, match="Nothing is left to match"):
        desk.match(0, 1)


def test_inv_6_a_reversal_unmatches_and_the_invoice_is_paid_in_part_or_not_at_all() -> None:
    desk = two_and_two()
    desk.match(0, 1, 15_000)
    desk.take_back(0, 12_000)
    assert desk.pairs() == [(0, 1, 8_000, True), (1, 0, 25_000, False), (1, 1, 5_000, False)]
    assert desk.states() == [("paid", 25_000, 0), ("partly_paid", 13_000, 0)]
    desk.take_back(1, 30_000)
    assert desk.states() == [("not_paid", 0, 0), ("partly_paid", 8_000, 0)]


def test_inv_6_what_was_refunded_is_matched_no_more_and_what_was_settled_otherwise_left_the_latest() -> None:
    desk = office(30_000)
    desk.pay(20_000)
    desk.next_day()
    desk.pay(10_000)
    desk.payments[0] = desk.payments[0].model_copy(update={"refunded": 4_000})
    desk.schedule = desk.schedule.but(paid=23_000)
    assert [each.amount for each in desk.matching.available] == [16_000, 7_000]


def test_inv_6_what_is_not_paid_is_covered_by_cheques_that_are_held_the_oldest_invoice_first() -> None:
    desk = two_and_two()
    desk.take_back(1, 30_000)
    cheque = PostDated(date(2027, 3, 5), 6_000, "Nord", "Inès Martin")
    desk.save(hold_cheques(desk.schedule, (cheque,), desk.context))
    assert desk.states() == [("covered", 20_000, 5_000), ("not_paid", 0, 1_000)]


def test_inv_6_what_a_credit_note_takes_is_free_for_the_others() -> None:
    desk = two_and_two()
    desk.change(45_000)
    desk.cancel(0)
    assert desk.states() == [("cancelled", 0, 0), ("paid", 15_000, 0)]
    assert desk.pairs() == [(0, 1, 15_000, False)]


def test_inv_6_a_client_credit_pays_what_payments_leave() -> None:
    desk = office(30_000)
    desk.pay(10_000)
    desk.use(20_000)
    desk.answer(well=True)
    desk.issue(30_000)
    (state,) = desk.matching.states.values()
    assert [(each.payment is not None, each.credit is not None, each.amount) for each in state.matched] == [
        (True, False, 10_000),
        (False, True, 20_000),
    ]


def test_pay_19_a_payment_that_was_matched_by_hand_is_not_voided() -> None:
    desk = two_and_two()
    desk.match(1, 1, 100)
    with pytest.raises(Refusal) as refused:
        void_payment(desk.schedule, desk.payments[1], "a slip", desk.context)
    assert refused.value.slug == "payment-matched"


AMOUNTS = st.integers(1, 30_000)
PLACES = st.integers(0, 30)


class Reconciling(RuleBasedStateMachine):
    """A desk at which money comes, goes back and is matched, while invoices are issued and cancelled."""

    @initialize(by_hand=st.none() | AMOUNTS, refunded=st.booleans())
    def open(self, by_hand: int | None, *, refunded: bool) -> None:
        self.desk = two_and_two()
        self._try(lambda: self.desk.match(0, 1, by_hand))
        if refunded:
            self.desk.change(40_000)

    @rule(amount=AMOUNTS)
    def pay(self, amount: int) -> None:
        self.desk.next_day()
        self.desk.pay(amount)

    @rule(total=AMOUNTS)
    def change(self, total: int) -> None:
        self.desk.change(total)

    @rule(amount=AMOUNTS, how=st.sampled_from(("converted", "on_site", "waived")))
    def settle(self, amount: int, how: published.SettledHow) -> None:
        self._try(lambda: self.desk.settle(amount, how))

    @precondition(lambda self: self.desk.schedule.refund_due > 0 and self.desk.payments)
    @rule(amount=AMOUNTS)
    def refund(self, amount: int) -> None:
        """Refund through the provider: the payments are as if it had collected them."""
        online = [each.model_copy(update={"provider": "sandbox", "reference": "x"}) for each in self.desk.payments]
        most = min(amount, self.desk.schedule.refund_due)
        settled = None

        def act() -> None:
            nonlocal settled
            settling = Settling(most, "refunded", None)
            settled = settle_refund_line(self.desk.schedule, settling, online, self.desk.context)

        self._try(act)
        if settled is not None:
            self.desk.save(settled.decision)
            known = {each.id: each for each in settled.payments}
            self.desk.payments = [known.get(each.id, each) for each in self.desk.payments]

    @precondition(lambda self: self.desk.payments)
    @rule(place=PLACES, amount=AMOUNTS)
    def take_back(self, place: int, amount: int) -> None:
        self._try(lambda: self.desk.take_back(place, amount))

    @precondition(lambda self: self.desk.payments)
    @rule(place=PLACES)
    def void(self, place: int) -> None:
        self._try(lambda: self.desk.void(place))

    @rule(amount=AMOUNTS, well=st.booleans())
    def use(self, amount: int, *, well: bool) -> None:
        self._try(lambda: self.desk.use(amount))
        self.desk.answer(well=well)

    @rule(amount=AMOUNTS)
    def hold(self, amount: int) -> None:
        cheque = PostDated(self.desk.context.today + timedelta(days=30), amount, "Nord", "M")
        self._try(lambda: self.desk.save(hold_cheques(self.desk.schedule, (cheque,), self.desk.context)))

    @rule(lines=st.lists(AMOUNTS, min_size=1, max_size=3))
    def issue(self, lines: list[int]) -> None:
        self.desk.issue(*lines)

    @precondition(lambda self: self.desk.invoices)
    @rule(place=PLACES, line=PLACES)
    def cancel(self, place: int, line: int) -> None:
        at = place % len(self.desk.invoices)
        self.desk.cancel(at, line % len(self.desk.invoices[at].lines))

    @precondition(lambda self: self.desk.invoices and self.desk.payments)
    @rule(payment=PLACES, invoice=PLACES, amount=st.none() | AMOUNTS)
    def match(self, payment: int, invoice: int, amount: int | None) -> None:
        places = payment % len(self.desk.payments), invoice % len(self.desk.invoices)
        self._try(lambda: self.desk.match(*places, amount))

    @precondition(lambda self: self.desk.schedule.invoicing.matches)
    @rule(place=PLACES)
    def undo(self, place: int) -> None:
        self.desk.undo(place % len(self.desk.schedule.invoicing.matches))

    @staticmethod
    def _try(act: Any) -> None:
        with suppress(Refusal):
            act()

    @invariant()
    def nothing_is_matched_beyond_what_it_is(self) -> None:
        schedule, matching = self.desk.schedule, self.desk.matching
        left = {each.id: each.left for each in self.desk.invoices}
        for id_, state in matching.states.items():
            to_it = sum(each.amount for each in matching.matched if each.invoice == id_)
            assert to_it == state.paid <= state.left == left[id_]
            assert 0 <= state.covered <= left[id_] - state.paid
            assert (state.status == "paid") == (state.paid == left[id_] > 0)
        kept: list[Payment] = self.desk.payments
        for payment in kept:
            of_it = sum(each.amount for each in matching.matched if each.payment == payment.id)
            assert of_it <= (0 if payment.voided else payment.amount - payment.refunded - payment.reversed)
        by_credits = sum(use.amount for use in schedule.credit_uses)
        assert sum(each.amount for each in matching.available) == schedule.paid - by_credits
        assert sum(each.amount for each in matching.matched) == min(schedule.paid, sum(left.values()))
        by_hand = {each.id: each.amount for each in schedule.invoicing.matches}
        assert all(each.amount <= by_hand[each.match] for each in matching.matched if each.match is not None)


TestReconciling = Reconciling.TestCase
TestReconciling.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
