"""Events applied per second by the payments worker, beside a loop that only writes; and its memory."""

import asyncio
import time
from collections.abc import Sequence
from typing import cast

import psutil

from carnet.batches import Batches
from carnet.envelope import Record
from carnet.events.base import Event
from carnet.events.contracts import CONTRACTS as TOPIC
from carnet.events.contracts import ContractChanged
from carnet.ids import new_id
from carnet.journal import rows_of
from carnet.mongo import Database
from carnet.relay import record_of
from carnet_play.bench.publishing import Given, Published, publish
from carnet_play.bench.recording import Play, Recording, play_writes
from carnet_play.bench.report import Figure, Reading
from carnet_play.bench.stage import PRICE, School, Stage
from carnet_suite.topology import Process
from contracts.contracts.domain.contracts import Contract
from payments.collections import COLLECTIONS
from payments.schedules.reactions import CONTRACTS
from payments.schedules.store import SCHEDULES

SCHOOL_CONTRACTS = 4_000
CHANGES_EACH = 3
ENDURANCE = 100_000
TRANSACTION = 200


async def measure(stage: Stage, endurance: int = ENDURANCE) -> tuple[Figure, Reading]:
    """Take the figure over fresh contracts and their changes, then let the worker go on and watch its memory."""
    school = await stage.school(stage.database("contracts"))
    records = _records(school, SCHOOL_CONTRACTS)
    bare = await _bare(stage, records)
    database = stage.database("payments")
    await database.prepare(COLLECTIONS)
    with stage.running(Process("payments", "worker")) as children:
        await publish(stage, TOPIC, _records(school, 300))
        await _applied(database, 300)
        worker = psutil.Process(next(iter(children.values())).pid)
        started = time.perf_counter()
        publishing = asyncio.create_task(publish(stage, TOPIC, records))
        await _applied(database, 300 + SCHOOL_CONTRACTS)
        rate = len(records) / (time.perf_counter() - started)
        await publishing
        reading = await _endurance(stage, school, database, worker, endurance)
    database.close()
    figure = Figure(
        name="Events applied per second by the payments worker",
        floor="a loop that writes the same documents in the same transactions",
        measured=rate,
        beside=bare,
        unit="/s",
        goal=0.50,
    )
    return figure, reading


def _records(school: School, count: int) -> list[Published]:
    """What so many contracts publish: each opening (two events), then the changes, round by round."""
    openings: list[Published] = []
    contracts: list[Contract] = []
    for _ in range(count):
        contract, context, events = school.opened()
        # A family has a contract or two, not thousands: each here is another account's.
        contract = contract.model_copy(update={"account": new_id()})
        own = [cast("Event", event).model_copy(update={"account": contract.account}) for event in events]
        rows = rows_of(contract.id, school.organisation, 0, own, context)
        openings += [record_of(row) for row in rows]
        contracts.append(contract)
    rounds = [
        record_of(
            rows_of(each.id, school.organisation, each.version + turn, [_change(each, turn)], school.context())[0]
        )
        for turn in range(CHANGES_EACH)
        for each in contracts
    ]
    return openings + rounds


def _change(contract: Contract, turn: int) -> Event:
    return ContractChanged(
        contract=contract.id,
        account=contract.account,
        mode=contract.mode,
        currency=contract.currency,
        total_before=PRICE + 1_001 * turn,
        total_after=PRICE + 1_001 * (turn + 1),
        live_lines=1,
        effective_on=contract.opened_on,
        version=contract.version + turn + 1,
    )


async def _applied(database: Database, contracts: int) -> None:
    """Wait until so many schedules cover the last change of their contract."""
    covered = {"covers": 2 + CHANGES_EACH}
    while await database[SCHEDULES.name].count_documents(covered) < contracts:  # noqa: ASYNC110 # another process does it
        await asyncio.sleep(0.05)


async def _bare(stage: Stage, records: Sequence[Published]) -> float:
    """The writes of the very same batches, on a database of its own."""
    scratch = Database.open(stage.servers.mongo_url, f"{stage.namespace}scratch_payments")
    await scratch.prepare(COLLECTIONS)
    recording = Recording(scratch)
    batches = Batches("payments", recording, CONTRACTS, lanes=1)
    recorded: list[list[Play]] = []
    for start in range(0, len(records), TRANSACTION):
        await batches.apply([cast("Record", Given(TOPIC, row)) for row in records[start : start + TRANSACTION]])
        recorded.append(recording.taken())
    await scratch.client.drop_database(scratch.name)
    await scratch.prepare(COLLECTIONS)
    started = time.perf_counter()
    for calls in recorded:
        await play_writes(scratch, calls)
    rate = len(records) / (time.perf_counter() - started)
    await scratch.client.drop_database(scratch.name)
    scratch.close()
    return rate


async def _endurance(stage: Stage, school: School, database: Database, worker: psutil.Process, events: int) -> Reading:
    """The worker's memory over so many events more: after a tenth of them, and at the end."""
    part = max(1, events // 10 // (2 + CHANGES_EACH))
    sizes: list[float] = []
    done = 300 + SCHOOL_CONTRACTS
    for _ in range(10):
        await publish(stage, TOPIC, _records(school, part))
        done += part
        await _applied(database, done)
        sizes.append(worker.memory_info().rss / 2**20)
    growth = sizes[-1] / sizes[0] - 1
    return Reading(
        name=f"Memory of a payments worker over {events:,} events",
        read=f"{sizes[0]:.0f} MiB after a tenth, {sizes[-1]:.0f} MiB at the end ({growth:+.0%})",
        goal="flat (within 10 %)",
        reached=growth <= 0.10,
    )
