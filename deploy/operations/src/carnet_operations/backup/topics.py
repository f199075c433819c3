"""The topics after a restore: emptied, then filled from the journals.

Records are deleted rather than topics: the offsets go on, so a consumer that stays connected reads on, and one that had
not read to the end begins at the first record of the new generation.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError, for_code

from carnet.events import TOPICS
from carnet.journal import ROWS, SLOTS
from carnet.leases import Leases
from carnet.mongo import Database
from carnet.relay import Relay
from carnet.republishing import publish_again
from carnet_operations.errors import CommandError
from carnet_operations.verify.published.topics import partitions_of

DELETABLE = {"cleanup.policy": "compact,delete", "retention.ms": "-1"}
"""The settings of a topic of state while its records are deleted: brokers refuse it if a topic is only compacted."""

ACCEPTED_WITHIN = 30.0
"""Seconds in which a broker must know a topic's changed settings."""

_OF_THE_TOPIC = 1  # where a setting comes from, in Kafka's protocol


class EverySlot:
    """The leases of a worker that is alone."""

    slots = frozenset(range(SLOTS))


async def empty(bootstrap: str, namespace: str) -> None:
    """Delete every record of the topics."""
    names = [namespace + topic.name for topic in TOPICS]
    ends = await _ends(bootstrap, names)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        for topic in TOPICS:
            name = namespace + topic.name
            records = {each: RecordsToDelete(end) for each, end in ends.items() if each.topic == name and end}
            if not records:
                continue
            if topic.kind == "state":
                async with _deletable(admin, name):
                    await _delete(admin, records)
            else:
                await _delete(admin, records)
    finally:
        await admin.close()


async def fill(database: Database, bootstrap: str, namespace: str, report_left: Callable[[int], None]) -> None:
    """Publish a service's journal with its new generation, of a topic of state the newest entry of each aggregate.

    ``report_left`` is called with the number of entries that are still to be published.
    """
    service = database.name.removeprefix(namespace).removeprefix("carnet_")
    await publish_again(database, [topic for topic in TOPICS if topic.owner == service])
    relay = Relay(database, cast("Leases", EverySlot()), bootstrap, namespace)
    try:
        while left := await database[ROWS].count_documents({"pending": True}):
            report_left(left)
            if not await relay.publish():
                raise CommandError(
                    f"Kafka does not acknowledge the events of {service}. See that it is up, then run `carnet restore` "
                    "again: no process starts before it has ended."
                )
            while await relay.publish():
                pass
    finally:
        await relay.close()


async def _ends(bootstrap: str, names: Collection[str]) -> dict[TopicPartition, int]:
    partitions = [each for group in (await partitions_of(bootstrap, names)).values() for each in group]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
    return ends


async def _delete(admin: AIOKafkaAdminClient, records: dict[TopicPartition, RecordsToDelete]) -> None:
    deadline = time.monotonic() + ACCEPTED_WITHIN
    while True:
        try:
            await admin.delete_records(records)
        except PolicyViolationError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)  # the broker does not know the changed settings yet
        else:
            return


@asynccontextmanager
async def _deletable(admin: AIOKafkaAdminClient, name: str) -> AsyncIterator[None]:
    before = await _settings(admin, name)
    await _set(admin, name, before | DELETABLE)
    try:
        yield
    finally:
        kept = {key: value for key, value in before.items() if key not in DELETABLE}
        await _set(admin, name, kept | {"cleanup.policy": "compact"})


async def _settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    """The settings that the topic has of its own: to change one is to give all of them."""
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    (_, _, _, _, entries), *_ = answer.resources
    return {entry[0]: entry[1] for entry in entries if entry[3] == _OF_THE_TOPIC}


async def _set(admin: AIOKafkaAdminClient, name: str, settings: dict[str, str]) -> None:
    resource: Any = ConfigResource(ConfigResourceType.TOPIC, name, configs=settings)
    for answer in await admin.alter_configs([resource]):
        for code, message, *_ in answer.resources:
            if code:
                raise for_code(code)(f"the settings of {name}: {message}")
