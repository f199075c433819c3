"""What goes back: refund lines that await correction, settlements, reversals, and the payments they take from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pymongo import IndexModel, UpdateMany

from carnet.dates import write_instant
from carnet.decisions import Context, State
from carnet.events.contracts import Mode
from carnet.journal import slot_of
from carnet.mongo import Collection, Database, Document, Unit
from carnet.refusals import unknown
from carnet.search import placed_after
from payments.accounts.domain import Account
from payments.collection.store.orders import keep_order
from payments.follow_up.domain import FollowUp
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import LOSSES, PAYMENTS
from payments.refunds.domain.losses import Resolved
from payments.refunds.domain.reversing import Reversal, Reversed
from payments.refunds.domain.settling import RefundReturned, Settled, Settlement, refund_orders
from payments.refunds.domain.voiding import SettlementUndone
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import save
from payments.sepa.domain.mandates import SEPA
from payments.sepa.store.mandates import has_bank_account

S = TypeVar("S", bound=State)

SETTLEMENTS = Collection(
    "settlements",
    Settlement,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
    ],
)


def _who_reported_it(document: Document) -> Document:
    """Of an older reversal only the actor shows whether the provider reported it."""
    return {**document, "by_provider": document["recorded_by"].startswith("service:")}


REVERSALS = Collection(
    "reversals",
    Reversal,
    indexes=[IndexModel([("organisation", 1), ("contract", 1), ("recorded_at", 1), ("_id", 1)], name="of_contract")],
    schema=2,
    upcasts={1: _who_reported_it},
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
    """The place of a row among the refund lines."""
    return write_instant(row.refund_noted_at) if row.refund_noted_at else "", row.id


async def refund_lines(
    database: Database, organisation: str, mode: Mode | None, *, after: tuple[str, str] | None, limit: int
) -> list[FollowUp]:
    """A page of the rows with a refund line, the oldest line first."""
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
        keep_order(unit, order)
    return schedule


def keep_returned(unit: Unit, returned: RefundReturned, context: Context) -> Schedule:
    """Save a refund that failed with its schedule, its settlement and its payment."""
    schedule = save(unit, returned.decision, context)
    unit.put(SETTLEMENTS, returned.settlement)
    unit.put(PAYMENTS, returned.payment)
    return schedule


def keep_reversed(unit: Unit, reversed_: Reversed, context: Context) -> Schedule:
    """Save what was reversed with its schedule and its payment; nothing if it had been reported before."""
    if not reversed_.reversals:
        return reversed_.decision.state
    schedule = save(unit, reversed_.decision, context)
    for reversal in reversed_.reversals:
        unit.put(REVERSALS, reversal)
    unit.put(PAYMENTS, reversed_.payment)
    return schedule


def keep_undone(unit: Unit, undone: SettlementUndone, context: Context) -> Schedule:
    """Save a settlement that was voided with its schedule, and the payments whose loss that made good."""
    schedule = save(unit, undone.decision, context)
    unit.put(SETTLEMENTS, undone.settlement)
    for payment in undone.payments:
        unit.put(PAYMENTS, payment)
    return schedule


def keep_resolved(unit: Unit, resolved: Resolved, context: Context) -> Schedule:
    """Save a loss that was dealt with."""
    unit.put(PAYMENTS, resolved.payment)
    return save(unit, resolved.decision, context)


async def collected_payments(unit: Unit, contract: str) -> Sequence[Payment]:
    """The payments of a contract that can be given back where they came from, loaded to be changed.

    Those that a provider collected; of direct debits those whose bank account is still known (PAY-18).
    """
    found = await _all(unit, PAYMENTS, {"contract": contract, "provider": {"$ne": None}})
    return [each for each in found if each.provider != SEPA or await has_bank_account(unit, each.payment_method)]


async def overtaken_payments(unit: Unit, contract: str) -> Sequence[Payment]:
    """The payments of a contract of which the bank took something that it no longer had, loaded to be changed."""
    return await _all(unit, PAYMENTS, {"contract": contract, "beyond": {"$gt": 0}})


async def reversals_of_payment(unit: Unit, payment: Payment) -> Sequence[Reversal]:
    """The reversals of a payment, loaded to be changed."""
    return await _all(unit, REVERSALS, {"contract": payment.contract, "payment": payment.id})


async def _all(unit: Unit, collection: Collection[S], query: Document) -> Sequence[S]:
    """The states of the unit's organisation that a query finds, loaded to be changed."""
    query = {"organisation": unit.organisation, **query}
    found = await unit.database[collection.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    ids = [document["_id"] for document in found]
    await unit.load(collection, ids)
    loaded = (unit.get(collection, id_) for id_ in ids)
    return [state for state in loaded if state is not None]


async def settlement_to_change(unit: Unit, contract: str, settlement: str) -> Settlement:
    """A settlement of that contract; raises ``unknown-settlement``."""
    found = await unit.one(SETTLEMENTS, settlement, what="settlement")
    if found.contract != contract:
        raise unknown("settlement", settlement)
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
    """The reversals of a contract, oldest first, those after this instant and id."""
    query: Document = {"organisation": organisation, "contract": contract}
    if after is not None:
        query = {"$and": [query, placed_after("recorded_at", after)]}
    found = await database[REVERSALS.name].find(query).sort(REVERSAL_ORDER).limit(limit).to_list(None)
    return [REVERSALS.read(document) for document in found]


@dataclass(frozen=True, slots=True)
class Losses:
    """Which payments of which something is lost that nobody has dealt with: of one account, or of all."""

    organisation: str
    account: str | None = None

    def query(self) -> Document:
        """The filter of the payments; one that was kept before losses were dealt with has no ``lost``."""
        whose = {} if self.account is None else {"account": self.account}
        return {"organisation": self.organisation, **whose, "beyond": {"$gt": 0}, "lost": {"$ne": 0}}


async def losses(database: Database, wanted: Losses, *, after: str | None, limit: int) -> list[Payment]:
    """A page of the payments of which something is lost, in the order of their recording: those after that id."""
    query = wanted.query() | ({} if after is None else {"_id": {"$gt": after}})
    found = await database[PAYMENTS.name].find(query).sort("_id", 1).hint(LOSSES).limit(limit).to_list(None)
    return [PAYMENTS.read(document) for document in found]


async def lost_of(database: Database, wanted: Losses) -> tuple[int, int]:
    """What is lost by all these payments, in minor units, and how many they are."""
    amount = payments = 0
    async for document in database[PAYMENTS.name].find(wanted.query()).hint(LOSSES):
        amount += PAYMENTS.read(document).lost
        payments += 1
    return amount, payments


async def rows_of(database: Database, organisation: str, contracts: Sequence[str]) -> dict[str, FollowUp]:
    """The rows of the follow-up of these contracts, by contract."""
    query: Document = {"_id": {"$in": list(contracts)}, "organisation": organisation}
    found = await database[FOLLOW_UPS.name].find(query).to_list(None)
    return {document["_id"]: FOLLOW_UPS.read(document) for document in found}


def forget_reasons(unit: Unit, account: Account) -> None:
    """Remove what staff wrote about settlements, voided entries and losses of an account (ORG-4)."""
    of_account: Document = {"organisation": account.organisation, "account": account.id}
    unit.write(SETTLEMENTS.name, UpdateMany(of_account, {"$set": {"reason": None}}))
    for collection in (SETTLEMENTS, PAYMENTS):
        voided = {**of_account, "voided": {"$type": "object"}}
        unit.write(collection.name, UpdateMany(voided, {"$set": {"voided.reason": None}}))
    resolved = {**of_account, "resolutions.0": {"$exists": True}}
    unit.write(PAYMENTS.name, UpdateMany(resolved, {"$set": {"resolutions.$[].reason": None}}))
