"""The worker as its real process: events from Kafka, mails by SMTP, killed in the middle, its own events published."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from carnet.dates import utc_now, write_instant
from carnet.ids import new_id
from carnet.topics import make_topics
from carnet_local.servers import Servers
from carnet_local.servers.ports import Ports
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import paid
from tests.records import Given

COUNT = 60


@asynccontextmanager
async def worker(servers: Servers, namespace: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        **os.environ,
        "CARNET_MONGO_URL": servers.mongo_url,
        "CARNET_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "CARNET_NAMESPACE": namespace,
        "CARNET_METRICS_PORT": str(Ports().chosen().smtp),
        "CARNET_SMTP_HOST": servers.smtp_host,
        "CARNET_SMTP_PORT": str(servers.smtp_port),
        "CARNET_MAIL_FROM": "Carnet <no-reply@carnet.example>",
    }
    arguments = ("-m", "carnet.run", "notifications", "worker")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


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
    told: list[str] = []
    try:
        async with asyncio.timeout(40):
            while len(set(told)) < count:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    told += [record.key.decode() for record in batch if b"EmailSent" in dict(record.headers)["ce_type"]]
    finally:
        await consumer.stop()
    return told


async def until_delivered(office: Office, count: int) -> None:
    async with asyncio.timeout(60):
        while len(office.delivered()) < count:  # noqa: ASYNC110 # the mails arrive in a folder, in another process
            await asyncio.sleep(0.005)


@pytest.mark.chaos
@pytest.mark.timeout(180)
async def test_a_worker_killed_in_the_middle_forgets_no_mail(servers: Servers, namespace: str, office: Office) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    contracts = [new_id() for _ in range(COUNT)]
    told = [office.tell(paid(1_000 + n, contract), aggregate=contract) for n, contract in enumerate(contracts)]
    records = [*told, office.family(), office.school()]
    await publish(servers, namespace, [*records, *records])
    async with worker(servers, namespace) as first:
        await until_delivered(office, COUNT // 6)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    # The claims of the dead worker run out: here at once rather than after minutes.
    now = {"$set": {"due": write_instant(utc_now())}}
    orphans = await office.database["mails"].count_documents({"status": "sending"})
    await office.database["mails"].update_many({"status": "sending"}, now)
    async with worker(servers, namespace) as second:
        sent = await published(servers, namespace, COUNT)
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 30) == 0
    mails = await office.mails()
    assert len(mails) == COUNT
    assert {mail.status for mail in mails} == {"sent"}
    assert set(sent) == {mail.id for mail in mails}
    arrived = [mail.headers["message-id"] for mail in office.delivered()]
    assert len(set(arrived)) == COUNT
    # Only what was between the server's answer and its saving can have gone twice: one mail per connection.
    assert len(arrived) - COUNT <= min(orphans, 4)
