"""Orders to providers: found, and taken by one worker at a time (PAY-6, PAY-11)."""

from collections.abc import Collection as Group
from collections.abc import Sequence
from datetime import datetime

from pymongo import IndexModel

from carnet.due import Due
from carnet.journal import ORIGIN
from carnet.mongo import Collection, Database, Document, Unit
from payments.collection.domain.orders import ORDER_KINDS, Order
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES

TO_TRANSFER = "to_transfer"
"""The index of the refunds that wait for a file of transfers."""

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
        IndexModel([("organisation", 1), ("_id", 1)], name=TO_TRANSFER, partialFilterExpression={"to_transfer": True}),
    ],
)


DUE_ORDERS = Due(ORDERS, instant="check_at", claims="asks")
"""The orders that wait to be looked at."""


def keep_order(unit: Unit, order: Order) -> None:
    """Save a new order, with the request that made it: its outcomes are published as caused by that request."""
    unit.put(ORDERS, order.model_copy(update={"request": ORIGIN.get().request}))


def to_providers(providers: Group[str]) -> Document:
    """The part of a query that keeps to the orders to these providers, of the kinds that this release can send.

    An order of a kind that only a newer release has is left to that release's workers.
    """
    return {"provider": {"$in": sorted(providers)}, "kind": {"$in": list(ORDER_KINDS)}}


async def put_off(database: Database, orders: Sequence[Order], until: datetime) -> None:
    """Let any worker claim these orders from ``until``: those that claimed them have not asked the provider."""
    for claim in {order.claim for order in orders if order.claim}:
        await DUE_ORDERS.put_off(database, claim, [order.id for order in orders if order.claim == claim], until)


async def orders_of(
    database: Database, organisation: str, contract: str, *, before: str | None, limit: int
) -> Sequence[Order]:
    """The orders of a contract, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation, "contract": contract}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = await database[ORDERS.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return tuple(ORDERS.read(document) for document in found)


def schedule_of_order(unit: Unit, order: Order) -> Schedule:
    """The schedule of the contract of an order, loaded before."""
    schedule = unit.get(SCHEDULES, order.contract)
    if schedule is None:
        raise LookupError(f"order {order.id} has no schedule")
    return schedule
