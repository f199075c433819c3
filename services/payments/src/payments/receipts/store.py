"""Payments and held cheques: documents, indexes, and the lists of what was received and what is to be deposited."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from pymongo import IndexModel

from carnet.events.payments import Method
from carnet.mongo import Collection, Database, Document, Unit
from carnet.refusals import unknown
from carnet.search import placed_after
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.domain.receiving import Payment

LOSSES = "losses"
"""The index by which losses are found: named to MongoDB, so that none but these are read."""


PAYMENTS: Collection[Payment] = Collection(
    "payments",
    Payment,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel([("organisation", 1), ("_id", 1)], name=LOSSES, partialFilterExpression={"beyond": {"$gt": 0}}),
        IndexModel([("organisation", 1), ("received_on", 1), ("_id", 1)], name="received"),
        IndexModel(
            [("organisation", 1), ("reference", 1), ("_id", 1)],
            name="by_reference",
            partialFilterExpression={"reference": {"$gt": ""}},
        ),
    ],
    derived={"lost": attrgetter("lost")},  # what the losses are found by (PAY-9)
)
CHEQUES = Collection(
    "cheques",
    HeldCheque,
    indexes=[
        IndexModel([("organisation", 1), ("due", 1), ("_id", 1)], name="by_deposit"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel([("contract", 1)], name="of_contract"),
    ],
)


@dataclass(frozen=True, slots=True)
class Deposits:
    """Which held cheques, by deposit date: from a day to a day, both included; None if there is no bound."""

    organisation: str
    since: date | None = None
    until: date | None = None

    def query(self) -> Document:
        """The filter of the cheques."""
        bounds = {"$gte": self.since, "$lte": self.until}
        due = {bound: day.isoformat() for bound, day in bounds.items() if day is not None}
        return {"organisation": self.organisation, **({"due": due} if due else {})}


REFERENCE_ORDER = [("reference", 1), ("_id", 1)]
DEPOSIT_ORDER = [("due", 1), ("_id", 1)]
RECEIVED_ORDER = [("received_on", 1), ("_id", 1)]
_AT_ONCE = 500


async def held_cheques(
    database: Database, deposits: Deposits, *, after: tuple[str, str] | None, limit: int
) -> list[HeldCheque]:
    """A page of the deposit list, the first to deposit first: the cheques after this date and id."""
    query = deposits.query()
    if after is not None:
        query = {"$and": [query, placed_after("due", after)]}
    found = await database[CHEQUES.name].find(query).sort(DEPOSIT_ORDER).limit(limit).to_list(None)
    return [CHEQUES.read(document) for document in found]


async def all_held_cheques(database: Database, deposits: Deposits) -> AsyncIterator[HeldCheque]:
    """Every cheque of the deposit list, one by one, however many there are."""
    async for document in database[CHEQUES.name].find(deposits.query()).sort(DEPOSIT_ORDER):
        yield CHEQUES.read(document)


async def payment_to_change(unit: Unit, contract: str, payment: str) -> Payment:
    """A payment of that contract; raises ``unknown-payment``."""
    found = await unit.one(PAYMENTS, payment, what="payment")
    if found.contract != contract:
        raise unknown("payment", payment)
    return found


async def payments_referred_to(
    database: Database, organisation: str, reference: str, *, after: tuple[str, str] | None, limit: int
) -> list[Payment]:
    """The payments whose provider's own id begins so, in the order of these ids: those after this one and id."""
    begins = {"$gte": reference, "$lt": f"{reference}\uffff"} if reference else {"$gt": ""}
    query: Document = {"organisation": organisation, "reference": begins}
    if after is not None:
        query = {"$and": [query, placed_after("reference", after)]}
    found = await database[PAYMENTS.name].find(query).sort(REFERENCE_ORDER).limit(limit).to_list(None)
    return [PAYMENTS.read(document) for document in found]


async def payments_of(
    database: Database, organisation: str, contract: str, *, after: str | None, limit: int
) -> list[Payment]:
    """The payments of a contract in the order of their recording, those after the id ``after``."""
    query: Document = {"organisation": organisation, "contract": contract}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[PAYMENTS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [PAYMENTS.read(document) for document in found]


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
