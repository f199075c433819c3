"""Takings and bank deposits: their documents, and the lists of them (PAY-7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from pymongo import IndexModel, UpdateMany

from carnet.decisions import Context
from carnet.events.payments import BankedMethod
from carnet.mongo import Collection, Database, Document, Unit
from carnet.search import placed_after
from payments.banking.domain.bank_deposits import MOST_TAKINGS, BankDeposit, Banked
from payments.banking.domain.takings import Taking, free
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.settling import Settlement

WAITING = "waiting"
"""The index of the takings that wait for a bank deposit: none but these are read."""

TAKINGS = Collection(
    "takings",
    Taking,
    indexes=[
        IndexModel(
            [("organisation", 1), ("method", 1), ("received_on", 1), ("_id", 1)],
            name=WAITING,
            partialFilterExpression={"waits": True},
        ),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
    ],
    derived={"waits": attrgetter("waits")},
)
BANK_DEPOSITS = Collection(
    "bank_deposits",
    BankDeposit,
    indexes=[IndexModel([("organisation", 1), ("_id", -1)], name="newest")],
)
_ORDER = [("received_on", 1), ("_id", 1)]


@dataclass(frozen=True, slots=True)
class WantedTakings:
    """Which takings that wait: of a method, received between two days, both included; None if there is no bound."""

    organisation: str
    method: BankedMethod
    since: date | None = None
    until: date | None = None

    def query(self) -> Document:
        """Their filter."""
        bounds = {"$gte": self.since, "$lte": self.until}
        days = {bound: day.isoformat() for bound, day in bounds.items() if day is not None}
        query: Document = {"organisation": self.organisation, "method": self.method, "waits": True}
        return {**query, "received_on": days} if days else query


async def waiting_takings(
    database: Database, wanted: WantedTakings, *, after: tuple[str, str] | None, limit: int
) -> list[Taking]:
    """A page of what waits for a bank deposit, oldest first: what comes after this day and id."""
    query = wanted.query()
    if after is not None:
        query = {"$and": [query, placed_after("received_on", after)]}
    found = await database[TAKINGS.name].find(query).sort(_ORDER).hint(WAITING).limit(limit).to_list(None)
    return [TAKINGS.read(document) for document in found]


async def sum_waiting(database: Database, wanted: WantedTakings) -> tuple[int, int]:
    """How many of them there are, and their sum in minor units."""
    group = {"_id": None, "count": {"$sum": 1}, "amount": {"$sum": {"$subtract": ["$amount", "$returned"]}}}
    stages: list[Document] = [{"$match": wanted.query()}, {"$group": group}]
    async for found in database[TAKINGS.name].aggregate(stages, hint=WAITING):
        return found["count"], found["amount"]
    return 0, 0


async def given_back_until(database: Database, organisation: str, day: date, session: Any = None) -> list[str]:
    """The cash that was given back until that day and that no bank deposit has: the ids of its takings."""
    query = {**WantedTakings(organisation, "cash", until=day).query(), "amount": {"$lt": 0}}
    found = database[TAKINGS.name].find(query, {"_id": 1}, session=session).sort(_ORDER).hint(WAITING)
    return [each["_id"] for each in await found.limit(MOST_TAKINGS).to_list(None)]


async def deposits_of(
    database: Database, organisation: str, *, before: str | None, limit: int
) -> Sequence[BankDeposit]:
    """The bank deposits of an organisation, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = await database[BANK_DEPOSITS.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return tuple(BANK_DEPOSITS.read(document) for document in found)


async def takings_in(unit: Unit, deposit: BankDeposit) -> list[Taking]:
    """What is, or was, in a bank deposit, in the order of its slip."""
    return await takings_named(unit, deposit.takings)


async def takings_named(unit: Unit, ids: Sequence[str]) -> list[Taking]:
    """The takings of these ids, in their order; raises ``unknown-taking``."""
    await unit.load(TAKINGS, ids)
    return [await unit.one(TAKINGS, each, what="taking") for each in ids]


def keep_banked(unit: Unit, banked: Banked, context: Context) -> BankDeposit:
    """Save a bank deposit with its takings: a deposit that takes one of them meanwhile has to look again."""
    for taking in banked.takings:
        unit.put(TAKINGS, taking)
    return unit.decide(BANK_DEPOSITS, banked.decision, context)


async def keep_given_back(unit: Unit, settlement: Settlement, number: str | None) -> None:
    """Save what a settlement took out of the till, where it was given back in cash (PAY-7)."""
    taking = Taking.given_back(settlement, number)
    if taking is not None:
        await unit.load(TAKINGS, [taking.id])
        unit.put(TAKINGS, taking)


async def forget_given_back(unit: Unit, settlement: str) -> None:
    """A settlement was a wrong entry: what it took from the till is there.

    Refuses (``already-deposited``) what was taken off a bank deposit: that was built on it (PAY-19).
    """
    await refuse_deposited(unit, settlement)
    taking = unit.get(TAKINGS, settlement)
    if taking is not None:
        unit.put(TAKINGS, taking.undone())


async def follow_payment(unit: Unit, payment: Payment) -> None:
    """Save what became of a payment, where it is a taking."""
    await unit.load(TAKINGS, [payment.id])
    taking = unit.get(TAKINGS, payment.id)
    if taking is not None:
        unit.put(TAKINGS, taking.following(payment))


async def refuse_deposited(unit: Unit, payment: str) -> None:
    """Refuse (``already-deposited``) what is in a bank deposit: that was built on the payment (PAY-19)."""
    await unit.load(TAKINGS, [payment])
    taking = unit.get(TAKINGS, payment)
    if taking is not None:
        free(taking)


def forget_drawers(unit: Unit, organisation: str, account: str) -> None:
    """Remove whose cheques they were, of an account of which a person was erased (ORG-4)."""
    query: Document = {"organisation": organisation, "account": account, "cheque": {"$type": "object"}}
    unit.write(TAKINGS.name, UpdateMany(query, {"$set": {"cheque.holder": None}}))
