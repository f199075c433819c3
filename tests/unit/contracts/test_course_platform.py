"""docs/integration/course-platform.md taken at its word: the platform is as the contracts say."""

import asyncio
import importlib.util
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import orjson
import pytest

from carnet.decisions import Decision
from carnet.refusals import Refusal
from contracts.access.domain import access_id, change, lessons_on
from contracts.contracts.domain.products import PlanChange
from tests.pages import blocks
from tests.records import record
from tests.unit.contracts.contract_builders import BEN, ORGANISATION, buying
from tests.unit.contracts.test_access import BASIC, ENDLESS, FULL, GENEROUS, Platform

COURSES = ("harmony", "rhythm")
PLANS = (BASIC, FULL, ENDLESS)
STEPS = 25


class Published(Platform):
    """The same, and every record that Kafka got of it, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[SimpleNamespace] = []

    def keeps(self, decision: Decision[Any]) -> Sequence[Any]:
        state = decision.state
        before = self.accesses[state.id].version if state.id in self.accesses else 0
        for number, event in enumerate(decision.events, start=before + 1):
            made = record(event, aggregate=state.id, sequence=number, organisation=ORGANISATION)
            headers = {name: value.decode() for name, value in made.headers}
            self.records.append(SimpleNamespace(headers=headers, body=made.value))
        return super().keeps(decision)


def season(seed: int) -> Published:
    """Plans are bought, cancelled, changed for others and by staff, too late, paid, and end; the same for each seed."""
    chance, school = random.Random(seed), Published()
    school.opens(BASIC)
    for _ in range(STEPS):
        try:
            _happens(chance, school)
        except (Refusal, StopIteration):
            continue  # it cannot be done now: another thing happens
    assert len(school.records) > len(school.accesses), "hardly anything was published"
    return school


def _happens(chance: random.Random, school: Published) -> None:
    contract, plan = chance.choice(list(school.contracts.values())), chance.choice(PLANS)
    match chance.choice(("open", "cancel", "change", "add", "late", "staff", "time")):
        case "open":
            school.opens(plan)
        case "cancel":
            school.changes(contract, cancel=(next(contract.live).id,))
        case "change":
            school.changes(contract, plans=(PlanChange(next(contract.live).id, buying(plan)),))
        case "add":
            school.changes(contract, add=(buying(plan),))
        case "late":
            school.saved(contract, Decision(contract.model_copy(update={"withheld": not contract.withheld})))
        case "staff":
            school.keeps(change(school.of(), GENEROUS, None, None, school.context()))
        case _:
            school.passes(school.today + timedelta(days=chance.randint(1, 90)))


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """courses.py, with a database of its own that has nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "courses.py").write_text(blocks("integration/course-platform.md")["file: courses.py"], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("courses", tmp_path / "courses.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    module.books.close()


def deliver(platform: ModuleType, records: Sequence[SimpleNamespace]) -> None:
    async def all_of_them() -> None:
        for each in records:
            await platform.receive(each)

    asyncio.run(all_of_them())


def agrees(platform: ModuleType, school: Published) -> None:
    """The platform lets in whom the contracts let in, as they say."""
    for course in COURSES:
        access = school.accesses.get(access_id(BEN, course))
        is_open = access is not None and access.open
        assert platform.may_enter(ORGANISATION, BEN, course) == is_open, course
        assert not platform.may_enter(BEN, BEN, course), "another organisation's"
        if is_open and access is not None and access.given is not None:
            lessons = platform.lessons_open(ORGANISATION, BEN, course, school.today)
            assert lessons == lessons_on(access.given, school.today)
            found = platform.books.execute(
                "SELECT settings, first_day, last_day FROM accesses WHERE course = ?", (course,)
            )
            settings, first_day, last_day = found.fetchone()
            assert orjson.loads(settings) == access.given.settings.model_dump(mode="json")
            ends = access.given.last_day
            assert (first_day, last_day) == (access.given.first_day.isoformat(), ends and ends.isoformat())


@pytest.mark.parametrize("seed", range(12))
def test_con_20_the_platform_is_as_the_contracts_say_whatever_is_delivered(platform: ModuleType, seed: int) -> None:
    school, chance = season(seed), random.Random(seed)
    # Delivered again from somewhere before, as after a crash.
    again: list[SimpleNamespace] = []
    for number, each in enumerate(school.records):
        again.append(each)
        if chance.random() < 0.3:
            again += school.records[chance.randint(0, number) : number + 1]
    deliver(platform, again)
    agrees(platform, school)
    deliver(platform, school.records[: chance.randint(1, len(school.records))])  # a replay, as far as it has come
    agrees(platform, school)


@pytest.mark.parametrize("seed", range(12))
def test_con_20_gaps_and_a_beginning_with_nothing_need_only_the_newest_of_each_access(
    platform: ModuleType, seed: int
) -> None:
    school, chance = season(seed), random.Random(seed)
    newest = {each.headers["ce_subject"]: each for each in school.records}
    # Kafka has compacted what it liked, but for the newest of each access.
    kept = [each for each in school.records if each is newest[each.headers["ce_subject"]] or chance.random() < 0.3]
    deliver(platform, kept)
    agrees(platform, school)


def test_con_20_after_a_restore_the_platform_begins_again_and_drops_what_was_undone(platform: ModuleType) -> None:
    school, other = season(1), season(2)
    deliver(platform, school.records)
    restored = [
        SimpleNamespace(headers={**each.headers, "ce_generation": "1"}, body=each.body) for each in other.records
    ]
    deliver(platform, restored)
    deliver(platform, school.records)  # of the generation before
    agrees(platform, other)
