"""Workers, broker and database broken under load: nothing is lost, doubled or reordered.

A worker that dies unasked fails its test: only those that a test ends are started again.
"""

import asyncio
import random

import pytest

from carnet_operations.services import SERVICES
from carnet_suite.servers.mongodb import step_down
from tests.chaos.conftest import Broken
from tests.chaos.load import eventually
from tests.waits import BOUND

pytestmark = pytest.mark.chaos

WORKERS = [f"{service}-worker" for service in SERVICES]


async def test_each_worker_killed(suite: Broken) -> None:
    """Once in the middle of a batch, once at whatever it is at."""
    dice = random.Random(9)
    await suite.crew.start()
    await suite.load.prepare()
    async with suite.batches_under_way():
        await asyncio.gather(*(suite.crew.crash(name) for name in WORKERS))
    async with suite.load.flowing():
        for name in dice.sample(WORKERS, len(WORKERS)):
            await suite.load.more(dice.randint(2, 8))
            await suite.crew.workers[name].ready()
            await suite.crew.crash(name)
        await suite.load.more(10)
    await suite.proven()


async def test_each_worker_stopped_and_replaced(suite: Broken) -> None:
    """Each that comes reads everything once more, from the first record on."""
    dice = random.Random(15)
    await suite.crew.start()
    await suite.load.prepare()
    async with suite.load.flowing():
        for name in dice.sample(WORKERS, len(WORKERS)):
            await suite.load.more(dice.randint(2, 8))
            await suite.crew.replace(name)
        await suite.load.more(10)
    await suite.proven()


async def test_the_workers_of_payments_come_and_go(suite: Broken) -> None:
    dice = random.Random(3)
    await suite.crew.start(payments=2)
    await suite.load.prepare()
    async with suite.load.flowing():
        await suite.load.more(dice.randint(4, 12))
        await suite.crew.launch("payments", 3)
        await suite.load.more(dice.randint(4, 12))
        await suite.crew.crash("payments-worker-2")
        await suite.load.more(dice.randint(4, 12))
        await suite.crew.dismiss("payments-worker")
        await suite.load.more(dice.randint(4, 12))
        await suite.crew.crash("payments-worker-3")
        await suite.load.more(dice.randint(4, 12))
        await suite.crew.launch("payments")
        await suite.load.more(10)
    await suite.proven()


async def test_what_a_killed_worker_held_is_taken_over(suite: Broken) -> None:
    """The slots and the partitions of every topic, by those that are left and the one that comes in its place."""
    await suite.crew.start(payments=2)
    await suite.load.prepare()
    await suite.crew.crash("payments-worker-2")
    async with asyncio.timeout(BOUND):
        await suite.crew.recovered(until=asyncio.Event())
    await suite.crew.stop()


async def test_the_broker_crashes_and_comes_back(suite: Broken) -> None:
    dice, kafka = random.Random(1), suite.servers.kafka
    assert kafka is not None
    await suite.crew.start()
    await suite.load.prepare()
    async with suite.load.flowing():
        await suite.load.more(dice.randint(8, 20))
        await asyncio.to_thread(kafka.kill)
        await suite.load.more(4)
        await eventually(suite.crew.none_ready, "nobody is ready without Kafka")
        await asyncio.to_thread(kafka.start)
        await suite.load.more(10)
    await suite.proven()


async def test_the_database_steps_down(suite: Broken) -> None:
    dice = random.Random(2)
    await suite.crew.start()
    await suite.load.prepare()
    async with suite.load.flowing():
        for _ in range(2):
            await suite.load.more(dice.randint(8, 20))
            await asyncio.to_thread(step_down, suite.servers.mongo_url)
        await suite.load.more(10)
    await suite.proven()
