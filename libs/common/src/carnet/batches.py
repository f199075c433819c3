"""A batch of records applied to a service's states, in one transaction: all of it or none.

This is the heart of every worker, and knows nothing of how records arrive: the consumer feeds
it from Kafka, tests feed it what they like.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pymongo.errors import PyMongoError

from carnet import parking
from carnet.envelope import Envelope, Ignored, Received, Record, UnreadableError, read
from carnet.events.base import Event
from carnet.generation import database_state
from carnet.groups import in_halves
from carnet.journal import Origin, coming_from, slot_of
from carnet.marks import Marks, Verdict
from carnet.mongo import BusyError, Database, ForeignError, Unit, is_transient, may_be_too_much, transact
from carnet.mongo.kit import MARKS
from carnet.observe import BATCH_SECONDS, BATCH_SIZE, log
from carnet.paused_topics import MOST_FAILING_AGGREGATES, TopicPausedError, limit_of, pause_topic
from carnet.pauses import pause
from carnet.reactions import Reactions
from carnet.refusals import Refusal

LONGEST_WAIT = 10.0
"""The longest pause between two tries of a batch that meets a transient error, in seconds."""

GIVE_UP_AFTER = 200.0
"""Seconds of transient errors after which the batch goes back to Kafka: inside the poll interval of 300."""

BUSY_TRIES = 2
"""A batch that has failed so many times, after several seconds each, is halved: on a slow or crowded server it may be
more than one transaction can do before the server ends it, or others change what it reads."""

RESUMED_WITHIN = 1.0
"""Seconds between two looks whether a paused topic is resumed."""

LANES = 2
"""How many transactions a large batch is applied in side by side: while one waits for the server, another decides.

