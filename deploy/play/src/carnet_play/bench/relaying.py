"""Events published per second by the relay, beside a bare idempotent producer that is handed the same records."""

import asyncio
import time
from typing import Any, cast

from carnet.journal import ROWS, JournalRow, rows_of
from carnet.leases import Leases
from carnet.mongo import Database
from carnet.producing import new_producer
from carnet.relay import PAGE, Relay, record_of
from carnet_play.bench.report import Figure
from carnet_play.bench.stage import School, Stage

CONTRACTS = 15_000
"""Each opening publishes two events."""


async def measure(stage: Stage) -> tuple[Figure]:
    """Take the figure, on the journal of contracts."""
    database = stage.database("contracts")
    school = await stage.school(database)
    leases = Leases(database, "bench")
    await leases.prepare()
    relay = Relay(database, leases, stage.servers.kafka_bootstrap, stage.namespace)
    await leases.tick()
    await _published(database, school, 300)
    await _drain(relay)  # the producer is warm from here on
    rows = await _published(database, school)
    await leases.tick()
    started = time.perf_counter()
    await _drain(relay)
    relayed = len(rows) / (time.perf_counter() - started)
    await relay.close()
    await leases.release()
    bare = await _bare(stage, rows)
    database.close()
    figure = Figure(
        name="Events published per second by the relay",
        floor="a bare idempotent producer",
        measured=relayed,
        beside=bare,
        unit="/s",
        goal=0.50,
    )
    return (figure,)


async def _published(database: Database, school: School, count: int = CONTRACTS) -> list[JournalRow]:
    rows: list[JournalRow] = []
    for _ in range(count):
        contract, context, events = school.opened()
        rows += rows_of(contract.id, contract.organisation, 0, cast("Any", events), context)
    for start in range(0, len(rows), 1_000):
        await database[ROWS].insert_many([dict(row) for row in rows[start : start + 1_000]])
    return rows


async def _drain(relay: Relay) -> None:
    nothing_more = asyncio.Event()
    nothing_more.set()
    await relay.run(nothing_more)


async def _bare(stage: Stage, rows: list[JournalRow]) -> float:
    producer = new_producer(stage.servers.kafka_bootstrap)
    await producer.start()
    topic = stage.namespace + rows[0]["topic"]
    records = [record_of(row) for row in rows]
    for key, value, headers in records[:PAGE]:
        await producer.send(topic, value, key, headers=headers)
    await producer.flush()
    started = time.perf_counter()
    for start in range(0, len(records), PAGE):
        acks = [
            await producer.send(topic, value, key, headers=headers)
            for key, value, headers in records[start : start + PAGE]
        ]
        await asyncio.gather(*acks)
    rate = len(records) / (time.perf_counter() - started)
    await producer.stop()
    return rate
