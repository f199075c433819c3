"""The documents of credits, their indexes and queries: the only file here that knows MongoDB."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from pymongo import IndexModel, UpdateMany

from carnet.decisions import Context, Decision, S
from carnet.mongo import Collection, Database, Document, Unit
from carnet.organisations import ORGANISATIONS
from credits.domain.accounts import Account, DeletedSale
from credits.domain.credit import Credit, Entry, Status, entry
from credits.domain.movements import RefusedUse
from credits.domain.removing import PostponedGrant, RefusedRemoval
from credits.domain.selling import SellingContract
from credits.domain.sending import card_waits_for, voucher_waits_for
from credits.domain.vouchers import (
    CodeOf,
    CoveredLine,
    RefusedRedemption,
    RefusedVoucherRemoval,
    Tries,
    Voucher,
)


def _sold(document: Document) -> Document:
    """A credit from the time when all were sold: its line had the same id."""
    return {**document, "origin": "sold", "line": document["_id"]}


Given = TypeVar("Given", Credit, Voucher)


def _day(waits_for: Callable[[Given], date | None]) -> Callable[[Given], str | None]:
    """The day for which a gift waits, as queries look for it."""

    def written(state: Given) -> str | None:
        on = waits_for(state)
        return None if on is None else on.isoformat()

    return written


ACCOUNTS = Collection("accounts", Account)


def _before_reopenings(document: Document) -> Document:
    """A contract as it was kept before reopenings were: it is not known whether it is reopened."""
    return {**document, "passages_known": False}


SELLING = Collection("selling_contracts", SellingContract, schema=2, upcasts={1: _before_reopenings})
CREDITS = Collection(
    "credits",
    Credit,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account"),
        IndexModel([("organisation", 1), ("_id", 1)], name="due", partialFilterExpression={"due": {"$gt": 0}}),
        IndexModel([("sends", 1), ("_id", 1)], name="sends", partialFilterExpression={"sends": {"$gt": ""}}),
    ],
    derived={"sends": _day(card_waits_for)},
    schema=2,
    upcasts={1: _sold},
)
ENTRIES = Collection(
    "entries",
    Entry,
    indexes=[
        IndexModel([("organisation", 1), ("credit", 1), ("version", 1)], name="of_credit", unique=True),
        IndexModel([("organisation", 1), ("account", 1), ("credit", 1), ("version", 1)], name="of_account"),
    ],
)
REFUSED_USES = Collection("refused_uses", RefusedUse)
REFUSED_REMOVALS = Collection("refused_removals", RefusedRemoval)
POSTPONED_GRANTS = Collection("postponed_grants", PostponedGrant)
VOUCHERS = Collection(
    "vouchers",
    Voucher,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account"),
        IndexModel([("sends", 1), ("_id", 1)], name="sends", partialFilterExpression={"sends": {"$gt": ""}}),
    ],
    derived={"sends": _day(voucher_waits_for)},
)
CODES = Collection("codes", CodeOf)
COVERED_LINES = Collection("covered_lines", CoveredLine)
REFUSED_REDEMPTIONS = Collection("refused_redemptions", RefusedRedemption)
REFUSED_VOUCHER_REMOVALS = Collection("refused_voucher_removals", RefusedVoucherRemoval)
TRIES = Collection("tries", Tries)
DELETED_SALES = Collection(
    "deleted_sales",
    DeletedSale,
    indexes=[IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account")],
)
COLLECTIONS = (
    ACCOUNTS,
    SELLING,
    CREDITS,
    ENTRIES,
    REFUSED_USES,
    REFUSED_REMOVALS,
    POSTPONED_GRANTS,
    VOUCHERS,
    CODES,
    COVERED_LINES,
    REFUSED_REDEMPTIONS,
    REFUSED_VOUCHER_REMOVALS,
    TRIES,
    DELETED_SALES,
    ORGANISATIONS,
)


def save(
    unit: Unit, before: Credit | None, decision: Decision[Credit], context: Context, *, note: str | None = None
) -> Credit:
    """Save what was decided on a credit with its movement (CRE-7); ``note`` is what staff wrote as their reason."""
    (event,) = decision.events
    after = unit.decide(CREDITS, decision, context)
    movement = entry(before, after, event, context.today, note)
    if movement is not None:
        unit.put(ENTRIES, movement)
    return after


def forget_notes(unit: Unit, account: Account) -> None:
    """Remove what staff wrote about an account's credits and their movements: it may name its people (ORG-4)."""
    of_account = {"organisation": account.organisation, "account": account.id}
    unit.write(ENTRIES.name, UpdateMany(of_account, {"$set": {"note": None}}))
    unit.write(CREDITS.name, UpdateMany({**of_account, "due_note": {"$gt": ""}}, {"$set": {"due_note": None}}))


async def knows_account(database: Database, organisation: str, account: str) -> bool:
    """Whether there is such an account in the organisation (ORG-1)."""
    return await database[ACCOUNTS.name].find_one({"_id": account, "organisation": organisation}) is not None


MOST_DELETED = 200
"""Sales of an account that were entered by mistake and are left out of its lists, the newest."""


