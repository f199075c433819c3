"""Every record of the topics is an event of a journal, in the order of its aggregate (EVT).

The topics are read from their beginning into a fingerprint per record, which ``journals`` compares with the journals.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from carnet.dates import read_instant, write_instant
from carnet.envelope import Record
from carnet.events import TOPICS
from carnet.events.base import Topic
from carnet_operations.verify.report import Report

_WRITTEN_OUT = len("2027-01-31T09:00:00.000000Z")
_HEADERS = ("id", "type", "subject", "sequence", "organisation", "changeid", "causationid", "actor", "time")
_SIZE = 16


@dataclass(slots=True)
class OnTopic:
    """What a topic has of one aggregate: by sequence the fingerprint of its record, and the last sequence that came.

    ``last`` is what compaction keeps: the last record of the key, whole.
    """

    records: dict[int, bytes] = field(default_factory=dict)
    last: int = 0
    last_whole: bytes = b""


@dataclass
class Reading:
    """One topic from its beginning."""

    topic: Topic
    aggregates: dict[str, OnTopic] = field(default_factory=dict)
    records: int = 0
    generation: int = 0
    """The generation of the database that publishes the topic: that of every record."""
    begins: dict[int, int] = field(default_factory=dict)
    """The first offset that each partition still has: above zero once old records have expired."""

    @property
    def trimmed(self) -> bool:
        """Whether old records have expired, so that entries of the journal may be missing here."""
        return any(offset > 0 for offset in self.begins.values())


def fingerprint(attributes: Sequence[Any], body: Any, request: str | None) -> bytes:
    """Sixteen bytes that differ where an attribute or a value of the body does, and eight of the request, if any."""
    text = orjson.dumps([attributes, body], option=orjson.OPT_SORT_KEYS)
    of_request = blake2b(request.encode(), digest_size=8).digest() if request is not None else b""
    return blake2b(text, digest_size=_SIZE).digest() + of_request


def agrees(record: bytes, row: bytes) -> bool:
    """Whether a record is that of a row, by their fingerprints; older releases published no ``ce_requestid``."""
    return record in (row, row[:_SIZE])


def of_row(row: Mapping[str, Any], *, personal: bool) -> bytes:
    """The fingerprint of the record that a journal row must have; with its personal part only where it may travel."""
    attributes = (
        row["_id"],
        row["type"],
        row["aggregate"],
        row["sequence"],
        row["organisation"],
        row["change"],
        row["causation"],
        row["actor"],
        row["at"],
    )
    body = row["data"]
    if personal and "personal" in row:
        body = {**body, "personal": row["personal"]}
    return fingerprint(attributes, body or None, row.get("request"))


async def read_topics(
    bootstrap: str, namespace: str, report: Report, generations: Mapping[str, int] | None = None
) -> dict[str, Reading]:
    """Read all topics up to their present end; unreadable and misplaced records are findings at once.

    ``generations`` are those of the services' databases; 0 if it does not name one.
    """
    known = generations or {}
    readings = {namespace + topic.name: Reading(topic, generation=known.get(topic.owner, 0)) for topic in TOPICS}
    there = await partitions_of(bootstrap, readings)
    for name, reading in readings.items():
        if name not in there:
            report.find("EVT", reading.topic.name, "the topic", expected="there", found="missing")

    def begin(partition: TopicPartition, offset: int) -> None:
        readings[partition.topic].begins[partition.partition] = offset

    async def took(record: Record) -> None:
        take(record, readings[record.topic], report)

    await read_to_end(bootstrap, [each for group in there.values() for each in group], begin, took)
    report.count("records on the topics", sum(reading.records for reading in readings.values()))
    return {reading.topic.name: reading for reading in readings.values()}


async def partitions_of(bootstrap: str, topics: Collection[str]) -> dict[str, list[TopicPartition]]:
    """The partitions of those of the topics that are there."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(sorted(topics))
    finally:
        await admin.close()
    return {
        each["topic"]: [TopicPartition(each["topic"], partition["partition"]) for partition in each["partitions"]]
        for each in described
        if each["partitions"]
    }


