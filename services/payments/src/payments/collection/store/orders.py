"""Orders to providers: found, and taken by one worker at a time (PAY-6, PAY-11)."""

from collections.abc import Collection as Group
from collections.abc import Sequence
from datetime import datetime

from pymongo import IndexModel

from carnet.dates import write_instant
from carnet.journal import SLOTS
from carnet.mongo import Collection, Database, Document
from payments.collection.domain.orders import Order

ORDERS = Collection(
    "orders",
    Order,
    indexes=[
        IndexModel(
            [("provider", 1), ("check_at", 1), ("slot", 1)],
            name="to_take",
            partialFilterExpression={"check_at": {"$gt": ""}},
        ),
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
    ],
)


def in_slots(slots: frozenset[int]) -> Document:
    """The part of a query that keeps to these slots."""
    return {} if len(slots) == SLOTS else {"slot": {"$in": sorted(slots)}}


def waiting(providers: Group[str], now: datetime) -> Document:
    """The filter of the orders to these providers that wait to be looked at."""
    return {"provider": {"$in": sorted(providers)}, "check_at": {"$gt": "", "$lte": write_instant(now)}}


async def claim_orders(
    database: Database,
    providers: Group[str],
    slots: frozenset[int],
    *,
    claim: str,
    now: datetime,
    until: datetime,
    limit: int,
) -> Sequence[Order]:
    """Take up to ``limit`` orders of these slots that wait to be looked at, until ``until``, the longest waiting first.

    Whoever else looks at the same time, each order is taken by one: the update looks again.
    """
    orders = database[ORDERS.name]
    mine = waiting(providers, now)
    found = await orders.find({**mine, **in_slots(slots)}, {"_id": 1}).sort("check_at", 1).limit(limit).to_list(None)
    if not found:
        return ()
    ids = [document["_id"] for document in found]
    await orders.update_many(
        {"_id": {"$in": ids}, **mine},
        {"$set": {"claim": claim, "check_at": write_instant(until)}, "$inc": {"asks": 1}},
    )
    taken = await orders.find({"_id": {"$in": ids}, "claim": claim}, batch_size=limit + 1).to_list(None)
    return tuple(ORDERS.read(document) for document in taken)


async def put_off(database: Database, orders: Sequence[Order], until: datetime) -> None:
    """Let anybody take these orders from ``until``: the claims that they were read with have not asked for them."""
    for claim in {order.claim for order in orders}:
        ids = [order.id for order in orders if order.claim == claim]
        await database[ORDERS.name].update_many(
            {"_id": {"$in": ids}, "claim": claim, "check_at": {"$gt": ""}},
            {"$set": {"claim": None, "check_at": write_instant(until)}, "$inc": {"asks": -1}},
        )


async def count_waiting(database: Database, providers: Group[str], now: datetime) -> int:
    """How many orders of all slots wait to be looked at."""
    return await database[ORDERS.name].count_documents(waiting(providers, now))


async def orders_of(
    database: Database, organisation: str, contract: str, *, before: str | None, limit: int
) -> Sequence[Order]:
    """The orders of a contract, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation, "contract": contract}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = await database[ORDERS.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return tuple(ORDERS.read(document) for document in found)
