"""Instalments collected per second by one and by two payments workers, beside a bare loop; and a worker's memory."""

import asyncio
from datetime import datetime
from typing import Any, Self

import psutil

from carnet.journal import SLOTS
from carnet.mongo import Database, Document
from carnet_play.bench.bare_collecting import bare
from carnet_play.bench.families import School, days_ago, keep
from carnet_play.bench.report import Figure, Reading
from carnet_play.bench.stage import Stage
from carnet_suite.topology import Process
from payments.collection.store.orders import ORDERS
from payments.collections import COLLECTIONS
from payments.receipts.store import PAYMENTS

LATENCY = 0.05
"""Seconds in which the provider answers."""

CALLS = 16
"""Calls in flight of one worker, as its setting has it by default."""

COUNT = 6_000
WARM_UP = 400
FEW_DUE, MANY_DUE = 10_000, 200_000


async def measure(stage: Stage, count: int = COUNT) -> tuple[Figure, Figure, Reading]:
    """Take the figure with one worker and with two, each after its floor, on the same servers."""
    database = stage.database("payments")
    await database.prepare(COLLECTIONS)
    figures = [await _with(stage, database, workers, count) for workers in (1, 2)]
    database.close()
    one, two = figures
    ratio, bare_ratio = two.measured / one.measured, two.beside / one.beside
    reading = Reading(
        name="Two payments workers beside one",
        read=f"{ratio:.2f} times as many instalments; the bare loop with twice the calls in flight {bare_ratio:.2f} "
        "times",
        goal="more than one",
        reached=ratio > 1,
    )
    return one, two, reading


async def _with(stage: Stage, database: Database, workers: int, count: int) -> Figure:
    with stage.provider(LATENCY) as address:
        beside = await bare(stage, address, count, calls=CALLS * workers, lanes=2 * workers)
    processes = [Process("payments", "worker", number) for number in range(1, workers + 1)]
    with stage.provider(LATENCY), stage.running(*processes):
        await _shared(database, workers)
        await _collected(database, School(), WARM_UP)
        measured = await _collected(database, School(), count)
    most = CALLS * workers / LATENCY
    return Figure(
        name=f"Instalments collected per second by {'one payments worker' if workers == 1 else 'two payments workers'},"
        f" of a provider that answers in {LATENCY * 1000:.0f} ms",
        floor=f"a bare loop that makes the same writes and calls, {CALLS * workers} in flight (no more than "
        f"{most:,.0f}/s is possible)",
        measured=measured,
        beside=beside,
        unit="/s",
        goal=None,
    )


async def measure_memory(stage: Stage, few: int = FEW_DUE, many: int = MANY_DUE) -> tuple[Reading]:
    """A worker's memory: the most of it while ``few`` instalments are due, then while ``many`` more are."""
    database = stage.database("payments")
    await database.prepare(COLLECTIONS)
    with stage.provider(0.0), stage.running(Process("payments", "worker")) as children:
        await _shared(database, 1)
        worker = psutil.Process(next(iter(children.values())).pid)
        async with _Watched(worker) as watched:
            await _collected(database, School(), few)
            first = watched.most()
            rate = await _collected(database, School(), many)
            last = watched.most()
    database.close()
    growth = last / first - 1
    reading = Reading(
        name=f"Memory of a payments worker, at most: {few:,} instalments due, then {many:,} more at once",
        read=f"{first:.0f} MiB, then {last:.0f} MiB ({growth:+.0%}); all were collected, {rate:,.0f}/s",
        goal="flat (within 10 %)",
        reached=growth <= 0.10,
    )
    return (reading,)


async def _shared(database: Database, workers: int) -> None:
    """Wait until the slots are shared out evenly."""
    shared: list[dict[str, Any]] = [
        {"$match": {"owner": {"$ne": None}}},
        {"$group": {"_id": "$owner", "slots": {"$sum": 1}}},
    ]
    while True:
        found = await database["leases"].aggregate(shared).to_list(None)
        if [each["slots"] for each in found] == [SLOTS // workers] * workers:
            return
        await asyncio.sleep(0.1)


async def _collected(database: Database, school: School, count: int) -> float:
    """Let so many due instalments be collected; how many a second, over the middle eight tenths of them."""
    payments = database[PAYMENTS.name]
    done = await payments.estimated_document_count() + count
    due = days_ago(3)
    for start in range(0, count, 10_000):
        await keep(database, list(school.families(due, min(10_000, count - start))))
    await school.opens(database)
    while await payments.estimated_document_count() < done:  # noqa: ASYNC110 # other processes do it
        await asyncio.sleep(0.2)
    ended: Document = {"organisation": school.organisation, "status": "succeeded"}
    # The estimate counts uncommitted documents too.
    while await database[ORDERS.name].count_documents(ended) < count:  # noqa: ASYNC110 # likewise
        await asyncio.sleep(0.2)
    instants = sorted([order["ended_at"] async for order in database[ORDERS.name].find(ended, {"ended_at": 1})])
    first, last = int(count * 0.1), int(count * 0.9)
    took = datetime.fromisoformat(instants[last]) - datetime.fromisoformat(instants[first])
    return (last - first) / took.total_seconds()


class _Watched:
    """The memory of a process, looked at while the block lasts."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._most = 0.0

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)

    def most(self) -> float:
        """The most resident memory since this was asked the last time, in MiB."""
        most, self._most = self._most, 0.0
        return most

    async def _watch(self) -> None:
        while True:
            self._most = max(self._most, self._process.memory_info().rss / 2**20)
            await asyncio.sleep(0.2)
