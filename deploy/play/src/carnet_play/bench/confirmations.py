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
COUNT_ALONE = 300
AT_ONCE = 16


def body_of(school: School, schedule_version: int = 1) -> bytes:
    """The confirmation that adds one item."""
    addition = school.addition
    added = {"product": addition.product, "format": addition.format, "tariff": addition.tariff}
    return orjson.dumps({"add": [added], "schedule_version": schedule_version})


async def measure(stage: Stage) -> tuple[Figure, Figure]:
    """Take the figures: both sides change contracts of the same school on the same servers, one after the other."""
    database = stage.database("contracts")
    school = await stage.school(database)
    with stage.running(Process("contracts", "api")):
        await _over_http(stage, school, await stage.contracts(database, school, 200), AT_ONCE)
        together = await _over_http(stage, school, await stage.contracts(database, school, COUNT), AT_ONCE)
        alone = await _over_http(stage, school, await stage.contracts(database, school, COUNT_ALONE), 1)
    bare = await _bare(stage, database, school, COUNT, AT_ONCE)
    bare_alone = await _bare(stage, database, school, COUNT_ALONE, 1)
    database.close()
    return (
        Figure(
            name=f"Confirmations per second over HTTP, {AT_ONCE} clients",
            floor=f"the same MongoDB transactions bare, each by itself, {AT_ONCE} at a time",
            measured=together,
            beside=bare,
            unit="/s",
            goal=2.0,
        ),
        Figure(
            name="Confirmations per second over HTTP, one client",
            floor="the same MongoDB transactions bare, one at a time",
            measured=alone,
            beside=bare_alone,
            unit="/s",
            goal=None,
        ),
    )


async def _over_http(stage: Stage, school: School, contracts: Sequence[Contract], at_once: int) -> float:
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}", "If-Match": f'"{contracts[0].version}"'}
    body = body_of(school)
    waiting = iter(contracts)

    async def client() -> None:
        connection = await Connection.open(stage.places.apis["contracts"])
        for contract in waiting:
            keyed = {**headers, "Idempotency-Key": new_id()}
            (await connection.post(f"/v1/contracts/{contract.id}/changes", keyed, body)).body_of(200)
        await connection.close()

    return await _rate(client, len(contracts), at_once)


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


async def _bare(stage: Stage, database: Database, school: School, count: int, at_once: int) -> float:
    recorded = await _recorded(database, school, await stage.contracts(database, school, count))
    waiting = iter(recorded)

    async def loop() -> None:
        for calls in waiting:
            await play(database, calls)

    return await _rate(loop, len(recorded), at_once)


async def _rate(worker: Callable[[], Awaitable[None]], count: int, at_once: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return count / (time.perf_counter() - started)


class _UndoneError(Exception):
    """A recorded confirmation was rolled back, so that it can be played for real."""
