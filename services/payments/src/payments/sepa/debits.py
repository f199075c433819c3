"""What becomes of the debits of a remittance, in the same transaction as the remittance: paid, refused, withdrawn."""

from carnet.decisions import Context
from carnet.events.payments import FailureReason
from carnet.mongo import Unit
from payments.collection.domain.collecting import collected, not_collected, payment_of
from payments.collection.domain.orders import Failed, Order, Succeeded, end_to_end, ended, in_file, withdraw
from payments.collection.store.collecting import CALENDARS, calendar_in
from payments.collection.store.orders import ORDERS
from payments.payment_methods.domain import remove_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, save
from payments.sepa.domain.remittances import Debit, Remittance, withdrawn
from payments.sepa.store.mandates import MANDATES, end, use_mandates

NEVER_AGAIN: frozenset[FailureReason] = frozenset({"account_closed", "mandate_revoked"})
"""Why the bank refuses every later debit of the mandate too."""


def open_orders(unit: Unit, remittance: Remittance) -> list[Order]:
    """The orders of a remittance, loaded before, whose outcome is not known."""
    orders = (unit.get(ORDERS, debit.attempt) for debit in remittance.debits)
    return [order for order in orders if order is not None and not order.over]


def send(unit: Unit, remittance: Remittance, _: Context) -> None:
    """The bank has them now; their mandates are used."""
    for order in open_orders(unit, remittance):
        unit.put(ORDERS, in_file(order))
    mandates = [debit.mandate for debit in remittance.debits]
    use_mandates(unit, remittance.organisation, mandates, remittance.collect_on)


def withdraw_all(unit: Unit, remittance: Remittance, context: Context) -> None:
    """Their amounts are where they were."""
    for order in open_orders(unit, remittance):
        save(unit, withdrawn(_schedule(unit, order), order, context), context)
        unit.put(ORDERS, withdraw(order, context.now))


def pay_all(unit: Unit, remittance: Remittance, context: Context) -> None:
    """What the bank did not refuse is paid."""
    for order in open_orders(unit, remittance):
        done = Succeeded(order.reference or end_to_end(order.id))
        save(unit, collected(_schedule(unit, order), order, context), context)
        unit.put(PAYMENTS, payment_of(order, done.reference, context))
        unit.put(ORDERS, ended(order, done, context.now))


async def refuse(unit: Unit, debit: Debit, order: Order, reason: FailureReason, context: Context) -> None:
    """The bank refused a debit: its instalment is tried again by the calendar (PAY-6).

    Where the bank will refuse the mandate always, that ends and is no payment method any more.
    """
    await unit.load_all([(CALENDARS, order.organisation), (PAYMENT_METHODS, order.account), (MANDATES, debit.mandate)])
    schedule = _schedule(unit, order)
    calendar = calendar_in(unit, order.organisation)
    save(unit, not_collected(schedule, order, reason, calendar, context), context)
    unit.put(ORDERS, ended(order, Failed(reason, reason), context.now))
    methods = unit.get(PAYMENT_METHODS, order.account)
    method = next((each for each in methods.methods if each.id == debit.mandate), None) if methods else None
    if methods is not None and method is not None and reason in NEVER_AGAIN:
        end(unit, method, context, refused=True)
        unit.decide(PAYMENT_METHODS, remove_method(methods, method.id), context)


def _schedule(unit: Unit, order: Order) -> Schedule:
    schedule = unit.get(SCHEDULES, order.contract)
    if schedule is None:
        raise LookupError(f"order {order.id} has no schedule")
    return schedule
