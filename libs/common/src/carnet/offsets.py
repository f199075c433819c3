"""How far a consumer has read, committed at the broker now and then.

Marks decide what is applied (``carnet.marks``), so a committed offset is only where the next consumer begins: what was
read after it comes again and is dropped. So while batches come one after the other they are committed together, which
spares a request and a write of the broker for each.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from carnet.observe import log

QUIET = 0.1
"""Seconds after the last batch after which it is committed: nobody waits long to see that all is read."""

AT_LEAST_EVERY = 1.0
"""Seconds after which what was read is committed though batches go on coming."""

Records = Sequence[ConsumerRecord[bytes, bytes]]


class Offsets:
    """What one consumer has applied and not committed yet.

    A topic whose batches begin at least ``pace`` seconds one after the other is quiet so much later.
    """

    def __init__(self, topic: str, pace: float = 0.0) -> None:
        self._topic = topic
        self._quiet = QUIET + pace
        self._consumer: AIOKafkaConsumer | None = None
        self._applied: dict[TopicPartition, int] = {}
        self._first = self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._committing: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        """A commit that the broker did not answer is tried again: it must not come after a later one."""
        self._ending = False

    def of(self, consumer: AIOKafkaConsumer, records: Records) -> "Batch":
        """How FastStream acknowledges these records, or gives them back."""
        return Batch(self, consumer, records)

    async def note(self, consumer: AIOKafkaConsumer, records: Records) -> None:
        """These records are applied; returns once they are committed only where the worker ends."""
        if consumer is not self._consumer:  # another after a fault: what the last one had left comes again
            self._consumer, self._applied = consumer, {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            self._applied[partition] = max(record.offset + 1, self._applied.get(partition, 0))
        if self._ending:
            await self._commit()
            return
        self._last = time.monotonic()
        if self._timer is None:
            self._first = self._last
            self._wait(self._quiet)

    async def end(self) -> None:
        """Commit what is applied, and from now on every batch at once: the worker ends."""
        self._ending = True
        if self._timer is not None:
            self._timer.cancel()
        await self._commit()

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        now = time.monotonic()
        quiet, all_in_all = now - self._last, now - self._first
        if self._one_at_a_time.locked():
            self._wait(QUIET)
        elif quiet < self._quiet and all_in_all < AT_LEAST_EVERY:
            self._wait(min(self._quiet - quiet, AT_LEAST_EVERY - all_in_all))
        else:
            self._timer = None
            self._committing = asyncio.create_task(self._commit())

    async def _commit(self) -> None:
        async with self._one_at_a_time:
            await self._commit_all()

    async def _commit_all(self) -> None:
        if self._consumer is None:
            return
        own = self._consumer.assignment()
        offsets = {partition: offset for partition, offset in self._applied.items() if partition in own}
        self._applied = {}
        if not offsets:
            return
        try:
            await self._consumer.commit(offsets)
        except KafkaError as error:
            log.warning("offsets were not committed", topic=self._topic, error=type(error).__name__)
            self._applied = offsets | self._applied  # what came meanwhile is further on
            if self._timer is None and not self._ending:
                self._first = self._last = time.monotonic()
                self._wait(AT_LEAST_EVERY)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a consumer, as FastStream acknowledges them: it asks a consumer to commit or to go back."""

    offsets: Offsets
    consumer: AIOKafkaConsumer
    records: Records

    async def commit(self) -> None:
        """The records are applied."""
        await self.offsets.note(self.consumer, self.records)

    def seek(self, partition: TopicPartition, offset: int) -> Any:
        """The records come again, from that one on."""
        return self.consumer.seek(partition, offset)
