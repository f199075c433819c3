"""How long after a confirmation the new schedule can be seen, at half of what the suite can take."""

import asyncio
import time
from collections.abc import Sequence

from carnet.events.contracts import ContractTerms
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet_play.bench.client import Connection
from carnet_play.bench.confirmations import body_of
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import Process
from contracts.contracts.domain.contracts import Contract
from payments.collections import COLLECTIONS
from payments.schedules.domain.decisions import open_schedule
from payments.schedules.domain.starting import Opening
from payments.schedules.store import SCHEDULES, save

SECONDS = 15
AT_ONCE = 8


async def measure(stage: Stage) -> tuple[Reading]:
    """First what the whole chain takes at full load, then the latency at half of it."""
    contracts, payments = stage.database("contracts"), stage.database("payments")
    school = await stage.school(contracts)
    await payments.prepare(COLLECTIONS)
    processes = (Process("contracts", "api"), Process("contracts", "worker"), Process("payments", "worker"))
    full_load = await _ready(stage, school, contracts, payments, 1_500)
    with stage.running(*processes):
        started = time.perf_counter()
        seen = asyncio.create_task(_seen(payments, len(full_load)))
        await asyncio.sleep(0.5)
        started = time.perf_counter()
        await _confirm(stage, school, full_load, None)
        await seen
        capacity = len(full_load) / (time.perf_counter() - started)
        rate = capacity / 2
        paced = await _ready(stage, school, contracts, payments, int(rate * SECONDS))
        watching = asyncio.create_task(_seen(payments, len(paced)))
        await asyncio.sleep(0.5)
        sent = await _confirm(stage, school, paced, rate)
        arrived = await watching
    contracts.close()
    payments.close()
    waits = sorted((arrived[contract] - at) * 1000 for contract, at in sent.items())
    p50, p95, p99 = (waits[int(len(waits) * part)] for part in (0.50, 0.95, 0.99))
    reading = Reading(
        name=f"Confirmation sent → schedule visible, at {rate:,.0f} confirmations/s (half of what the chain takes)",
        read=f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms",
        goal="p95 < 100 ms",
        reached=p95 < 100,
    )
    return (reading,)


async def _ready(
    stage: Stage, school: School, contracts: Database, payments: Database, count: int
) -> Sequence[Contract]:
    """Contracts whose opening payments has applied: put there directly, marks too."""
    made = await stage.contracts(contracts, school, count)
    context = school.context()
    for start in range(0, count, 500):
        page = made[start : start + 500]

        async def work(unit: Unit, page: Sequence[Contract] = page) -> None:
            await unit.load(SCHEDULES, [contract.id for contract in page])
            for contract in page:
                terms = ContractTerms(total=contract.total, live_lines=1, version=contract.version)
                opening = Opening(
                    contract=contract.id,
                    organisation=school.organisation,
                    account=contract.account,
                    mode=contract.mode,
                    sale=contract.sale,
                    currency=contract.currency,
                    terms=terms,
                )
                save(unit, open_schedule(opening, context), context)

        await transact(payments, work)
        marks = [{"_id": f"contracts.contracts:{each.id}", "sequence": each.version, "parked": 0} for each in page]
        await payments["marks"].insert_many(marks)
    return made


async def _confirm(stage: Stage, school: School, contracts: Sequence[Contract], rate: float | None) -> dict[str, float]:
    """Confirm a change of each contract, so many a second or as fast as it goes; when each was sent."""
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}", "If-Match": f'"{contracts[0].version}"'}
    body = body_of(school)
    sent: dict[str, float] = {}
    begun = time.perf_counter()
    waiting = iter(enumerate(contracts))

    async def client() -> None:
        connection = await Connection.open(stage.places.apis["contracts"])
        for place, contract in waiting:
            if rate is not None:
                await asyncio.sleep(max(0.0, begun + place / rate - time.perf_counter()))
            keyed = {**headers, "Idempotency-Key": new_id()}
            sent[contract.id] = time.perf_counter()
            (await connection.post(f"/v1/contracts/{contract.id}/changes", keyed, body)).body_of(200)
        await connection.close()

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return sent


async def _seen(payments: Database, count: int) -> dict[str, float]:
    """When each schedule could be read with its change: seen by a change stream, after the commit by a majority."""
    arrived: dict[str, float] = {}
    pipeline = [{"$match": {"operationType": {"$in": ["replace", "update"]}}}]
    async with payments[SCHEDULES.name].watch(pipeline, max_await_time_ms=1_000) as stream:
        while len(arrived) < count:
            change = await stream.next()
            arrived[change["documentKey"]["_id"]] = time.perf_counter()
    return arrived
