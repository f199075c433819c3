"""The orders to providers agree with the schedules.

PAY-6: each attempt of a schedule has one order, with its amount and the outcome that the schedule published, and one
payment if the charge succeeded. PAY-4: each refunded part has one order. PAY-11: an order without an outcome is looked
at again, so none is forgotten. Orders and payments are compared with the ledger that the journal adds up to.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.money.refund_files import check_waiting_refund
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import Ledger, ReplayedAttempt

_STATUS = {"PaymentCollected": "succeeded", "PaymentFailed": "failed", "CollectionWithdrawn": "withdrawn",
           None: "asked or pending"}  # fmt: skip
"""The status of a charge's order, by the event that ended its attempt."""


def check_orders(
    ledger: Ledger,
    orders: Sequence[Document],
    payments: Sequence[Document],
    settlements: Sequence[Document],
    report: Report,
) -> None:
    """Every attempt of a schedule and every refund has its order, and there is no other (PAY-4, PAY-6)."""
    report.count("orders to providers", len(orders))
    by_kind: dict[str, dict[str, Document]] = {"charge": {}, "refund": {}}
    for order in orders:
        by_kind[order["kind"]][order["_id"]] = order
        _check_looked_at(order, report)
        check_waiting_refund(order, report)
    _check_charges(ledger, by_kind["charge"], {each["_id"]: each for each in payments}, report)
    _check_refunds(by_kind["refund"], settlements, report)


def _check_charges(
    ledger: Ledger, charges: Mapping[str, Document], payments: Mapping[str, Document], report: Report
) -> None:
    attempts = {id_: attempt for id_, attempt in ledger.attempts.items() if attempt.instalment is not None}
    for id_ in sorted(charges.keys() | attempts.keys()):
        where, order, attempt = f"payments.orders {id_}", charges.get(id_), attempts.get(id_)
        if order is None or attempt is None:
            expected, found = ("an order", None) if order is None else (None, f"an order, {order['status']}")
            report.find("PAY-6", where, "the order of an attempt that was started", expected=expected, found=found)
            continue
        _check_charge(order, attempt, where, report)
        _check_brought(order, payments.get(id_), where, report)


def _check_charge(order: Document, attempt: ReplayedAttempt, where: str, report: Report) -> None:
    started = (attempt.instalment, attempt.due, attempt.number, attempt.amount)
    found = tuple(order[name] for name in ("instalment", "due", "number", "amount"))
    report.same("PAY-6", where, "instalment, date, number and amount", expected=started, found=found)
    report.same("PAY-6", where, "the status, as the schedule published it", expected=_STATUS[attempt.ended],
                found=_shown(order))  # fmt: skip


def _check_brought(order: Document, payment: Document | None, where: str, report: Report) -> None:
    """One payment for each charge that succeeded, none for another (PAY-6)."""
    expected, found = None, None
    if order["status"] == "succeeded":
        expected = tuple(order[name] for name in ("amount", "currency", "provider", "reference"))
    if payment is not None:
        found = tuple(payment[name] for name in ("amount", "currency", "provider", "reference"))
    report.same("PAY-6", where, "its payment: amount, currency, provider and reference", expected=expected, found=found)


def _check_refunds(refunds: Mapping[str, Document], settlements: Sequence[Document], report: Report) -> None:
    parts = {part["order"]: (settlement, part) for settlement in settlements for part in settlement["parts"]}
    for id_ in sorted(refunds.keys() | parts.keys()):
        where, order = f"payments.orders {id_}", refunds.get(id_)
        expected, found = None, None
        if id_ in parts:
            settlement, part = parts[id_]
            expected = (settlement["_id"], part["payment"], part["amount"], bool(part["failed"]))
        if order is not None:
            found = (order["settlement"], order["payment"], order["amount"], order["status"] == "failed")
        report.same("PAY-4", where, "settlement, payment, amount, and whether it failed",
                    expected=expected, found=found)  # fmt: skip


def _check_looked_at(order: Document, report: Report) -> None:
    """An order without a known outcome is looked at again (PAY-11), unless it goes to the bank by file (PAY-18)."""
    where, open_ = f"payments.orders {order['_id']}", _shown(order) == _STATUS[None] and order.get("provider") != "sepa"
    report.same("PAY-11", where, "whether it is looked at again", expected=open_, found=order["check_at"] is not None)


def _shown(order: Document) -> Any:
    return _STATUS[None] if order["status"] in ("asked", "pending") else order["status"]
