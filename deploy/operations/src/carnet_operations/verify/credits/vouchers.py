"""Each gift voucher agrees with the line that sold it, and with the lines that it covers.

CRE-9: it is issued once the contract was fully paid with its line, covers one line at a time, and credits answers each
request to redeem vouchers once, whole; it comes back when its line goes. CON-8: it is removed exactly if the line that
sold it is cancelled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.credits.balances import was_paid
from carnet_operations.verify.credits.removals import AskedRedemption
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.replayed import ReplayedSchedule

_STANDING = {
    "VoucherIssued": "issued",
    "VoucherRedeemed": "redeemed",
    "VoucherRestored": "issued",
    "VoucherRemoved": "removed",
}
"""The status of a voucher after each event; any other leaves it as it is."""


def check_sold(
    contract: ReplayedContract, schedule: ReplayedSchedule, kept: Sequence[Document], report: Report
) -> None:
    """A line that sells a voucher has issued it once the contract was fully paid with the line on it (CRE-9)."""
    vouchers = {voucher["_id"]: voucher for voucher in kept}
    account = (contract.opened or {}).get("account", "")
    for line_id, line in contract.lines.items():
        if line.purchase["kind"] != "gift_voucher":
            continue
        report.count("lines that sell a voucher")
        where = f"credits.vouchers {line_id}"
        voucher, paid = vouchers.pop(line_id, None), was_paid(line, schedule)
        if voucher is None:
            if paid and line.cancelled is None:
                report.find("CRE-9", where, "the voucher of a paid line", expected="issued", found=None)
            continue
        if not paid and voucher["issued_on"] is not None:
            report.find("CRE-9", where, "the voucher of an unpaid line", expected=None, found=voucher["standing"])
        removed = voucher["standing"] == "removed"
        report.same("CON-8", where, "whether it was removed", expected=line.cancelled is not None, found=removed)
        details = line.purchase["details"]
        expected = (account, details["products"], line.purchase.get("recipient"))
        found = (voucher["account"], list(voucher["products"]), voucher["recipient"])
        report.same("CRE-8", where, "account, products and recipient", expected=expected, found=found)
    for voucher_id in vouchers:
        where = f"credits.vouchers {voucher_id}"
        report.find("CRE-9", where, f"the line of contract {contract.id} that sold it", expected="one", found=None)


def check_voucher(
    rows: Sequence[Document],
    voucher: Document,
    codes: int,
    covered: Sequence[Document],
    report: Report,
) -> None:
    """A voucher is as its events say; one code finds it, and the line that it covers is kept (CRE-9)."""
    report.count("vouchers")
    where = f"credits.vouchers {voucher['_id']}"
    standing, covers = None, None
    for row in rows:
        name, data = name_of(row), row["data"]
        if name == "VoucherRedeemed":
            report.same("CRE-9", where, f"what it covers before {row['sequence']}", expected=None, found=covers)
        standing = _STANDING.get(name, standing)
        if name in ("VoucherRedeemed", "VoucherRestored"):
            covers = (data["contract"], data["line"]) if name == "VoucherRedeemed" else None
    kept = voucher["covers"]
    report.same("CRE-9", where, "its status, and the line that it covers", expected=(standing, covers),
                found=(voucher["standing"], (kept["contract"], kept["line"]) if kept else None))  # fmt: skip
    found = [(line["contract"], line["_id"]) for line in covered]
    report.same("CRE-9", where, "the covered lines", expected=[covers] if covers else [], found=found)
    issued = any(name_of(row) == "VoucherIssued" for row in rows)
    report.same("CRE-9", where, "how many codes find it", expected=1 if issued else 0, found=codes)


@dataclass
class _Answers:
    """What credits answered to one request."""

    redeemed: Counter[str]
    refused: int = 0


def check_redemptions(contract: ReplayedContract, credit_rows: Sequence[Document], report: Report) -> None:
    """Credits answers each request once, whole, and each voucher comes back when its line goes (CRE-9).

    ``credit_rows`` are the events of credits about this contract.
    """
    asked = contract.redemptions
    report.count("redemptions asked of credits", len(asked))
    answers = {request: _Answers(Counter()) for request in asked}
    redeemed, restored = Counter[str](), Counter[str]()
    for row in credit_rows:
        name, data = name_of(row), row["data"]
        if name == "VoucherRestored":
            restored[data["line"]] += 1
        elif name in ("VoucherRedeemed", "VoucherRedemptionRefused"):
            answer = answers.get(data["request"])
            if answer is None:
                where, what = f"credits.journal {row['aggregate']}", f"the request {data['request']} that it answers"
                report.find("CRE-9", where, what, expected="one asked", found=None)
            elif name == "VoucherRedeemed":
                answer.redeemed[data["line"]] += 1
                redeemed[data["line"]] += 1
            else:
                answer.refused += 1
    for redemption in asked.values():
        _check_answer(contract.id, redemption, answers[redemption.request], report)
    _check_lines(contract, redeemed, restored, report)


def _check_answer(contract: str, redemption: AskedRedemption, answers: _Answers, report: Report) -> None:
    where, request = f"contracts.journal {contract}", redemption.request
    granted: tuple[dict[str, int], int] = (dict.fromkeys(redemption.lines, 1), 0)
    found = (dict(answers.redeemed), answers.refused)
    if redemption.outcome is None:
        answered: Literal["an answer"] | None = "an answer" if any(found) else None
        report.find("CRE-9", where, f"the change {request}", expected="made or refused by now", found=answered)
    elif redemption.outcome == "made" or redemption.withdrawn:
        report.same("CRE-9", where, f"what {request} redeemed", expected=granted, found=found)
    else:
        report.same("CRE-9", where, f"what {request} redeemed", expected=({}, 1), found=found)


def _check_lines(
    contract: ReplayedContract, redeemed: Mapping[str, int], restored: Mapping[str, int], report: Report
) -> None:
    """The lines that vouchers cover are those that were redeemed, and those that are gone gave theirs back."""
    covered = {line_id: line for line_id, line in contract.lines.items() if line.purchase.get("voucher")}
    where = f"contracts.contracts {contract.id}"
    for line_id in covered.keys() | redeemed.keys():
        line = covered.get(line_id)
        report.same("CRE-9", where, f"the vouchers redeemed for {line_id}", expected=1, found=redeemed.get(line_id, 0))
        gone = line is None or line.cancelled is not None
        expected: dict[str, Any] = {"restored": 1 if gone else 0}
        report.same("CRE-9", where, f"the vouchers that came back of {line_id}", expected=expected,
                    found={"restored": restored.get(line_id, 0)})  # fmt: skip
