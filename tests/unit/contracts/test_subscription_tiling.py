"""Whatever happens to a subscription, in whatever order: no day is billed twice and none is left out (CON-21)."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from carnet.dates import months_after
from carnet.decisions import Decision
from carnet.events.catalog import SubscriptionDetails
from carnet.events.contracts import AtOnce
from carnet.refusals import Refusal
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pauses import LONGEST, Pausing, lift_pause, pause_subscription
from contracts.contracts.domain.periods import Pause
from contracts.contracts.domain.prices import Pricing, change_price
from contracts.contracts.domain.subscriptions import Cancelling, bill_next, cancel_subscription
from tests.unit.contracts.contract_builders import a_context, a_product, an_offer, buying, counted, kept

MONTH_ENDS = [date(2027, 1, 29), date(2027, 1, 30), date(2027, 1, 31), date(2028, 2, 29), date(2027, 12, 31)]


class Subscribed(RuleBasedStateMachine):
    """A subscription over years, as its organisation's clock goes on."""

    contract: Contract
    today: date

    def __init__(self) -> None:
        super().__init__()
        self.prices = {1: 1000}
        self.new_id = counted()

    @initialize(
        unit=st.sampled_from(["week", "month", "year"]),
        every=st.integers(1, 3),
        minimum=st.integers(1, 4),
        today=st.sampled_from(MONTH_ENDS) | st.dates(date(2027, 1, 1), date(2028, 12, 31)),
        later=st.integers(0, 60),
    )
    def sell(self, unit: str, every: int, minimum: int, today: date, later: int) -> None:
        sold = {"unit": unit, "every": every, "minimum": minimum, "pausable": True}
        details = SubscriptionDetails.model_validate(sold)
        product = a_product(301, details, price=1000)
        first = today + timedelta(days=later)
        opening = Opening(mode="online", sale=AtOnce(), currency="EUR", add=(buying(product, first_day=first),))
        self.today = today
        self.contract = kept(open_contract(opening, an_offer(product), a_context(today, self.new_id)))

    @rule(days=st.integers(1, 400))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(most=st.integers(1, 40))
    def the_worker_bills(self, most: int) -> None:
        for _ in range(most):
            decision = bill_next(self.contract, a_context(self.today, self.new_id))
            if not decision.events:
                break
            self.contract = kept(decision)

    @precondition(lambda self: self.contract.subscription.cancellation is None)
    @rule(ahead=st.integers(0, 500), by_days=st.booleans(), fee=st.sampled_from([0, 700]))
    def staff_cancels(self, ahead: int, by_days: bool, fee: int) -> None:
        asked = Cancelling(self.today + timedelta(days=ahead), by_days, fee)
        self.contract = kept(cancel_subscription(self.contract, asked, a_context(self.today, self.new_id)))

    @precondition(lambda self: self.contract.subscription.cancellation is None)
    @rule(ahead=st.integers(0, 400), price=st.sampled_from([0, 900, 1000, 1100]))
    def staff_changes_the_price(self, ahead: int, price: int) -> None:
        subscription = self.contract.subscription
        assert subscription
        asked = Pricing(self.today + timedelta(days=ahead), price)
        try:
            decision = change_price(self.contract, asked, a_context(self.today, self.new_id))
        except Refusal as refusal:
            if refusal.slug != "same-price":
                raise
            return
        number = subscription.first_from(asked.on)
        self.prices = {n: other for n, other in self.prices.items() if n < number} | {number: price}
        self.contract = kept(decision)

    def price(self, number: int) -> int:
        return self.prices[max(n for n in self.prices if n <= number)]

    def pause(self) -> Pause | None:
        subscription = self.contract.subscription
        assert subscription
        return None if subscription.cancellation else subscription.pause(self.today)

    @precondition(lambda self: self.contract.subscription.cancellation is None and self.pause() is None)
    @rule(ahead=st.integers(0, 360), months=st.none() | st.integers(1, 14))
    def staff_pauses(self, ahead: int, months: int | None) -> None:
        asked = Pausing(self.today + timedelta(days=ahead), months)
        self.moves(pause_subscription(self.contract, asked, a_context(self.today, self.new_id)), asked.on)

    @precondition(lambda self: (pause := self.pause()) and pause.months and not pause.lifted_on)
    @rule(months=st.none() | st.integers(1, 3))
    def staff_makes_the_pause_longer(self, months: int | None) -> None:
        pause = self.pause()
        assert pause
        assert pause.months
        on = max(self.today, pause.on)
        if on <= pause.resumes_on and (months is None or pause.months + months <= LONGEST):
            asked = Pausing(on, months)
            self.moves(pause_subscription(self.contract, asked, a_context(self.today, self.new_id)), pause.on)

    @precondition(lambda self: self.pause())
    @rule(ahead=st.integers(0, 300))
    def staff_lifts(self, ahead: int) -> None:
        pause = self.pause()
        assert pause
        earliest = max(months_after(pause.on, 1, pause.on.day), self.today)
        latest = date.max if pause.is_open else pause.resumes_on - timedelta(days=1)
        if earliest <= latest and earliest <= months_after(self.today, 12, self.today.day):
            on = min(earliest + timedelta(days=ahead), latest, months_after(self.today, 12, self.today.day))
            self.moves(lift_pause(self.contract, on, a_context(self.today, self.new_id)), pause.on)
            begins = self.contract.subscription
            assert begins
            assert begins.first_day(pause.number) == max(on, pause.first_day)

    @precondition(lambda self: (pause := self.pause()) and self.today < pause.on)
    @rule()
    def staff_takes_the_pause_back(self) -> None:
        pause = self.pause()
        assert pause
        self.moves(lift_pause(self.contract, None, a_context(self.today, self.new_id)), pause.on)
        begins = self.contract.subscription
        assert begins
        assert begins.first_day(pause.number) == pause.first_day

    def moves(self, decision: Decision[Contract], on: date) -> None:
        """What begins before the pause stays as it is, and nothing costs more or less."""
        before = {line.id: line for line in self.contract.lines}
        self.contract = kept(decision)
        assert self.contract.total == sum(line.amount for line in before.values() if line.live)
        for line in self.contract.lines:
            if (line.purchase.first_day or date.min) < on:
                assert line == before[line.id]

    @invariant()
    def the_periods_tile_but_for_the_pauses(self) -> None:
        subscription = self.contract.subscription
        assert subscription
        billed = [line.purchase for line in self.contract.live if line.period]
        assert [each.period for each in billed] == list(range(1, len(billed) + 1))
        for one, next_one in pairwise(billed):
            assert one.last_day
            assert (one.first_day or date.max) <= one.last_day
            begins = one.last_day + timedelta(days=1)
            for pause in subscription.pauses:
                if pause.number == next_one.period:
                    assert pause.first_day == begins
                    assert pause.resumes_on >= begins
                    begins = pause.resumes_on
            assert next_one.first_day == begins

    @invariant()
    def each_period_is_charged_on_its_first_day_and_the_total_is_their_sum(self) -> None:
        terms = self.contract.terms(self.contract.version)
        periods = {line.id: line.purchase for line in self.contract.live if line.period and line.amount}
        assert {each.line: each.due for each in terms.charges} == {id_: each.first_day for id_, each in periods.items()}
        fees = sum(line.amount for line in self.contract.live if not line.period)
        assert terms.total == fees + sum(each.amount for each in terms.charges)

    @invariant()
    def what_is_billed_is_one_period_ahead(self) -> None:
        on, subscription = self.contract.bill_on, self.contract.subscription
        assert subscription
        last = [line.purchase.first_day for line in self.contract.live if line.period][-1:]
        assert on is None or on == max(last[0] or date.min, subscription.bill_from or date.min)

    @invariant()
    def a_cancelled_one_ends_on_its_day_and_each_day_costs_its_share(self) -> None:
        subscription = self.contract.subscription
        assert subscription
        periods = [line.purchase for line in self.contract.live if line.period]
        if subscription.cancellation is None:
            assert [each.price for each in periods] == [self.price(each.period or 0) for each in periods]
            return
        assert all((each.first_day or date.max) < subscription.cancellation.on for each in periods)
        if self.contract.bill_on is None and periods:
            assert periods[-1].last_day == subscription.ends_on
        assert [each.price for each in periods[:-1]] == [self.price(each.period or 0) for each in periods[:-1]]


TestSubscribed = Subscribed.TestCase
TestSubscribed.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
