"""Client accounts: their documents, indexes and queries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel

from carnet.mongo import Collection, Database, Unit
from carnet.search import beginning_with, placed_after
from contracts.accounts.domain import Account

MOST_SIMILAR = 5
"""How many accounts that resemble a new one are named."""

_BY_NAME = [("sort_name", ASCENDING), ("_id", ASCENDING)]

ACCOUNTS = Collection(
    "accounts",
    Account,
    indexes=[
        IndexModel([("organisation", ASCENDING), ("erased", ASCENDING), *_BY_NAME], name="by_name"),
        IndexModel([("organisation", ASCENDING), ("words", ASCENDING)], name="by_word"),
        IndexModel([("organisation", ASCENDING), ("members.id", ASCENDING)], name="of_member"),
        IndexModel(
            [("organisation", ASCENDING), ("number", ASCENDING)],
            name="by_number",
            unique=True,
            partialFilterExpression={"number": {"$gt": ""}},
        ),
    ],
)


async def find_account(database: Database, organisation: str, account: str) -> Account | None:
    """The account of that id, where the organisation has it (ORG-1), erased or not."""
    return await database.state_of(ACCOUNTS, organisation, account)


async def accounts_of(database: Database, organisation: str, accounts: Iterable[str]) -> Mapping[str, Account]:
    """These accounts by their ids, where the organisation has them (ORG-1), erased or not."""
    query = {"_id": {"$in": sorted(accounts)}, "organisation": organisation}
    return {document["_id"]: ACCOUNTS.read(document) async for document in database[ACCOUNTS.name].find(query)}


async def account_of_member(database: Database, organisation: str, member: str) -> str | None:
    """The account that a member belongs to, where the organisation has it (ORG-1), erased or not."""
    found = await database[ACCOUNTS.name].find_one({"organisation": organisation, "members.id": member}, {"_id": 1})
    return found["_id"] if found else None


async def find_accounts(
    database: Database,
    organisation: str,
    *,
    search: str = "",
    after: tuple[str, str] | None = None,
    limit: int,
) -> Sequence[Account]:
    """The accounts that are not erased, by their owner's name: those after the name and id ``after``.

    ``search`` wants for each of its words one that begins with it in the members' names, or the account's number.
    """
    found_by = beginning_with("words", search, numbers=("number",))
    query: dict[str, Any] = {"organisation": organisation, "erased": False, **found_by}
    if after is not None:
        query |= placed_after("sort_name", after)
    cursor = database[ACCOUNTS.name].find(query).sort(_BY_NAME).limit(limit)
    return [ACCOUNTS.read(document) async for document in cursor]


async def similar_accounts(unit: Unit, account: Account) -> list[str]:
    """The ids of those accounts of the organisation, five at most, where somebody has the owner's name."""
    query: dict[str, Any] = {
        "organisation": account.organisation,
        "erased": False,
        "words": {"$all": list(account.owner_words)},
    }
    found: list[str] = []
    async for document in unit.database[ACCOUNTS.name].find(query, session=unit.session).sort("_id", ASCENDING):
        if ACCOUNTS.read(document).resembles(account):
            found.append(document["_id"])
            if len(found) == MOST_SIMILAR:
                break
    return found
