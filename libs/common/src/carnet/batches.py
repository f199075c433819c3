"""A batch of records applied to a service's states, in one transaction: all of it or none.

This is the heart of every worker, and knows nothing of how records arrive: the consumer feeds
it from Kafka, tests feed it what they like.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from carnet import parking
from carnet.envelope import Envelope, Ignored, Received, Record, UnreadableError, read
from carnet.events.base import Event
from carnet.journal import ORIGIN, Origin, slot_of
from carnet.marks import Marks, Verdict
from carnet.mongo import BusyError, Database, ForeignError, Unit, is_passing, transact
from carnet.observe import BATCH_SECONDS, BATCH_SIZE, log
from carnet.pauses import pause
from carnet.reactions import Reactions
from carnet.refusals import Refusal

LONGEST_WAIT = 10.0
"""The longest pause between two tries of a batch that meets a passing fault, in seconds."""

GIVE_UP_AFTER = 200.0
"""Seconds of passing faults after which the batch goes back to Kafka: inside the poll interval of 300."""

MOST_FAILING_AGGREGATES = 20
"""So many different aggregates failing in a row are no poison but a fault of ours: the worker stops."""


class WorkerMustStopError(Exception):
    """Event after event fails: something is wrong with this worker, not with the events."""


LANES = 2
"""How many transactions a large batch is applied in side by side: while one waits for the server, another decides.

The records of an aggregate stay in one lane, so their order is kept.
"""

WORTH_LANES = 100
"""The smallest batch, in records, that is worth more than one transaction."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record is parked. ``fresh`` is false where it only waits behind another of its aggregate."""

    reason: str
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class _Incoming:
    record: Record
    event: Received[Event] | Ignored | None
    envelope: Envelope | None
    fault: str | None

    @property
    def parking_id(self) -> tuple[str, Envelope | None]:
        return f"{self.record.partition}:{self.record.offset}", self.envelope


