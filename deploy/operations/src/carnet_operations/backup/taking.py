"""A backup is taken: every collection of the five databases, read at one instant, while the suite goes on working.

All reads are of one snapshot of the replica set, so an event that one service has applied is in the journal of the
other. MongoDB keeps a snapshot for a while only (`minSnapshotHistoryWindowInSeconds`, 300 by default).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from carnet.dates import utc_now, write_instant
from carnet.generation import READABLE, SUITE
from carnet.ids import new_id
from carnet.journal import ROWS
from carnet_operations.backup.archive import Manifest, written
from carnet_operations.errors import CommandError
from carnet_operations.services import SERVICES

LEFT_OUT = frozenset({SUITE, "leases", "workers"})
"""Collections that say who works now, not what was decided."""

STAGED = "restoring."
"""What the names of collections begin with into which a restore loads a backup."""

PATIENCE_MS = 4_000

_SNAPSHOT_GONE = frozenset({239, 246})  # SnapshotTooOld, SnapshotUnavailable
_TOO_OLD = 239

Documents = dict[str, Any]
Progress = Callable[[str], None]
"""Called with the name of each collection before it is read or loaded."""


def databases_of(client: MongoClient[Documents], namespace: str) -> dict[str, Database[Documents]]:
    """The five databases, by service."""
    return {service: client[f"{namespace}carnet_{service}"] for service in SERVICES}


def take(mongo_url: str, namespace: str, file: Path, progress: Progress = lambda _: None) -> Manifest:
    """Write a backup of all five databases at one instant.

    Raises:
        CommandError: MongoDB does not answer, the snapshot is gone, the suite is not whole, or the file is no good.
    """
    with (
        written(file) as writing,
        MongoClient[Documents](mongo_url, serverSelectionTimeoutMS=PATIENCE_MS, appname="carnet backup") as client,
    ):
        try:
            databases = databases_of(client, namespace)
            standings = {service: _standing(database) for service, database in databases.items()}
            names = {service: _names(database) for service, database in databases.items()}
            with client.start_session(snapshot=True) as session:
                databases["catalog"][ROWS].find_one({}, session=session)  # the first read is the instant
                taken_at = write_instant(utc_now())
                for service, database in databases.items():
                    for name in names[service]:
                        progress(f"{service}.{name}")
                        collection = database[name]
                        indexes = [dict(index.items()) for index in collection.list_indexes()]
                        writing.add(service, name, indexes, _documents(collection, session))
        except OperationFailure as error:
            raise _failed(error) from error
        except PyMongoError as error:
            raise CommandError(f"MongoDB does not answer: {error}") from error
        generation = max(standing.get("generation", 0) for standing in standings.values())
        return writing.end(taken_at, generation, {name: each["identity"] for name, each in standings.items()})


def _documents(collection: Collection[Documents], session: ClientSession) -> Iterator[bytes]:
    yield from collection.find_raw_batches({}, session=session)


def _names(database: Database[Documents]) -> list[str]:
    names = database.list_collection_names(filter={"type": "collection"})
    if ROWS not in names:
        raise CommandError(
            f"There is no database {database.name} of Carnet at this MongoDB. Check CARNET_MONGO_URL and "
            "CARNET_NAMESPACE; every service must have been started once."
        )
    return sorted(name for name in names if name not in LEFT_OUT and not name.startswith((STAGED, "system.")))


def _standing(database: Database[Documents]) -> Documents:
    fresh = {"identity": {"$ifNull": ["$identity", new_id()]}}
    standing = database[SUITE].find_one_and_update(READABLE, [{"$set": fresh}], upsert=True, return_document=True)
    if standing is not None and standing.get("restoring"):
        raise CommandError(f"{database.name} is being restored ({standing['restoring']}): end that first.")
    return standing or {}


def _failed(error: OperationFailure) -> CommandError:
    if error.code not in _SNAPSHOT_GONE:
        return CommandError(f"MongoDB refuses to be read: {error}")
    if error.code != _TOO_OLD:
        return CommandError("A collection or an index was just being made, so there is no snapshot yet: try again.")
    return CommandError(
        "The backup took longer than MongoDB keeps a snapshot. Raise `minSnapshotHistoryWindowInSeconds` (300 by "
        "default), or back up MongoDB by its own means, see docs/operations/backup.md."
    )