The records of an aggregate stay in one lane, so their order is kept.
"""

WORTH_LANES = 100
"""The smallest batch, in records, that is worth more than one transaction."""


class _TooMuchError(Exception):
    """A batch of several records is too busy again and again: its halves are less."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record is parked. ``fresh`` is false where it only waits behind another of its aggregate.

    ``logged`` is what a log may say of it, where the reason may quote personal values.
    """

    reason: str
    fresh: bool = True
    logged: str | None = None


@dataclass(frozen=True, slots=True)
class _Incoming:
    record: Record
    event: Received[Event] | Ignored | None
    envelope: Envelope | None
    fault: str | None

    @property
    def parking_id(self) -> tuple[str, Envelope | None]:
        return f"{self.record.partition}:{self.record.offset}", self.envelope


@dataclass(slots=True)
class _Done:
    """What one run of a transaction has come to: what it parked, which aggregates fail in a row, why it stopped."""

    failing: dict[str, str]
    parked: dict[str, tuple[_Incoming, Fault]] = field(default_factory=dict)
    paused: str | None = None


class Batches:
    """Applies batches of one topic's records by a table of reactions."""

    def __init__(self, service: str, database: Database, reactions: Reactions, *, lanes: int = LANES) -> None:
        self.service = service
        self.reactions = reactions
        self._database = database
        self._failing: list[dict[str, str]] = [{} for _ in range(lanes)]
        self._ending = asyncio.Event()
        self._may_be_paused = True
        self._limit = MOST_FAILING_AGGREGATES

    def note_pause(self) -> None:
        """The topic may have been paused by another worker: the next batch looks."""
        self._may_be_paused = True

    def end(self) -> None:
        """The worker stops: from now on a batch that meets a transient error goes back to Kafka rather than wait."""
        self._ending.set()

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply ``records`` in order, exactly once each, whatever was applied of them before.

        A transient error is waited out. A record that can't be applied is parked with the later
        ones of its aggregate. Raises the transient error where it lasts too long, and
        ``TopicPausedError`` where aggregate after aggregate fails: those that failed are parked,
        and the rest waits until an operator resumes the topic.
        """
        if self._may_be_paused:
            await self._until_resumed()
        started = time.monotonic()
        incoming = [self._incoming(record) for record in records]
        outcomes = await asyncio.gather(
            *(self._apply(part, lane) for lane, part in enumerate(_lanes(incoming, len(self._failing))) if part),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        BATCH_SIZE.labels(self.service, self.reactions.topic.name).observe(len(records))
        BATCH_SECONDS.labels(self.service, self.reactions.topic.name).observe(time.monotonic() - started)

    async def _until_resumed(self) -> None:
        """Wait while the topic is paused. Raises ``TopicPausedError`` in time for the consumer to poll again."""
        started, topic = time.monotonic(), self.reactions.topic.name
        limit: int | None = None
        while limit is None:
            try:
                limit = await limit_of(self._database, topic)
            except PyMongoError as error:
                if not is_transient(error):
                    raise
            if limit is not None:
                break
            if time.monotonic() - started > GIVE_UP_AFTER or await pause(RESUMED_WITHIN, until=self._ending):
                raise TopicPausedError(f"{topic} is paused")
        self._limit, self._may_be_paused = limit, False
        self._failing = [{} for _ in self._failing]

    def _incoming(self, record: Record) -> _Incoming:
        try:
            event = read(record, self.reactions.topic, wanted=self.reactions.table)
        except UnreadableError as error:
            return _Incoming(record, None, error.envelope, error.reason)
        return _Incoming(record, event, event.envelope, None)

    async def _apply(self, batch: Sequence[_Incoming], lane: int) -> None:
        """One transaction; where it is too much or fails for good, halves of it, down to the record at fault."""
        started = time.monotonic()
        await in_halves(
            batch,
            lambda part: self._patiently(part, lane, started),
            alone=lambda one, error: self._park_alone(
                one, lane, Fault(f"{type(error).__name__}: {error}", logged=type(error).__name__)
            ),
            # Not only what the server refuses: a number it can't hold, a document that can't be read any more.
            splits=lambda error: not isinstance(error, TopicPausedError | OSError) and not is_transient(error),
        )

    async def _patiently(self, batch: Sequence[_Incoming], lane: int, started: float) -> None:
        """Apply what is part of a batch that was ``started`` at that time of the monotonic clock."""
        attempt = busy = 0
        while True:
            try:
                done = await transact(self._database, lambda unit: self._in_unit(unit, batch, lane))
            except (PyMongoError, BusyError, ConnectionError) as error:
                if not is_transient(error) or time.monotonic() - started > GIVE_UP_AFTER:
                    raise
                busy += may_be_too_much(error)
                if busy == BUSY_TRIES and len(batch) > 1:
                    raise _TooMuchError from error
                attempt += 1
                wait = min(0.05 * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1)
                log.warning("a batch waits", topic=self.reactions.topic.name, error=type(error).__name__, wait=wait)
                if await pause(wait, until=self._ending):
                    raise
            else:
                self._conclude(done, lane)
                return

    def _conclude(self, done: _Done, lane: int) -> None:
        """What was committed: say what is parked, and stop where the topic is paused."""
        self._failing[lane] = done.failing
        if not done.failing:
            self._limit = MOST_FAILING_AGGREGATES
        for id_, (incoming, fault) in done.parked.items():
            # One that waits behind another of its aggregate is not reported.
            (log.error if fault.fresh else log.info)(
                "a record was parked",
                topic=self.reactions.topic.name,
                parked=id_,
                type=incoming.envelope.type if incoming.envelope else None,
                why=fault.logged or fault.reason,
                todo=f"carnet parked list {self.service}",
            )
        if done.paused is not None:
            self._may_be_paused = True
            log.error(
                "a topic is paused",
                topic=self.reactions.topic.name,
                failing=len(done.failing),
                todo=f"carnet parked list {self.service}; then carnet parked resume {self.service} "
                f"{self.reactions.topic.name}",
            )
            raise TopicPausedError(done.paused)

    async def _in_unit(self, unit: Unit, batch: Sequence[_Incoming], lane: int) -> _Done:
        """Apply ``batch`` in one run of a transaction, up to the record with which the topic is to be paused."""
        done = _Done(dict(self._failing[lane]))
        envelopes = [incoming.envelope for incoming in batch if incoming.envelope]
        await self._note_generation(envelopes)
        marks = Marks(self.reactions.topic)
        events = [incoming.event for incoming in batch if isinstance(incoming.event, Received)]
        # Read together with the marks: it is too much only for the few events that come a second time.
        ids = marks.ids(envelope.aggregate for envelope in envelopes)
        found = await unit.load_all(self.reactions.wanted(events), beside={MARKS: ids} if ids else {})
        marks.take(unit, found.get(MARKS, ()))
        await self.reactions.load_rest(
            unit, [event for event in events if marks.verdict(event.envelope) is not Verdict.DROP]
        )
        for incoming in batch:
            fault = self._one(unit, marks, incoming, done.failing)
            if fault is not None:
                await self._park(unit, marks, incoming, fault, done)
                if done.paused is not None:
                    break
        marks.save(unit)
        return done

    async def _note_generation(self, envelopes: Sequence[Envelope]) -> None:
        """Read the database's generation again if a record is of a later one: it may have been restored since."""
        if any(envelope.generation > self._database.generation for envelope in envelopes):
            self._database.generation = (await database_state(self._database)).generation

    async def _park(self, unit: Unit, marks: Marks, incoming: _Incoming, fault: Fault, done: _Done) -> None:
        """Park one record, once, however often it comes; pause the topic where too many fail in a row."""
        place, envelope = incoming.parking_id
        id_ = parking.id_of(self.reactions.topic, place, envelope)
        if id_ in done.parked or await parking.known(unit, id_):
            return
        done.parked[id_] = incoming, fault
        parking.park(
            unit, self.reactions.topic, incoming.record, envelope, fault.reason, unreadable=incoming.event is None
        )
        if envelope is not None:
            marks.parked(envelope.aggregate)
        if not fault.fresh:
            return
        done.failing[envelope.aggregate if envelope else place] = fault.reason
        if len(done.failing) >= self._limit:
            done.paused = (
                f"{len(done.failing)} different aggregates of {self.reactions.topic.name} failed in a row, the last "
                f"with: {fault.reason}"
            )
            pause_topic(unit, self.reactions.topic.name, done.paused)

    def _one(self, unit: Unit, marks: Marks, incoming: _Incoming, failing: dict[str, str]) -> Fault | None:
        """Apply one record in memory; the fault where it is to be parked."""
        envelope = incoming.envelope
        if envelope is None:
            return Fault(incoming.fault or "unreadable")
        verdict = marks.verdict(envelope)
        if verdict is Verdict.DROP:
            return None
        if verdict is Verdict.PARK_BEHIND:
            return Fault("an earlier event of the same aggregate is parked", fresh=False)
        fault = None
        if incoming.fault is not None:
            fault = Fault(incoming.fault)
        elif verdict is Verdict.PARK_GAP:
            newest = marks.of(envelope.aggregate).sequence
            fault = Fault(f"sequence {envelope.sequence} comes after {newest}: some are missing")
        elif verdict is Verdict.PARK_LATER_GENERATION:
            own = marks.of(envelope.aggregate).generation
            fault = Fault(
                f"the record is of generation {envelope.generation} and this database of generation {own}: it was not "
                "restored with the others"
            )
        elif isinstance(incoming.event, Received):
            fault = self.react(unit, incoming.event)
        if fault is None:
            marks.applied(envelope)
            failing.clear()
        return fault

    def react(self, unit: Unit, event: Received[Event]) -> Fault | None:
        """Let the table react to one event in memory; the fault where it can't, with nothing left behind."""
        reaction = self.reactions.of(event)
        if reaction is None:
            return None
        sent = event.envelope
        with coming_from(Origin(request=sent.request, traceparent=sent.traceparent, causation=event.id)):
            try:
                with unit.piece(event.organisation):
                    reaction.apply(event, unit)
            except Exception as error:
                # Whatever goes wrong with one event is that event's fault: it is parked and the others go on.
                if not isinstance(error, Refusal | ForeignError):
                    log.exception("a reaction failed", type=sent.type, event_id=event.id)
                logged = error.slug if isinstance(error, Refusal) else type(error).__name__
                return Fault(f"{type(error).__name__}: {error}", logged=logged)
        return None

    async def _park_alone(self, incoming: _Incoming, lane: int, fault: Fault) -> None:
        async def work(unit: Unit) -> _Done:
            done = _Done(dict(self._failing[lane]))
            marks = Marks(self.reactions.topic)
            await marks.load(unit, [incoming.envelope.aggregate] if incoming.envelope else [])
            await self._park(unit, marks, incoming, fault, done)
            marks.save(unit)
            return done

        self._conclude(await transact(self._database, work), lane)


def _lanes(batch: Sequence[_Incoming], count: int) -> Sequence[Sequence[_Incoming]]:
    """The batch, split by aggregate if it is large."""
    if len(batch) < WORTH_LANES or count == 1:
        return [batch]
    lanes: list[list[_Incoming]] = [[] for _ in range(count)]
    for incoming in batch:
        lanes[slot_of(incoming.envelope.aggregate) % count if incoming.envelope else 0].append(incoming)
    return lanes
