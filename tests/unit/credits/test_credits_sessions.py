"""Sessions taken of packs: which pack serves, what comes back, never below zero, never outside (CRE-10)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from carnet.events.catalog import SessionPackDetails
from carnet.events.credits import SessionRestored, SessionsAdjusted, SessionUsed
from carnet.refusals import Refusal
from credits.domain.packs import Pack, PackEntry, entry
from credits.packs.domain.using import MOST_LEFT, Session, SessionUse, adjust, choose, give_back, take
from tests.unit.credits.credits_builders import DAY, an_id
from tests.unit.credits.packs_builders import LEA, NOE, a_pack

FIRST_USE = SessionPackDetails(sessions=10, days=30, starts="first_use")
USE = an_id(80)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def taken(pack: Pack, on: date = DAY, use: str = USE, member: str = LEA) -> tuple[Pack, SessionUse]:
    decision, made = take(pack, Session(member, on), use, DAY, suspended=False)
    return decision.state, made


def refusal(pack: Pack, on: date = DAY, *, suspended: bool = False) -> str:
    with pytest.raises(Refusal) as caught:
        take(pack, Session(LEA, on), USE, DAY, suspended=suspended)
    return caught.value.slug


def test_cre_10_a_session_is_taken_and_given_back_to_the_pack_that_paid() -> None:
    pack = a_pack(1)
    decision, use = take(pack, Session(LEA, after(2)), USE, DAY, suspended=False)
    (event,) = decision.events
    assert isinstance(event, SessionUsed)
    assert (event.use, event.member, event.on, event.left, event.effective_on) == (USE, LEA, after(2), 0, DAY)
    assert (decision.state.left, decision.state.uses, use.pack) == (0, 1, pack.id)
    restored, cancelled = give_back(decision.state, use, after(3))
    (back,) = restored.events
    assert isinstance(back, SessionRestored)
    assert (back.left, restored.state.left, restored.state.uses, cancelled.cancelled_on) == (1, 1, 0, after(3))
    with pytest.raises(Refusal) as caught:
        give_back(restored.state, cancelled, after(4))
    assert caught.value.slug == "use-cancelled"
    with pytest.raises(Refusal) as caught:
        give_back(decision.state.model_copy(update={"standing": "removed"}), use, DAY)
    assert caught.value.slug == "pack-removed"


@pytest.mark.parametrize(
    ("pack", "on", "slug"),
    [
        (a_pack(0), DAY, "pack-used-up"),
        (a_pack(member=NOE), DAY, "pack-of-other-member"),
        (a_pack(last_day=after(9)), after(10), "pack-expired"),
        (a_pack(), after(-1), "pack-not-valid-yet"),
        (a_pack(0, standing="removed"), DAY, "pack-removed"),
    ],
)
def test_cre_10_the_day_of_the_session_decides_and_the_refusal_says_why(pack: Pack, on: date, slug: str) -> None:
    assert refusal(pack, on) == slug


def test_cre_2_a_suspended_pack_is_not_used() -> None:
    assert refusal(a_pack(), suspended=True) == "pack-suspended"


def test_cre_10_a_pack_starts_on_the_earliest_day_of_its_uses_and_a_cancelled_start_is_undone() -> None:
    pack = a_pack(details=FIRST_USE)
    assert pack.expires_on is None
    pack, first = taken(pack, after(5))
    assert (pack.started_on, pack.expires_on) == (after(5), after(34))
    pack, second = taken(pack, after(30), an_id(81))
    assert refusal(pack, after(35)) == "pack-expired"
    assert refusal(pack, after(0)) == "pack-expired"  # that would leave the second one outside
    decision, _ = give_back(pack, first, DAY)
    assert (decision.state.started_on, decision.state.expires_on) == (after(30), after(59))
    decision, _ = give_back(decision.state, second, DAY)
    assert (decision.state.started_on, decision.state.expires_on) == (None, None)


def test_con_11_a_last_day_that_staff_gave_is_that_of_the_pack_whatever_its_first_use() -> None:
    pack, _ = taken(a_pack(details=FIRST_USE, last_day=after(90)), after(5))
    assert (pack.expires_on, pack.started_on) == (after(90), None)
    assert pack.model_copy(update={"last_day": None}).expires_on == after(34)


def test_cre_10_the_earliest_expiry_serves_then_one_that_has_started() -> None:
    soon, late = a_pack(id=an_id(1), last_day=after(9)), a_pack(id=an_id(2), last_day=after(20))
    started, _ = taken(a_pack(id=an_id(3), details=FIRST_USE), after(1))
    fresh = a_pack(id=an_id(4), details=FIRST_USE)
    endless, unlimited = a_pack(id=an_id(5)), a_pack(None, id=an_id(6))
    packs = [endless, fresh, started, unlimited, late, soon]
    order = []
    while packs:
        chosen = choose(packs, Session(LEA, after(5)), set())
        order.append(chosen.id)
        packs.remove(chosen)
    assert order == [soon.id, late.id, started.id, unlimited.id, endless.id, fresh.id]
    assert choose([soon, late], Session(LEA, after(10)), set()) == late
    assert choose([soon, late], Session(LEA, after(5)), {soon.id}) == late


def test_cre_10_where_none_serves_the_refusal_has_the_reason_for_each() -> None:
    packs = [a_pack(0, id=an_id(1)), a_pack(id=an_id(2), member=NOE)]
    with pytest.raises(Refusal) as caught:
        choose(packs, Session(LEA, DAY), set())
    assert caught.value.slug == "no-pack-serves"
    assert [each["why"] for each in caught.value.params["packs"]] == ["used-up", "other-member"]


def test_cre_10_staff_adds_one_and_takes_one_off_within_the_bounds() -> None:
    (event,) = adjust(a_pack(3), -1, DAY).events
    assert isinstance(event, SessionsAdjusted)
    assert (event.sessions, event.left) == (-1, 2)
    assert adjust(a_pack(3), 1, DAY).state.left == 4
    assert adjust(a_pack(3, last_day=DAY), 1, DAY).state.left == 4
    for pack, by, slug in (
        (a_pack(0), -1, "pack-used-up"),
        (a_pack(3, last_day=after(-1)), 1, "pack-expired"),
        (a_pack(None), 1, "pack-unlimited"),
        (a_pack(0, standing="removed"), 1, "pack-removed"),
        (a_pack(MOST_LEFT), 1, "pack-too-large"),
    ):
        with pytest.raises(Refusal) as caught:
            adjust(pack, by, DAY)
        assert caught.value.slug == slug


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_cre_10_every_use_lies_in_the_validity_whatever_the_order_of_days(days: list[int]) -> None:
    pack, used = a_pack(details=FIRST_USE), set[int]()
    for number, day in enumerate(days):
        fits = max({*used, day}) - min({*used, day}) < 30
        if fits:
            pack, _ = taken(pack, after(day), an_id(100 + number))
            used.add(day)
        else:
            assert refusal(pack, after(day)) == "pack-expired"
        assert (pack.started_on, pack.expires_on) == (after(min(used)), after(min(used) + 29))


class Packs(RuleBasedStateMachine):
    """A family with three packs: whatever is done in whatever order, each is what its movements say."""

    def __init__(self) -> None:
        super().__init__()
        made = [
            a_pack(3, id=an_id(1), details=SessionPackDetails(sessions=3), last_day=after(20)),
            a_pack(4, id=an_id(2), member=LEA, details=SessionPackDetails(sessions=4, days=5, starts="first_use")),
            a_pack(None, id=an_id(3), member=NOE, last_day=after(10)),
        ]
        self.packs = {pack.id: pack for pack in made}
        self.moved: dict[str, list[PackEntry]] = {pack.id: [] for pack in made}
        self.uses: dict[str, SessionUse] = {}

    def _save(self, pack: Pack, event: object) -> None:
        saved = pack.model_copy(update={"version": pack.version + 1})
        movement = entry(self.packs[pack.id], saved, event, DAY)
        assert movement is not None
        self.moved[pack.id].append(movement)
        self.packs[pack.id] = saved

    @rule(member=st.sampled_from([LEA, NOE]), day=st.integers(-1, 30))
    def take(self, member: str, day: int) -> None:
        session = Session(member, after(day))
        try:
            pack = choose(list(self.packs.values()), session, set())
        except Refusal:
            return
        decision, use = take(pack, session, an_id(1000 + len(self.uses)), DAY, suspended=False)
        self.uses[use.id] = use
        self._save(decision.state, decision.events[0])

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        live = sorted(id_ for id_, use in self.uses.items() if use.cancelled_on is None)
        if live:
            use = self.uses[data.draw(st.sampled_from(live))]
            decision, self.uses[use.id] = give_back(self.packs[use.pack], use, DAY)
            self._save(decision.state, decision.events[0])

    @rule(which=st.sampled_from([1, 2, 3]), by=st.sampled_from([1, -1]), today=st.integers(0, 30))
    def adjust(self, which: int, by: int, today: int) -> None:
        pack = self.packs[an_id(which)]
        try:
            decision = adjust(pack, by, after(today))
        except Refusal:
            return
        assert pack.expires_on is None or pack.expires_on >= after(today)
        self._save(decision.state, decision.events[0])

    @invariant()
    def each_is_what_its_movements_say(self) -> None:
        for pack in self.packs.values():
            sold = pack.details.sessions or 0
            if pack.left is not None:
                assert pack.left == sold + sum(each.sessions for each in self.moved[pack.id]) >= 0
            live = [use for use in self.uses.values() if use.pack == pack.id and use.cancelled_on is None]
            assert pack.uses == len(live)
            assert all(pack.bought_on <= use.on for use in live)
            assert all(pack.expires_on is None or use.on <= pack.expires_on for use in live)
            assert all(pack.member in (None, use.member) for use in live)
            assert sorted((day.on, day.uses) for day in pack.days) == (
                sorted({(use.on, sum(other.on == use.on for other in live)) for use in live})
                if pack.details.starts == "first_use"
                else []
            )


TestPacks = Packs.TestCase
TestPacks.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
