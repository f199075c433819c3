"""Each client credit, and each gift card, agrees with the line that sold it and with its own entries.

CRE-1: its amount and beneficiary are those sold. CRE-2: it is granted once the contract was fully paid with its line,
and suspended while that is no longer so; what a bank took back of a deposit is taken back or due. CRE-3: uses never
exceed what is left, and payments knows the credit as granted. CRE-4: it is removed exactly if its line is cancelled.
CRE-7: the entries are the published movements, and their sum is what is left. CRE-8: one code finds each gift card that
was issued.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract, ReplayedLine
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.replayed import ReplayedSchedule

_KINDS = {
    "CreditGranted": "granted",
    "CreditIssued": "granted",
    "GiftCardIssued": "granted",
    "CreditUsed": "used",
    "CreditRestored": "restored",
    "CreditAdjusted": "adjusted",
    "CreditRemoved": "removed",
    "DepositReversed": "taken_back",
    "CreditTakenBack": "taken_back",
}
"""The kind of the entry of each movement, by the event that publishes it."""


def check_sold(
    contract: ReplayedContract, schedule: ReplayedSchedule, granted: Sequence[Document], report: Report
) -> Mapping[str, Document]:
    """A line that sells a credit or a gift card has granted it once the contract was fully paid with it (CRE-2).

    A cancelled line has no credit, or one that was removed, perhaps before it was granted: payment
    and cancellation come by two topics, and credits may receive either first. Returns the credits of
    this contract that no line sold, by id.
    """
    kept = {credit["_id"]: credit for credit in granted}
    account = (contract.opened or {}).get("account", "")
    for line_id, line in contract.lines.items():
        if line.purchase["kind"] in ("client_credit", "gift_card"):
            report.count("lines that sell a credit or a gift card")
            _check_line(line, schedule, kept.pop(line_id, None), account, report)
    return kept


def _check_line(
    line: ReplayedLine, schedule: ReplayedSchedule, credit: Document | None, account: str, report: Report
) -> None:
    where = f"credits.credits {line.purchase['line']}"
    paid = was_paid(line, schedule)
    if credit is None:
        if paid and line.cancelled is None:
            report.find("CRE-2", where, "the credit of a line whose contract is paid", expected="granted", found=None)
        return
    granted_on = credit.get("granted_on")
    if not paid and granted_on is not None:
        report.find("CRE-2", where, "the credit of a line that was never paid", expected=None, found=credit["status"])
        return
    removed = credit.get("removed_on") is not None
    report.same("CRE-4", where, "whether it was removed", expected=line.cancelled is not None, found=removed)
    value = line.purchase["details"]["value"]
    report.same("CRE-1", where, "the amount, as the line sold it", expected=value, found=credit["amount"])
    beneficiary = line.purchase["beneficiary"] or account
    report.same("CRE-1", where, "the beneficiary", expected=beneficiary, found=credit["account"])
    card, sold = credit.get("card"), None
    if line.purchase["kind"] == "gift_card":
        sold = (line.purchase["name"], line.purchase.get("recipient"))
    report.same("CRE-8", where, "the name and the recipient of the gift card", expected=sold,
                found=(card["name"], card["recipient"]) if card else None)  # fmt: skip


def was_paid(line: ReplayedLine, schedule: ReplayedSchedule) -> bool:
    """Whether the contract was ever fully paid with the line on it (CRE-2)."""
    return any(
        max(line.added, line.payable_from) <= version and (line.cancelled is None or version < line.cancelled)
        for version in schedule.paid_at
    )


def check_suspended(schedule: ReplayedSchedule, selling: Document, report: Report) -> None:
    """The credits of a contract are suspended while it is not paid after it was (CRE-2)."""
    if selling.get("passages_known"):
        where = f"credits.selling_contracts {selling['_id']}"
        report.same("CRE-2", where, "whether its credits are suspended", expected=schedule.reopened,
                    found=selling["reopened_on"] is not None)  # fmt: skip


def check_code(rows: Sequence[Document], credit: Document, codes: int, report: Report) -> None:
    """One code finds a gift card that was issued, and none finds a client credit (CRE-8)."""
    issued = any(name_of(row) == "GiftCardIssued" for row in rows)
    report.count("gift cards", int(issued))
    where = f"credits.credits {credit['_id']}"
    report.same("CRE-8", where, "how many codes find it", expected=int(issued), found=codes)


def check_credit(
    credit_id: str, rows: Sequence[Document], credit: Document, entries: Sequence[Document], report: Report
) -> None:
    """What is left is the sum of the entries, and the entries are the published movements (CRE-7)."""
    report.count("credits")
    report.count("credit entries", len(entries))
    where = f"credits.credits {credit_id}"
    left = sum(entry["amount"] for entry in entries)
    report.same("CRE-7", where, "what is left, the sum of its entries", expected=left, found=credit["left"])
    # The day on which a gift card is sent has nothing to do with what is left of it: ``sending`` looks at that.
    rows = [row for row in rows if name_of(row) != "GiftCardSendingPlanned"]
    movements = _movements(credit_id, rows, report)
    found = [_entry(entry, movements) for entry in entries]
    report.same("CRE-7", f"credits.entries {credit_id}", "the movements published", expected=movements, found=found)
    if not rows:
        return
    first, last = rows[0]["data"], rows[-1]["data"]
    for name in ("account", "amount", "currency"):
        report.same("CRE-1", where, name, expected=first[name], found=credit[name])
    report.same("CRE-2", where, "contract", expected=first.get("contract"), found=credit.get("contract"))
    report.same("CRE-7", where, "left", expected=last["left"], found=credit["left"])
    status = "removed" if name_of(rows[-1]) == "CreditRemoved" else "granted"
    report.same("CRE-4", where, "the status", expected=status, found=credit["status"])
    owed = credit.get("reversed", 0), credit.get("due", 0)
    report.same(
        "CRE-2", where, "what the bank took back, and what of that is due", expected=taken_back(rows), found=owed
    )
    pays = {use["contract"]: use["amount"] for use in credit.get("uses", ())}
    report.same("CRE-3", where, "what it pays of each contract", expected=_pays(rows), found=pays)


def _movements(credit_id: str, rows: Sequence[Document], report: Report) -> list[tuple[Any, ...]]:
    """The entry that each event makes due; one that moves nothing, such as a removal before the grant, has none."""
    left = 0
    movements: list[tuple[Any, ...]] = []
    for row in rows:
        name, data, sequence = name_of(row), row["data"], row["sequence"]
        moved = _moved(name, data, left)
        left += moved
        where = f"credits.journal {credit_id}"
        report.same("CRE-7", where, f"what is left at {sequence}", expected=left, found=data["left"])
        if left < 0:
            report.find("CRE-3", where, f"what is left at {sequence}", expected="at least 0", found=left)
        if moved:
            movements.append((sequence, _KINDS[name], moved, data.get("contract"), data.get("request")))
    return movements


def _moved(name: str, data: Mapping[str, Any], left: int) -> int:
    """What an event adds to what is left."""
    amount: int = data["amount"]
    taken: dict[str, int] = {
        "CreditUsed": -amount,
        "CreditRemoved": -left,
        "CreditTakenBack": -amount,
        "DepositReversed": -data.get("taken", 0),
        "DepositDueSettled": 0,
        "GiftCardSendingRequested": 0,
    }
    return taken.get(name, amount)


def taken_back(rows: Sequence[Document]) -> tuple[int, int]:
    """What the bank took back of a deposit, and how much of that is due from the account, by its events (CRE-2)."""
    taken_back = due = 0
    for row in rows:
        name, data = name_of(row), row["data"]
        if name == "DepositReversed":
            taken_back += data["amount"]
            due += data["amount"] - data["taken"]
        elif name == "DepositDueSettled" or (name == "CreditTakenBack" and data.get("payment") is None):
            due -= data["amount"]
    return taken_back, due


def _entry(entry: Document, movements: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The entry as a movement; one that an older release wrote names no contract and no request."""
    expected = {movement[0]: movement[3:] for movement in movements}.get(entry["version"], (None, None))
    contract, request = entry.get("contract", expected[0]), entry.get("request", expected[1])
    return entry["version"], entry["kind"], entry["amount"], contract, request


