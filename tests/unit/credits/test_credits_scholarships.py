"""Scholarships: funds, awards and uses, decided without a server (CRE-11)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.events.scholarship_uses import ScholarshipPart, ScholarshipUse, ScholarshipUseRequested
from carnet.refusals import Refusal
from credits.scholarships.domain.fund import Fund, WriteFund, change_fund
from credits.scholarships.domain.scholarship import Award, Scholarship, Use, adjust, award
from credits.scholarships.domain.using import Held, Used, give_back, use_all, withdraw
from tests.unit.credits.scholarship_builders import (
    ACCOUNT,
    CONTRACT,
    COURSE,
    DAY,
    MEMBER,
    ORGANISATION,
    a_context,
    a_fund,
    a_scholarship,
    an_id,
    requested,
    using,
)

WRITTEN = WriteFund("Fonds solidaire", 100_000, ("course",), (), DAY, None)


def asking(scholarship: Scholarship, *uses: ScholarshipUse, fund: Fund | None = None, **more: Any) -> Any:
    held = {scholarship.id: Held(scholarship, fund or a_fund())}
    kept: dict[str, Use] = more.pop("kept", {})
    return use_all(requested(*uses, **more), ORGANISATION, held, kept)


def refusal_of(answer: Any) -> str:
    assert not isinstance(answer, Used)
    return str(answer.state.why)


def test_cre_11_what_is_awarded_is_never_above_the_budget() -> None:
    fund, decided = award(a_fund(), Award(ACCOUNT, MEMBER, 60_000, "the committee"), a_context())
    assert (fund.awarded, decided.state.amount, decided.state.left) == (60_000, 60_000, 60_000)
    with pytest.raises(Refusal) as refusal:
        award(fund, Award(ACCOUNT, None, 40_001, None), a_context())
    assert (refusal.value.slug, refusal.value.params["left"]) == ("fund-used-up", 40_000)
    assert award(fund, Award(ACCOUNT, None, 40_000, None), a_context())[0].awarded == 100_000


def test_cre_11_a_budget_never_falls_below_what_was_awarded() -> None:
    fund = a_fund(awarded=60_000)
    with pytest.raises(Refusal) as refusal:
        change_fund(fund, replace(WRITTEN, budget=59_999), DAY)
    assert refusal.value.slug == "fund-budget-below-awarded"
    changed = change_fund(fund, replace(WRITTEN, budget=60_000), DAY)
    assert (changed.state.budget, changed.state.awarded, len(changed.events)) == (60_000, 60_000, 1)
    assert not change_fund(changed.state, replace(WRITTEN, budget=60_000), DAY).events


def test_cre_11_only_what_is_left_is_taken_back_and_returns_to_the_fund() -> None:
    fund, scholarship = a_fund(awarded=60_000), a_scholarship(amount=60_000, left=20_000)
    with pytest.raises(Refusal) as refusal:
        adjust(scholarship, fund, -20_001, DAY)
    assert refusal.value.slug == "scholarship-below-used"
    taken, decided = adjust(scholarship, fund, -20_000, DAY)
    assert (taken.awarded, decided.state.amount, decided.state.left, decided.state.used) == (40_000, 40_000, 0, 40_000)
    with pytest.raises(Refusal):
        adjust(scholarship, fund, 40_001, DAY)


@pytest.mark.parametrize(
    ("use", "fund", "account", "why"),
    [
        ({}, {}, an_id(77), "other-account"),
        ({"scholarship": an_id(78)}, {}, ACCOUNT, "unknown"),
        ({"participant": an_id(79)}, {}, ACCOUNT, "other-member"),
        ({"participant": None}, {}, ACCOUNT, "other-member"),
        ({"kind": "workshop"}, {"kinds": ("course",)}, ACCOUNT, "not-eligible"),
        ({"product": an_id(80)}, {"products": (COURSE,)}, ACCOUNT, "not-eligible"),
        ({}, {"first_day": DAY + timedelta(days=1)}, ACCOUNT, "not-begun"),
        ({}, {"first_day": DAY - timedelta(days=9), "last_day": DAY - timedelta(days=1)}, ACCOUNT, "ended"),
        ({"amount": 60_001}, {}, ACCOUNT, "not-enough"),
    ],
)
def test_cre_11_why_a_scholarship_does_not_cover(use: Any, fund: Any, account: str, why: str) -> None:
    answer = asking(a_scholarship(), using(**use), fund=a_fund(**fund), account=account)
    assert refusal_of(answer) == why


@pytest.mark.parametrize(
    "fund",
    [{}, {"kinds": ("course",)}, {"products": (COURSE,)}, {"kinds": ("workshop",), "products": (COURSE,)}],
)
def test_cre_11_a_fund_is_for_its_kinds_and_its_products(fund: Any) -> None:
    assert isinstance(asking(a_scholarship(), using(), fund=a_fund(**fund, last_day=DAY)), Used)


def test_cre_11_that_of_the_whole_account_is_for_anybody_and_for_nobody_in_particular() -> None:
    whole = a_scholarship(member=None)
    for participant in (MEMBER, an_id(79), None):
        assert isinstance(asking(whole, using(participant=participant)), Used)


def test_cre_11_all_of_a_request_or_nothing_and_never_above_the_award() -> None:
    both = asking(a_scholarship(), using(1, amount=40_000), using(2, amount=20_000))
    assert isinstance(both, Used)
    (decided,) = both.scholarships
    assert (decided.state.left, [event.left for event in decided.events]) == (0, [20_000, 0])
    assert refusal_of(asking(a_scholarship(), using(1, amount=40_000), using(2, amount=20_001))) == "not-enough"


def test_cre_11_another_currency_is_refused() -> None:
    assert refusal_of(asking(a_scholarship(), using(), currency="CHF")) == "currency"


def moved() -> tuple[Scholarship, Use, Use]:
    """A change that cancels line 1, of which 50,000 are covered, and has 55,000 cover line 2: what it was granted."""
    first = asking(a_scholarship(), using(1, amount=50_000))
    scholarship, use = first.scholarships[0].state, first.uses[0]
    assert scholarship.left == 10_000
    back = ScholarshipPart(line=use.id, scholarship=scholarship.id, amount=50_000)
    answer = asking(scholarship, using(2, amount=55_000), kept={use.id: use}, given_back=(back,))
    assert isinstance(answer, Used)
    uses = {each.id: each for each in answer.uses}
    return answer.scholarships[0].state, uses[use.id], uses[an_id(2)]


def test_cre_11_what_a_change_gives_back_is_used_by_it_and_counted_once() -> None:
    scholarship, old, new = moved()
    assert (scholarship.left, old.moved, new.amount, new.takes_over) == (0, 45_000, 55_000, ((old.id, 45_000),))
    given, decided = give_back(scholarship, old, 0, DAY)
    assert (decided.state.left, given.amount, given.moved) == (5_000, 0, 0)
    gone, last = give_back(decided.state, new, 0, DAY)
    assert (last.state.left, gone.amount) == (60_000, 0)


def test_cre_11_a_change_that_is_refused_leaves_all_as_it_was() -> None:
    scholarship, old, new = moved()
    uses, decided = withdraw(scholarship, new, {old.id: old}, DAY)
    kept = {use.id: use for use in uses}
    assert (decided.state.left, kept[old.id].amount, kept[old.id].moved, kept[new.id].amount) == (10_000, 50_000, 0, 0)
    again, twice = withdraw(decided.state, kept[new.id], kept, DAY)
    assert (again, twice.events) == ((), ())


def test_cre_11_no_more_comes_back_than_is_used_there() -> None:
    first = asking(a_scholarship(), using(1, amount=50_000))
    scholarship, use = first.scholarships[0].state, first.uses[0]
    back = ScholarshipPart(line=use.id, scholarship=scholarship.id, amount=90_000)
    assert refusal_of(asking(scholarship, using(2, amount=60_001), kept={use.id: use}, given_back=(back,))) == (
        "not-enough"
    )
    stranger = ScholarshipPart(line=an_id(9), scholarship=scholarship.id, amount=90_000)
    assert refusal_of(asking(scholarship, using(2, amount=10_001), kept={use.id: use}, given_back=(stranger,))) == (
        "not-enough"
    )


def test_cre_11_a_line_that_brings_less_gives_back_the_difference_once() -> None:
    first = asking(a_scholarship(), using(1, amount=50_000))
    scholarship, use = first.scholarships[0].state, first.uses[0]
    given, decided = give_back(scholarship, use, 30_000, DAY)
    assert (given.amount, decided.state.left) == (30_000, 30_000)
    again, twice = give_back(decided.state, given, 30_000, DAY)
    assert (again, twice.events) == (given, ())


def test_cre_11_the_request_that_is_answered_is_named_in_every_event() -> None:
    answer = asking(a_scholarship(), using(1, amount=1), using(2, amount=2))
    events = answer.scholarships[0].events
    asked: ScholarshipUseRequested = requested(using(1), using(2))
    assert {(event.request, event.contract) for event in events} == {(asked.request, CONTRACT)}
    assert [use.used_on for use in answer.uses] == [date(2027, 1, 31)] * 2
