"""Client credits: each sold and paid line has granted one, and its entries add up to what is left (CRE-1 to 7)."""

from collections.abc import Sequence
from typing import Any

from carnet.mongo import Document
from carnet_local.verify.contracts import Retold, RetoldLine
from carnet_local.verify.journals import name_of
from carnet_local.verify.report import Report
from carnet_local.verify.schedules import RetoldSchedule

SOLD: Document = {"origin": {"$in": ["sold", None]}}
"""The credits that lines sold; those of the first release do not say so."""


def check_sold(contract: Retold, schedule: RetoldSchedule, granted: Sequence[Document], report: Report) -> None:
    """A line that sells a credit has granted it once the contract was fully paid with the line on it (CRE-2).

    A line that is cancelled has none, or one that was removed, perhaps before it was granted:
    payment and cancellation come by two topics, and credits may hear of either first.
    """
    kept = {credit["_id"]: credit for credit in granted}
    account = (contract.opened or {}).get("account", "")
    for line_id, line in contract.lines.items():
        if line.purchase["kind"] == "client_credit":
            report.count("lines that sell a credit")
            _check_line(line, schedule, kept.pop(line_id, None), account, report)
    for credit in kept:
        where = f"credits.credits {credit}"
        report.find("CRE-2", where, f"the line of contract {contract.id} that sold it", expected="one", found=None)


def _check_line(
    line: RetoldLine, schedule: RetoldSchedule, credit: Document | None, account: str, report: Report
) -> None:
    where = f"credits.credits {line.purchase['line']}"
    was_paid = any(
        line.added <= covers and (line.cancelled is None or covers < line.cancelled) for covers in schedule.paid_at
    )
    if credit is None:
        if was_paid and line.cancelled is None:
            report.find("CRE-2", where, "the credit of a line whose contract is paid", expected="granted", found=None)
        return
    if not was_paid:
        found = credit["status"]
        if found == "removed" and credit["granted_on"] is None:
            return
        report.find("CRE-2", where, "the credit of a line that was never paid", expected=None, found=found)
        return
    status = "granted" if line.cancelled is None else "removed"
    report.same("CRE-4", where, "the status", expected=status, found=credit["status"])
    value = line.purchase["details"]["value"]
    report.same("CRE-1", where, "the amount, as the line sold it", expected=value, found=credit["amount"])
    beneficiary = line.purchase["beneficiary"] or account
    report.same("CRE-1", where, "the beneficiary", expected=beneficiary, found=credit["account"])


def check_credit(
    credit_id: str, rows: Sequence[Document], credit: Document, entries: Sequence[Document], report: Report
) -> None:
    """What is left is the sum of the entries, and the entries are the movements told (CRE-7)."""
    report.count("credits")
    report.count("credit entries", len(entries))
    where = f"credits.credits {credit_id}"
    left = sum(entry["amount"] for entry in entries)
    report.same("CRE-7", where, "what is left, the sum of its entries", expected=left, found=credit["left"])
    told = [movement for index in range(len(rows)) if (movement := _movement(rows, index))[-1]]
    found = [(entry["version"], entry["kind"], entry["amount"]) for entry in entries]
    report.same("CRE-7", f"credits.entries {credit_id}", "the movements told", expected=told, found=found)
    if not rows:
        return
    first, last = rows[0]["data"], rows[-1]["data"]
    for name, event in (("account", last), ("contract", first), ("amount", first), ("left", last), ("currency", last)):
        report.same("CRE-1", where, name, expected=event[name], found=credit[name])
    status = "removed" if name_of(rows[-1]) == "CreditRemoved" else "granted"
    report.same("CRE-4", where, "the status", expected=status, found=credit["status"])


_KINDS = {"CreditIssued": "granted"}


def _movement(rows: Sequence[Document], index: int) -> tuple[Any, ...]:
    before = rows[index - 1]["data"]["left"] if index else 0
    row = rows[index]
    name = name_of(row)
    kind = _KINDS.get(name, name.removeprefix("Credit").lower())
    return row["sequence"], kind, row["data"]["left"] - before
