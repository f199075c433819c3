"""Confirmations per second over HTTP, beside the same MongoDB transaction bare."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import orjson
import psutil

from carnet.http.idempotency import Answer, Key
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet.organisations import context_for
from carnet_play.bench import processor
from carnet_play.bench.client import Connection
from carnet_play.bench.recording import Play, Recording, play
from carnet_play.bench.report import Figure, Reading
from carnet_play.bench.stage import API_PER_CORE, School, Stage
from contracts.contracts.api.bodies import ConfirmationIn
from contracts.contracts.api.sales import decide_change, load_contract
from contracts.contracts.api.views import confirmed
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.store import CONTRACTS, SCHEDULES

COUNT = 1_500
COUNT_ALONE = 300
AT_ONCE = 16


def body_of(school: School, schedule_version: int = 1) -> bytes:
    """The confirmation that adds one item."""
    addition = school.addition
    added = {"product": addition.product, "format": addition.format, "tariff": addition.tariff}
    return orjson.dumps({"add": [added], "schedule_version": schedule_version})


@dataclass(frozen=True, slots=True)
class Taken:
    """What so many confirmations took: how many there were a second, and of a core the seconds of each process."""

    count: int
    seconds: float
    used: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Confirmations per second."""
        return self.count / self.seconds

    @property
    def each(self) -> float:
        """The milliseconds of processor time that one takes."""
        return sum(self.used.values()) / self.count * 1000

    def by_process(self) -> str:
        """The same, by process."""
        return f"{self.each:.2f} ms: {processor.by_process(self.used, self.count / 1000, ' ms')}"


async def measure(stage: Stage) -> tuple[Figure, Figure, Reading]:
    """Take the figures: both sides change contracts of the same school on the same servers, one after the other."""
    database = stage.database("contracts")
    school = await stage.school(database)
    with stage.running(*API_PER_CORE):
        await _over_http(stage, school, await stage.contracts(database, school, 200 * len(API_PER_CORE)), AT_ONCE)
        together = await _over_http(stage, school, await stage.contracts(database, school, COUNT), AT_ONCE)
        alone = await _over_http(stage, school, await stage.contracts(database, school, COUNT_ALONE), 1)
    bare = await _bare(stage, database, school, COUNT, AT_ONCE)
    bare_alone = await _bare(stage, database, school, COUNT_ALONE, 1)
    database.close()
    return (
        Figure(
            name=f"Confirmations per second over HTTP, {AT_ONCE} clients, {len(API_PER_CORE)} api processes",
            floor=f"the same MongoDB transactions bare, each by itself, {AT_ONCE} at a time",
            measured=together.rate,
            beside=bare.rate,
            unit="/s",
            goal=2.0,
        ),
        Figure(
            name="Confirmations per second over HTTP, one client",
            floor="the same MongoDB transactions bare, one at a time",
            measured=alone.rate,
            beside=bare_alone.rate,
            unit="/s",
            goal=None,
        ),
        Reading(
            name=f"Processor time of a confirmation over HTTP, {AT_ONCE} clients",
            read=f"{together.by_process()}; the same transaction bare {bare.by_process()}",
            goal="less than its floor",
            reached=together.each < bare.each,
        ),
    )


async def _over_http(stage: Stage, school: School, contracts: Sequence[Contract], at_once: int) -> Taken:
    """Confirm a change of each contract; the clients are shared out among the api processes."""
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}", "If-Match": f'"{contracts[0].version}"'}
    body = body_of(school)
    waiting, addresses = iter(contracts), cycle(map(stage.address, API_PER_CORE))

    async def client() -> None:
        connection = await Connection.open(next(addresses))
        for contract in waiting:
            keyed = {**headers, "Idempotency-Key": new_id()}
            (await connection.post(f"/v1/contracts/{contract.id}/changes", keyed, body)).body_of(200)
        await connection.close()

    return await _taken(client, len(contracts), at_once)


async def _recorded(database: Database, school: School, contracts: Sequence[Contract]) -> list[list[Play]]:
    """What a confirmation of each contract asks of MongoDB, taken from real ones that are then undone."""
    recording = Recording(database)
    body = ConfirmationIn.model_validate_json(body_of(school))
    recorded: list[list[Play]] = []
    for contract in contracts:

        async def work(unit: Unit, contract: Contract = contract) -> None:
            with unit.piece(school.organisation):
                context = await context_for(unit, school.organisation, school.context().actor)
                before = await load_contract(unit, contract.id)
                known = unit.get(SCHEDULES, contract.id)
                after = unit.decide(CONTRACTS, await decide_change(unit, before, body, context), context)
                answer = Answer(200, confirmed(after, known, context.change).model_dump_json(), after.version)
                Key(new_id(), "bench").keep(unit, answer)
            await unit.flush()
            raise _UndoneError

        try:
            await transact(recording, work)
        except _UndoneError:
            recorded.append(recording.taken())
    return recorded


async def _bare(stage: Stage, database: Database, school: School, count: int, at_once: int) -> Taken:
    recorded = await _recorded(database, school, await stage.contracts(database, school, count))
    waiting = iter(recorded)

    async def loop() -> None:
        for calls in waiting:
            await play(database, calls)

    return await _taken(loop, len(recorded), at_once)


async def _taken(worker: Callable[[], Awaitable[None]], count: int, at_once: int) -> Taken:
    before, started = _used(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    seconds = time.perf_counter() - started
    return Taken(count, seconds, {name: used - before.get(name, 0.0) for name, used in _used().items()})


def _used() -> Mapping[str, float]:
    """What each process concerned has used of a core; this one too, whose clients and loops cost something as well."""
    own = psutil.Process().cpu_times()
    concerned = {name: used for name, used in processor.taken().items() if name in ("contracts api", "MongoDB")}
    return {**concerned, "the clients or the loop": own.user + own.system}


class _UndoneError(Exception):
    """A recorded confirmation was rolled back, so that it can be played for real."""
