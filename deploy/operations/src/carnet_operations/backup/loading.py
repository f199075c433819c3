"""A backup is loaded beside the present collections, which are replaced by it only when all of it is there."""

from collections.abc import Iterator
from itertools import islice

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from carnet.generation import SUITE
from carnet_operations.backup.archive import Archive, Part
from carnet_operations.backup.taking import STAGED, Documents, Progress, databases_of
from carnet_operations.errors import CommandError

AT_ONCE = 1_000
"""How many documents are written with one command."""

_MADE_BY_THE_SERVER = ("v", "ns")


def load(client: MongoClient[Documents], namespace: str, archive: Archive, progress: Progress) -> None:
    """Load a backup into collections beside the present ones; nothing else is changed.

    Raises:
        CommandError: it could not be loaded as it is in the file; what was loaded is removed again.
    """
    databases = databases_of(client, namespace)
    unload(client, namespace)
    try:
        for part in archive.manifest.parts:
            progress(f"{part.service}.{part.collection}")
            _load(databases[part.service], part, archive)
    except BaseException:
        unload(client, namespace)
        raise


def unload(client: MongoClient[Documents], namespace: str) -> None:
    """Remove what this or an earlier restore has loaded and not put in place."""
    for database in databases_of(client, namespace).values():
        for name in database.list_collection_names():
            if name.startswith(STAGED):
                database.drop_collection(name)


def put_in_place(client: MongoClient[Documents], namespace: str, archive: Archive) -> None:
    """Replace the collections by those that were loaded, and remove the others. Can be repeated from ``load`` on."""
    for service, database in databases_of(client, namespace).items():
        parts = archive.manifest.of(service)
        for part in parts:
            source, target = f"{database.name}.{STAGED}{part.collection}", f"{database.name}.{part.collection}"
            client.admin.command("renameCollection", source, to=target, dropTarget=True)
        kept = {part.collection for part in parts} | {SUITE}
        for name in database.list_collection_names():
            if name not in kept and not name.startswith("system."):
                database.drop_collection(name)


def _load(database: Database[Documents], part: Part, archive: Archive) -> None:
    staged: Collection[RawBSONDocument] = database.create_collection(STAGED + part.collection)  # type: ignore[assignment] # mypy has no raw documents here
    documents = archive.documents(part)
    while some := list(islice(documents, AT_ONCE)):
        staged.insert_many(some, ordered=False)
    for index in _indexes(part):
        try:
            database.command("createIndexes", staged.name, indexes=[index])
        except PyMongoError as error:
            raise CommandError(f"The index {index['name']} of {part.member} could not be made: {error}") from error
    loaded = staged.count_documents({})
    if loaded != part.documents:
        raise CommandError(
            f"{part.member} has {loaded} documents and the manifest says {part.documents}. Nothing was changed."
        )


def _indexes(part: Part) -> Iterator[Documents]:
    for index in part.indexes:
        if index["name"] != "_id_":
            yield {name: value for name, value in index.items() if name not in _MADE_BY_THE_SERVER}
