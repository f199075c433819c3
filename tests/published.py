"""What a service has published: its relay run until nothing is pending, its topic read from the start."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer

from carnet.leases import Leases
from carnet.mongo import Database
from carnet.relay import Relay
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.waits import BOUND


@dataclass(frozen=True)
class OrderAnswer:
    """A record of a topic; one without a body is a tombstone."""

    aggregate: str
    sequence: int
    type: str
    body: dict[str, Any] | None


async def publish(servers: Servers, namespace: str, database: Database) -> None:
    """Publish everything that is pending in the journal of ``database``."""
    await make_topics(servers.kafka_bootstrap, namespace)
    leases = Leases(database, "test")
    await leases.prepare()
    await leases.tick()
    relay = Relay(database, leases, servers.kafka_bootstrap, namespace)
    while await relay.publish():
        pass
    await relay.close()
    await leases.release()


async def published(
    servers: Servers, namespace: str, database: Database, topic: str, expected: Mapping[str, int]
) -> list[OrderAnswer]:
    """Publish what is pending, then read a topic: what it has of the aggregates ``expected``, in order for each.

    ``expected`` says how many records of each aggregate are waited for; more are given too.
    """
    await publish(servers, namespace, database)
    consumer = AIOKafkaConsumer(
        f"{namespace}{topic}", bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    received: list[OrderAnswer] = []
    try:
        async with asyncio.timeout(BOUND):
            while not _complete(received, expected):
                received += await _next(consumer, expected)
        received += await _next(consumer, expected)
    finally:
        await consumer.stop()
    return received


def _complete(received: list[OrderAnswer], expected: Mapping[str, int]) -> bool:
    counted = Counter(each.aggregate for each in received)
    return all(counted[aggregate] >= count for aggregate, count in expected.items())


async def _next(consumer: AIOKafkaConsumer, wanted: Mapping[str, int]) -> list[OrderAnswer]:
    batches = await consumer.getmany(timeout_ms=200)
    return [
        received for batch in batches.values() for received in map(_received, batch) if received.aggregate in wanted
    ]


def _received(record: Any) -> OrderAnswer:
    headers = {name: value.decode() for name, value in record.headers}
    body = orjson.loads(record.value) if record.value else None
    return OrderAnswer(record.key.decode(), int(headers["ce_sequence"]), headers["ce_type"], body)
