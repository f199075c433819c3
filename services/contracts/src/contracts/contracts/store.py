"""Contracts, and the copies of products and schedules that deciding on them takes."""

from collections.abc import Collection as Group
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args

from pymongo import IndexModel

from carnet.due import in_slots
from carnet.events import BY_TYPE
from carnet.events.contracts import ChangeRefused, ConfirmationRefused, ContractChanged, ContractOpened
from carnet.journal import ROWS, slot_of
from carnet.mongo import Collection, Database, Document, Unit
from carnet.requests.alarm import Waiting, WaitingIn
from carnet.requests.causes import CREDIT_REMOVAL
from carnet.search import numbered_like
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.packs import KnownPack
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.schedules import KnownSchedule

TO_BILL = "to_bill"
"""The index that finds subscriptions of which a period is due: named to MongoDB, so that no other is read."""


TO_ANNOUNCE = "to_announce"
"""The index that finds subscriptions of whose renewal the client is to be informed."""

PERIODS = {"subscription.added": 1}
"""What is read of a contract to know how many periods its subscription has."""

SUBSCRIBED = "subscribed"
"""The index by which the subscriptions of a product are found."""

BUYING = "buying"
"""The index that finds the contracts that have bought a product."""


def _bill_on(contract: Contract) -> str | None:
    """The date from which the next period of its subscription is billed (CON-21)."""
    on = contract.bill_on
    return on.isoformat() if on else None


def _renews_on(contract: Contract) -> str | None:
    """The day on which the term of its subscription renews, until the client is informed of it (CON-21)."""
    on = contract.renews_on
    return on.isoformat() if on else None


def _asked_to_cancel_on(contract: Contract) -> str | None:
    on = contract.asked_to_cancel_on
    return on.isoformat() if on else None


CONTRACTS = Collection(
    "contracts",
    Contract,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1), ("_id", -1)], name="of_account"),
        IndexModel([("organisation", 1), ("_id", -1)], name="newest"),
        IndexModel(
            [("organisation", 1), ("number", 1)],
            name="by_number",
            unique=True,
            partialFilterExpression={"number": {"$gt": ""}},
        ),
        IndexModel(
            [("pending.asked_at", 1)], name="pending", partialFilterExpression={"pending.asked_at": {"$exists": True}}
        ),
        IndexModel(
            [("organisation", 1), ("_id", -1)],
            name="pending_of_organisation",
            partialFilterExpression={"pending.asked_at": {"$exists": True}},
        ),
        IndexModel(
            [("organisation", 1), ("bill_on", 1), ("slot", 1)],
            name=TO_BILL,
            partialFilterExpression={"bill_on": {"$gt": ""}},
        ),
        IndexModel(
            [("organisation", 1), ("renews_on", 1), ("slot", 1)],
            name=TO_ANNOUNCE,
            partialFilterExpression={"renews_on": {"$gt": ""}},
        ),
        IndexModel(
            [("organisation", 1), ("_id", -1)],
            name="asked_to_cancel",
            partialFilterExpression={"asked_to_cancel_on": {"$gt": ""}},
        ),
        IndexModel(
            [("organisation", 1), ("subscription.sold.product", 1), ("_id", 1)],
            name=SUBSCRIBED,
            partialFilterExpression={"subscription.sold.product": {"$gt": ""}},
        ),
        IndexModel([("organisation", 1), ("lines.purchase.product", 1), ("_id", 1)], name=BUYING),
    ],
    derived={
        "bill_on": _bill_on,
        "renews_on": _renews_on,
        "asked_to_cancel_on": _asked_to_cancel_on,
        # None for all others, as in documents of older releases: so those need not be made anew.
        "slot": lambda contract: slot_of(contract.id) if contract.bill_on or contract.renews_on else None,
    },
)
PRODUCTS = Collection("products", Product)
SCHEDULES = Collection(
    "schedules",
    KnownSchedule,
    indexes=[
        IndexModel(
            [("organisation", 1), ("withheld", 1), ("due_since", 1)],
            name="late",
            partialFilterExpression={"due_since": {"$gt": ""}},
        ),
        IndexModel([("organisation", 1)], name="withheld", partialFilterExpression={"withheld": True}),
    ],
    # None for all others, as in documents of older releases: so those need not be made anew.
    derived={"slot": lambda known: slot_of(known.id) if known.due_since or known.withheld else None},
)

PACKS = Collection("packs", KnownPack)

Outcome = ContractOpened | ContractChanged | ConfirmationRefused | ChangeRefused
"""What is published of an opening or a change as a whole: it is made, or refused."""


_NOT_REFUSED = {"opening": {"$ne": "refused"}}
"""A contract whose opening was refused is in no list."""


async def find_contract(database: Database, organisation: str, contract: str) -> Contract | None:
    """The contract of that id, where the organisation has it (ORG-1)."""
    return await database.state_of(CONTRACTS, organisation, contract)


