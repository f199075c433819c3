"""A worker as it runs, on the real topic: poison of every sort, what it shows of itself, when it gives up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families

from carnet import parking, paused_topics, unparking
from carnet.batches import Batches
from carnet.consumer import group_of
from carnet.events.payments import ContractPaid
from carnet.ids import new_id
from carnet.mongo import Database, transactions
from carnet.mongo.kit import MARKS, PARKED
from carnet.paused_topics import MOST_FAILING_AGGREGATES
from carnet.reactions import Reactions
from carnet.settings import Settings
from carnet.topics import make_topics
from carnet.worker import Worker, run_worker
from carnet_suite.servers import Servers
from carnet_suite.servers.ports import Ports
from tests.integration.kit.conftest import ACCOUNT, TALLIES, Tallies, tally_table
from tests.records import Given, record
from tests.waits import BOUND
from tests.workers import STOPS_WITHIN

TOPIC = "payments.schedules"
Spoil = Callable[[Given], Given]


@dataclass
class Running:
    """The tallies' worker in this process, and its health over HTTP."""

    servers: Servers
    namespace: str
    port: int = field(default_factory=lambda: Ports().chosen().smtp)

    @asynccontextmanager
    async def with_table(
        self, table: Reactions, stopping: asyncio.Event | None = None
    ) -> AsyncIterator["asyncio.Task[int]"]:
        """Run the worker while the block lasts, or until ``stopping`` is set; the task ends with its exit code."""
        settings = Settings(
            service="tallies",
            mongo_url=self.servers.mongo_url,
            kafka_bootstrap=self.servers.kafka_bootstrap,
            namespace=self.namespace,
            metrics_port=self.port,
        )
        database = Database.open(settings.mongo_url, settings.database)
        stopping = stopping or asyncio.Event()
        work = run_worker(Worker("tallies", settings, database, (TALLIES,), (table,)), stopping)
        running = asyncio.create_task(work)
        try:
            yield running
        finally:
            stopping.set()
            await asyncio.wait_for(running, BOUND)

    async def publish(self, records: Iterable[Given]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.servers.kafka_bootstrap) as producer:
            for given in records:
                headers = list(given.headers)
                await producer.send_and_wait(self.namespace + given.topic, given.value, given.key, headers=headers)

    async def answer(self, path: str) -> tuple[int, str]:
        async with httpx.AsyncClient(timeout=BOUND) as client:
            answer = await client.get(f"http://127.0.0.1:{self.port}{path}")
        return answer.status_code, answer.text

    async def gauge(self, name: str) -> float | None:
        """The value of a gauge for the topic; None if it is not shown yet."""
        _, page = await self.answer("/metrics")
        wanted = {"service": "tallies", "topic": TOPIC}
        samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
        return next((each.value for each in samples if each.name == name and each.labels == wanted), None)


@pytest.fixture
async def running(servers: Servers, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr("carnet.consumer.MEASURED_EVERY", 0.1)
    await make_topics(servers.kafka_bootstrap, namespace)
    return Running(servers, namespace)


async def until(holds: Callable[[], Any], what: str) -> None:
    """Wait until the awaitable that ``holds`` makes is true."""
    try:
        async with asyncio.timeout(BOUND):
            while not await holds():  # noqa: ASYNC110 # another task or process does it
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"in {BOUND:.0f} s it did not come to: {what}")


async def received(tallies: Tallies, contract: str) -> tuple[int, ...]:
    found = await tallies.of(contract)
    return found.received if found else ()


def as_if_of(given: Given, *, headers: Sequence[tuple[str, bytes]]) -> Given:
    return replace(given, headers=headers)


UNREADABLE: dict[str, Spoil] = {
    "no headers": lambda given: as_if_of(given, headers=[]),
    "a header that is not UTF-8": lambda given: given.with_header("ce_actor", b"\xff\xfe"),
    "half of the headers": lambda given: as_if_of(given, headers=given.headers[:3]),
}
"""What is wrong with the headers, so that nobody can say whose record it is."""

