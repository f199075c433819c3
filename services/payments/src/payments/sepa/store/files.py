"""How files are found, whatever is in them: debits, refunds, or what the bank says of both (PAY-18)."""

from collections.abc import Sequence
from typing import TypeVar

from carnet.decisions import State
from carnet.mongo import Collection, Database, Document

S = TypeVar("S", bound=State)


async def file_of(database: Database, files: Collection[S], organisation: str, file: str) -> S | None:
    """A file of that organisation; None if there is none (ORG-1)."""
    return await database.state_of(files, organisation, file)


async def files_of(
    database: Database, files: Collection[S], organisation: str, *, before: str | None, limit: int
) -> Sequence[S]:
    """The files of an organisation, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation, **({"_id": {"$lt": before}} if before else {})}
    found = await database[files.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return tuple(files.read(document) for document in found)
