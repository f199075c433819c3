"""Out of the parking lot: replay in sequence, or discard with a reason."""

from dataclasses import dataclass

from carnet import parking
from carnet.batches import Batches
from carnet.envelope import Received, UnreadableError, read
from carnet.marks import Marks
from carnet.mongo import Database, Unit, transact
from carnet.mongo.kit import PARKED
from carnet.parking import Parked
from carnet.refusals import conflict, unknown


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many records were applied, and why the next could not be (None if all were)."""

    applied: int
    stopped: str | None = None


async def replay(batches: Batches, database: Database, aggregate: str) -> Replayed:
    """Apply the parked records of one aggregate in sequence, until one can't be.

    Each is one transaction that applies it, takes it out and, with the last, clears the
    aggregate's flag, so that the worker goes on where the replay has ended.
    """
    applied = 0
    while True:
        outcome = await transact(database, lambda unit: _replay_next(unit, batches, aggregate))
        if outcome is None:
            return Replayed(applied)
        if outcome:
            return Replayed(applied, outcome)
        applied += 1


async def _replay_next(unit: Unit, batches: Batches, aggregate: str) -> str | None:
    """None if none is left, an empty string if one was applied, else why it can't be."""
    waiting = await parking.first_of(unit, batches.reactions.topic.name, aggregate)
    return await _replay(unit, batches, waiting[0]) if waiting else None


async def replay_one(batches: Batches, database: Database, parked_id: str) -> Replayed:
    """Apply one parked record alone.

    Raises a refusal where the record is unknown or an earlier one of its aggregate waits.
    """

    async def work(unit: Unit) -> str:
        return await _replay(unit, batches, await _next(unit, batches, parked_id))

    stopped = await transact(database, work)
    return Replayed(0, stopped) if stopped else Replayed(1)


async def _replay(unit: Unit, batches: Batches, parked: Parked) -> str:
    """An empty string where the record was applied, else why it can't be."""
    topic = batches.reactions.topic
    try:
        event = read(parked, topic)
    except UnreadableError as error:
        return f"{parked.id}: {error.reason}"
    envelope = event.envelope
    marks = Marks(topic)
    await marks.load(unit, [envelope.aggregate])
    mark = marks.of(envelope.aggregate)
    newest = mark.sequence
    if topic.kind == "facts" and envelope.generation > mark.generation:
        return f"{parked.id}: it is of a later generation: restore all databases together (`carnet restore`)"
    # What was parked before a restore is of an older generation, and in the journal that was restored with it.
    if envelope.sequence > newest:
        if topic.kind == "facts" and envelope.sequence != newest + 1:
            return f"{parked.id}: sequence {newest + 1} has not come; publish it again with `carnet events replay`"
        if isinstance(event, Received):
            await batches.reactions.load(unit, [event])
            fault = batches.react(unit, event)
            if fault is not None:
                return f"{parked.id}: {fault.reason}"
        marks.applied(envelope)
    if parked.aggregate:
        marks.parked(envelope.aggregate, -1)
    parking.leave(unit, parked)
    marks.save(unit)
    return ""


async def discard(batches: Batches, database: Database, parked_id: str, *, reason: str, by: str) -> Parked:
    """Discard one parked record: it counts as applied, with the reason kept.

    Raises a refusal where the record is unknown or an earlier one of its aggregate waits.
    """

    async def work(unit: Unit) -> Parked:
        topic = batches.reactions.topic
        parked = await _next(unit, batches, parked_id)
        if parked.aggregate:
            waiting = await parking.first_of(unit, topic.name, parked.aggregate)
            same = [other for other in waiting if other.sequence == parked.sequence]
            marks = Marks(topic)
            await marks.load(unit, [parked.aggregate])
            if len(same) == 1 and parked.sequence == marks.of(parked.aggregate).sequence + 1:
                marks.passed(parked.aggregate, parked.sequence)
            marks.parked(parked.aggregate, -1)
            marks.save(unit)
        parking.discard(unit, parked, reason, by)
        return parked

    return await transact(database, work)


async def _next(unit: Unit, batches: Batches, parked_id: str) -> Parked:
    """The parked record of that id, where its turn has come.

    Facts of an aggregate leave in sequence. A state replaces the one before, and of an unreadable
    record nobody knows what it belongs to: these leave in any order.
    """
    topic = batches.reactions.topic
    found = await unit.database[PARKED].find_one({"_id": parked_id}, session=unit.session)
    if found is None:
        raise unknown("parked record", parked_id)
    parked = parking.from_document(found)
    if topic.kind == "facts" and parked.aggregate:
        first = (await parking.first_of(unit, topic.name, parked.aggregate))[0]
        earlier, own = first.sequence, parked.sequence
        if earlier != own:
            raise conflict(
                "earlier-parked",
                f"Replay or discard {first.id} first: it is sequence {earlier} of {parked.aggregate}, and this one is "
                f"sequence {own}.",
                id=first.id,
                aggregate=parked.aggregate,
                earlier=earlier,
                own=own,
            )
    return parked
