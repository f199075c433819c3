"""The worker of credits as it runs: Kafka in, Kafka out."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from carnet.envelope import Received, read
from carnet.events.credits import CREDITS, CreditGranted
from carnet.ids import new_id
from carnet.topics import make_topics
from carnet.worker import run_worker
from carnet_suite.servers import Servers
from credits.config import CreditsSettings
from credits.worker import build_worker
from tests.integration.credits.story import CREDIT, Story
from tests.links import LINK_KEYS
from tests.records import Given
from tests.waits import BOUND


async def publish(servers: Servers, namespace: str, records: list[Given]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap) as producer:
        for record in records:
            await producer.send_and_wait(
                namespace + record.topic, record.value, key=record.key, headers=list(record.headers)
            )


async def first_published(servers: Servers, namespace: str) -> Received[CreditGranted]:
    consumer = AIOKafkaConsumer(
        namespace + CREDITS.name, bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest"
    )
    async with consumer:
        event = read(await consumer.getone(), CREDITS)
    assert isinstance(event, Received)
    assert isinstance(event.body, CreditGranted)
    return Received(event.envelope, event.body)


async def test_cre_2_the_worker_handles_a_paid_contract_and_publishes_the_credit(
    servers: Servers, namespace: str
) -> None:
    story, line = Story(new_id()), new_id()
    paid = story.paid(covers=2)
    await make_topics(servers.kafka_bootstrap, namespace)
    await publish(servers, namespace, [paid, *story.opened((line, CREDIT))])
    settings = CreditsSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        metrics_port=0,
        link_keys=LINK_KEYS,
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(run_worker(build_worker(settings), stopping))
    try:
        published = await asyncio.wait_for(first_published(servers, namespace), BOUND)
    finally:
        stopping.set()
        code = await running
    assert code == 0
    assert (published.body.credit, published.body.account, published.body.amount) == (line, story.account, 5000)
    assert (published.aggregate, published.sequence, published.organisation) == (line, 1, story.organisation)
    assert published.envelope.actor == "service:credits"
    assert published.envelope.causation
