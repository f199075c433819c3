"""From the journal to Kafka: every row is published, per aggregate in sequence; perhaps twice, never out of order.

The relay picks aggregates by their oldest unpublished row, publishes the rows of each in
sequence with an idempotent producer keyed by the aggregate, awaits the acks and marks them.
It never orders across aggregates: a transaction that commits late would be skipped.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, cast

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from carnet.dates import utc_now
from carnet.envelope import Envelope, to_record
from carnet.events import BY_TYPE, TOPICS
from carnet.journal import ROWS, SLOTS, JournalRow
from carnet.leases import Leases
from carnet.mongo import Database
from carnet.observe import JOURNAL_OLDEST_SECONDS, JOURNAL_UNPUBLISHED, log

PAGE = 500
"""How many unpublished rows are looked at in one go."""

SHORTEST_PAUSE, LONGEST_PAUSE = 0.003, 0.1
"""Seconds between two looks: short while there is work, growing while there is none."""

_PERSONAL = {topic.name: topic.personal for topic in TOPICS}


class Relay:
    """The relay of one worker, over the slots that its leases give it."""

    def __init__(self, database: Database, leases: Leases, bootstrap: str, namespace: str = "") -> None:
        self._database = database
        self._leases = leases
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._producer: AIOKafkaProducer | None = None
        self._measured = 0.0
        self.service = database.name.removeprefix(namespace).removeprefix("carnet_")

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish until ``stopping`` is set; then finish what is under way."""
        pause = SHORTEST_PAUSE
        while not stopping.is_set():
            try:
                published = await self.publish()
            except (KafkaError, ConnectionError) as error:
                log.warning("relay interrupted", error=type(error).__name__)
                await self._drop_producer()
                published, pause = 0, 1.0
            else:
                pause = SHORTEST_PAUSE if published else min(pause * 1.5, LONGEST_PAUSE)
            await self._measure()
            if published < PAGE:
                await asyncio.sleep(pause)

    async def publish(self) -> int:
        """Publish one page of what is pending in the slots held; returns how many rows were acknowledged."""
        slots = self._leases.slots
        if not slots:
            return 0
        rows = await self._next_rows(slots)
        if not rows:
            return 0
        producer = await self._running_producer()
        acknowledged: list[str] = []
        failure: BaseException | None = None
        sends = [(aggregate, await self._send(producer, list(group))) for aggregate, group in _by_aggregate(rows)]
        for _, (row_ids, futures) in sends:
            results = await asyncio.gather(*futures, return_exceptions=True)
            for row_id, result in zip(row_ids, results, strict=True):
                if isinstance(result, BaseException):
                    failure = result
                    break
                acknowledged.append(row_id)
        if acknowledged:
            await self._mark(acknowledged)
        if failure is not None:
            # The rows after a failed one are not marked: they are sent again, in sequence, by a new producer.
            log.warning("a record was not acknowledged", error=type(failure).__name__)
            await self._drop_producer()
        return len(acknowledged)

    async def close(self) -> None:
        """Flush and close the producer."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def _next_rows(self, slots: frozenset[int]) -> list[JournalRow]:
        journal = self._database[ROWS]
        # Equality on `pending` lets the partial index serve; holding all slots needs no list of them.
        mine: dict[str, Any] = {"pending": True, "slot": {"$in": sorted(slots)}}
        oldest = await journal.find(mine, {"aggregate": 1, "_id": 1}).sort("_id", 1).limit(PAGE).to_list(None)
        if not oldest:
            return []
        aggregates = list(dict.fromkeys(row["aggregate"] for row in oldest))
        theirs = {"pending": True, "aggregate": {"$in": aggregates}}
        found = await journal.find(theirs).sort([("aggregate", 1), ("sequence", 1)]).limit(2 * PAGE).to_list(None)
        return cast("list[JournalRow]", found)

    async def _send(
        self, producer: AIOKafkaProducer, rows: Sequence[JournalRow]
    ) -> tuple[list[str], list["asyncio.Future[Any]"]]:
        sent: list[str] = []
        futures: list[asyncio.Future[Any]] = []
        for row in rows:
            key, value, headers = record_of(row)
            futures.append(await producer.send(self._namespace + row["topic"], value, key, headers=headers))
            sent.append(row["_id"])
        return sent, futures

    async def _mark(self, row_ids: Sequence[str]) -> None:
        await self._database[ROWS].update_many({"_id": {"$in": list(row_ids)}}, {"$unset": {"pending": ""}})

    async def _running_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = new_producer(self._bootstrap)
            await producer.start()
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), 5)
        except (KafkaError, TimeoutError, ConnectionError) as error:
            log.warning("the producer did not stop cleanly", error=type(error).__name__)

    async def _measure(self) -> None:
        if time.monotonic() - self._measured < 5:
            return
        self._measured = time.monotonic()
        journal = self._database[ROWS]
        JOURNAL_UNPUBLISHED.labels(self.service).set(await journal.count_documents({"pending": True}))
        anywhere = {"pending": True, "slot": {"$in": list(range(SLOTS))}}
        oldest = await journal.find(anywhere, {"at": 1}).sort("_id", 1).limit(1).to_list(None)
        age = (utc_now() - datetime.fromisoformat(oldest[0]["at"])).total_seconds() if oldest else 0.0
        JOURNAL_OLDEST_SECONDS.labels(self.service).set(age)


def new_producer(bootstrap: str) -> AIOKafkaProducer:
    """An idempotent producer that waits for all in-sync replicas."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=256 * 1024,
        max_request_size=1024 * 1024,
        request_timeout_ms=20_000,
    )


def record_of(row: JournalRow) -> tuple[bytes, bytes | None, list[tuple[str, bytes]]]:
    """The key, value and headers that publish a row. Personal values go only where they may."""
    envelope = Envelope(
        id=row["_id"],
        type=row["type"],
        aggregate=row["aggregate"],
        sequence=row["sequence"],
        organisation=row["organisation"],
        time=datetime.fromisoformat(row["at"]),
        change=row["change"],
        actor=row["actor"],
        causation=row["causation"],
        traceparent=row["traceparent"],
    )
    if BY_TYPE[row["type"]].tombstone:
        return to_record(envelope, None)
    data: Mapping[str, Any] = row["data"]
    if "personal" in row and _PERSONAL[row["topic"]]:
        data = {**data, "personal": row["personal"]}
    return to_record(envelope, orjson.dumps(data))


def _by_aggregate(rows: Iterable[JournalRow]) -> Iterable[tuple[str, Iterable[JournalRow]]]:
    return groupby(rows, key=lambda row: row["aggregate"])