async def deleted_sales(database: Database, organisation: str, account: str) -> list[str]:
    """The ids of what was sold by mistake under the name of an account: its lists leave it out (CON-12)."""
    query = {"organisation": organisation, "account": account}
    found = await database[DELETED_SALES.name].find(query, {"_id": 1}).sort("_id", -1).limit(MOST_DELETED).to_list(None)
    return [document["_id"] for document in found]


async def credits_of(
    database: Database,
    organisation: str,
    account: str,
    *,
    status: Status | None,
    after: str | None,
    limit: int,
    cards: bool = False,
    but: Sequence[str] = (),
) -> list[Credit]:
    """The credits of a beneficiary in order of id, those after the id ``after``; and the gift cards that it bought.

    Those in ``but`` of which nothing is left are left out.
    """
    query: Document = {"organisation": organisation, "account": account}
    if but:
        query["$or"] = [{"_id": {"$nin": list(but)}}, {"left": {"$gt": 0}}]
    if not cards:
        query["card"] = None
    if status is not None:
        query["status"] = status
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[CREDITS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [CREDITS.read(document) for document in found]


async def credit_of(database: Database, organisation: str, credit: str) -> Credit | None:
    """The credit of that id in the organisation; None if it is unknown or foreign (ORG-1)."""
    return await database.state_of(CREDITS, organisation, credit)


async def credits_due(database: Database, organisation: str, *, after: str | None, limit: int) -> list[Credit]:
    """The credits of reversed deposits of which something is due from the account, in order of id (CRE-2)."""
    query: Document = {"organisation": organisation, "due": {"$gt": 0}}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[CREDITS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [CREDITS.read(document) for document in found]


async def suspensions(database: Database, organisation: str, found: Iterable[Credit | Voucher]) -> Mapping[str, date]:
    """Since when those of these are suspended that a contract sold which is not fully paid any more, by id (CRE-2)."""
    sold = {each.id: each.contract for each in found if each.contract and (isinstance(each, Voucher) or each.line)}
    query: Document = {"_id": {"$in": list(set(sold.values()))}, "organisation": organisation}
    contracts = await database[SELLING.name].find(query).to_list(None) if sold else []
    reopened = {document["_id"]: SELLING.read(document).reopened_on for document in contracts}
    return {credit: on for credit, contract in sold.items() if (on := reopened.get(contract)) is not None}


async def suspended_since(database: Database, found: Credit | Voucher) -> date | None:
    """Since when a client credit, a gift card or a voucher is suspended; None if it is not (CRE-2)."""
    return (await suspensions(database, found.organisation, [found])).get(found.id)


async def bought_by(
    database: Database,
    collection: Collection[S],
    organisation: str,
    account: str,
    *,
    after: str | None,
    limit: int,
    but: Sequence[str] = (),
) -> list[S]:
    """The vouchers, or packs, that an account bought in order of id: those after the id ``after``, none in ``but``."""
    wanted: Document = {"$nin": list(but)} if but else {}
    if after is not None:
        wanted["$gt"] = after
    query: Document = {"organisation": organisation, "account": account, **({"_id": wanted} if wanted else {})}
    found = await database[collection.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [collection.read(document) for document in found]


async def voucher_of(database: Database, organisation: str, voucher: str) -> Voucher | None:
    """The voucher of that id in the organisation; None if it is unknown or foreign (ORG-1)."""
    return await database.state_of(VOUCHERS, organisation, voucher)


async def gifts_waiting(
    database: Database, collection: str, until: date, *, after: tuple[str, str] | None, limit: int
) -> list[tuple[str, str, str]]:
    """The vouchers, or the gift cards, of all organisations whose mail waits for a day until then, in order.

    Each as its day, its id and its organisation.
    """
    query: Document = {"sends": {"$gt": "", "$lte": until.isoformat()}}
    if after is not None:
        day, id_ = after
        query["sends"]["$gte"] = day
        query["$or"] = [{"sends": {"$gt": day}}, {"_id": {"$gt": id_}}]
    found = database[collection].find(query, {"sends": 1, "organisation": 1}).sort([("sends", 1), ("_id", 1)])
    return [(each["sends"], each["_id"], each["organisation"]) for each in await found.limit(limit).to_list(None)]


async def entries_of(database: Database, organisation: str, credit: str) -> list[Entry]:
    """The movements of a credit, in order."""
    query = {"organisation": organisation, "credit": credit}
    found = await database[ENTRIES.name].find(query).sort("version", 1).to_list(None)
    return [ENTRIES.read(document) for document in found]


async def entries_of_account(
    database: Database,
    organisation: str,
    account: str,
    *,
    after: tuple[str, int] | None,
    limit: int,
) -> list[Entry]:
    """The movements of all credits of a beneficiary, credit by credit, each in order: those after this place.

    Without those of the gift cards that it bought.
    """
    query: Document = {"organisation": organisation, "account": account, "card": {"$ne": True}}
    if after is not None:
        credit, version = after
        query["$or"] = [{"credit": {"$gt": credit}}, {"credit": credit, "version": {"$gt": version}}]
    found = await database[ENTRIES.name].find(query).sort([("credit", 1), ("version", 1)]).limit(limit).to_list(None)
    return [ENTRIES.read(document) for document in found]
