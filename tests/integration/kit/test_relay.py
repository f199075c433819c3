"""Journal to Kafka: nothing lost, nothing out of order, however many workers compete for it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NodeNotReadyError
from aiokafka.protocol.produce import ProduceRequest

from carnet.dates import utc_now
from carnet.decisions import Actor, Context, Decision
from carnet.events.base import Event
from carnet.events.catalog import Contact, OrganisationChanged
from carnet.events.contracts import ContractCancelled
from carnet.ids import new_id
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.producing import new_producer, send_all
from carnet.relay import Relay
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.integration.kit.conftest import ACCOUNT, TALLIES, Tally
from tests.waits import BOUND

ORGANISATION = new_id()


async def decide(database: Database, contract: str, count: int, event: Event | None = None) -> None:
    async def work(unit: Unit) -> None:
        await unit.load(TALLIES, [contract])
        state = unit.get(TALLIES, contract) or Tally(id=contract, organisation=ORGANISATION)
        published = event or ContractCancelled(contract=contract, account=ACCOUNT, effective_on=date(2026, 11, 22))
        context = Context(utc_now(), date(2026, 11, 22), Actor("user", "u"), new_id(), new_id)
        unit.decide(TALLIES, Decision(state, (published,) * count), context)

    await transact(database, work)


async def records(
    servers: Servers, namespace: str, expected: int, topic: str = "contracts.contracts"
) -> dict[str, list[int]]:
    consumer = AIOKafkaConsumer(
        f"{namespace}{topic}", bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    received: dict[str, list[int]] = {}
    seen: set[tuple[str, int]] = set()
    try:
        async with asyncio.timeout(BOUND):
            while len(seen) < expected:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    for got in batch:
                        sequence = int(dict(got.headers)["ce_sequence"])
                        received.setdefault(got.key.decode(), []).append(sequence)
                        seen.add((got.key.decode(), sequence))
        rest = await consumer.getmany(timeout_ms=300)
        for batch in rest.values():
            for got in batch:
                received.setdefault(got.key.decode(), []).append(int(dict(got.headers)["ce_sequence"]))
    finally:
        await consumer.stop()
    return received


def never_out_of_order(sequences: list[int]) -> bool:
    """Whether each sequence first comes after all those before it: a second time may come whenever."""
    newest = 0
    for sequence in sequences:
        if sequence > newest + 1:
            return False
        newest = max(newest, sequence)
    return True


async def test_what_is_in_the_journal_is_published_in_sequence_and_marked(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    leases = Leases(database, "one")
    await leases.prepare()
    await leases.tick()
    relay = Relay(database, leases, servers.kafka_bootstrap, namespace)
    contracts = [new_id() for _ in range(10)]
    for _ in range(3):
        for contract in contracts:
            await decide(database, contract, 2)
    while await relay.publish():
        pass
    await relay.close()
    received = await records(servers, namespace, 60)
    assert {contract: list(range(1, 7)) for contract in contracts} == received
    assert await database["journal"].count_documents({"pending": True}) == 0


async def test_records_larger_than_a_batch_keep_their_order_and_the_partition_of_their_key(
    servers: Servers, namespace: str
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    topic = f"{namespace}contracts.contracts"
    keys = [new_id().encode() for _ in range(20)]
    body, producer = b"." * 90_000, new_producer(servers.kafka_bootstrap)
    await producer.start()
    chosen = {key: (await producer.send_and_wait(topic, b"0", key)).partition for key in keys}
    sent = [(topic, (key, b"%d" % turn + body, [("turn", b"")])) for turn in range(1, 8) for key in keys[:3]]
    sent += [(topic, (key, b"1", [])) for key in keys[3:]]
    assert await send_all(producer, sent) == [None] * len(sent)
    await producer.stop()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found: dict[bytes, list[bytes]] = {key: [] for key in keys}
    async with asyncio.timeout(BOUND):
        while sum(map(len, found.values())) < len(sent) + len(keys):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                for got in batch:
                    assert got.partition == chosen[got.key]
                    found[got.key].append(got.value[:1])
    await consumer.stop()
    assert [found[key] for key in keys] == [[b"%d" % turn for turn in range(8)]] * 3 + [[b"0", b"1"]] * 17


async def test_two_relays_fighting_over_slots_lose_and_reorder_nothing(
    servers: Servers, namespace: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    first, second = Leases(database, "one"), Leases(database, "two")
    await first.prepare()
    stopping = asyncio.Event()
    # Both believe that they hold every slot: the worst that a pause or a clock could do.
    everything = frozenset(range(256))
    monkeypatch.setattr(Leases, "slots", property(lambda _: everything))
    relays = [Relay(database, leases, servers.kafka_bootstrap, namespace) for leases in (first, second)]
    running = [asyncio.create_task(relay.run(stopping)) for relay in relays]
    contracts = [new_id() for _ in range(8)]
    for _ in range(15):
        await asyncio.gather(*(decide(database, contract, 2) for contract in contracts))
    received = await records(servers, namespace, 8 * 30)
    stopping.set()
    await asyncio.gather(*running)
    for relay in relays:
        await relay.close()
    for contract in contracts:
        assert never_out_of_order(received[contract])
        assert set(received[contract]) == set(range(1, 31))


async def test_slots_are_shared_evenly_and_taken_over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carnet.leases.LEASE_SECONDS", BOUND)
    workers = [Leases(database, name) for name in ("a", "b", "c")]
    await workers[0].prepare()
    for _ in range(3):
        for worker in workers:
            await worker.tick()
    sizes = sorted(len(worker.slots) for worker in workers)
    assert sum(sizes) == 256
    assert sizes[0] >= 80
    assert not workers[0].slots & workers[1].slots
    await workers[0].release()
    await silence(database, "b")  # killed
    for _ in range(2):
        await workers[2].tick()
    assert workers[2].slots == frozenset(range(256))


async def silence(database: Database, worker: str) -> None:
    """Let the worker have said nothing for longer than it may."""
    long_ago = datetime.now(UTC) - timedelta(seconds=BOUND + 1)
    await database["workers"].update_one({"_id": worker}, {"$set": {"seen": long_ago}})


async def test_a_worker_that_was_held_for_dead_holds_nothing_that_another_took(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carnet.leases.LEASE_SECONDS", BOUND)
    slow, other = Leases(database, "slow"), Leases(database, "other")
    await slow.prepare()
    await slow.tick()
    assert slow.slots == frozenset(range(256))
    await silence(database, "slow")
    await other.tick()
    assert other.slots == frozenset(range(256))
    await slow.tick()
    assert not slow.slots
    for _ in range(2):
        await other.tick()
        await slow.tick()
    assert (len(slow.slots), len(other.slots)) == (128, 128)
    assert not slow.slots & other.slots
    held = await database["leases"].find({"owner": "slow"}).to_list(None)
    assert held == []  # it has another name now: who took from the dead one can't take from it


async def test_who_waits_is_woken_when_slots_are_taken_over_or_trusted_again_and_not_otherwise(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carnet.leases.LEASE_SECONDS", BOUND)
    leases, other = Leases(database, "one"), Leases(database, "two")
    await leases.prepare()
    woken = database.changes.of("journal")
    await other.tick()
    assert woken.is_set()
    woken.clear()
    await other.tick()
    await leases.tick()
    assert not woken.is_set()  # nothing is free yet
    await other.release()
    await leases.tick()
    assert woken.is_set()
    woken.clear()
    leases._trusted_until = 0.0  # the servers were away for longer than the leases can be trusted
    await leases.tick()
    assert woken.is_set()


async def test_an_idle_tick_writes_no_lease(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carnet.leases.LEASE_SECONDS", BOUND)
    leases = Leases(database, "one")
    await leases.prepare()
    await leases.tick()
    before = await database["leases"].find().to_list(None)
    await leases.tick()
    assert await database["leases"].find().to_list(None) == before


async def test_a_worker_of_an_older_release_keeps_its_slots_until_it_is_silent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carnet.leases.LEASE_SECONDS", BOUND)
    newer = Leases(database, "newer")
    await newer.prepare()
    far = datetime.now(UTC) + timedelta(seconds=6)
    await database["leases"].update_many({}, {"$set": {"owner": "older", "until": far}})
    await database["workers"].insert_one({"_id": "older", "seen": datetime.now(UTC)})
    await newer.tick()
    assert not newer.slots
    await silence(database, "older")
    await newer.tick()
    assert newer.slots == frozenset(range(256))


class Held(Leases):
    """Leases that a test gives and takes away."""

    held = frozenset(range(256))

    @property
    def slots(self) -> frozenset[int]:
        return self.held


async def test_slots_lost_while_the_producer_starts_are_left_to_their_new_holder(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    leases = Held(database, "one")

    class SlowToStart(Relay):
        async def _running_producer(self) -> "object":
            producer = await super()._running_producer()
            leases.held = frozenset()
            return producer

    relay = SlowToStart(database, leases, servers.kafka_bootstrap, namespace)
    await decide(database, new_id(), 2)
    assert await relay.publish() == 0
    assert await database["journal"].count_documents({"pending": True}) == 2
    await relay.close()


async def test_a_state_published_late_by_a_worker_that_lost_its_slots_does_not_stay_the_last_one(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    organisation = new_id()
    state = OrganisationChanged(
        organisation=organisation,
        name="School",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="support@example.org",
        mode="test",
    )
    losing = Held(database, "one")
    other = Relay(database, Held(database, "two"), servers.kafka_bootstrap, namespace)

    class Paused(Relay):
        async def _send(self, *given: "object") -> "Sequence[BaseException | None]":
            losing.held = frozenset()
            await decide(database, organisation, 1, state)
            assert await other.publish() == 2
            return await super()._send(*given)

    paused = Paused(database, losing, servers.kafka_bootstrap, namespace)
    await decide(database, organisation, 1, state)
    assert await paused.publish() == 1
    assert await other.publish() == 1
    for relay in (paused, other):
        await relay.close()
    received = await records(servers, namespace, 2, "catalog.organisations")
    assert received[organisation] == [1, 2, 1, 2]


async def test_a_producer_that_could_not_flush_sends_nothing_later(
    servers: Servers, namespace: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    monkeypatch.setattr("carnet.relay.FLUSHED_WITHIN", 0.3)
    send, away = AIOKafkaClient.send, True

    async def unless_away(client: AIOKafkaClient, node: int, request: "object", **named: "object") -> "object":
        if away and isinstance(request, ProduceRequest):
            raise NodeNotReadyError
        return await send(client, node, request, **named)

    monkeypatch.setattr(AIOKafkaClient, "send", unless_away)
    relay = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace)
    contract = new_id()
    await decide(database, contract, 1)
    publishing = asyncio.create_task(relay.publish())
    await asyncio.sleep(0.5)
    async with asyncio.timeout(BOUND):
        await relay.close()
        assert await publishing == 0  # what waits for the acks learns that there will be none
    away = False
    await asyncio.sleep(0.5)
    assert await relay.publish() == 1
    await relay.close()
    assert await records(servers, namespace, 1) == {contract: [1]}