POISON: dict[str, tuple[Spoil, str]] = {
    "not JSON": (lambda given: given.with_value(b"{not json"), "is not a ContractReopened"),
    "no body": (lambda given: given.with_value(None), "has no body"),
    "more than 256 KB": (lambda given: given.with_value(b" " * (256 * 1024 + 1)), "the most is 262144"),
    "an amount that is a float": (lambda given: given.with_value(_total(given, b"1.0")), "total"),
    "an unknown type": (lambda given: given.with_header("ce_type", b"carnet.nobody.Nothing.v1"), "payments publishes"),
    "an unknown version": (
        lambda given: given.with_header("ce_type", b"carnet.payments.ContractReopened.v9"),
        "major version",
    ),
    "another organisation": (
        lambda given: given.with_header("ce_organisation", new_id().encode()),
        "another organisation",
    ),
    "a reaction that fails": (lambda given: given.with_value(_total(given, b"13")), "thirteen is refused"),
}
"""What is wrong with a record of which it is known whose it is, and why it is parked."""


def _total(given: Given, total: bytes) -> bytes:
    assert given.value is not None
    return given.value.replace(b'"total":1', b'"total":' + total)


async def test_poison_of_every_sort_is_parked_in_order_and_hurts_nobody(running: Running, tallies: Tallies) -> None:
    poisoned = {sort: new_id() for sort in POISON}
    nameless = {sort: new_id() for sort in UNREADABLE}
    unhurt = [new_id() for _ in range(6)]
    everybody = [*poisoned.values(), *nameless.values(), *unhurt]
    third = [tallies.record(contract, 3) for contract in everybody]
    second = [POISON[sort][0](tallies.record(contract, 2)) for sort, contract in poisoned.items()]
    second += [UNREADABLE[sort](tallies.record(contract, 2)) for sort, contract in nameless.items()]
    second += [tallies.record(contract, 2) for contract in unhurt]
    async with running.with_table(tally_table()):
        await running.publish([*(tallies.record(contract, 1) for contract in everybody), *second, *third])
        parked = 2 * (len(poisoned) + len(nameless))
        await until(lambda: _has_parked(tallies, parked), f"{parked} parked")
        for contract in unhurt:
            await until(lambda contract=contract: _handled_all(tallies, contract, 3), "all handled")
        for sort, contract in poisoned.items():
            assert await received(tallies, contract) == (1,), sort
            waiting = await parking.listing(tallies.database, aggregate=contract)
            assert [each.sequence for each in waiting] == [2, 3], sort
            assert POISON[sort][1] in waiting[0].reason, sort
            assert "an earlier event" in waiting[1].reason, sort
        for sort, contract in nameless.items():
            assert await received(tallies, contract) == (1,), sort
            (behind,) = await parking.listing(tallies.database, aggregate=contract)
            assert "sequence 3 comes after 1" in behind.reason, sort
        reasons = [each.reason for each in await parking.listing(tallies.database, aggregate="")]
        assert len(reasons) == len(nameless)
        assert all("headers" in reason for reason in reasons)
        await until(lambda: _gauges(running, parked), f"carnet_parked at {parked}")
        await _unpark(running, tallies, poisoned, nameless)
        await until(lambda: _gauges(running, 0), "carnet_parked at 0")


