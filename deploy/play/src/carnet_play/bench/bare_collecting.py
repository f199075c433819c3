"""The floor of collecting: a loop that makes the same writes and the same calls, and nothing else."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson

from carnet.dates import utc_now
from carnet.ids import new_id
from carnet.journal import SLOTS
from carnet.mongo import Database
from carnet_play.bench.client import Connection
from carnet_play.bench.families import Family, School, days_ago, keep
from carnet_play.bench.recording import Play, Recording, play_writes
from carnet_play.bench.stage import Stage
from payments.collection.collector.calendars import Calendars
from payments.collection.collector.intents import Hand, Intents
from payments.collection.collector.run import MOST_ORDERS, ORDERS_PER_CALL
from payments.collection.domain.orders import Order, Succeeded
from payments.collection.outcomes import OrderAnswer, save_outcomes
from payments.collections import COLLECTIONS
from payments.payment_methods.domain import SANDBOX

SAVED_AT_ONCE = 40
"""How many outcomes one transaction saves: those of a quarter of a second without delays."""


@dataclass(frozen=True, slots=True)
class Part:
    """Orders whose outcomes are saved together: the requests for them, and the writes once they are answered."""

    bodies: Sequence[bytes]
    outcomes: Sequence[Play]


@dataclass(frozen=True, slots=True)
class Round:
    """What a worker takes at a time: the writes of its intents, and then its orders, part by part."""

    intents: Sequence[Play]
    parts: Sequence[Part]


async def bare(stage: Stage, provider: str, count: int, *, calls: int, lanes: int) -> float:
    """How many of ``count`` instalments it collects per second, with so many calls in flight and lanes side by side."""
    scratch = Database.open(stage.servers.mongo_url, f"{stage.namespace}scratch_collecting")
    school = School()
    families = list(school.families(days_ago(3), count))
    await _begin(scratch, school, families)
    rounds = await _recorded(scratch)
    await _begin(scratch, school, families)
    async with _connections(provider, calls) as pool:
        waiting = iter(rounds)
        started = time.perf_counter()
        await asyncio.gather(*(_lane(scratch, waiting, pool) for _ in range(lanes)))
        rate = count / (time.perf_counter() - started)
    await scratch.client.drop_database(scratch.name)
    scratch.close()
    return rate


async def _begin(scratch: Database, school: School, families: Sequence[Family]) -> None:
    await scratch.client.drop_database(scratch.name)
    await scratch.prepare(COLLECTIONS)
    await keep(scratch, families)
    await school.opens(scratch)


async def _recorded(scratch: Database) -> list[Round]:
    """What collecting asks of MongoDB, taken from the worker's own code, with no provider."""
    recording = Recording(scratch)
    intents = Intents(recording, Calendars(recording), (SANDBOX,))
    hand = Hand(claim=new_id(), until=utc_now() + timedelta(hours=1), providers=(SANDBOX,))
    rounds: list[Round] = []
    while orders := await intents.start_due(frozenset(range(SLOTS)), hand, min(16 * ORDERS_PER_CALL, MOST_ORDERS)):
        started, parts = recording.taken(), []
        for first in range(0, len(orders), SAVED_AT_ONCE):
            part = orders[first : first + SAVED_AT_ONCE]
            answers = [OrderAnswer(order.id, Succeeded(f"ch_{new_id()}"), order.claim) for order in part]
            await save_outcomes(recording, answers)
            parts.append(Part([_body(order) for order in part], recording.taken()))
        rounds.append(Round(started, parts))
    return rounds


def _body(order: Order) -> bytes:
    return orjson.dumps(
        {
            "key": order.id,
            "merchant": order.organisation,
            "amount": order.amount,
            "currency": order.currency,
            "token": order.token,
            "kind": order.method_kind,
        }
    )


@contextlib.asynccontextmanager
async def _connections(provider: str, calls: int) -> AsyncIterator["asyncio.Queue[Connection]"]:
    opened = [await Connection.open(provider) for _ in range(calls)]
    pool: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in opened:
        pool.put_nowait(connection)
    try:
        yield pool
    finally:
        for connection in opened:
            await connection.close()


async def _lane(scratch: Database, waiting: Iterator[Round], pool: "asyncio.Queue[Connection]") -> None:
    """Save the intents of a round, send all its orders, and save the answers, part by part."""
    for each in waiting:
        await play_writes(scratch, list(each.intents))
        asked = [[asyncio.create_task(_ask(pool, body)) for body in part.bodies] for part in each.parts]
        for part, tasks in zip(each.parts, asked, strict=True):
            await asyncio.gather(*tasks)
            await play_writes(scratch, list(part.outcomes))


async def _ask(pool: "asyncio.Queue[Connection]", body: bytes) -> None:
    connection = await pool.get()
    answer = await connection.post("/charges", {}, body)
    pool.put_nowait(connection)
    answer.body_of(200)
