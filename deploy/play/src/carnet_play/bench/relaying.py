"""Events published per second by the relay, beside a bare idempotent producer that is handed the same records."""

import asyncio
import time
from typing import Any, cast

from carnet.journal import ROWS, JournalRow, rows_of
from carnet.leases import Leases
from carnet.mongo import Database
from carnet.producing import new_producer
from carnet.relay import PAGE, Relay, record_of
from carnet.republishing import unpublished
from carnet_play.bench.report import Figure
from carnet_play.bench.stage import School, Stage

ROUNDS = 3
"""The relay and the bare producer take turns: what else the machine does meets both."""

CONTRACTS = 15_000
"""How many are opened in a round; each opening publishes two events."""


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
    count, relaying, sending = 0, 0.0, 0.0
    for _ in range(ROUNDS):
        rows = await _published(database, school)
        count += len(rows)
        await leases.tick()
        started = time.perf_counter()
        await _drain(relay)
        relaying += time.perf_counter() - started
        if left := await unpublished(database):
            raise RuntimeError(f"{left} events were not published before the leases ran out: the machine is too busy")
        sending += await _bare(stage, rows)
    await relay.close()
    await leases.release()
    database.close()
    figure = Figure(
        name="Events published per second by the relay",
        floor="a bare idempotent producer",
        measured=count / relaying,
        beside=count / sending,
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
    """How many seconds it takes a producer that is warm to send the records of these rows."""
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
    taken = time.perf_counter() - started
    await producer.stop()
    return taken
