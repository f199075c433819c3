"""How long it takes to find what is due among a million schedules, beside finding the same ones by their ids."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from typing import Any

from carnet.journal import SLOTS
from carnet.mongo import Database, Document
from carnet_play.bench.families import PAGE, School, days_ago
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import Stage
from payments.collection.collector.run import LANES, MOST_ORDERS
from payments.collection.store.starting import Groups, due_contracts, due_query
from payments.schedules.store import SCHEDULES, TO_COLLECT

KEPT = 1_000_000
SCHOOLS = 50
FEW, MANY = 200, 200_000
ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Looked:
    """The times of looks, in milliseconds, shortest first."""

    times: Sequence[float]

    def at(self, part: float) -> float:
        """The time that this part of the looks stayed below."""
        return self.times[int(len(self.times) * part)]


async def measure(stage: Stage, kept: int = KEPT, few: int = FEW, many: int = MANY) -> tuple[Reading, ...]:
    """Look as a lane of one worker does, first up to a day on which few are due, then up to one on which many are."""
    early, usual, later = days_ago(10), days_ago(3), days_ago(-20)
    database = stage.database("payments")
    await database.prepare([SCHEDULES])
    schools = [School() for _ in range(SCHOOLS)]
    await _fill(database, schools, {early: few, usual: many - few, later: kept - many})
    readings = [
        await _read(database, schools, until, f"{due:,} of {kept:,} schedules due")
        for until, due in ((early, few), (usual, many))
    ]
    database.close()
    return tuple(readings)


async def _fill(database: Database, schools: Sequence[School], counts: dict[date, int]) -> None:
    """Write schedules, of which so many are first due on each of these days, of all schools alike."""
    documents: list[Document] = []
    for due, count in counts.items():
        of_each = [school.families(due, -(-count // len(schools))) for school in schools]
        for family in islice(_in_turn(of_each), count):
            documents.append(family.schedule)
            if len(documents) == PAGE:
                await database[SCHEDULES.name].insert_many(documents, ordered=False)
                documents = []
    if documents:
        await database[SCHEDULES.name].insert_many(documents, ordered=False)


def _in_turn(iterators: Sequence[Iterator[Any]]) -> Iterator[Any]:
    for each in cycle(iterators):
        yield next(each)


async def _read(database: Database, schools: Sequence[School], until: date, what: str) -> Reading:
    groups: Groups = {until: [school.organisation for school in schools]}
    lane = frozenset(range(0, SLOTS, LANES))
    found = await due_contracts(database, groups, lane, but=(), limit=MOST_ORDERS)

    async def by_index() -> None:
        await due_contracts(database, groups, lane, but=(), limit=MOST_ORDERS)

    async def by_id() -> None:
        await database[SCHEDULES.name].find({"_id": {"$in": found}}, {"_id": 1}).limit(MOST_ORDERS).to_list(None)

    looked, beside = await _timed(by_index, by_id)
    query = database[SCHEDULES.name].find(due_query(groups, lane), {"_id": 1}, hint=TO_COLLECT).limit(MOST_ORDERS)
    plan = await query.explain()
    keys, documents = (plan["executionStats"][f"total{what}Examined"] for what in ("Keys", "Docs"))
    stages = _stages(plan["queryPlanner"]["winningPlan"])
    return Reading(
        name=f"Finding what is due, {what}: {len(found)} for a lane of one worker",
        read=f"p50 {looked.at(0.50):.1f} ms, p95 {looked.at(0.95):.1f} ms; the same found by their ids p50 "
        f"{beside.at(0.50):.1f} ms, p95 {beside.at(0.95):.1f} ms; {keys:,} keys of the index and {documents} documents "
        "read",
        goal="index only, no scan",
        reached=documents == 0 and "IXSCAN" in stages and stages.isdisjoint({"COLLSCAN", "FETCH"}),
    )


async def _timed(*looks: Callable[[], Awaitable[None]]) -> list[Looked]:
    """The times of each look, taken in turn, once they are warm."""
    times: list[list[float]] = [[] for _ in looks]
    for turn in range(-ROUNDS // 10, ROUNDS):
        for look, taken in zip(looks, times, strict=True):
            started = time.perf_counter()
            await look()
            if turn >= 0:
                taken.append((time.perf_counter() - started) * 1000)
    return [Looked(sorted(taken)) for taken in times]


def _stages(plan: Any) -> set[str]:
    if isinstance(plan, dict):
        own = {plan["stage"]} if "stage" in plan else set()
        return own.union(*(_stages(value) for value in plan.values()))
    return set().union(*(_stages(each) for each in plan)) if isinstance(plan, list) else set()
