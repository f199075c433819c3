"""What becomes of the debits of a remittance, in the same transaction: paid, refused, withdrawn, taken back."""

from collections.abc import Sequence
from dataclasses import replace

from carnet.decisions import Context, Decision
from carnet.events.payments import FailureReason
from carnet.mongo import Unit
from payments.collection.domain.orders import Failed, Order, Succeeded, end_to_end, ended, in_file, withdraw
from payments.collection.domain.results import collected, not_collected, payment_of
from payments.collection.store.calendars import CALENDARS, calendar_in
from payments.collection.store.orders import ORDERS, schedule_of_order
from payments.payment_methods.domain import remove_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.reversing import TakenBack, reversal_id, reverse_by_provider
from payments.refunds.store import REVERSALS, keep_reversed
from payments.schedules.store import SCHEDULES, save
from payments.sepa.domain.announcing import call_off
from payments.sepa.domain.mandates import SEPA
from payments.sepa.domain.remittances import Debit, Remittance, withdrawn
from payments.sepa.domain.return_codes import NEVER_AGAIN
from payments.sepa.store.mandates import MANDATES, end, keep_announced, use_mandates


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
    """Their amounts are where they were, and the families are informed unless another remittance has them soon."""
    for order in open_orders(unit, remittance):
        save(unit, withdrawn(schedule_of_order(unit, order), order, context), context)
        unit.put(ORDERS, withdraw(order, context.now))
    for id_ in {debit.mandate for debit in remittance.debits}:
        if (mandate := unit.get(MANDATES, id_)) is not None:
            keep_announced(unit, Decision(call_off(mandate, remittance, context)), context)


def pay_all(unit: Unit, remittance: Remittance, context: Context) -> None:
    """What the bank did not refuse is paid."""
    for order in open_orders(unit, remittance):
        pay(unit, order, context)


async def load_refused(unit: Unit, debits: Sequence[Debit]) -> None:
    """Load what ``refuse`` and ``take_back`` need of debits beside their orders and schedules."""
    await unit.load(CALENDARS, [unit.organisation])
    await unit.load(PAYMENT_METHODS, [debit.account for debit in debits])
    await unit.load(MANDATES, [debit.mandate for debit in debits])


def refuse(unit: Unit, debit: Debit, order: Order, outcome: Failed, context: Context) -> None:
    """The bank refused a debit, loaded before: its instalment is tried again by the calendar (PAY-6).

    Where the bank will refuse the mandate always, that ends and is no payment method any more.
    """
    schedule = schedule_of_order(unit, order)
    calendar = calendar_in(unit, order.organisation)
    save(unit, not_collected(schedule, order, outcome.reason, calendar, context), context)
    unit.put(ORDERS, ended(order, outcome, context.now))
    _end_if_useless(unit, debit, outcome.reason, context)


def pay(unit: Unit, order: Order, context: Context) -> None:
    """The bank has credited a debit, loaded before: its instalment is paid (PAY-6)."""
    done = Succeeded(order.reference or end_to_end(order.id))
    save(unit, collected(schedule_of_order(unit, order), order, context), context)
    unit.put(PAYMENTS, payment_of(order, done.reference, context))
    unit.put(ORDERS, ended(order, done, context.now))


def take_back(unit: Unit, debit: Debit, payment: Payment, reason: FailureReason, context: Context) -> bool:
    """The bank took back a debit that was paid, loaded before (PAY-13); true if staff had not recorded that."""
    schedule = unit.get(SCHEDULES, payment.contract)
    if schedule is None:
        raise LookupError(f"payment {payment.id} has no schedule")
    taken = TakenBack(reversal_id(SEPA, payment.id), payment.amount, "returned_debit")
    known = [each for each in unit.loaded(REVERSALS) if each.payment == payment.id]
    reversed_ = reverse_by_provider(schedule, payment, known, taken, replace(context, change=taken.id))
    keep_reversed(unit, reversed_, context)
    _end_if_useless(unit, debit, reason, context)
    return any(not each.confirmed for each in reversed_.reversals)


def _end_if_useless(unit: Unit, debit: Debit, reason: FailureReason, context: Context) -> None:
    methods = unit.get(PAYMENT_METHODS, debit.account)
    method = next((each for each in methods.methods if each.id == debit.mandate), None) if methods else None
    if methods is not None and method is not None and reason in NEVER_AGAIN:
        end(unit, method, context, refused=True)
        unit.decide(PAYMENT_METHODS, remove_method(methods, method.id), context)
