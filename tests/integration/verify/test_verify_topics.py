"""Forged, lost and disordered records are found; a busy suite is waited for; the exit codes of the command."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any, cast

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from rich.console import Console

from carnet.consumer import group_of
from carnet.envelope import Envelope
from carnet.generation import hold_collecting
from carnet.ids import new_id
from carnet.journal import JournalRow
from carnet.relay import record_of
from carnet_operations.reactions import followers
from carnet_operations.verify import main
from carnet_operations.verify.published.topics import partitions_of
from tests.findings import Found
from tests.integration.verify.conftest import Played
from tests.integration.verify.tampering import replaced
from tests.records import to_record
from tests.waits import BOUND

Headers = Sequence[tuple[str, bytes]]


async def send(played: Played, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=played.world.servers.kafka_bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(f"{played.world.namespace}{topic}", value, key, headers=list(headers))
    finally:
        await producer.stop()


async def send_row(played: Played, row: dict[str, Any], **changed: Any) -> None:
    """Publish a journal row again, perhaps with something changed."""
    key, value, headers = record_of(cast("JournalRow", {**row, **changed}))
    await send(played, row["topic"], key, value, headers)


async def entry(played: Played, service: str, aggregate: str, sequence: int) -> dict[str, Any]:
    return await played.world.one(service, "journal", {"aggregate": aggregate, "sequence": sequence})


async def test_forged_records_are_found(spoilt: Played) -> None:
    contract = spoilt.season.contracts["paid"]
    first = await entry(spoilt, "contracts", contract, 1)
    await send_row(spoilt, first)
    assert (await spoilt.verified()).ok, "the same record twice is allowed"

    opened = await entry(spoilt, "contracts", spoilt.season.contracts["cancelled"], 1)
    await send_row(spoilt, opened, request=None)
    assert (await spoilt.verified()).ok, "older releases published no request"
    await send_row(spoilt, opened, request="another")

    stranger = new_id()
    await send_row(spoilt, first, aggregate=stranger, _id=new_id())
    await send_row(spoilt, first, _id=new_id())
    await send_row(spoilt, first, sequence=9, _id=new_id())
    await send(spoilt, "payments.schedules", b"nobody", b"{not json", [("ce_id", b"x")])
    report = await spoilt.verified()

    place = f"contracts.contracts {contract}"
    assert Found("EVT", f"contracts.contracts {stranger}", "no journal has", "none", "sequences [1]").among(report)
    assert Found("EVT", "contracts.contracts[", f"sequence 1 of {contract}", "the same", "another").among(report)
    assert Found("EVT", "contracts.contracts[", f"the order of {contract}", "sequence 5", "9").among(report)
    assert Found("EVT", place, "no journal has", "none", "sequences [9]").among(report)
    assert Found("EVT", "payments.schedules[", "a record", "an event", "unreadable: ce_type is missing").among(report)
    again = f"sequence 1 of {opened['aggregate']}"
    assert Found("EVT", "contracts.contracts[", again, "the same", "another").among(report)
    assert len(report.findings) == 6, report.findings


async def test_records_of_another_generation_than_the_database_are_found(spoilt: Played) -> None:
    contract = spoilt.season.contracts["paid"]
    first = await entry(spoilt, "contracts", contract, 1)
    key, value, headers = record_of(cast("JournalRow", first), generation=3)
    await send(spoilt, "contracts.contracts", key, value, headers)
    report = await spoilt.verified()
    found = Found("EVT", "contracts.contracts[", f"the generation of sequence 1 of {contract}", "0, as its", "3")
    assert found.among(report)
    assert len(report.findings) == 1, report.findings
    await spoilt.world.databases["credits"]["suite"].update_one({"_id": "standing"}, {"$set": {"generation": 3}})
    await hold_collecting(spoilt.world.databases["payments"])
    report = await spoilt.verified()
    assert Found("EVT", "the databases", "the generation", "one", "'credits': 3").among(report)
    assert any("carnet collecting --resume" in note for note in report.notes)


async def test_an_older_state_that_comes_last_is_found(spoilt: Played) -> None:
    """Compaction keeps the last record of a key: if that is an older state, the newest is lost."""
    jazz = spoilt.season.products["jazz"]
    await send_row(spoilt, await entry(spoilt, "catalog", jazz, 1))
    report = await spoilt.verified()
    assert Found("EVT", f"catalog.products {jazz}", "the newest state", "sequence 2", "sequence 1").among(report)
    newest = await entry(spoilt, "catalog", jazz, 2)
    await send_row(spoilt, newest)
    assert (await spoilt.verified()).ok
    await send_row(spoilt, newest, data={**newest["data"], "name": "Jass"})
    report = await spoilt.verified()
    assert Found("EVT", f"catalog.products {jazz}", "sequence 2, ProductChanged", "as the journal", "").among(report)


async def test_personal_values_on_a_topic_that_may_not_carry_them_are_found(spoilt: Played) -> None:
    contract = spoilt.season.contracts["instalments"]
    noted = await spoilt.world.one("contracts", "journal", {"aggregate": contract, "personal": {"$exists": True}})
    envelope = Envelope(
        id=new_id(),
        type=noted["type"],
        aggregate=noted["aggregate"],
        sequence=noted["sequence"],
        organisation=noted["organisation"],
        time=spoilt.world.context().now,
        change=noted["change"],
        actor=noted["actor"],
    )
    body = orjson.dumps({**noted["data"], "personal": noted["personal"]})
    await send(spoilt, noted["topic"], *to_record(envelope, body))
    report = await spoilt.verified()
    assert Found("EVT", "contracts.contracts[", f"sequence {noted['sequence']} of", "the same", "another").among(report)
    assert "left-handed" not in str(report.findings)


async def test_records_lost_from_a_topic_are_found_unless_they_have_run_out(spoilt: Played) -> None:
    world, contract = spoilt.world, spoilt.season.contracts["paid"]
    topic = f"{world.namespace}contracts.contracts"
    consumer = AIOKafkaConsumer(bootstrap_servers=world.servers.kafka_bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=world.servers.kafka_bootstrap)
    partitions = (await partitions_of(world.servers.kafka_bootstrap, [topic]))[topic]
    await consumer.start()
    await admin.start()
    try:
        ends = await consumer.end_offsets(partitions)
        await admin.delete_records({each: RecordsToDelete(before_offset=end) for each, end in ends.items() if end})
    finally:
        await admin.close()
        await consumer.stop()
    report = await spoilt.verified()
    assert Found("EVT", f"contracts.contracts {contract}", "on its topic", "sequence 1, ContractOpened", "none").among(
        report
    )
    journal = world.databases["contracts"]["journal"]
    await journal.update_many({"topic": "contracts.contracts"}, {"$set": {"at": "2020-01-01T00:00:00.000000Z"}})
    report = await spoilt.verified()
    assert report.ok, report.findings


async def test_a_busy_suite_is_waited_for(spoilt: Played) -> None:
    world, contract = spoilt.world, spoilt.season.contracts["paid"]
    await _read_everything(spoilt)
    # A quiet suite is not waited for: this would not end within the time of a test.
    assert (await spoilt.verified(wait=24 * 3600)).notes == []

    journal = world.databases["contracts"]["journal"]
    entry_ = {"aggregate": contract, "sequence": 4}
    await journal.update_one(entry_, {"$set": {"pending": True}})

    async def publish_after_a_while() -> None:
        await asyncio.sleep(0.7)
        await journal.update_one(entry_, {"$unset": {"pending": ""}})

    publishing = asyncio.create_task(publish_after_a_while())
    report = await spoilt.verified(wait=BOUND)
    await publishing
    assert report.ok
    assert report.notes == []


async def _read_everything(played: Played) -> None:
    """Move every consumer group to the end of its topics, as if the workers ran."""
    world = played.world
    for topic, services in followers().items():
        there = await partitions_of(world.servers.kafka_bootstrap, [world.namespace + topic])
        partitions: list[TopicPartition] = [partition for group in there.values() for partition in group]
        for service in services:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=world.servers.kafka_bootstrap,
                group_id=group_of(world.namespace, service, topic),
                enable_auto_commit=False,
                retry_backoff_ms=20,
            )
            await consumer.start()
            try:
                consumer.assign(partitions)
                await consumer.commit(dict(await consumer.end_offsets(partitions)))
            finally:
                await consumer.stop()


async def test_the_exit_code_of_the_command_gives_what_it_found(played: Played) -> None:
    servers, contract = played.world.servers, played.season.contracts["paid"]

    def command(
        mongo_url: str = servers.mongo_url,
        kafka: str = servers.kafka_bootstrap,
        sandbox: str | None = played.sandbox,
    ) -> tuple[int, str]:
        printed, namespace = io.StringIO(), played.world.namespace
        code = main(mongo_url, kafka, namespace, sandbox=sandbox, wait=0, console=Console(file=printed, width=200))
        return code, printed.getvalue()

    code, printed = await asyncio.to_thread(command)
    assert (code, "Verified" in printed) == (0, True), printed
    async with replaced(
        played, "payments", "schedules", {"_id": contract}, lambda schedule: schedule.update(paid=23_000)
    ):
        code, printed = await asyncio.to_thread(command)
    assert code == 1
    for words in (
        "PAY-7",
        f"payments.schedules {contract}",
        "paid, the sum of its payments",
        "expected 24000",
        "23000",
    ):
        assert words in printed
    code, printed = await asyncio.to_thread(command, kafka="127.0.0.1:1")
    assert (code, "check the address" in printed) == (2, True)
    nowhere = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300"
    code, printed = await asyncio.to_thread(command, nowhere)
    assert (code, "MongoDB does not answer" in printed) == (2, True)
    code, printed = await asyncio.to_thread(command, sandbox="http://127.0.0.1:1")
    assert (code, "The sandbox at http://127.0.0.1:1 does not answer" in printed) == (2, True)
    code, printed = await asyncio.to_thread(command, sandbox=None)
    assert (code, "7 orders to the sandbox were not compared with its book" in printed) == (0, True), printed