async def _unpark(running: Running, tallies: Tallies, poisoned: dict[str, str], nameless: dict[str, str]) -> None:
    """What is corrected is replayed; what can't be is discarded, and what waited behind it goes on; the worker runs."""
    database, batches = tallies.database, tallies.batches
    corrected = Batches("tallies", database, tally_table(refused=None))
    assert await unparking.replay(corrected, database, poisoned["a reaction that fails"]) == unparking.Replayed(2)
    for sort, contract in poisoned.items():
        if sort == "a reaction that fails":
            continue
        first, _ = await parking.listing(database, aggregate=contract)
        assert (await unparking.replay(batches, database, contract)).applied == 0, "poison stays poison"
        await unparking.discard(batches, database, first.id, reason=sort, by="user:ops")
        assert await unparking.replay(batches, database, contract) == unparking.Replayed(1)
        assert await received(tallies, contract) == (1, 3), sort
    for each in await parking.listing(database, aggregate=""):
        await unparking.discard(batches, database, each.id, reason="nobody's", by="user:ops")
    await running.publish(tallies.record(contract, 2) for contract in nameless.values())
    for contract in nameless.values():  # what was lost with its headers came again, behind what had waited for it
        await until(lambda contract=contract: _waits(tallies, contract, [2, 3]), "2 parked too")
        assert await unparking.replay(batches, database, contract) == unparking.Replayed(2)
    await running.publish(tallies.record(contract, 4) for contract in (*poisoned.values(), *nameless.values()))
    for contract in (poisoned["a reaction that fails"], *nameless.values()):
        await until(lambda contract=contract: _handled_all(tallies, contract, 4), "all handled")
    for contract in poisoned.values():
        await until(lambda contract=contract: _handled_up_to(tallies, contract, 4), "4 handled")
    assert await tallies.database["discarded"].count_documents({}) == len(poisoned) - 1 + len(nameless)


async def _has_parked(tallies: Tallies, count: int) -> bool:
    return await tallies.database[PARKED].count_documents({}) == count


async def _waits(tallies: Tallies, contract: str, sequences: list[int]) -> bool:
    return [each.sequence for each in await parking.listing(tallies.database, aggregate=contract)] == sequences


async def _handled_all(tallies: Tallies, contract: str, count: int) -> bool:
    return await received(tallies, contract) == tuple(range(1, count + 1))


async def _handled_up_to(tallies: Tallies, contract: str, sequence: int) -> bool:
    return (await received(tallies, contract))[-1:] == (sequence,)


async def _gauges(running: Running, parked: float) -> bool:
    return await running.gauge("carnet_parked") == parked


@dataclass
class Held:
    """A batch that is under way and can't be saved: somebody else writes the mark that it has to move."""

    tallies: Tallies
    contract: str = field(default_factory=new_id)
    under_way: asyncio.Event = field(default_factory=asyncio.Event)

    def table(self) -> Reactions:
        table = tally_table()

        @table.on(ContractPaid, loads=lambda _: ())
        def paid(*_: object) -> None:
            self.under_way.set()

        return table

    @asynccontextmanager
    async def by_another(self, running: Running) -> AsyncIterator[None]:
        """The batch is under way when the block begins and can be saved when it ends."""
        body = ContractPaid(
            contract=self.contract,
            account=ACCOUNT,
            currency="EUR",
            covers=1,
            total=1,
            effective_on=date(2026, 11, 22),
        )
        mark = {"_id": f"{TOPIC}:{self.contract}", "sequence": 0, "parked": 0}
        async with await self.tallies.database.client.start_session() as session:
            session.start_transaction()
            await self.tallies.database[MARKS].insert_one(mark, session=session)
            first = record(body, aggregate=self.contract, sequence=1, organisation=self.tallies.organisation)
            await running.publish([first])
            await asyncio.wait_for(self.under_way.wait(), BOUND)
            yield
            await session.abort_transaction()

    def later(self, count: int) -> list[Given]:
        """So many records that come after the one that is held."""
        return [self.tallies.record(self.contract, sequence) for sequence in range(2, count + 2)]


async def test_it_shows_how_far_behind_it_is_and_that_it_lives(running: Running, tallies: Tallies) -> None:
    held = Held(tallies)
    async with running.with_table(held.table()):
        async with held.by_another(running):
            await running.publish(held.later(30))
            await until(lambda: _behind(running, 30), "30 records behind")
            assert await running.answer("/health/live") == (200, '{"status":"ok"}')
            assert await running.answer("/health/ready") == (200, '{"status":"ok"}')
        await until(lambda: _behind(running, 0), "level")
        await until(lambda: _handled_up_to(tallies, held.contract, 31), "all handled")


