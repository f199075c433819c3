"""The documents of scholarships, their indexes and queries."""

from collections.abc import Iterable, Mapping
from datetime import date

from pymongo import IndexModel, UpdateMany

from carnet.mongo import Collection, Database, Document, Unit
from credits.domain.accounts import Account
from credits.scholarships.domain.fund import Fund
from credits.scholarships.domain.scholarship import RefusedScholarshipUse, Scholarship, Use

FUNDS = Collection(
    "scholarship_funds",
    Fund,
    indexes=[IndexModel([("organisation", 1), ("_id", -1)], name="newest")],
)
SCHOLARSHIPS = Collection(
    "scholarships",
    Scholarship,
    indexes=[
        IndexModel([("organisation", 1), ("fund", 1), ("_id", 1)], name="of_fund"),
        IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account"),
    ],
    derived={"used": lambda scholarship: scholarship.used},
)
SCHOLARSHIP_USES = Collection(
    "scholarship_uses",
    Use,
    indexes=[
        IndexModel([("organisation", 1), ("fund", 1), ("used_on", 1), ("_id", 1)], name="of_fund"),
        IndexModel([("organisation", 1), ("scholarship", 1), ("_id", 1)], name="of_scholarship"),
    ],
)
REFUSED_SCHOLARSHIP_USES = Collection("refused_scholarship_uses", RefusedScholarshipUse)
SCHOLARSHIP_COLLECTIONS = (FUNDS, SCHOLARSHIPS, SCHOLARSHIP_USES, REFUSED_SCHOLARSHIP_USES)


async def funds_of(database: Database, organisation: str, *, before: str | None, limit: int) -> list[Fund]:
    """The funds of an organisation, the newest first: those before the id ``before``."""
    query: Document = {"organisation": organisation}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = await database[FUNDS.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return [FUNDS.read(document) for document in found]


async def fund_of(database: Database, organisation: str, fund: str) -> Fund | None:
    """The fund of that id in the organisation; None if it is unknown or foreign (ORG-1)."""
    return await database.state_of(FUNDS, organisation, fund)


async def funds_by_id(database: Database, organisation: str, funds: Iterable[str]) -> Mapping[str, Fund]:
    """These funds of the organisation, by id."""
    wanted = list(set(funds))
    if not wanted:
        return {}
    found = await database[FUNDS.name].find({"_id": {"$in": wanted}, "organisation": organisation}).to_list(None)
    return {document["_id"]: FUNDS.read(document) for document in found}


async def used_of_funds(database: Database, organisation: str, funds: Iterable[str]) -> Mapping[str, int]:
    """What the scholarships of these funds cover by now, in minor units, by fund; none if nothing was used."""
    stages: list[Document] = [
        {"$match": {"organisation": organisation, "fund": {"$in": list(funds)}}},
        {"$group": {"_id": "$fund", "used": {"$sum": "$used"}}},
    ]
    found = await database[SCHOLARSHIPS.name].aggregate(stages).to_list(None)
    return {document["_id"]: document["used"] for document in found}


async def scholarship_of(database: Database, organisation: str, scholarship: str) -> Scholarship | None:
    """The scholarship of that id in the organisation; None if it is unknown or foreign (ORG-1)."""
    return await database.state_of(SCHOLARSHIPS, organisation, scholarship)


async def scholarships_of_fund(
    database: Database, organisation: str, fund: str, *, after: str | None, limit: int
) -> list[Scholarship]:
    """The scholarships that were awarded from a fund, in order of id: those after the id ``after``."""
    return await _scholarships(database, {"organisation": organisation, "fund": fund}, after, limit)


async def scholarships_of(
    database: Database, organisation: str, account: str, *, after: str | None, limit: int
) -> list[Scholarship]:
    """The scholarships of an account, in order of id: those after the id ``after``."""
    return await _scholarships(database, {"organisation": organisation, "account": account}, after, limit)


async def _scholarships(database: Database, query: Document, after: str | None, limit: int) -> list[Scholarship]:
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[SCHOLARSHIPS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [SCHOLARSHIPS.read(document) for document in found]


async def uses_of_scholarship(
    database: Database, organisation: str, scholarship: str, *, after: str | None, limit: int
) -> list[Use]:
    """What a scholarship covers or covered of which lines, in order of id: those after the id ``after``."""
    query: Document = {"organisation": organisation, "scholarship": scholarship}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[SCHOLARSHIP_USES.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [SCHOLARSHIP_USES.read(document) for document in found]


async def uses_of_fund(
    database: Database,
    organisation: str,
    fund: str,
    *,
    first: date | None,
    last: date | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[Use]:
    """What the scholarships of a fund cover by now, by day of use: of the days from ``first`` to ``last``.

    Those after the day and the id ``after``.
    """
    days: Document = {}
    if first is not None:
        days["$gte"] = first.isoformat()
    if last is not None:
        days["$lte"] = last.isoformat()
    query: Document = {"organisation": organisation, "fund": fund, "amount": {"$gt": 0}}
    if days:
        query["used_on"] = days
    if after is not None:
        day, id_ = after
        query["$or"] = [{"used_on": {"$gt": day}}, {"used_on": day, "_id": {"$gt": id_}}]
    cursor = database[SCHOLARSHIP_USES.name].find(query).sort([("used_on", 1), ("_id", 1)]).limit(limit)
    return [SCHOLARSHIP_USES.read(document) for document in await cursor.to_list(None)]


def forget_scholarship_notes(unit: Unit, account: Account) -> None:
    """Remove what staff wrote about an account's scholarships: it may name its people (ORG-4)."""
    of_account = {"organisation": account.organisation, "account": account.id, "note": {"$gt": ""}}
    unit.write(SCHOLARSHIPS.name, UpdateMany(of_account, {"$set": {"note": None}}))
