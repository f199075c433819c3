"""The processor time of one contract change, from its confirmation to its mail, beside its writes made bare."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import orjson
import psutil
from pymongo import ReplaceOne
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from carnet.dates import utc_now
from carnet.ids import new_id
from carnet.journal import ROWS
from carnet.mongo import Database, Unit, transact
from carnet.mongo.kit import ANSWERS, MARKS
from carnet.organisations import ORGANISATIONS
from carnet_play.bench import processor
from carnet_play.bench.client import Connection
from carnet_play.bench.confirmations import body_of
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import processes
from contracts.collections import COLLECTIONS as OF_CONTRACTS
from contracts.contracts.store import CONTRACTS
from contracts.contracts.store import SCHEDULES as KNOWN
from credits.collections import COLLECTIONS as OF_CREDITS
from notifications.domain.accounts import Account, Person
from notifications.store import ACCOUNTS, DOSSIERS, MAILS
from notifications.store import COLLECTIONS as OF_NOTIFICATIONS
from payments.collections import COLLECTIONS as OF_PAYMENTS
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.schedules.store import SCHEDULES

COUNT = 500
WARM = 200
AT_ONCE = 16
TRANSACTIONS = 8
"""How many a change needs if none is shared."""

MOST = 1.2
"""The processor time of a change, as a multiple of its floor's."""

_COLLECTIONS = {
    "contracts": OF_CONTRACTS,
    "payments": OF_PAYMENTS,
    "credits": OF_CREDITS,
    "notifications": OF_NOTIFICATIONS,
}

Kind = Literal["contract_opened", "contract_changed"]
Documents = Sequence[dict[str, Any]]
Writes = Sequence[tuple[Database, str, Documents]]
"""The documents that one transaction writes, by database and collection."""


async def measure(stage: Stage) -> tuple[Reading, Reading]:
    """Take the figure twice, with every process of the suite: as fast as the chain goes, then at half that rate."""
    contracts, payments, mails = (stage.database(name) for name in ("contracts", "payments", "notifications"))
    school = await stage.school(contracts)
    await _mailable(mails, school)
    with stage.running(*processes()):
        opened = await _open(stage, school, WARM + 2 * COUNT)
        await _mailed(mails, "contract_opened", len(opened))
        warm, full, half = opened[:WARM], opened[WARM : WARM + COUNT], opened[WARM + COUNT :]
        await _change(stage, school, warm, None)
        await _mailed(mails, "contract_changed", len(warm))
        at_full, seconds = await _spent(stage, school, mails, full, None, so_far=WARM)
        rate = COUNT / seconds / 2
        at_half, _ = await _spent(stage, school, mails, half, rate, so_far=WARM + COUNT)
    written = await _transactions(contracts, payments, mails, full)
    bare_at_full, bare_at_half = await _bare(stage, written, None), await _bare(stage, written, rate)
    for database in (contracts, payments, mails):
        database.close()
    return (
        _reading(f"as fast as the chain goes, {COUNT / seconds:,.0f}/s", at_full, bare_at_full),
        _reading(f"{rate:,.0f}/s, half of it", at_half, bare_at_half),
    )


def _reading(load: str, spent: Mapping[str, float], bare: float) -> Reading:
    each = sum(spent.values()) / COUNT * 1000
    ratio = each / bare
    return Reading(
        name=f"Processor time of a contract change, from its confirmation to its mail handed over, at {load}",
        read=f"{each:.1f} ms: {processor.by_process(spent, COUNT / 1000, ' ms')}; "
        f"its writes bare, one transaction at a time, {bare:.1f} ms: {ratio:.2f} times",
        goal=f"at most {MOST} times",
        reached=ratio <= MOST,
    )


async def _mailable(database: Database, school: School) -> None:
    """Give notifications its copies of the organisation and the account, so that mails have an address."""
    await database.prepare(OF_NOTIFICATIONS)
    owner = Person(id=school.account.members[0].id, first_name="Ada", last_name="Bench", email="ada@bench.example")

    async def work(unit: Unit) -> None:
        unit.put(ORGANISATIONS, school.known)
        unit.put(
            ACCOUNTS,
            Account(id=school.account.id, organisation=school.organisation, version=1, owner=owner.id, people=(owner,)),
        )

    await transact(database, work)


async def _open(stage: Stage, school: School, count: int) -> list[str]:
    """Open so many contracts over HTTP; returns their ids."""
    chosen = school.addition
    body = orjson.dumps(
        {
            "account": school.account.id,
            "mode": "online",
            "sale": {"start": "instalments", "count": 3, "first_due": f"{utc_now().date() + timedelta(days=40)}"},
            "add": [{"product": chosen.product, "format": chosen.format, "tariff": chosen.tariff}],
        }
    )
    opened: list[str] = []
    waiting = iter(range(count))

    async def client(connection: Connection) -> None:
        for _ in waiting:
            answer = await connection.post("/v1/contracts", _headers(stage, school), body)
            opened.append(orjson.loads(answer.body_of(201))["id"])

    await _clients(stage, client)
    return opened


async def _change(stage: Stage, school: School, contracts: Sequence[str], rate: float | None) -> None:
    """Confirm a change of each contract, so many a second or as fast as it goes."""
    body, begun, waiting = body_of(school), time.perf_counter(), iter(enumerate(contracts))

    async def client(connection: Connection) -> None:
        for place, contract in waiting:
            if rate is not None:
                await asyncio.sleep(max(0.0, begun + place / rate - time.perf_counter()))
            headers = _headers(stage, school) | {"If-Match": '"2"'}
            (await connection.post(f"/v1/contracts/{contract}/changes", headers, body)).body_of(200)

    await _clients(stage, client)


