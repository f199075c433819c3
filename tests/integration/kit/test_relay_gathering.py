"""What a relay does together: rows of several looks are marked at once, and a pace gathers what is published."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from carnet.ids import new_id
from carnet.mongo import Database
from carnet.relay import Relay
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.integration.kit.test_relay import Held, decide, records
from tests.waits import BOUND


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND):
        while not holds():  # noqa: ASYNC110 # the relay announces nothing
            await asyncio.sleep(0.01)


async def test_rows_of_several_looks_are_marked_together(
    servers: Servers, namespace: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    monkeypatch.setattr("carnet.relay.MARKED_WITHIN", 3600.0)

    class Marking(Relay):
        marked: list[int]

        async def _mark(self, rows: "Sequence[object]") -> None:
            self.marked.append(len(self._unmarked) + len(rows))
            await super()._mark(rows)

    relay, stopping = Marking(database, Held(database, "one"), servers.kafka_bootstrap, namespace), asyncio.Event()
    relay.marked = []
    running = asyncio.create_task(relay.run(stopping))
    contracts = [new_id(), new_id(), new_id()]
    for published, contract in enumerate(contracts, start=1):
        await decide(database, contract, 2)
        await until(lambda published=published: len(relay._unmarked) == 2 * published)
    assert relay.marked == []
    assert await database["journal"].count_documents({"pending": True}) == 6
    await decide(database, contracts[0], 1)  # what follows on rows that wait for their mark
    stopping.set()
    await running
    await relay.close()
    assert await database["journal"].count_documents({"pending": True}) == 0
    assert relay.marked[0] >= 6
    expected = {contracts[0]: [1, 2, 3], contracts[1]: [1, 2], contracts[2]: [1, 2]}
    assert await records(servers, namespace, 7) == expected


async def test_rows_that_a_dead_worker_had_not_marked_are_published_again_in_sequence(
    servers: Servers, namespace: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    monkeypatch.setattr("carnet.relay.MARKED_WITHIN", 3600.0)
    dying, contract = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace), new_id()
    running = asyncio.create_task(dying.run(asyncio.Event()))
    await decide(database, contract, 2)
    await until(lambda: dying._published.get(contract) == 2)
    running.cancel()
    await asyncio.wait([running])
    await decide(database, contract, 1)
    other = Relay(database, Held(database, "two"), servers.kafka_bootstrap, namespace)
    assert await other.publish() == 3
    assert await dying._database["journal"].count_documents({"pending": True}) == 0
    for relay in (dying, other):
        await relay.close()
    assert await records(servers, namespace, 3) == {contract: [1, 2, 1, 2, 3]}


async def test_rows_of_few_looks_are_marked_soon_though_nothing_more_comes(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    relay, stopping = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace), asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    await decide(database, new_id(), 2)
    await until(lambda: bool(relay._published) and not relay._unmarked)
    assert await database["journal"].count_documents({"pending": True}) == 0
    stopping.set()
    await running
    await relay.close()


async def test_a_relay_with_a_pace_publishes_together_what_comes_within_it(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    looks: list[int] = []

    class Counting(Relay):
        async def publish(self) -> int:
            looks.append(published := await super().publish())
            return published

    relay = Counting(database, Held(database, "one"), servers.kafka_bootstrap, namespace, pace=3600.0)
    stopping = asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    await until(lambda: bool(looks))
    for _ in range(5):
        await decide(database, new_id(), 1)
    assert looks == [0]
    stopping.set()
    await running
    await relay.close()
    assert looks[1] == 5
    assert len(await records(servers, namespace, 5)) == 5
