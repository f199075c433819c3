"""The documents of session packs, their indexes and queries."""

from collections.abc import Iterable, Mapping
from datetime import date

from pymongo import IndexModel

from carnet.decisions import Context, Decision
from carnet.mongo import Collection, Database, Document, Unit
from credits.packs.domain import Pack, PackEntry, RefusedPackRemoval, entry
from credits.store import SELLING

PACKS = Collection(
    "packs",
    Pack,
    indexes=[IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account")],
)
PACK_ENTRIES = Collection(
    "pack_entries",
    PackEntry,
    indexes=[IndexModel([("organisation", 1), ("pack", 1), ("version", 1)], name="of_pack", unique=True)],
)
REFUSED_PACK_REMOVALS = Collection("refused_pack_removals", RefusedPackRemoval)
PACK_COLLECTIONS = (PACKS, PACK_ENTRIES, REFUSED_PACK_REMOVALS)


def save_pack(unit: Unit, before: Pack | None, decision: Decision[Pack], context: Context) -> Pack:
    """Save what was decided on a pack, with its movement where there is one (CRE-10)."""
    after = unit.decide(PACKS, decision, context)
    for event in decision.events:
        movement = entry(before, after, event, context.today)
        if movement is not None:
            unit.put(PACK_ENTRIES, movement)
    return after


async def pack_of(database: Database, organisation: str, pack: str) -> Pack | None:
    """The pack of that id in the organisation; None if it is unknown or foreign (ORG-1)."""
    found = await database[PACKS.name].find_one({"_id": pack, "organisation": organisation})
    return None if found is None else PACKS.read(found)


async def packs_of(database: Database, organisation: str, account: str, *, after: str | None, limit: int) -> list[Pack]:
    """The packs that an account bought in order of id, those after the id ``after``."""
    query: Document = {"organisation": organisation, "account": account}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[PACKS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [PACKS.read(document) for document in found]


async def entries_of_pack(
    database: Database, organisation: str, pack: str, *, after: int, limit: int
) -> list[PackEntry]:
    """The movements of a pack in order, those after the movement of that number."""
    query: Document = {"organisation": organisation, "pack": pack, "version": {"$gt": after}}
    found = await database[PACK_ENTRIES.name].find(query).sort("version", 1).limit(limit).to_list(None)
    return [PACK_ENTRIES.read(document) for document in found]


async def suspended_packs(database: Database, organisation: str, packs: Iterable[Pack]) -> Mapping[str, date]:
    """Since when those of these are suspended whose contract has to be paid and is not any more, by id (CRE-2)."""
    sold = {pack.id: pack.contract for pack in packs if pack.details.usable == "paid"}
    query: Document = {"_id": {"$in": list(set(sold.values()))}, "organisation": organisation}
    contracts = await database[SELLING.name].find(query).to_list(None) if sold else []
    reopened = {document["_id"]: SELLING.read(document).reopened_on for document in contracts}
    return {pack: on for pack, contract in sold.items() if (on := reopened.get(contract)) is not None}
