"""A listener on all topics: each event is shown in a line as it arrives, and can be waited for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from carnet.consumer import group_of
from carnet.events import TOPICS
from carnet_operations.reactions import followers
from carnet_operations.verify.published.topics import partitions_of
from carnet_play.story.showing import gist, short
from carnet_play.story.waiting import eventually


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event as it arrived."""

    id: str
    name: str
    topic: str
    aggregate: str
    sequence: int
    organisation: str
    change: str
    body: Mapping[str, Any]
    place: TopicPartition
    offset: int


class Wire:
    """Receives what is published from now on about one organisation. Enter it to connect."""

    def __init__(self, bootstrap: str, namespace: str, organisation: str, console: Console) -> None:
        self.silent = False
        self.received: dict[str, Arrived] = {}
        """By id, so that what arrives twice counts once."""
        self._organisation = organisation
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._console = console
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=20, retry_backoff_ms=20
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        there = await partitions_of(self._bootstrap, [self._namespace + topic.name for topic in TOPICS])
        partitions = [partition for group in there.values() for partition in group]
        await self._consumer.start()
        await self._admin.start()
        self._consumer.assign(partitions)
        for partition, end in (await self._consumer.end_offsets(partitions)).items():
            self._consumer.seek(partition, end)
        self._listening = asyncio.create_task(self._listen(), name="wire")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._admin.close()
        await self._consumer.stop()

    async def expect(self, name: str, aggregate: str, **fields: Any) -> Arrived:
        """The first event of that name and aggregate whose body has these fields; waits for it.

        Raises ``StoryError`` if it does not come.
        """

        def is_it(event: Arrived) -> bool:
            named = event.name == name and event.aggregate == aggregate
            return named and all(event.body.get(field) == value for field, value in fields.items())

        wanted = "".join(f", {field} {value}" for field, value in fields.items())
        return await self.until(is_it, f"{name} of {aggregate}{wanted}")

    async def until(self, is_it: Callable[[Arrived], bool], what: str) -> Arrived:
        """The first event that ``is_it`` accepts; waits for it. Raises ``StoryError`` if it does not come."""
        found: list[Arrived] = []

        async def received() -> bool:
            if self._listening is not None and self._listening.done():
                self._listening.result()  # raises the error that ended it
            found.extend(event for event in self.received.values() if is_it(event))
            return bool(found)

        await eventually(received, f"Kafka has {what}")
        return found[0]

    def of(self, aggregate: str, name: str) -> list[Arrived]:
        """The events of an aggregate under a name, each event once."""
        return [event for event in self.received.values() if event.aggregate == aggregate and event.name == name]

    async def read_by_all(self, event: Arrived) -> None:
        """Return once every service that follows the topic of an event has read it. Raises ``StoryError``."""
        groups = {group_of(self._namespace, service, event.topic) for service in followers()[event.topic]}

        async def read() -> bool:
            for group in list(groups):
                committed = (await self._admin.list_consumer_group_offsets(group)).get(event.place)
                if committed is not None and committed.offset > event.offset:
                    groups.remove(group)
            return not groups

        await eventually(read, f"every service reads {event.name} of {event.aggregate}")

    async def _listen(self) -> None:
        while True:
            for records in (await self._consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    self._take(record)

    def _take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        event = _read(record, self._namespace)
        if event.organisation != self._organisation:
            return
        again = event.id in self.received
        self.received[event.id] = event
        if not (self.silent or again):
            place = f"{event.topic:<22} {event.name:<22} {short(event.aggregate)} #{event.sequence:<3}"
            text = gist(event.name, event.body)
            self._console.print(f"  [cyan]kafka[/] [dim]{place}[/] {text}", highlight=False, soft_wrap=True)


def _read(record: ConsumerRecord[bytes, bytes], namespace: str) -> Arrived:
    headers = {name: value.decode() for name, value in record.headers}
    return Arrived(
        id=headers["ce_id"],
        name=headers["ce_type"].split(".")[2],
        topic=record.topic.removeprefix(namespace),
        aggregate=headers["ce_subject"],
        sequence=int(headers["ce_sequence"]),
        organisation=headers["ce_organisation"],
        change=headers["ce_changeid"],
        body={} if record.value is None else orjson.loads(record.value),
        place=TopicPartition(record.topic, record.partition),
        offset=record.offset,
    )
