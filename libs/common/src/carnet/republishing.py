"""Events that were published once, published again: with the same ids and sequences (`carnet events replay`).

The rows are marked as unpublished, and the relay does the rest: in sequence, and in order with
what is decided meanwhile. A consumer that has applied them drops them by its marks; one that has lost them, or is new,
applies them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from carnet.dates import write_instant
from carnet.events.base import Topic
from carnet.journal import ROWS
from carnet.mongo import Database

_AT_ONCE = 1_000


async def publish_again(
    database: Database, topics: Iterable[Topic], *, aggregate: str | None = None, since: datetime | None = None
) -> int:
    """Have the stored events of these topics published again; returns how many.

    Of ``aggregate`` only, where it is given, and those decided at ``since`` or later. On a topic of
    state that is the newest of each aggregate: an older one must not come after it. What was
    withheld because a person was erased stays so.
    """
    count = 0
    for topic in topics:
        wanted: dict[str, Any] = {"topic": topic.name, "withheld": {"$exists": False}}
        if aggregate is not None:
            wanted["aggregate"] = aggregate
        if topic.kind == "state":
            count += await _newest_again(database, wanted, since)
        else:
            count += await _all_again(database, _decided(wanted, since))
    return count


async def unpublished(database: Database) -> int:
    """How many rows of the journal wait for the relay."""
    return await database[ROWS].count_documents({"pending": True})


def _decided(wanted: dict[str, Any], since: datetime | None) -> dict[str, Any]:
    return wanted if since is None else {**wanted, "at": {"$gte": write_instant(since)}}


async def _all_again(database: Database, wanted: dict[str, Any]) -> int:
    done = await database[ROWS].update_many({**wanted, "pending": {"$exists": False}}, {"$set": {"pending": True}})
    return done.modified_count


async def _newest_again(database: Database, wanted: dict[str, Any], since: datetime | None) -> int:
    first = await _newest(database, wanted, since)
    await _mark(database, first)
    # One that was decided and published meanwhile would now be followed by its elder: it goes again too.
    known = set(first)
    later = [row for row in await _newest(database, wanted, since) if row not in known]
    await _mark(database, later)
    return len(first) + len(later)


async def _newest(database: Database, wanted: dict[str, Any], since: datetime | None) -> list[str]:
    stages: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$sort": {"aggregate": 1, "sequence": 1}},
        {"$group": {"_id": "$aggregate", "row": {"$last": "$_id"}, "at": {"$last": "$at"}}},
        {"$match": _decided({}, since)},
    ]
    return [group["row"] async for group in database[ROWS].aggregate(stages, allowDiskUse=True)]


async def _mark(database: Database, rows: Sequence[str]) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        await database[ROWS].update_many({"_id": {"$in": some}}, {"$set": {"pending": True}})
