"""What becomes of the refunds of a file of transfers, in the same transaction: made, not gone through, put back."""

from collections.abc import Sequence

from carnet.decisions import Context
from carnet.mongo import Unit
from payments.collection.domain.orders import Failed, Order, Succeeded, end_to_end, ended, in_file, out_of_refund_file
from payments.collection.store.orders import ORDERS
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.settling import HandedOver, refund_failed
from payments.refunds.store import SETTLEMENTS, keep_returned
from payments.schedules.store import SCHEDULES
from payments.sepa.domain.refund_files import RefundFile


def refunds_in(unit: Unit, file: RefundFile) -> list[Order]:
    """The orders of a file's refunds, loaded before, that are in it."""
    orders = (unit.get(ORDERS, refund.order) for refund in file.refunds)
    return [order for order in orders if order is not None and order.refund_file == file.id]


def open_refunds(unit: Unit, file: RefundFile) -> list[Order]:
    """Those whose outcome is not known."""
    return [order for order in refunds_in(unit, file) if not order.over]


def send_refunds(unit: Unit, file: RefundFile, _: Context) -> None:
    """The bank has them now."""
    for order in open_refunds(unit, file):
        unit.put(ORDERS, in_file(order))


def put_back(unit: Unit, file: RefundFile, _: Context) -> None:
    """They wait for the next file."""
    for order in open_refunds(unit, file):
        unit.put(ORDERS, out_of_refund_file(order))


def make_all(unit: Unit, file: RefundFile, context: Context) -> None:
    """What the bank did not refuse is made."""
    for order in open_refunds(unit, file):
        made(unit, order, context)


def made(unit: Unit, order: Order, context: Context) -> None:
    """The bank has carried out a refund: it has counted as made since it was settled (PAY-4)."""
    unit.put(ORDERS, ended(order, Succeeded(order.reference or end_to_end(order.id)), context.now))


async def load_failing(unit: Unit, orders: Sequence[Order]) -> None:
    """Load what ``not_gone_through`` needs of refunds beside their orders."""
    await unit.load(SCHEDULES, sorted({order.contract for order in orders}))
    await unit.load(SETTLEMENTS, sorted({order.settlement for order in orders if order.settlement}))
    await unit.load(PAYMENTS, sorted({order.payment for order in orders if order.payment}))


def not_gone_through(unit: Unit, order: Order, outcome: Failed, context: Context) -> None:
    """A refund, loaded before, did not go through, at once or after all: its amount is paid again (PAY-4)."""
    schedule = unit.get(SCHEDULES, order.contract)
    settlement = unit.get(SETTLEMENTS, order.settlement) if order.settlement else None
    payment = unit.get(PAYMENTS, order.payment) if order.payment else None
    if schedule is None or settlement is None or payment is None:
        raise LookupError(f"order {order.id} has no schedule, no settlement or no payment")
    keep_returned(unit, refund_failed(schedule, HandedOver(settlement, payment, order.id), outcome.reason, context),
                  context)  # fmt: skip
    unit.put(ORDERS, ended(order, outcome, context.now).model_copy(update={"to_transfer": False}))
