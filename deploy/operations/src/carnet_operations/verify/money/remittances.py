"""Remittances agree with their orders and their journal (PAY-18).

Each debit of a remittance is one order, and each order in a remittance is one debit of it, so that no instalment is in
two files. What was taken back has no order left that could be collected, what the bank has credited none without an
outcome. A mandate has the end that was published.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_STATUS: Mapping[str, str] = {
    "RemittanceBuilt": "built",
    "RemittanceSent": "sent",
    "RemittanceTakenBack": "taken_back",
    "RemittanceCollected": "collected",
}

_ORDERS: Mapping[str, frozenset[str]] = {
    "built": frozenset({"asked"}),
    "sent": frozenset({"pending", "succeeded", "failed"}),
    "taken_back": frozenset({"withdrawn"}),
    "collected": frozenset({"succeeded", "failed"}),
}
"""The status that the orders of a remittance can have, by its own."""


def check_remittance(
    remittance: Document | None, orders: Sequence[Document], rows: Sequence[Document], report: Report
) -> None:
    """A remittance has the debits and the amount that it published, each with its order, and no other order."""
    if remittance is None:
        for order in orders:
            where = f"payments.orders {order['_id']}"
            report.find("PAY-18", where, "its remittance", expected="one", found=order["remittance"])
        return
    report.count("remittances")
    where = f"payments.sepa_remittances {remittance['_id']}"
    debits = {each["attempt"]: (each["contract"], each["amount"]) for each in remittance["debits"]}
    report.same("PAY-18", where, "its debits, each once", expected=len(remittance["debits"]), found=len(debits))
    found = {order["_id"]: (order["contract"], order["amount"]) for order in orders}
    report.same("PAY-18", where, "the orders in it", expected=debits, found=found)
    status = remittance["status"]
    others = sorted({order["status"] for order in orders} - _ORDERS.get(status, frozenset()))
    report.same("PAY-18", where, f"orders that can't be in one that is {status}", expected=[], found=others)
    published = [name_of(row) for row in rows if name_of(row) in _STATUS]
    report.same("PAY-18", where, "its status", expected=_STATUS.get(published[-1]) if published else None, found=status)
    for row in rows:
        if name_of(row) == "RemittanceBuilt":
            data: Mapping[str, Any] = row["data"]
            built = (len(debits), sum(amount for _, amount in debits.values()))
            report.same("PAY-18", where, "how many debits, and their sum", expected=(data["debits"], data["amount"]),
                        found=built)  # fmt: skip


_APPLIED: Mapping[str, tuple[frozenset[str], str]] = {
    "paid": (frozenset({"succeeded"}), "credited_by"),
    "refused": (frozenset({"failed"}), "returned_by"),
    "reversed": (frozenset({"succeeded"}), "returned_by"),
    "refund_made": (frozenset({"succeeded", "failed"}), "credited_by"),
    "refund_failed": (frozenset({"failed"}), "returned_by"),
}
"""What a line of a bank's file that was applied leaves on its order: a status, and the field that names a line.

A refund that was made may come back later (PAY-4).
"""


def check_answers(orders: Sequence[Document], lines: Sequence[Document], report: Report) -> None:
    """What the bank's files say of a debit or a refund was applied once, however many of them say it."""
    found = {order["_id"]: order for order in orders}
    applied: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line["outcome"] not in _APPLIED:
            continue
        statuses, by = _APPLIED[line["outcome"]]
        applied[line["attempt"], by] += 1
        order = found.get(line["attempt"]) or {}
        where = f"payments.sepa_file_lines {line['_id']}"
        if (found_status := order.get("status")) not in statuses:
            report.find("PAY-18", where, "the status of its order", expected=" or ".join(sorted(statuses)),
                        found=found_status)  # fmt: skip
        report.same("PAY-18", where, "the line that its order names", expected=line["_id"], found=order.get(by))
        report.count("bank lines")
    for (attempt, by), times in applied.items():
        report.same("PAY-18", f"payments.orders {attempt}", f"lines that were applied ({by})", expected=1, found=times)


def check_file(file: Document, lines: Sequence[Document], rows: Sequence[Document], report: Report) -> None:
    """A bank's file has the lines that it published, each in its place."""
    report.count("bank files")
    where = f"payments.sepa_files {file['_id']}"
    published = [row["data"]["lines"] for row in rows if name_of(row) == "BankFileRead"]
    report.same("PAY-18", where, "how many lines it has", expected=published, found=[len(lines)])
    places = [f"{file['_id']}/{place:05d}" for place in range(len(lines))]
    report.same("PAY-18", where, "its lines", expected=places, found=sorted(line["_id"] for line in lines))


def check_mandate(mandate: Document, rows: Sequence[Document], report: Report) -> None:
    """A mandate is as it was published: its reference, the last digits of its IBAN, and its end."""
    report.count("mandates")
    published: dict[str, Any] = {"ended_why": None, "ended_on": None}
    for row in rows:
        data = row["data"]
        if name_of(row) == "MandateSigned":
            published |= {name: data[name] for name in ("account", "reference", "signed_on", "how", "iban_ending")}
        elif name_of(row) == "MandateEnded":
            published |= {"ended_why": data["why"], "ended_on": data["ended_on"]}
    where = f"payments.sepa_mandates {mandate['_id']}"
    found = {name: mandate.get(name) for name in published}
    report.same("PAY-18", where, "the mandate", expected=published, found=found)
    proof, digests = (
        mandate.get("proof"),
        [row["data"].get("digest") for row in rows if name_of(row) == "MandateSigned"],
    )
    if proof and proof.get("digest"):
        lines = (proof["text"], proof["signer"], proof["at"], proof.get("address") or "")
        signed = sha256("\n".join(lines).encode()).hexdigest()
        report.same("PAY-18", where, "what was signed, by its digest", expected=digests, found=[signed])
