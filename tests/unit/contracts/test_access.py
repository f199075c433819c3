"""The access of a member to a course: one, whatever plans open it, and never interrupted while one does (CON-20)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.access import (
    AccessChanged,
    AccessGranted,
    AccessPersonal,
    AccessRevoked,
    AccessSettings,
    ReleaseCalendar,
)
from carnet.events.catalog import OnlinePlanDetails
from carnet.events.contracts import AtOnce
from carnet.refusals import Refusal
from contracts.access.domain import Access, Given, access_id, apply_lines, change, concerned, erase, follow, lessons_on
from contracts.contracts.domain.changes import Change, Opening, cancel_contract, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.products import PlanChange, Product
from tests.unit.contracts.contract_builders import (
    BEN,
    JAZZ,
    TODAY,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
)

LIGHT = AccessSettings(lessons=5, deadlines=True)
AT_ONCE = AtOnce()
LATER = date(2027, 3, 1)


def a_plan(number: int, *courses: str, **details: Any) -> Product:
    return a_product(number, OnlinePlanDetails(courses=courses, **details), participant=True)


BASIC = a_plan(401, "harmony", settings=LIGHT, months=6)
FULL = a_plan(402, "harmony", "rhythm", valid_until=date(2027, 8, 31))
ENDLESS = a_plan(403, "harmony")
OFFER = an_offer(BASIC, FULL, ENDLESS)


class Platform:
    """The accesses of one child, as contracts are saved one after the other."""

    def __init__(self) -> None:
        self.contracts: dict[str, Contract] = {}
        self.accesses: dict[str, Access] = {}
        self.today = TODAY

    def opens(self, *plans: Product) -> Contract:
        opening = Opening(mode="online", sale=AT_ONCE, currency="EUR", add=tuple(buying(plan) for plan in plans))
        return self.saved(None, open_contract(opening, OFFER, self.context()))

    def changes(self, contract: Contract, **fields: Any) -> Contract:
        return self.saved(contract, change_contract(contract, Change(**fields), OFFER, self.context()))

    def context(self) -> Any:
        number = 1000 * (len(self.contracts) + 1) + 100 * sum(each.version for each in self.contracts.values())
        return a_context(self.today, counted(number))

    def saved(self, before: Contract | None, decided: Decision[Contract]) -> Contract:
        after = kept(decided)
        self.published: dict[str, Sequence[Any]] = {}
        for id_, (member, course) in concerned(before, after).items():
            access = self.accesses.get(id_) or Access.none_yet(after, member, course)
            self.keeps(follow(access, after, self.context()))
        self.contracts[after.id] = after
        return after

    def keeps(self, decision: Decision[Access]) -> Sequence[Any]:
        access = decision.state
        version = access.version + len(decision.events)
        self.accesses[access.id] = access.model_copy(update={"version": version})
        self.published[access.course] = decision.events
        return decision.events

    def passes(self, today: date) -> Sequence[Any]:
        """The day comes, and what has ended is settled."""
        self.today = today
        found = [each for each in self.accesses.values() if each.ends_on and each.ends_on < today]
        return [event for each in found for event in self.keeps(apply_lines(each, self.context()))]

    def of(self, course: str = "harmony") -> Access:
        return self.accesses[access_id(BEN, course)]

    @property
    def said(self) -> dict[str, list[str]]:
        return {course: [type(each).__name__ for each in events] for course, events in self.published.items()}


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_con_20_a_plan_opens_its_courses_with_their_whole_settings(platform: Platform) -> None:
    contract = platform.opens(BASIC, JAZZ)
    (event,) = platform.published["harmony"]
    assert isinstance(event, AccessGranted)
    line = contract.lines[0]
    assert event == AccessGranted(
        access=access_id(BEN, "harmony"), account=contract.account, member=BEN, course="harmony", settings=LIGHT,
        first_day=TODAY, last_day=date(2027, 5, 21), contract=contract.id, line=line.id, product=BASIC.id,
        effective_on=TODAY,
    )  # fmt: skip
    assert list(platform.published) == ["harmony"]


def test_con_20_the_access_goes_with_its_line(platform: Platform) -> None:
    contract = platform.opens(FULL)
    platform.changes(contract, cancel=(contract.lines[0].id,))
    assert platform.said == {"harmony": ["AccessRevoked"], "rhythm": ["AccessRevoked"]}
    (event,) = platform.published["rhythm"]
    assert (event.why, event.last_day, event.settings) == ("cancelled", date(2027, 8, 31), AccessSettings())
    assert not platform.of().open


def test_con_20_two_lines_that_open_the_same_course_are_one_access_and_the_last_bought_decides(
    platform: Platform,
) -> None:
    first = platform.opens(BASIC)
    second = platform.opens(FULL)
    assert platform.said == {"harmony": ["AccessChanged"], "rhythm": ["AccessGranted"]}
    (event,) = platform.published["harmony"]
    assert (event.contract, event.settings, event.first_day) == (second.id, AccessSettings(), TODAY)

    # The line that decides nothing goes: nothing is published.
    platform.changes(first, cancel=(first.lines[0].id,))
    assert platform.said == {"harmony": []}
    assert [line.contract for line in platform.of().lines] == [second.id]


def test_con_20_the_line_before_decides_again_once_the_last_one_goes(platform: Platform) -> None:
    first, second = platform.opens(BASIC), platform.opens(FULL)
    platform.changes(second, cancel=(second.lines[0].id,))
    assert platform.said == {"harmony": ["AccessChanged"], "rhythm": ["AccessRevoked"]}
    (event,) = platform.published["harmony"]
    assert (event.contract, event.settings, event.last_day) == (first.id, LIGHT, date(2027, 5, 21))
    assert (event.first_day, event.line) == (TODAY, first.lines[0].id)


def test_con_20_a_plan_cancelled_and_another_added_in_one_change_interrupt_nothing(platform: Platform) -> None:
    contract = platform.opens(FULL)
    platform.changes(contract, cancel=(contract.lines[0].id,), add=(buying(BASIC),))
    assert platform.said == {"harmony": ["AccessChanged"], "rhythm": ["AccessRevoked"]}


def test_con_20_an_access_ends_after_its_last_day_and_the_next_line_goes_on(platform: Platform) -> None:
    platform.opens(ENDLESS)
    platform.opens(BASIC)
    assert platform.passes(date(2027, 5, 21)) == []
    (event,) = platform.passes(date(2027, 5, 22))
    assert isinstance(event, AccessChanged)
    assert (event.product, event.last_day, event.effective_on) == (ENDLESS.id, None, date(2027, 5, 22))
    assert platform.of().ends_on is None


def test_con_20_an_access_without_another_line_is_revoked_at_its_end_and_only_once(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    (event,) = platform.passes(date(2027, 5, 22))
    assert isinstance(event, AccessRevoked)
    assert (event.why, event.last_day, event.line) == ("expired", date(2027, 5, 21), contract.lines[0].id)
    assert platform.passes(date(2027, 5, 23)) == []
    platform.changes(contract, cancel=(contract.lines[0].id,))
    assert platform.said == {"harmony": []}


def test_con_11_an_edited_expiry_moves_the_end_closes_and_opens(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    line = contract.lines[0].id
    platform.today = LATER
    contract = platform.changes(contract, edit=(Edit(line, expires_on=date(2027, 4, 30)),))
    (moved,) = platform.published["harmony"]
    assert (type(moved), moved.last_day, moved.first_day) == (AccessChanged, date(2027, 4, 30), TODAY)

    contract = platform.changes(contract, edit=(Edit(line, expires_on=LATER - timedelta(days=1)),))
    (closed,) = platform.published["harmony"]
    assert (closed.why, closed.last_day) == ("expired", LATER - timedelta(days=1))

    platform.changes(contract, edit=(Edit(line, expires_on=None),))
    (opened,) = platform.published["harmony"]
    # The same purchase: what was released stays so.
    assert (type(opened), opened.last_day, opened.first_day) == (AccessGranted, None, TODAY)


def test_con_20_another_purchase_after_an_end_begins_anew(platform: Platform) -> None:
    platform.opens(BASIC)
    platform.passes(date(2027, 6, 1))
    platform.opens(BASIC)
    (event,) = platform.published["harmony"]
    assert (type(event), event.first_day) == (AccessGranted, date(2027, 6, 1))


def test_con_22_a_cancelled_contract_closes_all_that_it_opened(platform: Platform) -> None:
    contract = platform.opens(FULL, JAZZ)
    platform.saved(contract, cancel_contract(contract, platform.context()))
    assert platform.said == {"harmony": ["AccessRevoked"], "rhythm": ["AccessRevoked"]}


def test_what_has_nothing_to_do_with_plans_touches_no_access(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    platform.changes(contract, edit=(Edit(contract.lines[0].id, price=20000),), add=(buying(JAZZ),))
    assert platform.said == {}


def test_org_4_the_access_of_an_erased_person_is_closed_for_ever(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    (event,) = platform.keeps(erase(platform.of(), platform.context()))
    assert (type(event), event.why) == (AccessRevoked, "erased")
    platform.changes(contract, edit=(Edit(contract.lines[0].id, expires_on=None),))
    assert platform.said == {"harmony": []}


def test_a_plan_that_is_over_when_it_is_bought_opens_nothing(platform: Platform) -> None:
    platform.today = date(2027, 9, 1)
    platform.opens(FULL)
    assert platform.said == {"harmony": [], "rhythm": []}
    assert platform.of().given is None


def test_the_id_of_an_access_is_the_same_for_ever() -> None:
    assert access_id(an_id(12), "harmony") == "be3d012a-9870-5a9f-a530-5637b289ba81"


GENEROUS = AccessSettings(lessons=None, release=ReleaseCalendar(lessons=2, every_days=7), exercises="teacher")


def test_con_20_the_access_of_one_client_is_changed_inside_its_plan(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    platform.today = LATER
    (event,) = platform.keeps(change(platform.of(), GENEROUS, date(2027, 12, 31), "was ill", platform.context()))
    assert isinstance(event, AccessChanged)
    assert (event.settings, event.last_day, event.first_day) == (GENEROUS, date(2027, 12, 31), TODAY)
    assert (event.line, event.effective_on) == (contract.lines[0].id, LATER)
    assert event.personal == AccessPersonal(reason="was ill")
    assert platform.of().changed_by_staff
    assert platform.passes(date(2027, 12, 31)) == []
    assert [each.why for each in platform.passes(date(2028, 1, 1))] == ["expired"]


def test_con_20_what_staff_changed_belongs_to_its_plan_and_comes_back_with_it(platform: Platform) -> None:
    platform.opens(BASIC)
    platform.keeps(change(platform.of(), GENEROUS, None, None, platform.context()))
    second = platform.opens(FULL)
    assert platform.published["harmony"][0].settings == AccessSettings()
    platform.changes(second, cancel=(second.lines[0].id,))
    (event,) = platform.published["harmony"]
    assert (event.settings, event.last_day) == (GENEROUS, None)


def test_con_11_an_expiry_edited_later_counts_instead_of_the_end_that_staff_gave(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    platform.keeps(change(platform.of(), GENEROUS, date(2028, 1, 31), None, platform.context()))
    platform.changes(contract, edit=(Edit(contract.lines[0].id, expires_on=date(2027, 6, 30)),))
    (event,) = platform.published["harmony"]
    assert (event.settings, event.last_day) == (GENEROUS, date(2027, 6, 30))
    contract = next(iter(platform.contracts.values()))
    platform.changes(contract, edit=(Edit(contract.lines[0].id, price=11000),))
    assert platform.said == {}


def test_con_20_an_access_that_is_over_is_opened_again_with_another_end(platform: Platform) -> None:
    platform.opens(BASIC)
    platform.passes(date(2027, 6, 1))
    (event,) = platform.keeps(change(platform.of(), LIGHT, date(2027, 6, 30), "one month more", platform.context()))
    assert isinstance(event, AccessGranted)
    assert (event.first_day, event.last_day) == (TODAY, date(2027, 6, 30))
    assert event.personal == AccessPersonal(reason="one month more")


def test_con_20_what_cannot_be_changed_is_refused_and_says_why(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    access = platform.of()
    with pytest.raises(Refusal, match="today at the earliest") as past:
        change(access, GENEROUS, TODAY - timedelta(days=1), None, platform.context())
    assert (past.value.slug, past.value.rule) == ("access-ends-in-the-past", "CON-20")
    with pytest.raises(Refusal) as same:
        change(access, LIGHT, date(2027, 5, 21), "again", platform.context())
    assert same.value.slug == "nothing-to-change"
    platform.changes(contract, cancel=(contract.lines[0].id,))
    with pytest.raises(Refusal) as gone:
        change(platform.of(), GENEROUS, None, None, platform.context())
    assert gone.value.slug == "access-without-plan"
    with pytest.raises(Refusal) as erased:
        change(erase(access, platform.context()).state, GENEROUS, None, None, platform.context())
    assert (erased.value.slug, erased.value.rule) == ("member-erased", "ORG-4")


@pytest.mark.parametrize(
    ("lessons", "release", "days", "open_then"),
    [
        (None, None, 0, None),
        (5, None, 0, 5),
        (None, (2, 7), 0, 2),
        (None, (2, 7), 6, 2),
        (None, (2, 7), 7, 4),
        (5, (2, 7), 13, 4),
        (5, (2, 7), 14, 5),
        (5, (2, 7), -3, 2),
    ],
)
def test_con_20_lessons_are_released_from_the_first_day_and_never_more_than_the_plan_has(
    lessons: int | None, release: tuple[int, int] | None, days: int, open_then: int | None
) -> None:
    calendar = ReleaseCalendar(lessons=release[0], every_days=release[1]) if release else None
    settings = AccessSettings(lessons=lessons, release=calendar)
    given = Given(contract=an_id(1), line=an_id(2), product=an_id(3), name="x", settings=settings, first_day=TODAY)
    assert lessons_on(given, TODAY + timedelta(days=days)) == open_then


def _late(platform: Platform, contract: Contract, *, withheld: bool = True) -> list[str]:
    """The contract is late by the days of the organisation, or paid again; what is published."""
    now = platform.contracts[contract.id]
    platform.saved(now, Decision(now.model_copy(update={"withheld": withheld})))
    return [type(each).__name__ for each in platform.published["harmony"]]


def test_con_20_a_late_contract_opens_nothing_until_it_is_paid_and_then_goes_on_as_before(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    platform.today = LATER
    assert _late(platform, contract) == ["AccessRevoked"]
    (revoked,) = platform.published["harmony"]
    assert (revoked.why, revoked.first_day, revoked.effective_on) == ("late", TODAY, LATER)
    with pytest.raises(Refusal) as refused:
        change(platform.of(), GENEROUS, None, None, platform.context())
    assert (refused.value.slug, refused.value.params["contract"]) == ("access-withheld", contract.id)
    assert _late(platform, contract, withheld=False) == ["AccessGranted"]
    (granted,) = platform.published["harmony"]
    assert (granted.first_day, granted.last_day, granted.settings) == (TODAY, date(2027, 5, 21), LIGHT)


def test_con_20_what_another_contract_opens_stays_open_while_one_is_late(platform: Platform) -> None:
    first, second = platform.opens(BASIC), platform.opens(ENDLESS)
    assert _late(platform, second) == ["AccessChanged"]
    assert platform.published["harmony"][0].contract == first.id
    assert _late(platform, first) == ["AccessRevoked"]
    assert _late(platform, second, withheld=False) == ["AccessGranted"]
    assert platform.of().given is not None
    assert platform.of().given.contract == second.id


def test_con_20_a_plan_added_to_a_late_contract_opens_nothing_before_it_is_paid(platform: Platform) -> None:
    contract = platform.opens(JAZZ)
    now = platform.contracts[contract.id]
    late = platform.saved(now, Decision(now.model_copy(update={"withheld": True})))
    after = platform.changes(late, add=(buying(BASIC),))
    assert platform.said == {"harmony": []}
    assert _late(platform, after, withheld=False) == ["AccessGranted"]


def test_con_19_a_plan_changed_while_it_is_withheld_goes_on_where_it_was_once_it_is_paid(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    platform.today = LATER
    assert _late(platform, contract) == ["AccessRevoked"]
    for plan in (FULL, BASIC):
        (before,) = platform.contracts[contract.id].live
        platform.changes(platform.contracts[contract.id], plans=(PlanChange(before.id, buying(plan)),))
        assert platform.published["harmony"] == ()
    assert _late(platform, contract, withheld=False) == ["AccessGranted"]
    (granted,) = platform.published["harmony"]
    assert (granted.first_day, granted.settings) == (TODAY, LIGHT)


def test_con_20_a_plan_bought_after_one_that_ended_or_went_while_withheld_begins_anew(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    assert _late(platform, contract) == ["AccessRevoked"]
    (line,) = platform.contracts[contract.id].live
    platform.changes(platform.contracts[contract.id], cancel=(line.id,))
    platform.today = LATER
    platform.changes(platform.contracts[contract.id], add=(buying(BASIC),))
    assert _late(platform, contract, withheld=False) == ["AccessGranted"]
    assert platform.published["harmony"][0].first_day == LATER
    assert _late(platform, contract) == ["AccessRevoked"]
    (line,) = platform.contracts[contract.id].live
    platform.today = LATER + timedelta(days=200)
    platform.changes(platform.contracts[contract.id], plans=(PlanChange(line.id, buying(ENDLESS)),))
    assert _late(platform, contract, withheld=False) == ["AccessGranted"]
    assert platform.published["harmony"][0].first_day == platform.today


def test_con_20_what_ends_or_goes_while_it_is_withheld_does_not_come_back(platform: Platform) -> None:
    contract = platform.opens(BASIC)
    assert _late(platform, contract) == ["AccessRevoked"]
    platform.today = date(2027, 6, 1)
    assert _late(platform, contract, withheld=False) == []
    assert not platform.of().open
