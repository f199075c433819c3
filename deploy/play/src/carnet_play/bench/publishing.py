"""Records as they are on a topic: published for a worker, or handed straight to the batches of a service."""

import asyncio
from collections.abc import Sequence

from carnet.events.base import Topic
from carnet.producing import new_producer
from carnet_play.bench.stage import Stage

Published = tuple[bytes, bytes | None, list[tuple[str, bytes]]]
"""A record: its key, its value and its headers."""


async def publish(stage: Stage, topic: Topic, records: Sequence[Published]) -> None:
    """Send the records; returns once Kafka has them all."""
    producer = new_producer(stage.servers.kafka_bootstrap)
    await producer.start()
    for start in range(0, len(records), 1_000):
        acks = [
            await producer.send(stage.namespace + topic.name, value, key, headers=headers)
            for key, value, headers in records[start : start + 1_000]
        ]
        await asyncio.gather(*acks)
    await producer.stop()


class Given:
    """A record as Kafka would hand it over."""

    partition = 0

    def __init__(self, topic: Topic, record: Published) -> None:
        self.topic = topic.name
        self.key, self.value, self.headers = record
        self.offset = 0