async def contracts_of(
    database: Database, organisation: str, account: str, *, before: str | None = None, limit: int | None = None
) -> Sequence[Contract]:
    """The contracts of an account, the newest first: those older than ``before``, at most ``limit``."""
    query: dict[str, object] = {"organisation": organisation, "account": account, **_NOT_REFUSED}
    if before is not None:
        query["_id"] = {"$lt": before}
    cursor = database[CONTRACTS.name].find(query).sort("_id", -1).limit(limit or 0)
    return [CONTRACTS.read(document) async for document in cursor]


async def contracts_numbered(
    database: Database,
    organisation: str,
    number: str,
    *,
    pending: bool = False,
    asked_to_cancel: bool = False,
    before: str | None,
    limit: int,
) -> Sequence[Contract]:
    """The contracts whose number begins so (CON-27), all of them where nothing is given; the newest first.

    ``pending`` wants only those of which a change waits for the answer of another service, ``asked_to_cancel`` those
    whose client asks for the cancellation of the subscription (CON-17).
    """
    query: dict[str, object] = {"organisation": organisation, **_NOT_REFUSED, **numbered_like(("number",), number)}
    if pending:
        query["pending.asked_at"] = {"$exists": True}
    if asked_to_cancel:
        query["asked_to_cancel_on"] = {"$gt": ""}
    if before is not None:
        query["_id"] = {"$lt": before}
    cursor = database[CONTRACTS.name].find(query).sort("_id", -1).limit(limit)
    return [CONTRACTS.read(document) async for document in cursor]


async def contracts_buying(
    database: Database,
    organisation: str,
    product: str,
    *,
    first: str | None = None,
    after: str | None = None,
    limit: int,
) -> Sequence[Contract]:
    """The contracts that have bought a product, in the order of their ids: from ``first`` on, or those ``after``."""
    query: Document = {"organisation": organisation, "lines.purchase.product": product}
    if after is not None:
        query["_id"] = {"$gt": after}
    elif first is not None:
        query["_id"] = {"$gte": first}
    cursor = database[CONTRACTS.name].find(query).sort("_id", 1).hint(BUYING).limit(limit)
    return [CONTRACTS.read(document) async for document in cursor]


async def outcome_of(database: Database, organisation: str, contract: str, change: str) -> Outcome | None:
    """What became of an opening or a change of the contract; None if it waits, or there is no such change."""
    query = {
        "aggregate": contract,
        "organisation": organisation,
        "change": change,
        "type": {"$in": [event.type_name() for event in get_args(Outcome)]},
    }
    found = await database[ROWS].find_one(query, {"type": 1, "data": 1}, sort=[("sequence", -1)])
    outcome = None if found is None else BY_TYPE[found["type"]].model_validate(found["data"])
    return outcome if isinstance(outcome, Outcome) else None


async def to_bill(
    database: Database, organisation: str, until: date, slots: frozenset[int], *, but: Group[str], limit: int
) -> Mapping[str, int]:
    """The contracts of these slots of whose subscription a period is to be billed by that day, the oldest first.

    Each with the number of its periods so far, by which it is large or small.
    """
    query: dict[str, Any] = {
        "organisation": organisation,
        "bill_on": {"$gt": "", "$lte": until.isoformat()},
        "_id": {"$nin": sorted(but)},
        **in_slots(slots),
    }
    found = database[CONTRACTS.name].find(query, PERIODS, hint=TO_BILL).sort("bill_on", 1).limit(limit)
    return {document["_id"]: document["subscription"]["added"] for document in await found.to_list(None)}


def due_query(field: str, until: date, organisations: Iterable[str]) -> Document:
    """The query for the contracts of these organisations of which something is due by that day, by ``field``."""
    return {"organisation": {"$in": sorted(organisations)}, field: {"$gt": "", "$lte": until.isoformat()}}


async def those_due(database: Database, field: str, index: str, days: Mapping[date, Iterable[str]]) -> set[str]:
    """The organisations of which something is due, by the day until when that counts: one query for each day.

    The index has the organisation first: MongoDB goes from one organisation to the next, however much is due of each.
    """
    found = set[str]()
    for until, organisations in sorted(days.items()):
        stages = [{"$match": due_query(field, until, organisations)}, {"$group": {"_id": "$organisation"}}]
        rows = await database[CONTRACTS.name].aggregate(stages, hint=index).to_list(None)
        found |= {document["_id"] for document in rows}
    return found


async def count_to_bill(database: Database, days: Mapping[date, Iterable[str]]) -> int:
    """How many subscriptions have a period to be billed; the organisations are by their date."""
    counts = [
        await database[CONTRACTS.name].count_documents(due_query("bill_on", until, organisations), hint=TO_BILL)
        for until, organisations in sorted(days.items())
    ]
    return sum(counts)


def _waiting(document: Mapping[str, Any]) -> Iterator[Waiting]:
    kept = document["pending"]
    # Older releases asked credits alone, and kept what is awaited only.
    credits_alone = {"cause": CREDIT_REMOVAL.name, "asked_of": CREDIT_REMOVAL.asked_of, "awaited": kept["awaited"]}
    for request in kept.get("requests", [credits_alone]):
        if request["awaited"] and not request.get("later"):
            yield Waiting(
                request=kept["change"],
                cause=request["cause"],
                asked_of=request["asked_of"],
                about=document["_id"],
                organisation=document["organisation"],
                asked_at=datetime.fromisoformat(kept["asked_at"]),
                awaited=tuple(request["awaited"]),
            )


