"""Scholarships under any sequence of awards, purchases, changes and refusals (CRE-11).

The machine keeps books of its own: what each line is covered by, and what waits. It never lets more be covered than a
scholarship is, nor more be awarded than a fund has.
"""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from carnet.events.scholarship_uses import ScholarshipPart
from carnet.refusals import Refusal
from credits.scholarships.domain.fund import Fund, change_fund
from credits.scholarships.domain.fund import WriteFund as Written
from credits.scholarships.domain.scholarship import Award, Scholarship, Use, adjust, award
from credits.scholarships.domain.using import Held, Used, give_back, use_all, withdraw
from tests.unit.credits.scholarship_builders import (
    ACCOUNT,
    DAY,
    ORGANISATION,
    a_context,
    a_fund,
    an_id,
    requested,
    using,
)

CONTRACTS = 3
AMOUNTS = st.integers(1, 60)
MOST_SCHOLARSHIPS = 2


@dataclass
class Change:
    """What a contract waits for: lines that it adds, and those that it then cancels or lets bring less."""

    adds: dict[str, tuple[str, int]]
    lowers: dict[str, int]


class Scholarships(RuleBasedStateMachine):
    """One fund, its scholarships, and the lines of some contracts that they cover."""

    def __init__(self) -> None:
        super().__init__()
        self.fund: Fund = a_fund(budget=200)
        self.scholarships: dict[str, Scholarship] = {}
        self.uses: dict[str, Use] = {}
        self.lines: dict[int, dict[str, tuple[str, int]]] = {number: {} for number in range(CONTRACTS)}
        """Of each contract: what its live lines say is covered, by which scholarship."""
        self.waiting: dict[int, Change] = {}
        self.numbers = iter(range(1, 10_000))

    def new_id(self) -> str:
        return an_id(next(self.numbers))

    @precondition(lambda self: len(self.scholarships) < MOST_SCHOLARSHIPS)
    @rule(amount=AMOUNTS, member=st.booleans())
    def awards(self, amount: int, *, member: bool) -> None:
        asked = Award(ACCOUNT, using().participant if member else None, amount, None)
        above = self.fund.awarded + amount > self.fund.budget
        try:
            self.fund, decided = award(self.fund, asked, a_context(self.new_id))
        except Refusal:
            assert above
            return
        assert not above
        self.scholarships[decided.state.id] = decided.state

    @precondition(lambda self: self.scholarships)
    @rule(data=st.data(), amount=st.integers(-60, 60).filter(bool))
    def adjusts(self, data: st.DataObject, amount: int) -> None:
        before = self.scholarships[data.draw(st.sampled_from(sorted(self.scholarships)))]
        fits = before.left + amount >= 0 and self.fund.awarded + amount <= self.fund.budget
        try:
            self.fund, decided = adjust(before, self.fund, amount, DAY)
        except Refusal:
            assert not fits
            return
        assert fits
        self.scholarships[before.id] = decided.state

    @rule(budget=st.integers(1, 300))
    def writes_the_budget(self, budget: int) -> None:
        try:
            self.fund = change_fund(self.fund, Written("Fonds", budget, (), (), DAY, None), DAY).state
        except Refusal:
            assert budget < self.fund.awarded

    @precondition(lambda self: self.scholarships and len(self.waiting) < CONTRACTS)
    @rule(data=st.data())
    def asks(self, data: st.DataObject) -> None:
        """A change adds lines with scholarships, and may cancel others or let them bring less."""
        contract = data.draw(st.sampled_from([each for each in self.lines if each not in self.waiting]))
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.scholarships)), min_size=1, max_size=2))
        live = self.lines[contract]
        lowers = {line: data.draw(st.integers(0, amount)) for line, (_, amount) in live.items()}
        back = tuple(
            ScholarshipPart(line=line, scholarship=live[line][0], amount=live[line][1] - most)
            for line, most in lowers.items()
            if live[line][0] in chosen and most < live[line][1]
        )
        free = {
            id_: self.scholarships[id_].left + sum(part.amount for part in back if part.scholarship == id_)
            for id_ in chosen
        }
        adds = {self.new_id(): (id_, data.draw(st.integers(1, free[id_] + 1))) for id_ in chosen}
        uses = [
            using(scholarship=id_, amount=amount).model_copy(update={"line": line})
            for line, (id_, amount) in adds.items()
        ]
        held = {id_: Held(self.scholarships[id_], self.fund) for id_ in chosen}
        kept = {part.line: self.uses[part.line] for part in back}
        answer = use_all(requested(*uses, given_back=back), ORGANISATION, held, kept)
        fits = all(sum(amount for by, amount in adds.values() if by == id_) <= free[id_] for id_ in chosen)
        assert isinstance(answer, Used) == fits
        if isinstance(answer, Used):
            self.scholarships |= {decided.state.id: decided.state for decided in answer.scholarships}
            self.uses |= {use.id: use for use in answer.uses}
            self.waiting[contract] = Change(adds, lowers)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def makes(self, data: st.DataObject) -> None:
        contract = data.draw(st.sampled_from(sorted(self.waiting)))
        change = self.waiting.pop(contract)
        for line, most in change.lowers.items():
            self.lower(contract, line, most)
        self.lines[contract] |= change.adds

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def refuses(self, data: st.DataObject) -> None:
        """Another service refused what the change needs."""
        change = self.waiting.pop(data.draw(st.sampled_from(sorted(self.waiting))))
        for line in change.adds:
            use = self.uses[line]
            uses, decided = withdraw(self.scholarships[use.scholarship], use, self.uses, DAY)
            self.scholarships[use.scholarship] = decided.state
            self.uses |= {each.id: each for each in uses}

    @precondition(lambda self: any(lines for each, lines in self.lines.items() if each not in self.waiting))
    @rule(data=st.data())
    def cancels_or_lowers(self, data: st.DataObject) -> None:
        contract = data.draw(
            st.sampled_from([each for each, lines in self.lines.items() if lines and each not in self.waiting])
        )
        line = data.draw(st.sampled_from(sorted(self.lines[contract])))
        self.lower(contract, line, data.draw(st.integers(0, self.lines[contract][line][1])))

    def lower(self, contract: int, line: str, most: int) -> None:
        use = self.uses[line]
        self.uses[line], decided = give_back(self.scholarships[use.scholarship], use, most, DAY)
        self.scholarships[use.scholarship] = decided.state
        if most:
            self.lines[contract][line] = (use.scholarship, most)
        else:
            del self.lines[contract][line]

    @invariant()
    def never_above_the_fund_nor_the_award(self) -> None:
        assert self.fund.awarded == sum(each.amount for each in self.scholarships.values()) <= self.fund.budget
        for id_, scholarship in self.scholarships.items():
            uses = [use for use in self.uses.values() if use.scholarship == id_]
            covered = sum(use.amount - use.moved for use in uses)
            assert scholarship.amount - scholarship.left == covered <= scholarship.amount
            assert scholarship.left >= 0
            live = sum(amount for lines in self.lines.values() for by, amount in lines.values() if by == id_)
            assert live <= scholarship.amount

    @invariant()
    def uses_are_what_lines_say(self) -> None:
        said = {line: amount for lines in self.lines.values() for line, (_, amount) in lines.items()}
        said |= {line: amount for change in self.waiting.values() for line, (_, amount) in change.adds.items()}
        assert {id_: use.amount for id_, use in self.uses.items() if use.amount} == said


TestScholarships = Scholarships.TestCase
TestScholarships.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
