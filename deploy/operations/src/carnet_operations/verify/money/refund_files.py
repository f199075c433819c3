"""Files of refunds by transfer agree with their orders and their journal (PAY-18, PAY-4).

Each refund of a file is one order, and each order in a file is one refund of it, so that no refund is in two files. A
refund waits for a file, or is in one, or has ended: none is forgotten.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_STATUS: Mapping[str, str] = {
    "RefundFileBuilt": "built",
    "RefundFileSent": "sent",
    "RefundFileTakenBack": "taken_back",
    "RefundFileDone": "done",
}

_ORDERS: Mapping[str, frozenset[str]] = {
    "built": frozenset({"asked"}),
    "sent": frozenset({"pending", "succeeded", "failed"}),
    "taken_back": frozenset(),
    "done": frozenset({"succeeded", "failed"}),
}
"""The status that the orders in a file can have, by its own."""


def check_refund_file(
    file: Document | None, orders: Sequence[Document], rows: Sequence[Document], report: Report
) -> None:
    """A file has the refunds and the amount that it published, each with its order, and no other order."""
    if file is None:
        for order in orders:
            where = f"payments.orders {order['_id']}"
            report.find("PAY-18", where, "its file of refunds", expected="one", found=order["refund_file"])
        return
    report.count("files of refunds")
    where = f"payments.sepa_refund_files {file['_id']}"
    refunds = {each["order"]: (each["contract"], each["amount"]) for each in file["refunds"]}
    report.same("PAY-18", where, "its refunds, each once", expected=len(file["refunds"]), found=len(refunds))
    status = file["status"]
    expected = {} if status == "taken_back" else refunds
    found = {order["_id"]: (order["contract"], order["amount"]) for order in orders}
    report.same("PAY-18", where, "the orders in it", expected=expected, found=found)
    others = sorted({order["status"] for order in orders} - _ORDERS.get(status, frozenset()))
    report.same("PAY-18", where, f"orders that can't be in one that is {status}", expected=[], found=others)
    published = [name_of(row) for row in rows if name_of(row) in _STATUS]
    report.same("PAY-18", where, "its status", expected=_STATUS.get(published[-1]) if published else None, found=status)
    for row in rows:
        if name_of(row) == "RefundFileBuilt":
            data: Mapping[str, Any] = row["data"]
            built = (len(refunds), sum(amount for _, amount in refunds.values()))
            report.same("PAY-18", where, "how many refunds, and their sum", expected=(data["refunds"], data["amount"]),
                        found=built)  # fmt: skip


def check_waiting_refund(order: Document, report: Report) -> None:
    """A refund of a direct debit waits for a file, is in one, or has ended (PAY-18)."""
    if order["kind"] != "refund" or order["provider"] != "sepa":
        return
    where = f"payments.orders {order['_id']}"
    open_ = order["status"] in ("asked", "pending")
    somewhere = bool(order.get("to_transfer")) != bool(order.get("refund_file"))
    report.same("PAY-18", where, "whether it waits for a file or is in one", expected=True,
                found=somewhere or (not open_ and not order.get("to_transfer")))  # fmt: skip