async def read_to_end(
    bootstrap: str,
    partitions: Sequence[TopicPartition],
    begin: Callable[[TopicPartition, int], None],
    take: Callable[[Record], Awaitable[None]],
) -> None:
    """Read these partitions from their beginnings up to where they end now.

    ``begin`` receives the first offset of each, ``take`` each record, in the order of its partition.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_wait_ms=20,
        retry_backoff_ms=20,
    )
    await consumer.start()
    try:
        await _read(consumer, partitions, begin, take)
    finally:
        await consumer.stop()


async def _read(
    consumer: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    begin: Callable[[TopicPartition, int], None],
    take: Callable[[Record], Awaitable[None]],
) -> None:
    consumer.assign(partitions)
    begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    for partition, offset in begins.items():
        begin(partition, offset)
        consumer.seek(partition, offset)
    unread = [partition for partition in partitions if begins[partition] < ends[partition]]
    consumer.pause(*(partition for partition in partitions if partition not in unread))
    while unread:
        for partition, records in (await consumer.getmany(*unread, timeout_ms=200, max_records=5_000)).items():
            for record in records:
                if record.offset < ends[partition]:
                    await take(record)
        # A compacted topic may end before its last offset, so the position decides, not the records.
        done = [partition for partition in unread if await consumer.position(partition) >= ends[partition]]
        if done:
            consumer.pause(*done)
            unread = [partition for partition in unread if partition not in done]


def take(record: Record, reading: Reading, report: Report) -> None:
    """Take in one record of a topic, in the order of its partition."""
    reading.records += 1
    where = f"{reading.topic.name}[{record.partition}] offset {record.offset}"
    try:
        aggregate, sequence, attributes, body, request = _open(record)
        generation = generation_of(record)
        # Erasure removes personal values from the journal, so those of older records are not compared.
        print_ = fingerprint(attributes, _without_personal(body) if reading.topic.personal else body, request)
        whole = fingerprint(attributes, body, request) if reading.topic.kind == "state" else b""
    except (ValueError, TypeError, KeyError) as error:
        report.find("EVT", where, "a record", expected="an event with its envelope", found=f"unreadable: {error}")
        return
    if record.key != aggregate.encode():
        report.find("EVT", where, "the record's key", expected=aggregate, found=record.key)
    if generation != reading.generation:
        report.find(
            "EVT",
            where,
            f"the generation of sequence {sequence} of {aggregate}",
            expected=f"{reading.generation}, as its database; what a restore has undone is on no topic",
            found=generation,
        )
        return
    known = reading.aggregates.setdefault(aggregate, OnTopic())
    earlier = known.records.get(sequence, b"")
    if agrees(earlier, print_) or not earlier:
        known.records[sequence] = print_
    elif not agrees(print_, earlier):
        report.find(
            "EVT", where, f"sequence {sequence} of {aggregate}", expected="the same record each time", found="another"
        )
    if reading.topic.kind == "facts" and not _in_order(known, sequence, trimmed=reading.trimmed):
        newest = max((other for other in known.records if other != sequence), default=0)
        report.find("EVT", where, f"the order of {aggregate}", expected=f"sequence {newest + 1}", found=sequence)
    known.last = sequence
    known.last_whole = whole


def generation_of(record: Record) -> int:
    """The generation of a record; 0 if it names none. Raises ``ValueError`` if it is no number."""
    return int(next((value for name, value in record.headers if name == "ce_generation" and value), b"0"))


def _in_order(known: OnTopic, sequence: int, *, trimmed: bool) -> bool:
    """Whether a sequence first comes after the one before it; twice is allowed, jumping ahead is not."""
    if sequence <= known.last or sequence - 1 in known.records:
        return True
    return len(known.records) == 1 and (sequence == 1 or trimmed)


def _open(record: Record) -> tuple[str, int, tuple[Any, ...], Any, str | None]:
    headers = {name: value.decode() for name, value in record.headers if value is not None}
    values = [headers.get(f"ce_{name}") for name in _HEADERS]
    missing = [name for name, value in zip(_HEADERS, values, strict=True) if value is None and name != "causationid"]
    if missing:
        raise ValueError(f"ce_{missing[0]} is missing")
    sequence = int(headers["ce_sequence"])
    at = headers["ce_time"]
    if len(at) != _WRITTEN_OUT or at[-1] != "Z":
        at = write_instant(read_instant(at))
    body = None if record.value is None else orjson.loads(record.value)
    return headers["ce_subject"], sequence, (*values[:3], sequence, *values[4:8], at), body, headers.get("ce_requestid")


def _without_personal(body: Any) -> Any:
    return {name: value for name, value in body.items() if name != "personal"} if isinstance(body, dict) else body
