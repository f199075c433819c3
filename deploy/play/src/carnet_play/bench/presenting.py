"""Gift vouchers redeemed and sessions of packs taken per second, each beside its bare writes (CRE-9, CRE-10)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import orjson

from carnet.batches import Batches
from carnet.envelope import Record
from carnet.events.contracts import CONTRACTS as TOPIC
from carnet.events.contracts import Redemption, VoucherRedemptionRequested
from carnet.http.idempotency import Answer, Key
from carnet.ids import new_id
from carnet.journal import rows_of
from carnet.mongo import Database, Unit, transact
from carnet.organisations import context_for
from carnet.relay import record_of
from carnet_play.bench.client import Connection
from carnet_play.bench.holders import Holder, holder_of, keep, opened
from carnet_play.bench.publishing import Given, Published, publish
from carnet_play.bench.recording import Play, Recording, play_writes
from carnet_play.bench.report import Figure
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import Process
from credits.packs.api import UseBody, taken
from credits.packs.views import PackView, SessionUseView, TakenView
from credits.reactions import CONTRACTS_TABLE
from credits.store import VOUCHERS

VOUCHERS_SOLD, PACKS_SOLD = 6_000, 1_500
WARM = 200
TRANSACTION = 200
AT_ONCE = 16


async def measure(stage: Stage, vouchers: int = VOUCHERS_SOLD, packs: int = PACKS_SOLD) -> tuple[Figure, Figure]:
    """Take both figures on the same servers, one after the other."""
    school = await stage.school(stage.database("contracts"))
    database = stage.database("credits")
    await opened(database, school)
    redeemed = await _redeemed(stage, database, school, vouchers)
    used = await _used(stage, database, school, packs)
    database.close()
    return redeemed, used


async def _redeemed(stage: Stage, database: Database, school: School, count: int) -> Figure:
    first, holders = ([holder_of(school) for _ in range(each)] for each in (WARM, count))
    records = [_request(school, each) for each in holders]
    bare = await _bare_redemptions(stage, school, holders, records)
    await keep(database, [each.documents for each in [*first, *holders]])
    with stage.running(Process("credits", "worker")):
        await publish(stage, TOPIC, [_request(school, each) for each in first])
        await _all_redeemed(database, WARM)
        started = time.perf_counter()
        publishing = asyncio.create_task(publish(stage, TOPIC, records))
        await _all_redeemed(database, WARM + count)
        rate = count / (time.perf_counter() - started)
        await publishing
    return Figure(
        name="Gift vouchers redeemed per second by the credits worker",
        floor="a loop that writes the same documents in the same transactions",
        measured=rate,
        beside=bare,
        unit="/s",
        goal=None,
    )


def _request(school: School, holder: Holder) -> Published:
    """What contracts asks, of a contract of its own."""
    context, contract = school.context(), new_id()
    asked = VoucherRedemptionRequested(
        contract=contract,
        account=holder.account,
        request=new_id(),
        redemptions=(Redemption(line=new_id(), product=school.product.id, code=holder.code),),
        effective_on=context.today,
    )
    (row,) = rows_of(contract, school.organisation, 0, [asked], context)
    return record_of(row)


async def _all_redeemed(database: Database, count: int) -> None:
    redeemed = {"standing": "redeemed"}
    while await database[VOUCHERS.name].count_documents(redeemed) < count:  # noqa: ASYNC110 # another process does it
        await asyncio.sleep(0.05)


async def _bare_redemptions(
    stage: Stage, school: School, holders: Sequence[Holder], records: Sequence[Published]
) -> float:
    """The writes of the very same batches, on a database of its own that has the same vouchers."""
    scratch = Database.open(stage.servers.mongo_url, f"{stage.namespace}scratch_credits")
    await opened(scratch, school)
    await keep(scratch, [each.documents for each in holders])
    recording = Recording(scratch)
    batches = Batches("credits", recording, CONTRACTS_TABLE, lanes=1)
    recorded: list[list[Play]] = []
    for start in range(0, len(records), TRANSACTION):
        await batches.apply([cast("Record", Given(TOPIC, row)) for row in records[start : start + TRANSACTION]])
        recorded.append(recording.taken())
    await scratch.client.drop_database(scratch.name)
    await opened(scratch, school)
    await keep(scratch, [each.documents for each in holders])
    started = time.perf_counter()
    for calls in recorded:
        await play_writes(scratch, calls)
    rate = len(records) / (time.perf_counter() - started)
    await scratch.client.drop_database(scratch.name)
    scratch.close()
    return rate


async def _used(stage: Stage, database: Database, school: School, count: int) -> Figure:
    first, holders, others = ([holder_of(school) for _ in range(each)] for each in (WARM, count, count))
    await keep(database, [each.documents for each in [*first, *holders, *others]])
    with stage.running(Process("credits", "api")):
        await _over_http(stage, school, first)
        rate = await _over_http(stage, school, holders)
    bare = await _bare_uses(database, school, others)
    return Figure(
        name=f"Sessions of packs taken per second over HTTP, {AT_ONCE} doors",
        floor=f"the same writes bare, each use by itself, {AT_ONCE} at a time",
        measured=rate,
        beside=bare,
        unit="/s",
        goal=None,
    )


async def _over_http(stage: Stage, school: School, holders: Sequence[Holder]) -> float:
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}"}
    waiting = iter(holders)

    async def door() -> None:
        connection = await Connection.open(stage.places.apis["credits"])
        for holder in waiting:
            path, body = f"/v1/accounts/{holder.account}/session-uses", orjson.dumps({"member": holder.member})
            (await connection.post(path, {**headers, "Idempotency-Key": new_id()}, body)).body_of(201)
        await connection.close()

    return await _rate(door, len(holders))


async def _bare_uses(database: Database, school: School, holders: Sequence[Holder]) -> float:
    """The writes of real uses that were undone, each in a transaction of its own."""
    recording = Recording(database)
    recorded: list[list[Play]] = []
    for holder in holders:

        async def work(unit: Unit, holder: Holder = holder) -> None:
            body = UseBody(member=holder.member)
            packs = await body.packs(database, school.organisation, holder.account)
            with unit.piece(school.organisation):
                context = await context_for(unit, school.organisation, school.context().actor)
                use, pack = await taken(unit, holder.account, body, packs, context)
                answer = TakenView(use=SessionUseView.of(use), pack=PackView.of(pack)).model_dump_json()
                Key(new_id(), "bench").keep(unit, Answer(201, answer, pack.version))
            await unit.flush()
            raise _UndoneError

        try:
            await transact(recording, work)
        except _UndoneError:
            recorded.append(recording.taken())
    waiting = iter(recorded)

    async def loop() -> None:
        for calls in waiting:
            await play_writes(database, calls)

    return await _rate(loop, len(recorded))


async def _rate(worker: Callable[[], Awaitable[None]], count: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - started)


class _UndoneError(Exception):
    """A recorded use was rolled back, so that it can be played for real."""
