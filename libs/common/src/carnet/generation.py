"""The generation of a suite: raised by every restore, which sets apart what came after the backup from what is kept.

The sequences of events begin again where the backup was taken, so a sequence alone would name two different events.
Every record has the generation of the database that published it, and marks compare the generation first. A database
keeps it in one document, with the identity that connects it with its backups.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carnet.dates import utc_now, write_instant
from carnet.ids import new_id

if TYPE_CHECKING:
    from carnet.mongo import Database

SUITE = "suite"
"""The collection of the document; a backup leaves it out."""

STANDING = "standing"
"""The id of the document."""

LARGEST_GENERATION = 2**31 - 1
"""The largest generation: a CloudEvents integer."""

READABLE: dict[str, Any] = {"_id": STANDING}


class BeingRestoredError(Exception):
    """A restore has begun and has not ended: the database is not to be used."""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What a database says of itself.

    ``generation`` is 0 before the first restore. ``restoring`` describes the restore that has begun and has not ended.
    ``collecting_held`` (payments only) is the instant, in UTC, since which no due instalment is started, because a
    restore has lost orders that a provider may have done.
    """

    identity: str | None = None
    generation: int = 0
    restoring: str | None = None
    collecting_held: str | None = None


async def database_state(database: "Database") -> DatabaseState:
    """What the database says of itself; the default if it says nothing."""
    found = await database[SUITE].find_one(READABLE)
    if found is None:
        return DatabaseState()
    return DatabaseState(
        found.get("identity"), found.get("generation", 0), found.get("restoring"), found.get("collecting_held")
    )


async def enter(database: "Database") -> int:
    """The generation of a database that a process begins to use; a new one receives its identity.

    Raises ``BeingRestoredError`` if a restore has not ended.
    """
    state = await database_state(database)
    if state.restoring is not None:
        raise BeingRestoredError(
            f"{database.name} is being restored ({state.restoring}). Start this process when `carnet restore` has "
            "ended; if it was interrupted, run it again."
        )
    if state.identity is None:
        fresh = {"identity": {"$ifNull": ["$identity", new_id()]}}
        await database[SUITE].update_one(READABLE, [{"$set": fresh}], upsert=True)
    return state.generation


async def hold_collecting(database: "Database") -> None:
    """Have no due instalment started until ``resume_collecting``; the first instant is kept."""
    since = {"collecting_held": {"$ifNull": ["$collecting_held", write_instant(utc_now())]}}
    await database[SUITE].update_one(READABLE, [{"$set": since}], upsert=True)


async def resume_collecting(database: "Database") -> bool:
    """Have due instalments started again; false if they were not held."""
    held = {**READABLE, "collecting_held": {"$exists": True}}
    done = await database[SUITE].update_one(held, {"$unset": {"collecting_held": ""}})
    return done.modified_count == 1
