"""Bulk grants: their documents (CRE-2)."""

from pymongo import IndexModel, UpdateMany

from carnet.mongo import Collection, Database, Document, Unit
from credits.bulk.domain import BulkGrant
from credits.domain.accounts import Account
from credits.store import ACCOUNTS

BULK_GRANTS = Collection(
    "bulk_grants", BulkGrant, indexes=[IndexModel([("organisation", 1), ("accounts", 1)], name="of_account")]
)


async def find_grant(database: Database, organisation: str, grant: str) -> BulkGrant | None:
    """The bulk grant of that id, where the organisation has it (ORG-1)."""
    return await database.state_of(BULK_GRANTS, organisation, grant)


async def unknown_accounts(database: Database, grant: BulkGrant) -> list[str]:
    """Which of its accounts the organisation does not have (ORG-1)."""
    query: Document = {"_id": {"$in": list(grant.accounts)}, "organisation": grant.organisation}
    known = {each["_id"] async for each in database[ACCOUNTS.name].find(query, {"_id": 1})}
    return [each for each in grant.accounts if each not in known]


def forget_bulk_reasons(unit: Unit, account: Account) -> None:
    """Remove the reasons of grants to an account of which a person was erased: they may name it (ORG-4)."""
    query: Document = {"organisation": account.organisation, "accounts": account.id}
    unit.write(BULK_GRANTS.name, UpdateMany(query, {"$set": {"reason": None}}))