async def _spent(
    stage: Stage, school: School, mails: Database, contracts: Sequence[str], rate: float | None, *, so_far: int
) -> tuple[Mapping[str, float], float]:
    """What each process used of a core until the mail of every change was handed over, and how long that took."""
    before, started = processor.taken(), time.perf_counter()
    await _change(stage, school, contracts, rate)
    await _mailed(mails, "contract_changed", so_far + len(contracts))
    seconds = time.perf_counter() - started
    return {name: used - before.get(name, 0.0) for name, used in processor.taken().items()}, seconds


async def _mailed(database: Database, kind: Kind, count: int) -> None:
    sent = {"kind": kind, "status": "sent"}
    while await database[MAILS.name].count_documents(sent) < count:  # noqa: ASYNC110 # another process does it
        await asyncio.sleep(0.1)


def _headers(stage: Stage, school: School) -> dict[str, str]:
    return {"Authorization": f"Bearer {stage.token(school.organisation)}", "Idempotency-Key": new_id()}


async def _clients(stage: Stage, client: Any) -> None:
    async def connected() -> None:
        connection = await Connection.open(stage.places.apis["contracts"])
        await client(connection)
        await connection.close()

    await asyncio.gather(*(connected() for _ in range(AT_ONCE)))


async def _transactions(
    contracts: Database, payments: Database, mails: Database, changed: Sequence[str]
) -> list[Writes]:
    """What the changes of these contracts wrote, change by change, in ``TRANSACTIONS`` transactions each."""
    of_credits = Database(contracts.client, contracts.name.removesuffix("contracts") + "credits")
    answers = iter(await contracts[ANSWERS].find().sort("$natural", -1).limit(len(changed)).to_list(None))
    found: list[Writes] = []
    for contract in changed:

        async def of(database: Database, name: str, contract: str = contract, **query: Any) -> Documents:
            return await database[name].find(query or {"_id": contract}).to_list(None)

        rows = await of(contracts, ROWS, aggregate=contract, sequence={"$gt": 2})
        moved = await of(payments, ROWS, aggregate=contract, sequence={"$gt": 1})
        change = rows[0]["change"]
        mail = await of(mails, MAILS.name, change=change)
        of_contracts = {"_id": f"contracts.contracts:{contract}"}
        of_schedules = {"_id": f"payments.schedules:{contract}"}
        found += [
            [
                (contracts, CONTRACTS.name, await of(contracts, CONTRACTS.name)),
                (contracts, ROWS, rows),
                (contracts, ANSWERS, [next(answers)]),
            ],
            [
                (payments, SCHEDULES.name, await of(payments, SCHEDULES.name)),
                (payments, FOLLOW_UPS.name, await of(payments, FOLLOW_UPS.name)),
                (payments, ROWS, moved),
                (payments, MARKS, await of(payments, MARKS, **of_contracts)),
            ],
            [
                (contracts, KNOWN.name, await of(contracts, KNOWN.name)),
                (contracts, MARKS, await of(contracts, MARKS, **of_schedules)),
            ],
            [(of_credits, MARKS, await of(of_credits, MARKS, **of_contracts))],
            [(of_credits, MARKS, await of(of_credits, MARKS, **of_schedules))],
            [
                (mails, DOSSIERS.name, await of(mails, DOSSIERS.name, _id=change)),
                (mails, MARKS, await of(mails, MARKS, **of_contracts)),
            ],
            [
                (mails, DOSSIERS.name, await of(mails, DOSSIERS.name, _id=change)),
                (mails, MAILS.name, mail),
                (mails, MARKS, await of(mails, MARKS, **of_schedules)),
            ],
            [
                (mails, MAILS.name, mail),
                (mails, ROWS, await of(mails, ROWS, aggregate=mail[0]["_id"])),
            ],
        ]
    return found


async def _bare(stage: Stage, transactions: Sequence[Writes], rate: float | None) -> float:
    """The milliseconds of processor time that the writes of one change take, in this process and the server's.

    Those of so many changes are made in a second, or as many as can be: a processor that rests in between takes longer.
    """
    client = transactions[0][0][0].client
    written = {database.name for writes in transactions for database, _, _ in writes}
    scratch = {name: Database(client, f"bare-{name}") for name in written}
    for service, collections in _COLLECTIONS.items():
        await scratch[f"{stage.namespace}carnet_{service}"].prepare(collections)

    changes = [transactions[start : start + TRANSACTIONS] for start in range(0, len(transactions), TRANSACTIONS)]
    warm = len(changes) // 8
    for change in changes[:warm]:
        for writes in change:
            await _play(scratch, writes)
    (own, server), begun = _used(), time.perf_counter()
    for place, change in enumerate(changes[warm:]):
        if rate is not None:
            await asyncio.sleep(max(0.0, begun + place / rate - time.perf_counter()))
        for writes in change:
            await _play(scratch, writes)
    own_after, server_after = _used()
    for database in scratch.values():
        await client.drop_database(database.name)
    return (own_after - own + server_after - server) / (len(changes) - warm) * 1000


async def _play(scratch: Mapping[str, Database], writes: Writes) -> None:
    """Write the documents of one transaction into the databases that stand in for theirs."""

    async def body(session: Any) -> None:
        for database, name, documents in writes:
            changes = [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents]
            await scratch[database.name][name].bulk_write(changes, ordered=False, session=session)

    client = scratch[writes[0][0].name].client
    async with await client.start_session() as session:
        await session.with_transaction(
            body, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
        )


def _used() -> tuple[float, float]:
    times = psutil.Process().cpu_times()
    return times.user + times.system, processor.taken()["MongoDB"]
