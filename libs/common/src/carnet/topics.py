"""Making the topics: declared once, in code; auto-creation is off."""

import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from carnet.events import TOPICS
from carnet.events.base import Topic

THIRTY_DAYS = 30 * 24 * 3600 * 1000


def settings_of(topic: Topic) -> dict[str, str]:
    """The broker's settings of a topic: facts are kept 30 days, state is compacted."""
    if topic.kind == "state":
        return {"cleanup.policy": "compact", "min.compaction.lag.ms": "60000"}
    return {"cleanup.policy": "delete", "retention.ms": str(THIRTY_DAYS)}


async def make_topics(bootstrap: str, namespace: str = "", *, replication: int = 1) -> list[str]:
    """Make the topics that are missing; returns their names once they can be written to."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        present = set(await admin.list_topics())
        missing = [topic for topic in TOPICS if namespace + topic.name not in present]
        if missing:
            answer = await admin.create_topics(
                [
                    NewTopic(namespace + topic.name, topic.partitions, replication, topic_configs=settings_of(topic))
                    for topic in missing
                ]
            )
            for name, code, message in (error[:3] for error in answer.topic_errors):
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise for_code(code)(f"{name}: {message}")
    finally:
        await admin.close()
    partitions = [TopicPartition(namespace + topic.name, each) for topic in missing for each in range(topic.partitions)]
    if partitions:
        await _await_leaders(bootstrap, partitions)
    return [namespace + topic.name for topic in missing]


async def _await_leaders(bootstrap: str, partitions: Sequence[TopicPartition]) -> None:
    """Return once each partition is served: a broker that is busy knows some seconds late that it leads a new one."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    # Each partition that is not served yet is a line in the client's log, and just what is waited for here.
    client, level = logging.getLogger("aiokafka"), logging.getLogger("aiokafka").level
    client.setLevel(logging.CRITICAL)
    try:
        # Assigned though nothing is read, so that the metadata of all topics comes at once.
        consumer.assign(partitions)
        consumer.pause(*partitions)
        await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
        client.setLevel(level)
