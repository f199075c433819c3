"""The parking lot: records that could not be applied, kept whole and in order until somebody decides.

A record is parked with those of the same aggregate that come after it, so that order survives.
It is replayed in sequence once its cause is corrected, or discarded with a reason.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bson import Binary
from pymongo import DeleteOne, InsertOne, UpdateOne

from carnet.dates import utc_now, write_instant
from carnet.envelope import Envelope, Record
from carnet.events.base import Topic
from carnet.journal import slot_of
from carnet.mongo import Database, Unit
from carnet.mongo.kit import DISCARDED, PARKED


@dataclass(frozen=True, slots=True)
class Parked:
    """A record in the parking lot. ``aggregate`` is empty where its headers could not be read."""

    id: str
    topic: str
    partition: int
    offset: int
    aggregate: str
    sequence: int
    organisation: str | None
    type: str | None
    reason: str
    at: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Discarded:
    """A record that was taken out for good: which, why it was parked, and who discarded it when (UTC) and why."""

    id: str
    topic: str
    type: str | None
    parked_for: str
    reason: str
    by: str
    at: str


def park(
    unit: Unit, topic: Topic, record: Record, envelope: Envelope | None, reason: str, *, unreadable: bool = False
) -> None:
    """Add a record to the parking lot, with the rest of the unit; a second time changes nothing."""
    place = f"{record.partition}:{record.offset}"
    document = {
        "topic": topic.name,
        "partition": record.partition,
        "offset": record.offset,
        "aggregate": envelope.aggregate if envelope else "",
        "sequence": envelope.sequence if envelope else 0,
        "organisation": envelope.organisation if envelope else None,
        "type": envelope.type if envelope else None,
        "reason": reason[:2000],
        "unreadable": unreadable,
        "slot": slot_of(envelope.aggregate if envelope else place),
        "at": write_instant(utc_now()),
        "key": None if record.key is None else Binary(record.key),
        "value": None if record.value is None else Binary(record.value),
        # Kafka's headers may have no value.
        "headers": [[name, None if value is None else Binary(value)] for name, value in record.headers],
    }
    unit.write(PARKED, UpdateOne({"_id": id_of(topic, place, envelope)}, {"$setOnInsert": document}, upsert=True))


def id_of(topic: Topic, place: str, envelope: Envelope | None) -> str:
    """The id under which a record is parked: the same for the same event however often it comes."""
    if envelope is None:
        return f"{topic.name}:{place}"
    return f"{topic.name}:{envelope.aggregate}:{envelope.sequence}:{envelope.id}"


async def known(unit: Unit, id_: str) -> bool:
    """Whether the record of that id is parked already, or was and is discarded."""
    if await unit.database[PARKED].find_one({"_id": id_}, {"_id": 1}, session=unit.session):
        return True
    return await unit.database[DISCARDED].find_one({"parked": id_}, {"_id": 1}, session=unit.session) is not None


async def listing(
    database: Database, *, topic: str | None = None, aggregate: str | None = None, limit: int = 200
) -> list[Parked]:
    """What is parked, by topic, aggregate and sequence."""
    query: dict[str, Any] = {}
    if topic is not None:
        query["topic"] = topic
    if aggregate is not None:
        query["aggregate"] = aggregate
    order = [("topic", 1), ("aggregate", 1), ("sequence", 1)]
    found = await database[PARKED].find(query).sort(order).limit(limit).to_list(None)
    return [from_document(document) for document in found]


async def count(database: Database, slots: Collection[int]) -> dict[str, int]:
    """How many records are parked of the aggregates in these slots, by topic."""
    # What was parked before records had a slot counts as of the first.
    wanted: list[int | None] = [*slots, None] if 0 in slots else [*slots]
    stages: list[dict[str, Any]] = [
        {"$match": {"slot": {"$in": wanted}}},
        {"$group": {"_id": "$topic", "count": {"$sum": 1}}},
    ]
    found = await database[PARKED].aggregate(stages).to_list(None)
    return {group["_id"]: group["count"] for group in found}


async def aggregates(database: Database, aggregate: str | None = None) -> list[tuple[str, str]]:
    """The topics and aggregates of which something is parked; of one aggregate only, where it is given."""
    stages: list[dict[str, Any]] = [
        {"$match": {} if aggregate is None else {"aggregate": aggregate}},
        {"$group": {"_id": {"topic": "$topic", "aggregate": "$aggregate"}}},
        {"$sort": {"_id": 1}},
    ]
    found = await database[PARKED].aggregate(stages).to_list(None)
    return [(group["_id"]["topic"], group["_id"]["aggregate"]) for group in found]


async def first_of(unit: Unit, topic: str, aggregate: str) -> list[Parked]:
    """The parked records of one aggregate, in sequence."""
    query = {"topic": topic, "aggregate": aggregate}
    found = await unit.database[PARKED].find(query, session=unit.session).sort("sequence", 1).to_list(None)
    return [from_document(document) for document in found]


def leave(unit: Unit, parked: Parked) -> None:
    """Take a record out of the parking lot, with the rest of the unit."""
    unit.write(PARKED, DeleteOne({"_id": parked.id}))


def discard(unit: Unit, parked: Parked, reason: str, by: str) -> None:
    """Take a record out for good, keeping it among the discarded with who and why."""
    leave(unit, parked)
    kept = {
        "parked": parked.id,
        "topic": parked.topic,
        "aggregate": parked.aggregate,
        "sequence": parked.sequence,
        "type": parked.type,
        "parked_for": parked.reason,
        "reason": reason,
        "by": by,
        "at": write_instant(utc_now()),
    }
    unit.write(DISCARDED, InsertOne(kept))


async def discarded(database: Database, *, topic: str | None = None, limit: int = 200) -> list[Discarded]:
    """What was discarded, the latest first."""
    query = {} if topic is None else {"topic": topic}
    found = await database[DISCARDED].find(query).sort("at", -1).limit(limit).to_list(None)
    return [
        Discarded(
            id=each["parked"],
            topic=each["topic"],
            type=each["type"],
            parked_for=each["parked_for"],
            reason=each["reason"],
            by=each["by"],
            at=each["at"],
        )
        for each in found
    ]


def from_document(document: dict[str, Any]) -> Parked:
    """A parked record from its document; it serves as a Kafka record too."""
    value, key = document["value"], document["key"]
    return Parked(
        id=document["_id"],
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        aggregate=document["aggregate"],
        sequence=document["sequence"],
        organisation=document["organisation"],
        type=document["type"],
        reason=document["reason"],
        at=document["at"],
        key=None if key is None else bytes(key),
        value=None if value is None else bytes(value),
        unreadable=document.get("unreadable", document["type"] is None),
        headers=tuple((name, None if content is None else bytes(content)) for name, content in document["headers"]),
    )
