"""Queries for subscriptions: those of a product, and those whose renewal clients are to be informed of."""

from collections.abc import Collection as Group
from collections.abc import Mapping, Sequence
from datetime import date

from carnet.due import in_slots
from carnet.mongo import Database, Document
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.store import CONTRACTS, PERIODS, SUBSCRIBED, TO_ANNOUNCE


def _running(organisation: str, product: str, before: str | None) -> Document:
    """Contracts of subscriptions of a product that are not cancelled, opened before the id ``before``."""
    ids = {"_id": {"$lt": before}} if before else {}
    sold = {"organisation": organisation, "subscription.sold.product": product}
    return {**sold, "subscription.cancellation": None, "cancelled_on": None, "opening": None, **ids}


async def subscriptions_of(
    database: Database, organisation: str, product: str, *, after: str | None, limit: int, before: str | None = None
) -> Sequence[Contract]:
    """The contracts of running subscriptions of a product, in the order of their ids: those after ``after``."""
    query = _running(organisation, product, before)
    if after is not None:
        query["_id"] = {**query.get("_id", {}), "$gt": after}
    found = database[CONTRACTS.name].find(query, hint=SUBSCRIBED).sort("_id", 1).limit(limit)
    return [CONTRACTS.read(document) async for document in found]


async def count_subscriptions_of(
    database: Database, organisation: str, product: str, *, before: str | None = None
) -> int:
    """How many running subscriptions of a product there are."""
    return await database[CONTRACTS.name].count_documents(_running(organisation, product, before), hint=SUBSCRIBED)


async def to_announce(
    database: Database, organisation: str, until: date, slots: frozenset[int], *, but: Group[str], limit: int
) -> Mapping[str, int]:
    """The contracts of these slots whose subscription renews by that day, not announced yet, the earliest first.

    Each with the number of its periods so far.
    """
    query: Document = {
        "organisation": organisation,
        "renews_on": {"$gt": "", "$lte": until.isoformat()},
        "_id": {"$nin": sorted(but)},
        **in_slots(slots),
    }
    found = database[CONTRACTS.name].find(query, PERIODS, hint=TO_ANNOUNCE).sort("renews_on", 1).limit(limit)
    return {document["_id"]: document["subscription"]["added"] for document in await found.to_list(None)}
