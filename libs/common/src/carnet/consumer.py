"""From Kafka to a service's reactions: one FastStream batch subscriber per topic.

Records come raw, so that one bad record affects no other; a batch is acknowledged once its transaction is committed,
and given back (nack) where a transient fault lasts too long. What is acknowledged is committed at the broker a moment
later, several batches together.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from carnet import parking
from carnet.batches import GIVE_UP_AFTER, LANES, Batches
from carnet.journal import slot_of
from carnet.mongo import Database
from carnet.observe import CONSUMER_LAG, PARKED, PAUSED, log
from carnet.offsets import Offsets
from carnet.paused_topics import pauses
from carnet.pauses import pause
from carnet.reactions import Reactions

BATCH = 200
"""The most records applied in one transaction: measured as the knee between speed and latency."""

FETCH_WAIT_MS = 2_000
"""How long a broker holds a fetch for which there is nothing, in ms; it answers as soon as something comes."""

IDLE_MS = 5_000
"""How long a consumer that is idle sleeps, in milliseconds; records, assignments and its end wake it."""

STUCK_AFTER = GIVE_UP_AFTER + 60
"""Seconds after which a batch that is still under way means that the consumer is stuck."""

MEASURED_EVERY = 10.0
"""Seconds between two measures of lag and of what is parked."""

MEASURED_WITHIN = 5.0
"""Seconds after which a measure is given up, as the servers don't answer."""

LAG_WITHIN = 4.0
"""Seconds after which the lag of one topic is given up: its consumer has no position, or Kafka does not answer."""

LOST_AFTER = 60.0
"""Seconds without a position on a topic, or without a batch of it though there are records, while Kafka answers, after
which the worker ends and is started again."""

_silent = logging.getLogger("carnet.faststream")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


def group_of(namespace: str, service: str, topic: str) -> str:
    """The consumer group of a service on one topic.

    One for each: in a group that all its topics shared, a worker that joins would make the
    members of every topic stop and share out anew, once per topic.
    """
    return f"{namespace}{service}.{topic}"


class LostPositionError(Exception):
    """A consumer has read nothing of its topic for long, though Kafka answers and has records: it is lost."""