PENDING_CHANGES = WaitingIn(
    collection=CONTRACTS.name,
    asked_at="pending.asked_at",
    fields=("pending.change", "pending.awaited", "pending.requests"),
    read=_waiting,
)
"""The changes and openings that wait for other services."""


async def schedules_of(database: Database, organisation: str, contracts: Iterable[str]) -> Mapping[str, KnownSchedule]:
    """The schedules that are known, by contract."""
    cursor = database[SCHEDULES.name].find({"_id": {"$in": list(contracts)}, "organisation": organisation})
    return {document["_id"]: SCHEDULES.read(document) async for document in cursor}


async def packs_of(database: Database, organisation: str, contracts: Iterable[Contract]) -> Mapping[str, KnownPack]:
    """The session packs that live lines of these contracts sold, by line; those that exist."""
    sold = [line.id for contract in contracts for line in contract.live if line.sells_pack]
    if not sold:
        return {}
    cursor = database[PACKS.name].find({"_id": {"$in": sold}, "organisation": organisation})
    return {document["_id"]: PACKS.read(document) async for document in cursor}


def late_query(organisations: Mapping[date, Iterable[str]], slots: frozenset[int]) -> Document | None:
    """The query for schedules of these slots with something late, of which nothing is withheld yet (CON-20).

    The organisations are by the day on which something that is due is late; None if there are none.
    """
    late: list[Document] = [
        {
            "organisation": {"$in": sorted(ids)},
            "withheld": False,
            "due_since": {"$gt": "", "$lte": late_from.isoformat()},
            **in_slots(slots),
        }
        for late_from, ids in sorted(organisations.items())
    ]
    return {"$or": late} if late else None


def withheld_query(organisations: Mapping[date, Iterable[str]], slots: frozenset[int]) -> Document:
    """The query for schedules of these slots whose accesses are withheld though nothing is late (any more) (CON-20).

    The organisations are by the day on which something that is due is late; all others withhold nothing.
    """
    withheld: Document = {"withheld": True, **in_slots(slots)}
    back: list[Document] = [
        {"organisation": {"$in": sorted(ids)}, "due_since": found, **withheld}
        for late_from, ids in sorted(organisations.items())
        for found in (None, {"$gt": late_from.isoformat()})
    ]
    others = sorted(each for ids in organisations.values() for each in ids)
    # The server takes the index only where something is asked of the field that it begins with.
    never: Document = {"organisation": {"$gt": "", "$nin": others}, **withheld}
    return {"$or": [*back, never]}


async def schedules_found(database: Database, query: Document | None, limit: int) -> Mapping[str, Sequence[str]]:
    """Up to so many of the schedules that a query finds, by organisation."""
    found = dict[str, list[str]]()
    if query is not None:
        async for document in database[SCHEDULES.name].find(query, {"organisation": 1}).limit(limit):
            found.setdefault(document["organisation"], []).append(document["_id"])
    return found


async def products_of(database: Database, organisation: str, products: Iterable[str]) -> Mapping[str, Product]:
    """The copies of products of the organisation, by id."""
    cursor = database[PRODUCTS.name].find({"_id": {"$in": sorted(products)}, "organisation": organisation})
    return {document["_id"]: PRODUCTS.read(document) async for document in cursor}


async def missing_products(database: Database, products: Iterable[str]) -> set[str]:
    """Those of the products that this service has no copy of yet, or only one of a draft."""
    wanted = set(products)
    cursor = database[PRODUCTS.name].find({"_id": {"$in": list(wanted)}, "status": {"$ne": "draft"}}, {"_id": 1})
    return wanted - {document["_id"] async for document in cursor}


async def forget_notes(unit: Unit, organisation: str, account: str, member: str | None = None) -> None:
    """Remove staff's notes on the purchases of an account, or of one member of it (ORG-4).

    They go from the lines and from the journal's personal parts, and nothing else does: the
    entries stay, published or not, since contracts are published without their personal part.
    """
    query = {"organisation": organisation, "account": account}
    found = await unit.database[CONTRACTS.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    ids = [document["_id"] for document in found]
    await unit.load(CONTRACTS, ids)
    lines: list[str] = []
    for contract in filter(None, (unit.get(CONTRACTS, contract_id) for contract_id in ids)):
        concerned = {line.id for line in contract.all_lines if member is None or line.purchase.participant == member}
        lines.extend(concerned)
        if (erased := contract.without_notes(concerned)) != contract:
            unit.put(CONTRACTS, erased)
    await unit.database[ROWS].update_many(
        {
            "aggregate": {"$in": ids},
            "personal": {"$exists": True},
            "$or": [{"data.line": {"$in": lines}}, {"data.purchase.line": {"$in": lines}}],
        },
        {"$unset": {"personal": ""}},
        session=unit.session,
    )