async def test_a_worker_that_is_stopped_is_not_ready_and_finishes_its_batch(running: Running, tallies: Tallies) -> None:
    held, stopping = Held(tallies), asyncio.Event()
    async with running.with_table(held.table(), stopping) as ended:
        async with held.by_another(running):
            stopping.set()
            assert await running.answer("/health/ready") == (503, '{"status":"failing","reason":"stopping"}')
            assert await running.answer("/health/live") == (200, '{"status":"ok"}')
            assert not ended.done()
        assert await asyncio.wait_for(ended, STOPS_WITHIN) == 0
    mark = await tallies.database[MARKS].find_one({"_id": f"{TOPIC}:{held.contract}"})
    assert mark is not None
    assert mark["sequence"] == 1
    assert await committed(running) == 1
    assert await tallies.database["leases"].count_documents({"owner": {"$ne": None}}) == 0
    assert await tallies.database["workers"].count_documents({}) == 0


async def test_a_worker_that_is_stopped_gives_back_what_it_cannot_finish(
    running: Running, tallies: Tallies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a killed worker may hold a lock, waiting for the end of it would be waiting too long."""
    monkeypatch.setattr(transactions, "PATIENCE", 1.0)
    held, stopping = Held(tallies), asyncio.Event()
    async with running.with_table(held.table(), stopping) as ended, held.by_another(running):
        stopping.set()
        assert await asyncio.wait_for(ended, STOPS_WITHIN) == 0
    assert await committed(running) == 0
    async with running.with_table(held.table()):
        await running.publish(held.later(1))
        await until(lambda: _handled_up_to(tallies, held.contract, 2), "all handled")
    assert await parking.listing(tallies.database) == []


async def committed(running: Running) -> int:
    """How many records the group has done with."""
    admin = AIOKafkaAdminClient(bootstrap_servers=running.servers.kafka_bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group_of(running.namespace, "tallies", TOPIC))
    finally:
        await admin.close()
    return sum(each.offset for each in offsets.values() if each.offset > 0)


async def _behind(running: Running, count: float) -> bool:
    return await running.gauge("carnet_consumer_lag") == count


async def _answers(running: Running, status: int) -> bool:
    try:
        return (await running.answer("/health/ready"))[0] == status
    except httpx.TransportError:
        return False


async def test_it_pauses_a_topic_rather_than_parking_everything_and_loses_nothing(
    running: Running, tallies: Tallies
) -> None:
    contracts = [new_id() for _ in range(3 * MOST_FAILING_AGGREGATES)]
    await running.publish(tallies.record(contract, 1, 13) for contract in contracts)
    async with running.with_table(tally_table()) as ended:
        await until(lambda: paused_topics.pauses(tallies.database), "paused")
        await until(lambda: _is_paused(running), "carnet_topic_paused at 1")
        assert await running.answer("/health/live") == (200, '{"status":"ok"}')
        assert not ended.done()
    before = await parking.listing(tallies.database)
    assert len(before) == MOST_FAILING_AGGREGATES
    corrected = tally_table(refused=None)
    async with running.with_table(corrected):
        for each in before:
            await unparking.replay(Batches("tallies", tallies.database, corrected), tallies.database, each.aggregate)
        await paused_topics.resume_topic(tallies.database, TOPIC, by="user:ops")
        for contract in contracts:
            await until(lambda contract=contract: _handled_all(tallies, contract, 1), "handled")
    assert await parking.listing(tallies.database) == []


async def _is_paused(running: Running) -> bool:
    return await running.gauge("carnet_topic_paused") == 1


async def test_it_makes_no_topic_and_reads_those_that_come_later(
    servers: Servers, namespace: str, tallies: Tallies
) -> None:
    """Topics are declared once, with their partitions: one made by the first that starts would have another number."""
    running, contract = Running(servers, namespace), new_id()
    async with running.with_table(tally_table()):
        await until(lambda: _answers(running, 200), "ready")
        assert await topics(servers, namespace) == []
        await make_topics(servers.kafka_bootstrap, namespace)
        await running.publish([tallies.record(contract, 1)])
        await until(lambda: _handled_all(tallies, contract, 1), "handled")


async def topics(servers: Servers, namespace: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    try:
        return [name for name in await admin.list_topics() if name.startswith(namespace)]
    finally:
        await admin.close()
