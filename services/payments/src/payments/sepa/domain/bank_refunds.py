"""PAY-18, PAY-4: what the lines of a bank's file are about, and come to, for refunds by transfer.

A refund is made at most once and fails at most once, however many files report it: what was applied is kept on its
order. What comes back after it was made has failed after all (PAY-4).
"""

from collections.abc import Mapping

from payments.collection.domain.orders import Order
from payments.sepa.domain.bank_lines import Line
from payments.sepa.domain.bank_outcomes import BankLine, Outcome
from payments.sepa.domain.refund_files import RefundFile, Transfer


def about_refunds(
    row: BankLine, line: Line, order: Order | None, file: RefundFile | None, orders: Mapping[str, Order]
) -> list[BankLine]:
    """What a line is about: one refund, or all refunds of a file of transfers."""
    if file is None:
        return [row.model_copy(update={"attempt": order.id if order else None, "outcome": "taken_back"})]
    row = row.model_copy(update={"refund_file": file.id, "outcome": _at_once(line, file)})
    if row.outcome in ("other_account", "not_booked"):
        return [row]
    if order is not None:
        return [_of(row, file.refund(order.id))]
    return [row] if row.outcome == "accepted" else _of_all(row, file, orders)


def refund_verdict(line: BankLine, order: Order, file: RefundFile) -> Outcome:
    """What a line comes to for a refund, as that now is: money that left is a refund made, money that came is one back.

    A bank that takes its charges out of what comes back is left to staff.
    """
    if file.status == "built":
        return "not_sent"
    if order.refund_file != file.id:
        return "taken_back"
    if line.part in ("accepted", "pending"):
        return line.outcome
    if line.part != "rejected" and line.amount != order.amount:
        return "amount_differs"
    return _made(order) if line.part == "debit" else _came_back(order)


def refund_noted(line: BankLine, order: Order, outcome: Outcome) -> Order:
    """The order once a line was applied to it: the same from another file changes nothing."""
    if outcome not in ("refund_made", "refund_failed", "known", "made_after_failure"):
        return order
    if line.part == "debit":
        return order if order.credited_by else order.model_copy(update={"credited_by": line.id})
    code = {} if line.code is None or order.code not in (None, order.reason) else {"code": line.code}
    return order.model_copy(update={**code, "returned_by": order.returned_by or line.id})


def _made(order: Order) -> Outcome:
    if order.credited_by or order.returned_by or order.status == "succeeded":
        return "known"
    return "made_after_failure" if order.status == "failed" else "refund_made"


def _came_back(order: Order) -> Outcome:
    return "known" if order.returned_by or order.status == "failed" else "refund_failed"


def _at_once(line: Line, file: RefundFile) -> Outcome:
    """What a line comes to whatever became of the refund; ``waiting`` where that decides."""
    if line.account is not None and line.account[-4:] != file.creditor.iban_ending:
        return "other_account"
    if line.part in ("pending", "accepted"):
        return "not_booked" if line.part == "pending" else "accepted"
    return "waiting"


def _of(row: BankLine, refund: Transfer) -> BankLine:
    about = {"attempt": refund.order, "contract": refund.contract, "account": refund.account}
    return row.model_copy(update=about)


def _of_all(row: BankLine, file: RefundFile, orders: Mapping[str, Order]) -> list[BankLine]:
    """A line on a whole file: on each refund of it, where the amount says which those are."""
    refunds = file.refunds
    if row.part == "credit":
        return [row.model_copy(update={"outcome": "unclear"})]
    if row.part == "debit" and row.amount != file.amount:
        failed = {each.id for each in orders.values() if each.status == "failed"}
        refunds = tuple(refund for refund in refunds if refund.order not in failed)
        if row.amount != sum(refund.amount for refund in refunds):
            return [row.model_copy(update={"outcome": "amount_differs"})]
    return [_of(row, refund).model_copy(update={"amount": refund.amount, "currency": "EUR"}) for refund in refunds]
