"""Confirmations per second over HTTP, beside the same MongoDB transaction bare."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import orjson

from carnet.http.idempotency import Answer, Key
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet.organisations import context_for
from carnet_play.bench.client import Connection
from carnet_play.bench.recording import Play, Recording, play
from carnet_play.bench.report import Figure
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import Process
from contracts.contracts.api.bodies import ConfirmationIn
from contracts.contracts.api.sales import decide_change, load_contract
from contracts.contracts.api.views import confirmed
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.store import CONTRACTS, SCHEDULES

COUNT = 1_500
AT_ONCE = 16


def body_of(school: School, schedule_version: int = 1) -> bytes:
    """The confirmation that adds one item."""
    addition = school.addition
    added = {"product": addition.product, "format": addition.format, "tariff": addition.tariff}
    return orjson.dumps({"add": [added], "schedule_version": schedule_version})


async def measure(stage: Stage) -> tuple[Figure]:
    """Take the figure: both sides change contracts of the same school on the same servers, one after the other."""
    database = stage.database("contracts")
    school = await stage.school(database)
    contracts = await stage.contracts(database, school, 2 * COUNT)
    with stage.running(Process("contracts", "api")):
        await _over_http(stage, school, await stage.contracts(database, school, 200))
        over_http = await _over_http(stage, school, contracts[:COUNT])
    bare = await _bare(database, await _recorded(database, school, contracts[COUNT:]))
    database.close()
    figure = Figure(
        name="Confirmations per second over HTTP",
        floor="the same MongoDB transaction bare",
        measured=over_http,
        beside=bare,
        unit="/s",
        goal=0.60,
    )
    return (figure,)


async def _over_http(stage: Stage, school: School, contracts: Sequence[Contract]) -> float:
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}", "If-Match": f'"{contracts[0].version}"'}
    body = body_of(school)
    waiting = iter(contracts)

    async def client() -> None:
        connection = await Connection.open(stage.places.apis["contracts"])
        for contract in waiting:
            keyed = {**headers, "Idempotency-Key": new_id()}
            status = await connection.post(f"/v1/contracts/{contract.id}/changes", keyed, body)
            if status != 200:
                raise RuntimeError(f"a confirmation was answered with {status}")
        await connection.close()

    return await _rate(client, len(contracts))


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


async def _bare(database: Database, recorded: Sequence[list[Play]]) -> float:
    waiting = iter(recorded)

    async def loop() -> None:
        for calls in waiting:
            await play(database, calls)

    return await _rate(loop, len(recorded))


async def _rate(worker: Callable[[], Awaitable[None]], count: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - started)


class _UndoneError(Exception):
    """A recorded confirmation was rolled back, so that it can be played for real."""
