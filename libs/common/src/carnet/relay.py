"""From the journal to Kafka: every row is published, per aggregate in sequence; perhaps twice, never out of order.

The relay picks aggregates by their oldest unpublished row, publishes the rows of each in
sequence with an idempotent producer keyed by the aggregate, awaits the acks and marks them.
It never orders across aggregates: a transaction that commits late would be skipped.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from carnet.dates import utc_now
from carnet.due import in_slots
from carnet.envelope import Published, make_record
from carnet.journal import ROWS, JournalRow, is_tombstone, topic_of
from carnet.leases import Leases
from carnet.mongo import Database, is_transient
from carnet.observe import JOURNAL_OLDEST_SECONDS, JOURNAL_UNPUBLISHED, PUBLISHED, log
from carnet.pauses import pause
from carnet.producing import abandon, new_producer, send_all
from carnet.republishing import publish_again

PAGE = 500
"""How many unpublished rows are read, sent and marked in one go."""

PAGES = 40
"""How many pages of a backlog follow one another; then it is read from its beginning, where late commits are."""

MARKING = 3
"""How many pages are marked at a time, while the next one is sent and the one after it is read."""

REMEMBERED = 10_000
"""How many aggregates the relay remembers the last published sequence of, to spare itself the asking."""

SWEPT_EVERY = 10.0
"""Seconds between two looks if nothing wakes it: a fallback for lost wakes; new leases wake it too."""

MEASURED_EVERY = 10.0
"""Seconds between two measures of what is unpublished."""

MARKED_WITHIN = 0.5
"""Seconds within which rows that Kafka has are marked as published, those of several looks together."""

MOST_UNMARKED = 100
"""How many published rows may wait for their mark: every look passes over them."""

INTERRUPTED_FOR = 1.0
"""Seconds that the relay waits after a fault of the servers."""

FLUSHED_WITHIN = 5.0
"""Seconds that a producer has to flush in when it is dropped."""


class Relay:
    """The relay of one worker, over the slots that its leases give it.

    While it runs there are at least ``pace`` seconds between the beginnings of two looks, unless there is a backlog:
    what is committed meanwhile is published together. What comes after a longer pause is published at once.
    """

    def __init__(
        self, database: Database, leases: Leases, bootstrap: str, namespace: str = "", *, pace: float = 0.0
    ) -> None:
        self._database = database
        self._leases = leases
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._producer: AIOKafkaProducer | None = None
        self._snapshots = database[ROWS].with_options(read_concern=ReadConcern("snapshot"))
        self._nudged = database.changes.of(ROWS)
        self._more = False
        """Whether the last look left something that can be published at once."""
        self._pace = pace
        self._published: OrderedDict[str, int] = OrderedDict()
        self._marks_later = False
        """Whether rows may be marked together with those of the next looks: while it runs."""
        self._unmarked: dict[str, JournalRow] = {}
        """Rows that Kafka has and that are not marked yet, by id. A worker that dies leaves them to be sent again."""
        self._marked_by = 0.0
        """When they are to be marked at the latest."""
        self._sent: set[str] = set()
        """The ids of the rows that this look has published: the page that was read meanwhile may have them, too."""
        self.service = database.name.removeprefix(namespace).removeprefix("carnet_")

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish until ``stopping`` is set and everything that was pending then is out."""
        await asyncio.gather(self._measure(stopping), self._keep_publishing(stopping), self._end(stopping))

    async def _end(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._nudged.set()

    async def _keep_publishing(self, stopping: asyncio.Event) -> None:
        while True:
            self._marks_later = not stopping.is_set()
            self._nudged.clear()  # before the look: what is committed during it wakes again
            started = time.monotonic()
            try:
                published = await self._look()
            except (KafkaError, ConnectionError, PyMongoError) as error:
                if isinstance(error, PyMongoError) and not is_transient(error):
                    raise
                log.warning("the relay was interrupted", error=type(error).__name__)
                await self._drop_producer()
                if not self._marks_later:
                    return
                await asyncio.sleep(INTERRUPTED_FOR)
                continue
            if not self._marks_later:
                if not published:
                    return
            elif published < PAGE:
                await pause(started + self._pace - time.monotonic(), until=stopping)

    async def _look(self) -> int:
        """Publish what is pending, and wait until there may be more; how much was published."""
        if not self._marks_later:
            await self._mark_rest()
        published = await self.publish()
        if published < PAGE and self._marks_later and not self._more:
            await self._until_nudged()
        return published

    async def _until_nudged(self) -> None:
        """Wait until there may be something to publish; what is to be marked meanwhile is marked."""
        if self._unmarked:
            if await pause(self._marked_by - time.monotonic(), until=self._nudged):
                return
            await self._mark_rest()
        await pause(SWEPT_EVERY, until=self._nudged)

    async def publish(self) -> int:
        """Publish what is pending in the slots held, at most ``PAGES`` pages; how many rows were acknowledged.

        One page is sent at a time, so that no row goes out before its elder is acknowledged. Meanwhile the next page is
        read, and those before are marked.
        """
        self._more = False
        published = 0
        following: asyncio.Task[Page] | None = None
        marking: list[asyncio.Task[None]] = []
        try:
            page = await self._page()
            for number in range(1, PAGES + 1):
                following = asyncio.create_task(self._page(page.last)) if page.last and number < PAGES else None
                acknowledged, failure = await self._publish_page(page)
                published += len(acknowledged)
                if not marking and following is None and self._may_wait(acknowledged):
                    self._mark_later(acknowledged)
                elif acknowledged:
                    marking.append(asyncio.create_task(self._mark(acknowledged)))
                if len(marking) > MARKING:
                    await marking.pop(0)
                if failure is not None:
                    # The rows after a failed one are not marked: they are sent again, in sequence, by a new producer.
                    log.warning("a record was not acknowledged", error=type(failure).__name__)
                    await self._drop_producer()
                if failure is not None or following is None:
                    break
                page = await following
        finally:
            # What ran on by itself would read and mark beside the next look.
            under_way = marking if following is None else [*marking, following]
            outcomes = await asyncio.gather(*under_way, return_exceptions=True)
            self._sent.clear()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        if self._unmarked and time.monotonic() >= self._marked_by:
            await self._mark_rest()
        return published

    async def close(self) -> None:
        """Flush and close the producer."""
        await self._drop_producer()

    async def _page(self, after: str | None = None) -> "Page":
        """The oldest pending rows of the slots held, or those that come after a row."""
        held = self._leases.slots
        if not held:
            return Page((), None, whole=False)
        pending: dict[str, Any] = {"pending": True, **in_slots(held)}
        if after is not None:
            pending["_id"] = {"$gt": after}
        elif self._unmarked:  # passed over by the index: to read them again and again cost more than to mark them
            pending["_id"] = {"$nin": list(self._unmarked)}
        rows = await self._rows(pending, [("_id", 1)], PAGE)
        last = rows[-1]["_id"] if len(rows) == PAGE else None
        return Page(rows, last, whole=after is None and last is None)

    async def _publish_page(self, page: "Page") -> tuple[list[JournalRow], BaseException | None]:
        """Send what can be sent of a page; the rows that were acknowledged, and why others were not."""
        runs, left = await self._runs(page)
        if not runs:
            return [], None
        producer = await self._running_producer()
        held = self._leases.slots  # asked again: to read and to start may have taken longer than the leases last
        rows = [row for run in runs for row in run if row["slot"] in held]
        acknowledged, failure = _acknowledged(rows, await self._send(producer, rows))
        self._more |= failure is not None or (left and bool(acknowledged))
        self._note(acknowledged)
        return acknowledged, failure

    async def _runs(self, page: "Page") -> tuple[list[list[JournalRow]], bool]:
        """The rows of a page by aggregate: of each, the run that begins with its first pending row.

        Also whether there are, or may be, more pending rows.
        """
        rows = self._without_published(page.rows)
        by_aggregate: dict[str, list[JournalRow]] = {}
        for row in rows:
            by_aggregate.setdefault(row["aggregate"], []).append(row)
        runs: list[list[JournalRow]] = []
        unsure: list[str] = []
        for aggregate, theirs in by_aggregate.items():
            theirs.sort(key=lambda row: row["sequence"])
            if page.whole or theirs[0]["sequence"] == self._published.get(aggregate, 0) + 1:
                runs.append(_unbroken(theirs))
            else:
                unsure.append(aggregate)
        if unsure:
            # Ids of two processes may disagree by a clock: what comes first of an aggregate is asked, not guessed. A
            # snapshot that shows all that is pending shows it already.
            first_ones = {"aggregate": {"$in": unsure}, "pending": True}
            found = await self._rows(first_ones, [("aggregate", 1), ("sequence", 1)], 2 * PAGE)
            found = self._without_published(found)
            runs.extend(_unbroken(list(group)) for _, group in groupby(found, key=lambda row: row["aggregate"]))
        left = not page.whole or sum(map(len, runs)) < len(rows)
        return runs, left

    def _without_published(self, rows: Sequence[JournalRow]) -> list[JournalRow]:
        return [row for row in rows if row["_id"] not in self._unmarked and row["_id"] not in self._sent]

    async def _rows(self, query: Mapping[str, Any], order: list[tuple[str, int]], most: int) -> list[JournalRow]:
        cursor = self._snapshots.find(query, batch_size=most + 1).sort(order).limit(most)
        return cast("list[JournalRow]", await cursor.to_list(None))

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[JournalRow]) -> Sequence[BaseException | None]:
        """Send the rows; why each was not acknowledged, or None if it was."""
        generation, namespace = self._database.generation, self._namespace
        return await send_all(producer, ((namespace + row["topic"], record_of(row, generation)) for row in rows))

    def _note(self, rows: Sequence[JournalRow]) -> None:
        for topic, count in Counter(row["topic"] for row in rows).items():
            PUBLISHED.labels(self.service, topic).inc(count)
        self._sent.update(row["_id"] for row in rows)
        for aggregate, sequence in {row["aggregate"]: row["sequence"] for row in rows}.items():
            self._published[aggregate] = sequence
            self._published.move_to_end(aggregate)
        while len(self._published) > REMEMBERED:
            self._published.popitem(last=False)

    def _may_wait(self, rows: Sequence[JournalRow]) -> bool:
        """Whether rows may be marked later: the relay runs, and they are few, and facts.

        A row of state may have to be published again because another worker published late: a later mark would undo
        that.
        """
        few = self._marks_later and len(self._unmarked) + len(rows) <= MOST_UNMARKED
        return few and not any(_is_state(row) for row in rows)

    def _mark_later(self, rows: Sequence[JournalRow]) -> None:
        if rows and not self._unmarked:
            self._marked_by = time.monotonic() + MARKED_WITHIN
        self._unmarked |= {row["_id"]: row for row in rows}

    async def _mark_rest(self) -> None:
        """Mark what was left to be marked later."""
        if self._unmarked:
            await self._mark([])

    async def _mark(self, rows: Sequence[JournalRow]) -> None:
        """Mark rows as published, and with them those that wait for it."""
        waiting = tuple(self._unmarked)
        ids = [*waiting, *(row["_id"] for row in rows)]
        await self._database[ROWS].update_many({"_id": {"$in": ids}}, {"$unset": {"pending": ""}})
        for id_ in waiting:
            self._unmarked.pop(id_, None)  # those of another page may have been marked with it, too
        await self._follow_up(rows)

    async def _follow_up(self, rows: Sequence[JournalRow]) -> None:
        """Have the newest state published again where another worker may have published it before ``rows`` went out.

        A fact that comes late is dropped by the marks. Of a state, compaction keeps the last record.
        """
        held = self._leases.slots
        late = {(topic_of(row), row["aggregate"]) for row in rows if row["slot"] not in held and _is_state(row)}
        for topic, aggregate in late:
            await publish_again(self._database, [topic], aggregate=aggregate)

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
            await asyncio.wait_for(producer.stop(), FLUSHED_WITHIN)
        except (KafkaError, TimeoutError, ConnectionError) as error:
            log.warning("the producer did not stop cleanly", error=type(error).__name__)
            await abandon(producer, within=FLUSHED_WITHIN)

    async def _measure(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self._read_gauges()
            except PyMongoError as error:
                log.warning("could not measure the journal", error=type(error).__name__)
            await pause(MEASURED_EVERY, until=stopping)

    async def _read_gauges(self) -> None:
        JOURNAL_UNPUBLISHED.labels(self.service).set(await self._database[ROWS].count_documents({"pending": True}))
        oldest = await self._rows({"pending": True}, [("_id", 1)], 1)
        age = (utc_now() - datetime.fromisoformat(oldest[0]["at"])).total_seconds() if oldest else 0.0
        JOURNAL_OLDEST_SECONDS.labels(self.service).set(age)


@dataclass(frozen=True, slots=True)
class Page:
    """Pending rows in the order of their ids: what one reading shows."""

    rows: Sequence[JournalRow]
    last: str | None
    """The id of the last one if there may be more after it."""
    whole: bool
    """Whether it shows all that was pending at one instant."""


def record_of(row: JournalRow, generation: int = 0) -> Published:
    """The key, value and headers that publish a row. Personal values go only where they may.

    A newer process of the service may have written it: it is published as it says, whether this release knows its type
    and topic or not.
    """
    body = None
    if not is_tombstone(row):
        data: Mapping[str, Any] = row["data"]
        if "personal" in row and topic_of(row).personal:
            data = {**data, "personal": row["personal"]}
        body = orjson.dumps(data)
    return make_record(
        body,
        generation,
        id_=row["_id"],
        type_=row["type"],
        aggregate=row["aggregate"],
        sequence=row["sequence"],
        organisation=row["organisation"],
        time=row["at"],
        change=row["change"],
        actor=row["actor"],
        causation=row["causation"],
        request=row["request"],
        traceparent=row["traceparent"],
    )


def _is_state(row: JournalRow) -> bool:
    return topic_of(row).kind == "state"


def _acknowledged(
    rows: Sequence[JournalRow], faults: Sequence[BaseException | None]
) -> tuple[list[JournalRow], BaseException | None]:
    """The rows before the first failure of their aggregate, and the last failure, where there is one."""
    failed: dict[str, BaseException] = {}
    acknowledged: list[JournalRow] = []
    for row, fault in zip(rows, faults, strict=True):
        if fault is not None:
            failed[row["aggregate"]] = fault
        elif row["aggregate"] not in failed:
            acknowledged.append(row)
    return acknowledged, next(reversed(failed.values()), None)


def _unbroken(rows: Sequence[JournalRow]) -> list[JournalRow]:
    """The rows up to the first gap in their sequence."""
    first = rows[0]["sequence"]
    return [row for place, row in enumerate(rows) if row["sequence"] == first + place]
