"""The job that applies the lines of a bank's file to debits, each once (PAY-18)."""

from collections.abc import Sequence

from carnet.decisions import Context
from carnet.jobs import Job, JobKind
from carnet.mongo import Database, Unit
from payments.collection.domain.orders import Failed, Order
from payments.collection.store.orders import ORDERS
from payments.receipts.store import PAYMENTS
from payments.sepa.debits import load_refused, open_orders, pay, refuse, take_back
from payments.sepa.domain.bank_files import noted, verdict
from payments.sepa.domain.bank_outcomes import BankLine, Outcome
from payments.sepa.domain.bank_refunds import refund_noted, refund_verdict
from payments.sepa.domain.refund_files import finish_refund_file
from payments.sepa.domain.remittances import Debit, settled
from payments.sepa.domain.return_codes import meaning
from payments.sepa.store.bank_files import BANK_LINES, count_to_apply, lines_to_apply, load_lines, load_refund_lines
from payments.sepa.store.refund_files import REFUND_FILES
from payments.sepa.store.remittances import REMITTANCES
from payments.sepa.transfers import load_failing, made, not_gone_through, open_refunds


async def _items(database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
    return await lines_to_apply(database, job.organisation, _file(job), after=after, limit=limit)


async def _count(database: Database, job: Job) -> int:
    return await count_to_apply(database, job.organisation, _file(job))


async def _load(unit: Unit, _: Job, lines: Sequence[str]) -> None:
    await load_refused(unit, await load_lines(unit, lines))
    await load_failing(unit, await load_refund_lines(unit, lines))


def _do(unit: Unit, _: Job, line_id: str, context: Context) -> None:
    """Apply one line; where the states that it is about are gone, it fails, and the report names it."""
    line = unit.get(BANK_LINES, line_id)
    if line is None or line.outcome != "waiting" or line.attempt is None:
        return
    if line.refund_file is not None:
        _do_refund(unit, line, line.attempt, line.refund_file, context)
        return
    if line.remittance is None:
        return
    order, remittance = _order_of(unit, line.attempt), unit.get(REMITTANCES, line.remittance)
    if remittance is None:
        raise LookupError(f"line {line_id} names a remittance that is not there")
    outcome = verdict(line, order, remittance)
    outcome = _apply(unit, line, remittance.debit(order.id), outcome, context)
    unit.put(BANK_LINES, line.model_copy(update={"outcome": outcome}))
    after = _order_of(unit, order.id)
    if (marked := noted(line, after, outcome)) != after:
        unit.put(ORDERS, marked)
    if remittance.status == "sent" and after.over and not open_orders(unit, remittance):
        unit.decide(REMITTANCES, settled(remittance, context), context)


def _do_refund(unit: Unit, line: BankLine, attempt: str, file_id: str, context: Context) -> None:
    order, file = _order_of(unit, attempt), unit.get(REFUND_FILES, file_id)
    if file is None:
        raise LookupError(f"line {line.id} names a file of refunds that is not there")
    outcome = refund_verdict(line, order, file)
    if outcome == "refund_made":
        made(unit, order, context)
    elif outcome == "refund_failed":
        reason = meaning(line.code)
        not_gone_through(unit, order, Failed(reason, line.code or reason), context)
    unit.put(BANK_LINES, line.model_copy(update={"outcome": outcome}))
    after = _order_of(unit, order.id)
    if (marked := refund_noted(line, after, outcome)) != after:
        unit.put(ORDERS, marked)
    if file.status == "sent" and after.over and not open_refunds(unit, file):
        unit.decide(REFUND_FILES, finish_refund_file(file, context), context)


def _apply(unit: Unit, line: BankLine, debit: Debit, outcome: Outcome, context: Context) -> Outcome:
    order, reason = _order_of(unit, debit.attempt), meaning(line.code)
    match outcome:
        case "paid":
            pay(unit, order, context)
        case "refused":
            refuse(unit, debit, order, Failed(reason, line.code or reason), context)
        case "reversed":
            payment = unit.get(PAYMENTS, order.id)
            if payment is None:
                raise LookupError(f"debit {order.id} is paid and has no payment")
            return "reversed" if take_back(unit, debit, payment, reason, context) else "known"
        case _:
            pass
    return outcome


def _order_of(unit: Unit, attempt: str) -> Order:
    order = unit.get(ORDERS, attempt)
    if order is None:
        raise LookupError(f"debit {attempt} is not there")
    return order


def _file(job: Job) -> str:
    return str(job.parameters["file"])


APPLYING = JobKind("apply-bank-file", items=_items, count=_count, load=_load, do=_do)
"""Applies the lines of a bank's file."""
