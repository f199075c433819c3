"""A topic full of poison, on a real worker: an operator gets out of it with the documented commands alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from carnet.ids import new_id
from carnet.paused_topics import MOST_FAILING_AGGREGATES, pauses
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.integration.operations.conftest import Carnet
from tests.integration.payments.received_records import Family, Story, organisation_record
from tests.records import Given
from tests.servers import open_database
from tests.waits import BOUND
from tests.workers import Worker, start_worker

GAUGE = 'carnet_topic_paused{service="payments",topic="contracts.contracts"} 1.0'


async def publish(servers: Servers, namespace: str, records: Sequence[Given]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap) as producer:
        for given in records:
            # All into one partition: there the good ones come after the poison.
            await producer.send_and_wait(
                namespace + given.topic, given.value, given.key, headers=list(given.headers), partition=0
            )


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(BOUND):
        while not await holds():  # noqa: ASYNC110 # another process does it
            await asyncio.sleep(0.05)


@pytest.fixture
def poison() -> list[Given]:
    """Forty records that nobody can read, of twenty contracts, and as many without headers."""
    stories = [Story(Family(new_id())) for _ in range(MOST_FAILING_AGGREGATES)]
    bodies = [story.opened(100).with_value(b"{broken") for story in stories]
    bodies += [story.changed(200).with_value(b"\xff") for story in stories]
    nameless = [Given(each.topic, 0, 0, each.key, each.value, ()) for each in bodies]
    return [*bodies, *nameless]


async def test_an_operator_gets_out_of_a_poisoned_topic(
    carnet: Carnet, servers: Servers, namespace: str, tmp_path: Path, poison: list[Given]
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    family = Family(new_id())
    story = Story(family)
    await publish(servers, namespace, [organisation_record(family.organisation), *poison, story.opened(300)])
    worker = start_worker(servers, namespace, tmp_path, "payments")
    database = open_database(servers, f"{namespace}carnet_payments")
    try:
        await until(lambda: pauses(database))
        await until(lambda: _shown(worker, GAUGE))
        said = (await carnet("parked", "list", "payments")).said
        assert f"{MOST_FAILING_AGGREGATES} different aggregates of contracts.contracts failed in a row" in said
        assert "carnet parked resume payments contracts.contracts" in said
        assert "{broken" in said
        await _discard_all(carnet, said)
        resumed = await carnet("parked", "resume", "payments", "contracts.contracts", "--limit", "100", "--by", "ops")
        assert "payments resumes contracts.contracts." in resumed.said
        await until(lambda: database["schedules"].find_one({"_id": story.contract}))
        await _discard_all(carnet, (await carnet("parked", "list", "payments")).said)
        assert "Nothing is parked." in (await carnet("parked", "list", "payments")).said
        assert await database["discarded"].count_documents({}) == len(poison)
        assert {"a record was parked", "a topic is paused"} <= {line["event"] for line in worker.logged()}
        assert (await worker.answer(), worker.child.exit_code) == (200, None)
    finally:
        database.close()
        await worker.kill()


async def _shown(worker: Worker, gauge: str) -> bool:
    async with httpx.AsyncClient(timeout=BOUND) as client:
        return gauge in (await client.get(f"{worker.address}/metrics")).text


async def _discard_all(carnet: Carnet, listed: str) -> None:
    parked = [line.split()[1] for line in listed.splitlines() if line.startswith("payments  ") and "paused" not in line]
    done = await carnet("parked", "discard", "payments", *parked, "--reason", "not Carnet's", "--by", "ops")
    assert done.code == 0, done.wrong