class Batches:
    """Applies batches of one topic's records by a table of reactions."""

    def __init__(self, service: str, database: Database, reactions: Reactions, *, lanes: int = LANES) -> None:
        self.service = service
        self.reactions = reactions
        self._database = database
        self._failing: list[dict[str, str]] = [{} for _ in range(lanes)]
        self._ending = asyncio.Event()

    def end(self) -> None:
        """The worker stops: from now on a batch that meets a passing fault goes back to Kafka rather than wait."""
        self._ending.set()

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply ``records`` in order, exactly once each, whatever was applied of them before.

        Passing faults are waited out. A record that can't be applied is parked with the later
        ones of its aggregate. Raises the passing fault where it lasts too long, and
        ``WorkerMustStopError`` where record after record fails.
        """
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

    def _incoming(self, record: Record) -> _Incoming:
        try:
            event = read(record, self.reactions.topic)
        except UnreadableError as error:
            return _Incoming(record, None, error.envelope, error.reason)
        return _Incoming(record, event, event.envelope, None)

    async def _apply(self, batch: Sequence[_Incoming], lane: int) -> None:
        """One transaction; where writing it fails for good, halves of it, down to the record at fault."""
        try:
            await self._patiently(batch, lane)
        except (WorkerMustStopError, OSError):
            raise
        except Exception as error:
            # Not only what the server refuses: a number it can't hold, a document that can't be read any more.
            if is_passing(error):
                raise
            if len(batch) == 1:
                await self._park_alone(batch[0], lane, f"{type(error).__name__}: {error}")
                return
            middle = len(batch) // 2
            await self._apply(batch[:middle], lane)
            await self._apply(batch[middle:], lane)

    async def _patiently(self, batch: Sequence[_Incoming], lane: int) -> None:
        started, attempt = time.monotonic(), 0
        while True:
            try:
                failing = await transact(self._database, lambda unit: self._in_unit(unit, batch, lane))
            except (PyMongoError, BusyError, ConnectionError) as error:
                if not is_passing(error) or time.monotonic() - started > GIVE_UP_AFTER:
                    raise
                attempt += 1
                wait = min(0.05 * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1)
                log.warning("a batch waits", topic=self.reactions.topic.name, error=type(error).__name__, wait=wait)
                if await pause(wait, until=self._ending):
                    raise
            else:
                self._failing[lane] = failing
                return

    async def _in_unit(self, unit: Unit, batch: Sequence[_Incoming], lane: int) -> dict[str, str]:
        """Apply ``batch`` in one run of a transaction; which aggregates then fail in a row, and why."""
        failing = dict(self._failing[lane])
        marks = Marks(self.reactions.topic)
        await marks.load(unit, [incoming.envelope.aggregate for incoming in batch if incoming.envelope])
        await self.reactions.load(
            unit,
            [
                incoming.event
                for incoming in batch
                if isinstance(incoming.event, Received)
                and marks.verdict(incoming.event.aggregate, incoming.event.sequence) is not Verdict.DROP
            ],
        )
        parked: set[str] = set()
        for incoming in batch:
            fault = self._one(unit, marks, incoming, failing)
            if fault is not None:
                await self._park(unit, marks, incoming, fault.reason, parked)
                if fault.fresh:
                    self._note_failure(failing, incoming, fault.reason)
        marks.save(unit)
        return failing

    async def _park(self, unit: Unit, marks: Marks, incoming: _Incoming, reason: str, parked: set[str]) -> None:
        """Park one record and count it, once: neither where it is known nor among those ``parked`` by this unit."""
        place, envelope = incoming.parking_id
        id_ = parking.id_of(self.reactions.topic, place, envelope)
        if id_ in parked or await parking.known(unit, [id_]):
            return
        parked.add(id_)
        parking.park(unit, self.reactions.topic, incoming.record, envelope, reason)
        if envelope is not None:
            marks.parked(envelope.aggregate)

    def _one(self, unit: Unit, marks: Marks, incoming: _Incoming, failing: dict[str, str]) -> Fault | None:
        """Apply one record in memory; the fault where it is to be parked."""
        envelope = incoming.envelope
        if envelope is None:
            return Fault(incoming.fault or "unreadable")
        verdict = marks.verdict(envelope.aggregate, envelope.sequence)
        if verdict is Verdict.DROP:
            return None
        if verdict is Verdict.PARK_BEHIND:
            return Fault("an earlier event of the same aggregate is parked", fresh=False)
        reason = incoming.fault
        if reason is None and verdict is Verdict.PARK_GAP:
            newest = marks.of(envelope.aggregate).sequence
            reason = f"sequence {envelope.sequence} comes after {newest}: some are missing"
        if reason is None and isinstance(incoming.event, Received):
            reason = self.react(unit, incoming.event)
        if reason is not None:
            return Fault(reason)
        marks.applied(envelope.aggregate, envelope.sequence)
        failing.clear()
        return None

    def react(self, unit: Unit, event: Received[Event]) -> str | None:
        """Let the table react to one event in memory; the reason where it can't, with nothing left behind."""
        reaction = self.reactions.of(event)
        if reaction is None:
            return None
        token = ORIGIN.set(Origin(request=None, traceparent=event.envelope.traceparent, causation=event.id))
        try:
            with unit.piece(event.organisation):
                reaction.apply(event, unit)
        except Exception as error:
            # Whatever goes wrong with one event is that event's fault: it is parked and the others go on.
            if not isinstance(error, Refusal | ForeignError):
                log.exception("a reaction failed", type=event.envelope.type, event_id=event.id)
            return f"{type(error).__name__}: {error}"
        finally:
            ORIGIN.reset(token)
        return None

    def _note_failure(self, failing: dict[str, str], incoming: _Incoming, fault: str) -> None:
        envelope = incoming.envelope
        failing[envelope.aggregate if envelope else f"{incoming.record.partition}:{incoming.record.offset}"] = fault
        if len(failing) >= MOST_FAILING_AGGREGATES:
            raise WorkerMustStopError(
                f"{len(failing)} different aggregates of {self.reactions.topic.name} failed in a row, the last with: "
                f"{fault}. Nothing more is parked. Mend the cause, then start the worker again."
            )

    async def _park_alone(self, incoming: _Incoming, lane: int, reason: str) -> None:
        async def work(unit: Unit) -> None:
            marks = Marks(self.reactions.topic)
            await marks.load(unit, [incoming.envelope.aggregate] if incoming.envelope else [])
            await self._park(unit, marks, incoming, reason, set())
            marks.save(unit)

        await transact(self._database, work)
        self._note_failure(self._failing[lane], incoming, reason)


def _lanes(batch: Sequence[_Incoming], count: int) -> Sequence[Sequence[_Incoming]]:
    """The batch, parted by aggregate where it is large."""
    if len(batch) < WORTH_LANES or count == 1:
        return [batch]
    lanes: list[list[_Incoming]] = [[] for _ in range(count)]
    for incoming in batch:
        lanes[slot_of(incoming.envelope.aggregate) % count if incoming.envelope else 0].append(incoming)
    return lanes