class Consumer:
    """All subscribers of one worker.

    Between the beginnings of two batches of a topic that has a pace there are at least so many seconds: what comes
    meanwhile is applied together, which spares transactions. What comes after a longer pause is applied at once, and so
    is what follows a full batch. ``paces`` are by the name of the topic.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        tables: Sequence[Reactions],
        bootstrap: str,
        namespace: str = "",
        *,
        slots: Callable[[], frozenset[int]],
        paces: Mapping[str, float] | None = None,
    ) -> None:
        self.service = service
        self._paces = paces or {}
        self._namespace = namespace
        self._database = database
        self._slots = slots
        self._broker = KafkaBroker(
            bootstrap,
            apply_types=False,
            graceful_timeout=20.0,
            # The topics are declared once, with their partitions (carnet.topics): FastStream would make them with one.
            allow_auto_create_topics=False,
            logger=_silent,
            client_id=f"carnet-{service}",
        )
        self._batches = {table.topic.name: Batches(service, database, table) for table in tables}
        self._offsets = {
            table.topic.name: Offsets(table.topic.name, self._paces.get(table.topic.name, 0.0)) for table in tables
        }
        self._subscribers = {topic: self._subscribe(topic) for topic in self._batches}
        self._busy_since: dict[str, float] = {}
        self._ending = asyncio.Event()
        self._next_at: dict[str, float] = {}
        """Before when no batch of a topic is begun."""
        self._begun: Counter[str] = Counter()
        """How many batches of a topic were begun."""
        self._begun_before: dict[str, int] = {}
        """The same at the last measure."""
        self._lost_since: dict[str, float] = {}

    def _subscribe(self, topic: str) -> BatchSubscriber:
        async def parse(records: tuple[ConsumerRecord[bytes, bytes], ...]) -> KafkaAckableMessage:
            # FastStream's own parser decodes headers and would fail the whole batch on one bad record.
            consumer = subscriber.consumer
            if consumer is None:
                raise RuntimeError("a batch came after the consumer was stopped")
            acknowledging = self._offsets[topic].of(consumer, records)
            return KafkaAckableMessage(body=b"", raw_message=records, consumer=acknowledging)

        async def decode(message: KafkaAckableMessage) -> Any:
            return message.raw_message

        async def apply(records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
            await self._apply(topic, records)

        subscriber = self._broker.subscriber(
            self._namespace + topic,
            batch=True,
            group_id=group_of(self._namespace, self.service, topic),
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            max_records=LANES * BATCH,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            consumer_timeout_ms=IDLE_MS,
            max_poll_interval_ms=300_000,
            # How soon members notice another that joins, and how long a killed one keeps its partitions
            # (6 s is the least that brokers allow by default): what a start and a crash cost.
            heartbeat_interval_ms=2_000,
            session_timeout_ms=6_000,
            parser=parse,
            decoder=decode,
        )
        subscriber(apply)
        # FastStream's own sleeps between two looks.
        subscriber.get_msg = partial(self._next_records, topic)  # type: ignore[method-assign] # in its place
        return subscriber

    async def _apply(self, topic: str, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        self._busy_since[topic] = now = time.monotonic()
        self._next_at[topic] = now + self._paces.get(topic, 0.0) if len(records) < LANES * BATCH else now
        self._begun[topic] += 1
        try:
            await self._batches[topic].apply(records)
        finally:
            self._busy_since.pop(topic, None)

    async def _next_records(self, topic: str, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[bytes, bytes], ...]:
        """The records that have come by now, or the next ones to come; none if the consumer was idle for long."""
        # While a batch is under way longer than this, aiokafka would ask for the other partitions alone. Their
        # answer may take all of FETCH_WAIT_MS, and until then nothing new would come from the partitions of the batch.
        consumer._fetcher._prefetch_backoff = STUCK_AFTER
        if (wait := self._next_at.get(topic, 0.0) - time.monotonic()) > 0:
            await pause(wait, until=self._ending)
        try:
            found = await consumer.getmany(timeout_ms=IDLE_MS, max_records=LANES * BATCH)
        except KafkaError as error:
            # FastStream tries again in some seconds, and says nothing.
            log.warning("could not read", topic=topic, error=repr(error))
            raise
        return tuple(chain.from_iterable(found.values()))

    async def start(self) -> None:
        """Join the group and begin."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batches under way, or give back those that have to wait; commit, leave the group."""
        self._ending.set()
        for batches in self._batches.values():
            batches.end()
        await asyncio.gather(*(offsets.end() for offsets in self._offsets.values()))
        await self._broker.stop()

    async def answers(self) -> bool:
        """Whether Kafka answers within two seconds."""
        return await self._broker.ping(2.0)

    def problem(self) -> str | None:
        """Why the consumer must count as dead; None if it makes progress."""
        for topic, since in self._busy_since.items():
            if time.monotonic() - since > STUCK_AFTER:
                return f"a batch of {topic} has been under way for more than {STUCK_AFTER:.0f} s"
        for topic, subscriber in self._subscribers.items():
            if subscriber.running and not any(not task.done() for task in subscriber.tasks):
                return f"the consumer of {topic} has ended"
        return None

    async def measure(self) -> None:
        """Set the gauges of lag, of what is parked and of topics that are paused.

        Each worker counts what is parked in its own slots, so that the sum over all is how much there is.
        """
        slots = self._slots()
        parked = await parking.count(self._database, slots)
        paused = {each.topic for each in await pauses(self._database)}
        for topic in self._subscribers:
            PARKED.labels(self.service, topic).set(parked.get(topic, 0))
            PAUSED.labels(self.service, topic).set(topic in paused and slot_of(topic) in slots)
            if topic in paused:
                self._batches[topic].note_pause()
        # Side by side: the answer to each comes after that to the fetch which its consumer has under way.
        measured = (self._measure_lag(topic) for topic in self._subscribers)
        for outcome in await asyncio.gather(*measured, return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _measure_lag(self, topic: str) -> None:
        subscriber = self._subscribers[topic]
        consumer = subscriber.consumer
        if consumer is None or not subscriber.running:
            return
        try:
            async with asyncio.timeout(LAG_WITHIN):
                lag = await _lag(consumer)
        except TimeoutError:
            self._lost_since.setdefault(topic, time.monotonic())
            raise
        self._note_progress(topic, lag)
        CONSUMER_LAG.labels(self.service, topic).set(lag)

    def _note_progress(self, topic: str, lag: int) -> None:
        """A consumer with records to read, none under way and no batch since the last measure may be lost."""
        begun, before = self._begun[topic], self._begun_before.get(topic)
        self._begun_before[topic] = begun
        if lag and begun == before and topic not in self._busy_since:
            self._lost_since.setdefault(topic, time.monotonic())
        else:
            self._lost_since.pop(topic, None)

    async def must_go_on(self) -> None:
        """Raise ``LostPositionError`` where nothing of a topic was read for ``LOST_AFTER`` while Kafka answers."""
        lost = [topic for topic, since in self._lost_since.items() if time.monotonic() - since > LOST_AFTER]
        if not lost:
            return
        if await self.answers():
            raise LostPositionError(", ".join(lost))
        self._lost_since.clear()

    async def run_measures(self, stopping: asyncio.Event) -> None:
        """Measure every ``MEASURED_EVERY`` seconds until ``stopping`` is set.

        Raises ``LostPositionError`` where a consumer reads nothing any more.
        """
        while not stopping.is_set():
            try:
                async with asyncio.timeout(MEASURED_WITHIN):
                    await self.measure()
            except Exception as error:
                # A gauge that can't be read must not end the worker; the next round tries again.
                log.warning("could not measure", error=type(error).__name__)
            await self.must_go_on()
            await pause(MEASURED_EVERY, until=stopping)


async def _lag(consumer: AIOKafkaConsumer) -> int:
    """How many records it has not taken yet. The broker is asked: a consumer that is stuck receives no new ones."""
    ends = await consumer.end_offsets(consumer.assignment())
    return sum([max(0, end - await consumer.position(partition)) for partition, end in ends.items()])
