"""What credits and schedules say of each other, by the real decisions of both, in any order of events (CRE-3, CRE-6).

One account, two credits, three contracts. What each publishes comes in the order of its aggregate, anything
else in any order, and again at any time. Once all is handled, both services agree to the unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from carnet.decisions import Decision
from carnet.events.base import Event
from carnet.events.contracts import ContractTerms, OnSite
from carnet.events.credits import CreditUsed, CreditUseRefused
from carnet.events.payments import CreditGivenBack, CreditUseRequested
from carnet.refusals import Refusal
from credits.domain.credit import Credit, Entry, entry
from credits.domain.movements import Gift, adjust, issue, refuse, restore, use
from payments.credit_uses.domain import KnownCredit, UseRequest, complete_use, request_use, return_use
from payments.schedules.domain.decisions import adjust_schedule, open_schedule
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.starting import Opening
from tests.unit.credits.credits_builders import ACCOUNT, DAY, ORGANISATION, a_context, an_id

CREDITS, CONTRACTS, GRANTED, TOTAL = 2, 3, 1000, 900


@dataclass
class Topic:
    """What one service publishes: a lane for each aggregate, and how far the other service has read it."""

    lanes: dict[str, list[Event]] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)

    def publish(self, aggregate: str, events: Sequence[Event]) -> None:
        self.lanes.setdefault(aggregate, []).extend(events)

    def handle(self, aggregate: str, *, back: int, count: int, by: Callable[[Event], None]) -> None:
        """Read ``count`` events of a lane, from so many before those that are new: what was handled is dropped."""
        mark = self.marks.get(aggregate, 0)
        start = max(0, mark - back)
        for sequence, event in enumerate(self.lanes[aggregate][start : start + count], start=start + 1):
            if sequence > self.marks.get(aggregate, 0):
                by(event)
                self.marks[aggregate] = sequence

    @property
    def unread(self) -> list[str]:
        return [lane for lane, events in self.lanes.items() if self.marks.get(lane, 0) < len(events)]


class Agreement(RuleBasedStateMachine):
    """Staff uses credits, contracts change, both services read each other's events when they like."""

    def __init__(self) -> None:
        super().__init__()
        self.context = a_context()
        self.credits: dict[str, Credit] = {}
        self.entries: list[Entry] = []
        self.adjusted = 0
        self.schedules: dict[str, Schedule] = {}
        self.requests: dict[str, UseRequest] = {}
        self.by_payments, self.by_credits = Topic(), Topic()

    @initialize()
    def begin(self) -> None:
        for _ in range(CREDITS):
            self._save(None, issue(Gift(ACCOUNT, GRANTED, "EUR"), ORGANISATION, self.context))
        for number in range(CONTRACTS):
            terms = ContractTerms(total=TOTAL, live_lines=1, version=2)
            opening = Opening(an_id(100 + number), ORGANISATION, ACCOUNT, "on_site", OnSite(), "EUR", terms)
            self._keep(open_schedule(opening, self.context))

    def _keep(self, decision: Decision[Schedule]) -> None:
        version = decision.state.version + len(decision.events)
        self.schedules[decision.state.id] = decision.state.model_copy(update={"version": version})
        self.by_payments.publish(decision.state.id, decision.events)

    def _save(self, before: Credit | None, decision: Decision[Credit]) -> None:
        (event,) = decision.events
        after = decision.state.model_copy(update={"version": decision.state.version + 1})
        self.credits[after.id] = after
        movement = entry(before, after, event, DAY)
        assert movement is not None
        self.entries.append(movement)
        self.by_credits.publish(after.id, [event])

    # What people do

    @rule(contract=st.integers(0, CONTRACTS - 1), credit=st.integers(0, CREDITS - 1), amount=st.integers(1, 1200))
    def use(self, contract: int, credit: int, amount: int) -> None:
        schedule, named = list(self.schedules.values())[contract], list(self.credits)[credit]
        known = KnownCredit(id=named, organisation=ORGANISATION, account=ACCOUNT, currency="EUR", sold_by=None)
        try:
            decision, request = request_use(schedule, known, amount, self.context)
        except Refusal:
            return
        self.requests[request.id] = request
        self._keep(decision)

    @rule(contract=st.integers(0, CONTRACTS - 1), total=st.integers(0, 1500))
    def change(self, contract: int, total: int) -> None:
        schedule = list(self.schedules.values())[contract]
        terms = ContractTerms(total=total, live_lines=1, version=schedule.covers + 1)
        self._keep(adjust_schedule(schedule, terms, self.context))

    @rule(credit=st.integers(0, CREDITS - 1), amount=st.integers(-500, 500).filter(bool))
    def adjust(self, credit: int, amount: int) -> None:
        before = list(self.credits.values())[credit]
        try:
            self._save(before, adjust(before, amount, DAY))
        except Refusal:
            return
        self.adjusted += amount

    # What the services receive

    @rule(lane=st.integers(0, 5), back=st.integers(0, 3), count=st.integers(1, 6))
    def credits_receives(self, lane: int, back: int, count: int) -> None:
        self._receive(self.by_payments, self._credits_reacts, lane, back, count)

    @rule(lane=st.integers(0, 20), back=st.integers(0, 3), count=st.integers(1, 6))
    def payments_receives(self, lane: int, back: int, count: int) -> None:
        self._receive(self.by_credits, self._payments_reacts, lane, back, count)

    def _receive(self, topic: Topic, by: Callable[[Event], None], lane: int, back: int, count: int) -> None:
        lanes = list(topic.lanes)
        topic.handle(lanes[lane % len(lanes)], back=back, count=count, by=by)

    def _credits_reacts(self, event: Event) -> None:
        match event:
            case CreditUseRequested():
                before = self.credits[event.credit]
                answer = use(before, event)
                if isinstance(answer, Decision):
                    self._save(before, answer)
                else:
                    self.by_credits.publish(event.request, refuse(event, answer, ORGANISATION).events)
            case CreditGivenBack():
                before = self.credits[event.credit]
                self._save(before, restore(before, event))

    def _payments_reacts(self, event: Event) -> None:
        match event:
            case CreditUsed() | CreditUseRefused():
                request, schedule = self.requests[event.request], self.schedules[event.contract]
                assert request.status == "requested", "a request was answered twice"
                reason = event.reason if isinstance(event, CreditUseRefused) else None
                answered = return_use(schedule, request, reason, self.context) if reason else None
                self._keep(answered or complete_use(schedule, request, self.context))
                self.requests[request.id] = (
                    request.refused(reason, self.context) if reason else request.granted(self.context)
                )

    # What holds

    @invariant()
    def what_is_left_is_the_sum_of_the_entries_and_never_below_zero(self) -> None:
        for credit in self.credits.values():
            assert credit.left == sum(each.amount for each in self.entries if each.credit == credit.id) >= 0
        whole = sum(credit.left + credit.used for credit in self.credits.values())
        assert whole == (GRANTED * len(self.credits)) + self.adjusted

    def teardown(self) -> None:
        while self.by_payments.unread or self.by_credits.unread:
            for topic, by in ((self.by_payments, self._credits_reacts), (self.by_credits, self._payments_reacts)):
                for lane in topic.unread:
                    topic.handle(lane, back=1, count=1000, by=by)
        assert all(request.status != "requested" for request in self.requests.values())
        assert not any(schedule.attempts for schedule in self.schedules.values())
        assert self._said_by_schedules() == self._said_by_credits()
        for credit, contracts in self._said_by_credits().items():
            used = [each for each in self.entries if each.credit == credit and each.contract]
            for contract in {each.contract for each in used}:
                assert contracts.get(contract or "", 0) == -sum(e.amount for e in used if e.contract == contract)

    def _said_by_schedules(self) -> dict[str, dict[str, int]]:
        said: dict[str, dict[str, int]] = {credit: {} for credit in self.credits}
        for schedule in self.schedules.values():
            for paid in schedule.credit_uses:
                of = said[paid.credit]
                of[schedule.id] = of.get(schedule.id, 0) + paid.amount
        return said

    def _said_by_credits(self) -> dict[str, dict[str, int]]:
        return {credit.id: {use.contract: use.amount for use in credit.uses} for credit in self.credits.values()}


TestUsesAgree: Any = Agreement.TestCase
TestUsesAgree.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
