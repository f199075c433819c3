"""Whether the suite is quiet: nothing unpublished or unread, nothing about to be sent, no new journal entry."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from carnet.consumer import group_of
from carnet.dates import utc_now, write_instant
from carnet.journal import ROWS
from carnet_operations.services import SERVICES
from carnet_operations.verify.published.topics import partitions_of
from carnet_operations.verify.reading import Databases

SOON = timedelta(seconds=5)
"""A mail that is due within this is waited for; one that is tried again later is not."""

_BETWEEN_LOOKS = 0.3


@dataclass(frozen=True, slots=True)
class Look:
    """How busy the suite is, and how many entries each journal has."""

    unpublished: int
    unread: int
    mails: int
    orders: int
    jobs: int
    entries: tuple[int, ...]

    @property
    def busy(self) -> str | None:
        """What it is busy with; None if it is quiet."""
        counts = (
            (self.unpublished, "unpublished entries"),
            (self.unread, "unread records"),
            (self.mails, "mails to go"),
            (self.orders, "orders that a provider has not answered"),
            (self.jobs, "bulk jobs that have not ended"),
        )
        return ", ".join(f"{count} {what}" for count, what in counts if count) or None


class Watch:
    """Looks at the suite until it is quiet. Enter it to connect."""

    def __init__(
        self, databases: Databases, bootstrap: str, namespace: str, followers: Mapping[str, Sequence[str]]
    ) -> None:
        self._databases = databases
        self._bootstrap = bootstrap
        self._groups = {
            group_of(namespace, service, topic): namespace + topic
            for topic, services in followers.items()
            for service in services
        }
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, retry_backoff_ms=20)
        self._partitions: dict[str, list[TopicPartition]] = {}

    async def __aenter__(self) -> Self:
        topics = set(self._groups.values())
        self._partitions = await partitions_of(self._bootstrap, topics)
        await self._consumer.start()
        try:
            # Assigned though nothing is read, so that the metadata of all topics comes at once.
            every = [partition for group in self._partitions.values() for partition in group]
            self._consumer.assign(every)
            self._consumer.pause(*every)
            await self._admin.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()
        await self._consumer.stop()

    async def until_quiet(self, deadline: float, between: float = _BETWEEN_LOOKS) -> str | None:
        """Return once two looks in a row see the same quiet suite; after ``deadline``, what it is busy with.

        ``deadline`` is on the monotonic clock, ``between`` the seconds from one look to the next.
        """
        before: Look | None = None
        while True:
            look = await self.look()
            if look.busy is None and look == before:
                return None
            if time.monotonic() >= deadline:
                return look.busy or "new entries in the journals"
            before = look
            await asyncio.sleep(between)

    async def look(self) -> Look:
        """How busy the suite is now."""
        soon = write_instant(utc_now() + SOON)
        to_go = {"$or": [{"status": "sending"}, {"status": "queued", "due": {"$gt": "", "$lte": soon}}]}
        # Only orders without an outcome have check_at, which is indexed; few of them are unanswered.
        unanswered = {"check_at": {"$gt": ""}, "status": "asked"}
        under_way = {"due": {"$gt": ""}}
        journals = [self._databases[service][ROWS] for service in SERVICES]
        return Look(
            unpublished=sum([await journal.count_documents({"pending": True}) for journal in journals]),
            unread=await self._unread(),
            mails=await self._databases["notifications"]["mails"].count_documents(to_go),
            orders=await self._databases["payments"]["orders"].count_documents(unanswered),
            jobs=sum([await self._databases[service]["jobs"].count_documents(under_way) for service in SERVICES]),
            entries=tuple([await journal.estimated_document_count() for journal in journals]),
        )

    async def _unread(self) -> int:
        partitions = [partition for group in self._partitions.values() for partition in group]
        begins = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        unread = 0
        for group, topic in self._groups.items():
            read = await self._admin.list_consumer_group_offsets(group)
            for partition in self._partitions.get(topic, ()):
                committed = read[partition].offset if partition in read else -1
                unread += max(0, ends[partition] - max(committed, begins[partition]))
        return unread
