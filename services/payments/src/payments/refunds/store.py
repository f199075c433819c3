"""What goes back: refund lines that await correction, settlements, reversals, and the payments they take from."""

from collections.abc import Sequence

from pymongo import IndexModel, UpdateMany

from carnet.dates import write_instant
from carnet.decisions import Context
from carnet.events.contracts import Mode
from carnet.journal import slot_of
from carnet.mongo import Collection, Database, Document, Unit
from carnet.refusals import unknown
from carnet.search import beyond
from payments.collection.store.orders import ORDERS
from payments.follow_up.domain import Account, FollowUp
from payments.follow_up.store import FOLLOW_UPS
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.reversing import Reversal, Reversed
from payments.refunds.domain.settling import RefundReturned, Settled, Settlement, refund_orders
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import save

SETTLEMENTS = Collection(
    "settlements",
    Settlement,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
    ],
)
REVERSALS = Collection(
    "reversals",
    Reversal,
    indexes=[IndexModel([("organisation", 1), ("contract", 1), ("recorded_at", 1), ("_id", 1)], name="of_contract")],
)

REFUND_LINE_ORDER = [("refund_noted_at", 1), ("_id", 1)]
REVERSAL_ORDER = [("recorded_at", 1), ("_id", 1)]


def refund_line_query(organisation: str, mode: Mode | None, after: tuple[str, str] | None) -> Document:
    """The filter of the refund lines, those after the place ``after``."""
    query: Document = {"organisation": organisation, "refund_due": {"$gt": 0}}
    if mode is not None:
        query["mode"] = mode
    if after is not None:
        noted_at, contract = after
        # A row that was written before its line was noted has no instant, and sorts before all that have one.
        query["$or"] = [
            {"refund_noted_at": {"$gt": noted_at}},
            {"refund_noted_at": noted_at or None, "_id": {"$gt": contract}},
        ]
    return query


def place_of(row: FollowUp) -> tuple[str, str]:
    """Where a row stands among the refund lines."""
    return write_instant(row.refund_noted_at) if row.refund_noted_at else "", row.id


async def refund_lines(
    database: Database, organisation: str, mode: Mode | None, *, after: tuple[str, str] | None, limit: int
) -> list[FollowUp]:
    """A page of the rows in which a refund line stands, the oldest line first."""
    query = refund_line_query(organisation, mode, after)
    found = await database[FOLLOW_UPS.name].find(query).sort(REFUND_LINE_ORDER).limit(limit).to_list(None)
    return [FOLLOW_UPS.read(document) for document in found]


def keep_settled(unit: Unit, settled: Settled, context: Context) -> Schedule:
    """Save a settlement with its schedule, the payments that it refunds and the orders to their provider."""
    schedule = save(unit, settled.decision, context)
    unit.put(SETTLEMENTS, settled.settlement)
    for payment in settled.payments:
        unit.put(PAYMENTS, payment)
    for order in refund_orders(settled, slot_of(schedule.id), context):
        unit.put(ORDERS, order)
    return schedule


def keep_returned(unit: Unit, returned: RefundReturned, context: Context) -> Schedule:
    """Save a refund that failed with its schedule, its settlement and its payment."""
    schedule = save(unit, returned.decision, context)
    unit.put(SETTLEMENTS, returned.settlement)
    unit.put(PAYMENTS, returned.payment)
    return schedule


def keep_reversed(unit: Unit, reversed_: Reversed, context: Context) -> Schedule:
    """Save a reversal with its schedule and its payment."""
    schedule = save(unit, reversed_.decision, context)
    unit.put(REVERSALS, reversed_.reversal)
    unit.put(PAYMENTS, reversed_.payment)
    return schedule


async def collected_payments(unit: Unit, contract: str) -> Sequence[Payment]:
    """The payments of a contract that a provider collected, loaded to be changed."""
    query: Document = {"organisation": unit.organisation, "contract": contract, "provider": {"$ne": None}}
    found = await unit.database[PAYMENTS.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    ids = [document["_id"] for document in found]
    await unit.load(PAYMENTS, ids)
    loaded = (unit.get(PAYMENTS, id_) for id_ in ids)
    return [payment for payment in loaded if payment is not None]


async def payment_to_change(unit: Unit, contract: str, payment: str) -> Payment:
    """A payment of that contract; raises ``unknown-payment``."""
    found = await unit.one(PAYMENTS, payment, what="payment")
    if found.contract != contract:
        raise unknown("payment", payment)
    return found


async def settlements_of(
    database: Database, organisation: str, contract: str, *, after: str | None, limit: int
) -> list[Settlement]:
    """The settlements of a contract in the order of their making, those after the id ``after``."""
    query: Document = {"organisation": organisation, "contract": contract}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[SETTLEMENTS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [SETTLEMENTS.read(document) for document in found]


async def reversals_of(
    database: Database, organisation: str, contract: str, *, after: tuple[str, str] | None, limit: int
) -> list[Reversal]:
    """The reversals of a contract, the first recorded first, those after this instant and id."""
    query: Document = {"organisation": organisation, "contract": contract}
    if after is not None:
        query = {"$and": [query, beyond("recorded_at", after)]}
    found = await database[REVERSALS.name].find(query).sort(REVERSAL_ORDER).limit(limit).to_list(None)
    return [REVERSALS.read(document) for document in found]


def forget_reasons(unit: Unit, account: Account) -> None:
    """Remove what staff wrote about the settlements of an account (ORG-4)."""
    of_account: Document = {"organisation": account.organisation, "account": account.id}
    unit.write(SETTLEMENTS.name, UpdateMany(of_account, {"$set": {"reason": None}}))
