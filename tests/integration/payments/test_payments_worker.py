"""The worker as its real process: contracts from Kafka, schedules to Kafka, killed in the middle."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from carnet import parking
from carnet.ids import new_id
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.schedules.store import SCHEDULES
from tests.integration.payments.conftest import Payments
from tests.integration.payments.received_records import Family, Story, organisation_record
from tests.records import Given
from tests.waits import BOUND
from tests.workers import working

STORIES = 40
TOTALS = (36000, 12001, 0, 45000)
TOLD_PER_STORY = 7  # created, 4 adjusted, and at total zero paid, then reopened


async def publish(servers: Servers, namespace: str, records: Sequence[Given]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    await producer.start()
    try:
        for given in records:
            await producer.send(namespace + given.topic, given.value, given.key, headers=list(given.headers))
        await producer.flush()
    finally:
        await producer.stop()


async def published(servers: Servers, namespace: str, count: int) -> dict[str, list[tuple[int, str]]]:
    """What is published on payments.schedules, per contract in the order of the topic, once there are ``count``."""
    consumer = AIOKafkaConsumer(
        f"{namespace}payments.schedules", bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    rows: dict[str, list[tuple[int, str]]] = {}
    try:
        async with asyncio.timeout(BOUND):
            while sum(len(set(events)) for events in rows.values()) < count:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    for record in batch:
                        headers = dict(record.headers)
                        name = headers["ce_type"].decode().split(".")[2]
                        contract = orjson.loads(record.value)["contract"]
                        rows.setdefault(contract, []).append((int(headers["ce_sequence"]), name))
    finally:
        await consumer.stop()
    return rows


async def until_schedules(payments: Payments, count: int) -> None:
    async with asyncio.timeout(BOUND):
        while await payments.database[SCHEDULES.name].count_documents({}) < count:  # noqa: ASYNC110 # another process
            await asyncio.sleep(0.01)


async def until_named(payments: Payments, story: Story) -> None:
    """Families come on a topic of their own."""
    async with asyncio.timeout(BOUND):
        while (await payments.row(story.contract)).names.owner is None:  # noqa: ASYNC110 # another process
            await asyncio.sleep(0.02)


def first_times(events: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    return list(dict.fromkeys(events))


@pytest.mark.chaos
async def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    servers: Servers, namespace: str, payments: Payments, tmp_path: Path
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    stories = [Story(Family(payments.organisation)) for _ in range(STORIES)]
    records = [organisation_record(payments.organisation), *(story.family.changed(1) for story in stories)]
    records += [story.opened(30000) for story in stories]
    records += [story.changed(total) for total in TOTALS for story in stories]
    twice = [each for each in records for _ in range(2)]
    half = len(twice) // 2
    await publish(servers, namespace, twice[:half])
    async with working(servers, namespace, tmp_path, "payments") as first:
        await until_schedules(payments, 1)
        await first.kill()
    await publish(servers, namespace, twice[half:])
    async with (
        working(servers, namespace, tmp_path, "payments") as second,
        working(servers, namespace, tmp_path, "payments", 2) as third,
    ):
        events = await published(servers, namespace, STORIES * TOLD_PER_STORY)
        for story in stories:
            await until_named(payments, story)
        for each in (second, third):
            await each.ready()
            await each.stop()
    for story in stories:
        schedule = await payments.schedule(story.contract)
        assert (schedule.total, schedule.covers, schedule.version) == (45000, 5, TOLD_PER_STORY)
        assert schedule.planned == 45000
        assert (await payments.row(story.contract)).names.owner == "Inès Martin"
        assert [sequence for sequence, _ in first_times(events[story.contract])] == list(range(1, TOLD_PER_STORY + 1))
        assert [name for _, name in first_times(events[story.contract])] == await payments.names_published(
            story.contract
        )
    assert await payments.database[FOLLOW_UPS.name].count_documents({}) == STORIES
    assert await parking.listing(payments.database) == []


async def test_a_contract_opened_before_its_family_is_known_gets_its_names_later(
    servers: Servers, namespace: str, payments: Payments, tmp_path: Path
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    story = Story(Family(payments.organisation))
    foreign = Story(Family(new_id()))
    await publish(servers, namespace, [story.opened(100), foreign.opened(100)])
    async with working(servers, namespace, tmp_path, "payments") as process:
        await until_schedules(payments, 2)
        await publish(servers, namespace, [story.family.changed(1), foreign.family.changed(1)])
        await until_named(payments, story)
        await process.ready()
        await process.stop()