def _pays(rows: Sequence[Document]) -> dict[str, int]:
    """What the credit pays of each contract, by its journal."""
    pays: dict[str, int] = {}
    for row in rows:
        sign = {"CreditUsed": 1, "CreditRestored": -1}.get(name_of(row), 0)
        if sign:
            contract = row["data"]["contract"]
            pays[contract] = pays.get(contract, 0) + sign * row["data"]["amount"]
    return {contract: amount for contract, amount in pays.items() if amount}


def check_known(credit_id: str, rows: Sequence[Document], known: Document | None, report: Report) -> None:
    """Payments knows a credit as it was granted (CRE-3), and none that was not."""
    granted = next((row for row in rows if name_of(row) in ("CreditGranted", "CreditIssued", "GiftCardIssued")), None)
    expected, found = None, None
    if granted is not None:
        data = granted["data"]
        sold_by = None if name_of(granted) == "CreditIssued" else data["contract"]
        expected = (data["account"], data["currency"], sold_by, name_of(granted) == "GiftCardIssued")
    if known is not None:
        found = (known["account"], known["currency"], known["sold_by"], known.get("card", False))
    report.same("CRE-3", f"payments.known_credits {credit_id}",
                "account, currency, the contract that sold it, and whether it is a gift card",
                expected=expected, found=found)  # fmt: skip


def check_refused(what: str, document: Document, rows: Sequence[Document], report: Report) -> None:
    """An answer that moves no credit is kept as it was published (CRE-3, CRE-5, CON-11)."""
    report.count(what.replace("_", " "))
    published = rows[0]["data"] if rows else {}
    expected = {name: value for name, value in published.items() if name in document}
    found = {name: document[name] for name in expected}
    report.same("CRE-3", f"credits.{what} {document['_id']}", "what was refused", expected=expected, found=found)
