"""Files of the bank: their documents and lines, and what they name of Carnet's (PAY-18)."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pymongo import IndexModel

from carnet.decisions import State
from carnet.mongo import Collection, Database, Document, Unit
from payments.collection.domain.orders import Order
from payments.collection.store.orders import ORDERS
from payments.receipts.store import PAYMENTS
from payments.refunds.store import REVERSALS
from payments.schedules.store import SCHEDULES
from payments.sepa.domain.bank_files import BankFile, Known, batch_ids, debit_ids
from payments.sepa.domain.bank_lines import Line
from payments.sepa.domain.bank_outcomes import LEFT, BankLine
from payments.sepa.domain.mandates import SEPA
from payments.sepa.domain.remittances import Debit
from payments.sepa.store.refund_files import REFUND_FILES
from payments.sepa.store.remittances import REMITTANCES

S = TypeVar("S", bound=State)

BANK_FILES = Collection(
    "sepa_files",
    BankFile,
    indexes=[
        IndexModel([("organisation", 1), ("_id", -1)], name="newest"),
        IndexModel([("organisation", 1), ("digest", 1), ("_id", 1)], name="by_digest"),
    ],
)
IN_ORDER = "in_order"
"""The index by which lines are read in their order: named to MongoDB, which would sort what it finds by outcome."""

BANK_LINES = Collection(
    "sepa_file_lines",
    BankLine,
    indexes=[
        IndexModel([("organisation", 1), ("file", 1), ("outcome", 1), ("_id", 1)], name="of_file"),
        IndexModel([("organisation", 1), ("file", 1), ("_id", 1)], name=IN_ORDER),
    ],
)


async def known_to(unit: Unit, lines: Sequence[Line]) -> Known:
    """The debits and refunds of the organisation that the lines of a file name, and their files with all in them."""
    orders = await _orders(unit, debit_ids(lines))
    batches = set(batch_ids(lines))
    debited = await _named(unit, REMITTANCES, {order.remittance for order in orders.values()} | batches)
    refunded = await _named(unit, REFUND_FILES, {order.refund_file for order in orders.values()} | batches)
    others = {debit.attempt for id_ in batches & debited.keys() for debit in debited[id_].debits}
    others |= {refund.order for id_ in batches & refunded.keys() for refund in refunded[id_].refunds}
    return Known({**orders, **await _orders(unit, sorted(others - orders.keys()))}, debited, refunded)


async def _named(unit: Unit, collection: Collection[S], ids: set[str | None]) -> dict[str, S]:
    query: Document = {"_id": {"$in": sorted(id_ for id_ in ids if id_)}, "organisation": unit.organisation}
    found = unit.database[collection.name].find(query, session=unit.session)
    return {each["_id"]: collection.read(each) for each in await found.to_list(None)}


async def _orders(unit: Unit, ids: Sequence[str]) -> Mapping[str, Order]:
    query: Document = {"_id": {"$in": list(ids)}, "organisation": unit.organisation, "provider": SEPA}
    found = unit.database[ORDERS.name].find(query, session=unit.session)
    return {each["_id"]: ORDERS.read(each) for each in await found.to_list(None)}


async def same_file(unit: Unit, digest: str) -> str | None:
    """The first file of the organisation that had the same bytes."""
    query: Document = {"organisation": unit.organisation, "digest": digest}
    found = await unit.database[BANK_FILES.name].find_one(query, {"_id": 1}, sort=[("_id", 1)], session=unit.session)
    return found["_id"] if found else None


def keep_lines(unit: Unit, lines: Sequence[BankLine]) -> None:
    """Save the lines of a file that is new."""
    for line in lines:
        unit.put(BANK_LINES, line)


async def load_refund_lines(unit: Unit, ids: Sequence[str]) -> Sequence[Order]:
    """Load lines that are about refunds, their files and all orders of these; the orders that the lines are about."""
    await unit.load(BANK_LINES, ids)
    lines = [line for id_ in ids if (line := unit.get(BANK_LINES, id_)) and line.refund_file and line.attempt]
    await unit.load(REFUND_FILES, sorted({line.refund_file for line in lines if line.refund_file}))
    await unit.load(ORDERS, [refund.order for file in unit.loaded(REFUND_FILES) for refund in file.refunds])
    orders = (unit.get(ORDERS, line.attempt) for line in lines if line.attempt)
    return [order for order in orders if order is not None]


async def load_lines(unit: Unit, ids: Sequence[str]) -> Sequence[Debit]:
    """Load lines about debits and what applying them needs: remittances, orders, schedules, payments, reversals.

    Returns the debits that they are about.
    """
    await unit.load(BANK_LINES, ids)
    lines = [line for id_ in ids if (line := unit.get(BANK_LINES, id_)) and line.attempt and line.remittance]
    await unit.load(REMITTANCES, sorted({line.remittance for line in lines if line.remittance}))
    attempts = {line.attempt for line in lines}
    remittances = [
        found for found in unit.loaded(REMITTANCES) if any(each.attempt in attempts for each in found.debits)
    ]
    await unit.load(ORDERS, [debit.attempt for remittance in remittances for debit in remittance.debits])
    debits = [debit for remittance in remittances for debit in remittance.debits if debit.attempt in attempts]
    await unit.load(SCHEDULES, sorted({debit.contract for debit in debits}))
    await unit.load(PAYMENTS, sorted(each for each in attempts if each))
    query: Document = {
        "organisation": unit.organisation,
        "contract": {"$in": sorted({debit.contract for debit in debits})},
        "payment": {"$in": sorted(each for each in attempts if each)},
    }
    known = await unit.database[REVERSALS.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    await unit.load(REVERSALS, [each["_id"] for each in known])
    return debits


async def lines_to_apply(
    database: Database, organisation: str, file: str, *, after: str | None, limit: int
) -> Sequence[str]:
    """The ids of the lines of a file that wait to be applied, those after that one, in their order."""
    query: Document = {"organisation": organisation, "file": file, "outcome": "waiting"}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[BANK_LINES.name].find(query, {"_id": 1}).sort("_id", 1).limit(limit).to_list(None)
    return [each["_id"] for each in found]


async def count_to_apply(database: Database, organisation: str, file: str) -> int:
    """How many lines of a file wait to be applied."""
    query: Document = {"organisation": organisation, "file": file, "outcome": "waiting"}
    return await database[BANK_LINES.name].count_documents(query)


async def lines_of(
    database: Database, organisation: str, file: str, *, left: bool | None, after: str | None, limit: int
) -> Sequence[BankLine]:
    """The lines of a file as they are applied, those after that one: all, what is ``left`` to staff, or the rest."""
    query: Document = {"organisation": organisation, "file": file}
    if left is not None:
        query["outcome"] = {"$in" if left else "$nin": list(LEFT)}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[BANK_LINES.name].find(query).sort("_id", 1).hint(IN_ORDER).limit(limit).to_list(None)
    return tuple(BANK_LINES.read(document) for document in found)


async def outcomes_of(database: Database, organisation: str, files: Sequence[str]) -> Mapping[str, dict[str, int]]:
    """How many lines of each file came to what."""
    counted: dict[str, dict[str, int]] = {file: {} for file in files}
    pipeline: list[Document] = [
        {"$match": {"organisation": organisation, "file": {"$in": list(files)}}},
        {"$group": {"_id": {"$concat": ["$file", "/", "$outcome"]}, "lines": {"$sum": 1}}},
    ]
    async for each in database[BANK_LINES.name].aggregate(pipeline):
        file, _, outcome = each["_id"].partition("/")
        counted[file][outcome] = each["lines"]
    return counted
