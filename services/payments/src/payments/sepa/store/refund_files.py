"""Files of refunds: their documents, and the refunds that wait for one (PAY-18)."""

from collections.abc import Sequence

from pymongo import IndexModel

from carnet.decisions import Context
from carnet.mongo import Collection, Document, Unit
from payments.collection.domain.orders import Order
from payments.collection.store.orders import ORDERS, TO_TRANSFER
from payments.schedules.store import SCHEDULES
from payments.sepa.domain.refund_files import MOST_REFUNDS, BuiltRefunds, RefundFile
from payments.sepa.store.mandates import MANDATES

REFUND_FILES = Collection(
    "sepa_refund_files",
    RefundFile,
    indexes=[IndexModel([("organisation", 1), ("_id", -1)], name="newest")],
)


async def waiting_refunds(unit: Unit, organisation: str) -> Sequence[Order]:
    """The refunds that wait for a file, loaded with their schedules and mandates: one more than it has room for."""
    query: Document = {"organisation": organisation, "to_transfer": True}
    found = unit.database[ORDERS.name].find(query, {"_id": 1}, session=unit.session, hint=TO_TRANSFER).sort("_id", 1)
    ids = [each["_id"] for each in await found.limit(MOST_REFUNDS + 1).to_list(None)]
    await unit.load(ORDERS, ids)
    orders = [order for id_ in ids if (order := unit.get(ORDERS, id_)) is not None and order.to_transfer]
    await unit.load(SCHEDULES, sorted({order.contract for order in orders}))
    await unit.load(MANDATES, sorted({order.method for order in orders}))
    return orders


def has_account(unit: Unit, order: Order) -> bool:
    """Whether the account that a refund goes to, loaded before, is still known: a person may have been erased."""
    mandate = unit.get(MANDATES, order.method)
    return mandate is not None and mandate.sealed_iban is not None and mandate.holder is not None


def save_refund_file(unit: Unit, built: BuiltRefunds, context: Context) -> RefundFile:
    """Save a file with the orders of its refunds, all in one transaction."""
    for order in built.orders:
        unit.put(ORDERS, order)
    return unit.decide(REFUND_FILES, built.decision, context)


async def refund_file_to_change(unit: Unit, file: str) -> RefundFile:
    """A file with the orders of its refunds, loaded; raises ``unknown-refund-file``."""
    found = await unit.one(REFUND_FILES, file, what="refund file")
    await unit.load(ORDERS, [refund.order for refund in found.refunds])
    return found
