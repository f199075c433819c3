"""The documents of credits, their indexes and queries: the only file here that knows MongoDB."""

from typing import Literal

from pymongo import IndexModel

from carnet.decisions import Context, Decision
from carnet.mongo import Collection, Database, Unit
from credits.domain import Account, Credit, Entry, SellingContract, entry

Status = Literal["granted", "removed"]

ACCOUNTS = Collection("accounts", Account)
SELLING = Collection("selling_contracts", SellingContract)
CREDITS = Collection(
    "credits",
    Credit,
    indexes=[IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account")],
)
ENTRIES = Collection(
    "entries",
    Entry,
    indexes=[IndexModel([("organisation", 1), ("credit", 1), ("version", 1)], name="of_credit", unique=True)],
)
COLLECTIONS = (ACCOUNTS, SELLING, CREDITS, ENTRIES)


def save(unit: Unit, before: Credit | None, decision: Decision[Credit], context: Context) -> Credit:
    """Save what was decided on a credit with its movement (CRE-7)."""
    after = unit.decide(CREDITS, decision, context)
    unit.put(ENTRIES, entry(before, after, context.today))
    return after


async def knows_account(database: Database, organisation: str, account: str) -> bool:
    """Whether there is such an account in the organisation (ORG-1)."""
    return await database[ACCOUNTS.name].find_one({"_id": account, "organisation": organisation}) is not None


async def credits_of(
    database: Database, organisation: str, account: str, *, status: Status | None, after: str | None, limit: int
) -> list[Credit]:
    """The credits of a beneficiary in order of id, those after the id ``after``."""
    query: dict[str, object] = {"organisation": organisation, "account": account}
    if status is not None:
        query["status"] = status
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[CREDITS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [CREDITS.read(document) for document in found]


async def credit_of(database: Database, organisation: str, credit: str) -> Credit | None:
    """The credit of that id in the organisation; none where it is unknown or foreign (ORG-1)."""
    found = await database[CREDITS.name].find_one({"_id": credit, "organisation": organisation})
    return None if found is None else CREDITS.read(found)


async def entries_of(database: Database, organisation: str, credit: str) -> list[Entry]:
    """The movements of a credit, in order."""
    query = {"organisation": organisation, "credit": credit}
    found = await database[ENTRIES.name].find(query).sort("version", 1).to_list(None)
    return [ENTRIES.read(document) for document in found]
