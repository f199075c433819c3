"""The worker as its real process: events from Kafka, mails by SMTP, killed in the middle, its own events published."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from carnet.dates import utc_now, write_instant
from carnet.ids import new_id
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from notifications.sender import MOST_UNSAVED
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import paid
from tests.records import Given
from tests.waits import BOUND
from tests.workers import working

COUNT = 60


async def publish(servers: Servers, namespace: str, records: Sequence[Given]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    await producer.start()
    try:
        for given in records:
            await producer.send_and_wait(namespace + given.topic, given.value, given.key, headers=list(given.headers))
    finally:
        await producer.stop()


async def published(servers: Servers, namespace: str, count: int) -> list[str]:
    """The mails that ``EmailSent`` was published of, in the order of the topic, until there are ``count``."""
    consumer = AIOKafkaConsumer(
        f"{namespace}notifications.messages", bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    sent: list[str] = []
    try:
        async with asyncio.timeout(BOUND):
            while len(set(sent)) < count:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    sent += [record.key.decode() for record in batch if b"EmailSent" in dict(record.headers)["ce_type"]]
    finally:
        await consumer.stop()
    return sent


async def until_delivered(office: Office, count: int) -> None:
    async with asyncio.timeout(BOUND):
        while len(office.delivered()) < count:  # noqa: ASYNC110 # the mails arrive in a folder, in another process
            await asyncio.sleep(0.005)


@pytest.mark.chaos
async def test_a_worker_killed_in_the_middle_forgets_no_mail(
    servers: Servers, namespace: str, office: Office, tmp_path: Path
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    contracts = [new_id() for _ in range(COUNT)]
    events = [office.record(paid(1_000 + n, contract), aggregate=contract) for n, contract in enumerate(contracts)]
    records = [*events, office.family(), office.school()]
    await publish(servers, namespace, [*records, *records])
    async with working(servers, namespace, tmp_path, "notifications") as first:
        await until_delivered(office, COUNT // 6)
        await first.kill()
    # The claims of the dead worker run out: here at once rather than after minutes.
    now = {"$set": {"due": write_instant(utc_now())}}
    orphans = await office.database["mails"].count_documents({"status": "sending"})
    await office.database["mails"].update_many({"status": "sending"}, now)
    async with working(servers, namespace, tmp_path, "notifications") as second:
        sent = await published(servers, namespace, COUNT)
        # All may have been sent before the first was dead: one that is still starting has nothing to end in order.
        await second.ready()
        await second.stop()
    mails = await office.mails()
    assert len(mails) == COUNT
    assert {mail.status for mail in mails} == {"sent"}
    assert set(sent) == {mail.id for mail in mails}
    arrived = [mail.headers["message-id"] for mail in office.delivered()]
    assert len(set(arrived)) == COUNT
    # Only what the server had and the worker had not saved can have gone twice.
    assert len(arrived) - COUNT <= min(orphans, MOST_UNSAVED)
