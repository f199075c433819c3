"""What was received of a period, of all contracts: payments in the order of their days, and their sums by method."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from carnet.events.payments import Method
from carnet.mongo import Database, Document
from carnet.search import placed_after
from payments.follow_up.store import FOLLOW_UPS
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS, RECEIVED_ORDER

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WantedReceipts:
    """Which payments: those received between two days, both included, by a method; None if all are wanted.

    Entries that were voided are none of them (PAY-19), nor what was paid in another system before (IMP-3).
    """

    organisation: str
    since: date | None = None
    until: date | None = None
    method: Method | None = None

    def query(self) -> Document:
        """The filter of the payments."""
        bounds = {"$gte": self.since, "$lte": self.until}
        days = {bound: day.isoformat() for bound, day in bounds.items() if day is not None}
        query: Document = {"organisation": self.organisation, "voided": None, "imported": {"$ne": True}}
        if days:
            query["received_on"] = days
        if self.method:
            query["method"] = self.method
        return query


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment, with whose contract it is of."""

    payment: Payment
    number: str | None
    """The contract's number for people."""
    client: str | None
    """The name of the account's owner; None once that person is erased."""


@dataclass(frozen=True, slots=True)
class MethodSum:
    """What came by a method, in minor units."""

    method: Method
    count: int
    amount: int


async def receipts(
    database: Database, wanted: WantedReceipts, *, after: tuple[str, str] | None, limit: int
) -> list[Receipt]:
    """A page of payments, oldest first: those after this day and id."""
    query = wanted.query()
    if after is not None:
        query = {"$and": [query, placed_after("received_on", after)]}
    found = await database[PAYMENTS.name].find(query).sort(RECEIVED_ORDER).limit(limit).to_list(None)
    return await _named(database, found)


async def all_receipts(database: Database, wanted: WantedReceipts) -> AsyncIterator[Receipt]:
    """All of them, a few at a time: a long period costs no memory."""
    batch: list[Document] = []
    async for document in database[PAYMENTS.name].find(wanted.query(), batch_size=_AT_ONCE).sort(RECEIVED_ORDER):
        batch.append(document)
        if len(batch) == _AT_ONCE:
            for each in await _named(database, batch):
                yield each
            batch = []
    for each in await _named(database, batch):
        yield each


async def sums_received(database: Database, wanted: WantedReceipts) -> list[MethodSum]:
    """What came by each method, the largest sum first."""
    group = {"_id": "$method", "count": {"$sum": 1}, "amount": {"$sum": "$amount"}}
    found = database[PAYMENTS.name].aggregate([{"$match": wanted.query()}, {"$group": group}])
    sums = [MethodSum(each["_id"], each["count"], each["amount"]) async for each in found]
    return sorted(sums, key=lambda each: (-each.amount, each.method))


async def _named(database: Database, documents: Sequence[Document]) -> list[Receipt]:
    """The payments with the names of their contracts, by one query."""
    payments = [PAYMENTS.read(each) for each in documents]
    contracts = sorted({each.contract for each in payments})
    if not contracts:
        return []
    found = database[FOLLOW_UPS.name].find({"_id": {"$in": contracts}}, {"number": 1, "names.owner": 1})
    known = {each["_id"]: each async for each in found}
    return [
        Receipt(each, row.get("number"), (row.get("names") or {}).get("owner") or None)
        for each in payments
        for row in (known.get(each.contract, {}),)
    ]
