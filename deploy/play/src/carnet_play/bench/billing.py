"""Periods of subscriptions billed per second by the contracts worker, beside bare writes; and its memory (CON-21)."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import psutil

from carnet.events.catalog import SubscriptionDetails
from carnet.events.contracts import AtOnce
from carnet.journal import SLOTS
from carnet.mongo import Database, Unit, transact
from carnet.organisations import ORGANISATIONS
from carnet_play.bench.recording import Play, Recording, play_writes
from carnet_play.bench.report import Figure, Reading
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import Process
from contracts.collections import COLLECTIONS
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.store import CONTRACTS, PRODUCTS, count_to_bill
from contracts.subscriptions.billing import Biller

SUBSCRIPTIONS, WEEKS = 1_000, 10
"""How many weekly subscriptions are behind, and by how many weeks, at once: so many periods of each are billed."""
ENDURED, ENDURED_WEEKS = 10_000, 20

ALL_SLOTS = frozenset(range(SLOTS))
_PAGE = 500


async def measure(stage: Stage) -> tuple[Figure]:
    """Let the worker of contracts bill what a clock that is moved makes due, and write the same bare."""
    bare = await _bare(stage)
    database = stage.database("contracts")
    school = await _school(stage, database)
    await _subscribe(database, school, SUBSCRIPTIONS)
    with stage.running(Process("contracts", "worker")):
        await _billed(database, school, 0)  # the first period ahead of each: the worker is warm then
        started = time.perf_counter()
        await _move(database, school, WEEKS)
        await _billed(database, school, WEEKS)
        rate = SUBSCRIPTIONS * WEEKS / (time.perf_counter() - started)
    await _check(database, SUBSCRIPTIONS, 2 + WEEKS)
    database.close()
    return (
        Figure(
            name="Periods of subscriptions billed per second by the contracts worker",
            floor="a loop that writes the same documents in the same transactions",
            measured=rate,
            beside=bare,
            unit="/s",
            goal=None,
        ),
    )


async def measure_memory(stage: Stage, subscriptions: int = ENDURED, weeks: int = ENDURED_WEEKS) -> tuple[Reading]:
    """The worker's memory while it bills week after week: after a tenth of the periods, and at most."""
    database = stage.database("contracts")
    school = await _school(stage, database)
    await _subscribe(database, school, subscriptions)
    with stage.running(Process("contracts", "worker")) as children:
        worker = psutil.Process(next(iter(children.values())).pid)
        await _billed(database, school, 0)
        sizes, started = list[float](), time.perf_counter()
        for week in range(1, weeks + 1):
            await _move(database, school, week)
            await _billed(database, school, week)
            sizes.append(worker.memory_info().rss / 2**20)
        rate = subscriptions * weeks / (time.perf_counter() - started)
    await _check(database, subscriptions, 2 + weeks)
    database.close()
    first, most = sizes[max(weeks // 10 - 1, 0)], max(sizes)
    growth = most / first - 1
    return (
        Reading(
            name=f"Memory of a contracts worker over {subscriptions * weeks:,} periods",
            read=f"{first:.0f} MiB after a tenth, {most:.0f} MiB at most ({growth:+.0%}); {rate:,.0f} periods/s",
            goal="flat (within 10 %)",
            reached=growth <= 0.10,
        ),
    )


async def _bare(stage: Stage) -> float:
    """The writes of the very same transactions, on a database of its own that is as it was before the first of them."""
    scratch = Database.open(stage.servers.mongo_url, f"{stage.namespace}scratch_contracts")
    school = await _school(stage, scratch)
    await _subscribe(scratch, school, SUBSCRIPTIONS)
    recording = Recording(scratch)
    biller, stopping = Biller(recording), asyncio.Event()
    while await biller.round(ALL_SLOTS, stopping):
        pass
    before = await scratch[CONTRACTS.name].find().to_list(None)
    await _move(scratch, school, WEEKS)
    recorded: list[list[Play]] = []
    recording.taken()
    while await biller.round(ALL_SLOTS, stopping):
        recorded.append(recording.taken())
    await scratch.client.drop_database(scratch.name)
    await scratch.prepare(COLLECTIONS)
    await scratch[CONTRACTS.name].insert_many(before)
    started = time.perf_counter()
    for calls in recorded:
        await play_writes(scratch, calls)
    rate = SUBSCRIPTIONS * WEEKS / (time.perf_counter() - started)
    await _check(scratch, SUBSCRIPTIONS, 2 + WEEKS)
    await scratch.client.drop_database(scratch.name)
    scratch.close()
    return rate


async def _school(stage: Stage, database: Database) -> School:
    """A test school that sells a weekly subscription; it is known to the database with a clock of its own."""
    await database.prepare(COLLECTIONS)
    plain = await stage.school(database)
    weekly = SubscriptionDetails(unit="week", every=1, minimum=1)
    school = replace(plain, product=plain.product.model_copy(update={"details": weekly}))

    async def work(unit: Unit) -> None:
        await unit.load(PRODUCTS, [school.product.id])
        unit.put(PRODUCTS, school.product)

    await transact(database, work)
    await _move(database, school, 0)
    return school


async def _move(database: Database, school: School, weeks: int) -> None:
    """Let the clock of the school be so many weeks ahead."""
    ahead = {"mode": "test", "clock_ahead": int(timedelta(weeks=weeks).total_seconds())}

    async def work(unit: Unit) -> None:
        await unit.load(ORGANISATIONS, [school.organisation])
        known = unit.get(ORGANISATIONS, school.organisation)
        unit.put(ORGANISATIONS, (known or school.known).model_copy(update=ahead))

    await transact(database, work)


async def _subscribe(database: Database, school: School, count: int) -> None:
    """So many contracts of a subscription from today, put straight into the database."""
    for start in range(0, count, _PAGE):
        page = [_sold(school) for _ in range(min(_PAGE, count - start))]

        async def work(unit: Unit, page: Sequence[Contract] = page) -> None:
            for contract in page:
                unit.put(CONTRACTS, contract)

        await transact(database, work)


def _sold(school: School) -> Contract:
    opening = Opening(mode="online", sale=AtOnce(), currency="EUR", add=(school.addition,))
    decision = open_contract(opening, school.offer, school.context())
    return decision.state.model_copy(update={"version": len(decision.events)})


async def _billed(database: Database, school: School, weeks: int) -> None:
    """Wait until nothing of the school is to be billed, whose clock is so many weeks ahead."""
    days = {school.context().today + timedelta(weeks=weeks): [school.organisation]}
    while await count_to_bill(database, days):  # noqa: ASYNC110 # another process does it
        await asyncio.sleep(0.1)


async def _check(database: Database, subscriptions: int, periods: int) -> None:
    """Each subscription has so many periods, and no other."""
    whole = await database[CONTRACTS.name].count_documents({"subscription.added": periods})
    if whole != subscriptions:
        raise RuntimeError(f"{subscriptions - whole} of {subscriptions} subscriptions do not have {periods} periods")
