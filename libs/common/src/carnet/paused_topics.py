"""A topic that a service has paused: aggregate after aggregate failed, so something else than the events is wrong.

What failed is parked and can be seen; the rest of the topic is not read until an operator resumes
it (``carnet parked resume``). It is kept in the service's database, so that a restart or another
worker does not go on unasked.
"""

from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne

from carnet.dates import utc_now, write_instant
from carnet.mongo import Database, Unit
from carnet.mongo.kit import PAUSED_TOPICS

MOST_FAILING_AGGREGATES = 20
"""So many different aggregates failing in a row pause their topic: so many events at once are not the events' own
fault."""


class TopicPausedError(Exception):
    """The topic is paused: the batch goes back to Kafka and comes again once it is resumed."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A topic that is paused, since when (UTC) and why."""

    topic: str
    at: str
    reason: str


def pause_topic(unit: Unit, topic: str, reason: str) -> None:
    """Pause a topic, with the rest of the unit."""
    fields: dict[str, Any] = {"paused": True, "at": write_instant(utc_now()), "reason": reason[:2000]}
    unit.write(PAUSED_TOPICS, UpdateOne({"_id": topic}, {"$set": fields}, upsert=True))


async def pauses(database: Database) -> list[Pause]:
    """The topics that are paused."""
    found = await database[PAUSED_TOPICS].find({"paused": True}).sort("_id", 1).to_list(None)
    return [Pause(each["_id"], each["at"], each["reason"]) for each in found]


async def limit_of(database: Database, topic: str) -> int | None:
    """How many aggregates may fail in a row before the topic is paused; none while it is paused."""
    found = await database[PAUSED_TOPICS].find_one({"_id": topic})
    if found is None:
        return MOST_FAILING_AGGREGATES
    return None if found["paused"] else int(found["limit"])


async def resume_topic(database: Database, topic: str, *, by: str, limit: int = MOST_FAILING_AGGREGATES) -> bool:
    """Have the topic read again, until ``limit`` aggregates fail in a row; false where it was not paused.

    ``limit`` is higher than usual where an operator expects so many to be parked: it counts until
    the next event that can be applied.
    """
    fields = {"paused": False, "limit": limit, "resumed_at": write_instant(utc_now()), "resumed_by": by}
    done = await database[PAUSED_TOPICS].update_one({"_id": topic, "paused": True}, {"$set": fields})
    return done.matched_count == 1
