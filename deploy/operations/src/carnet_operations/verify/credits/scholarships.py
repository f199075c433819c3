"""Funds, scholarships and their uses agree with each other, and with what contracts' lines say is covered.

CRE-11: no more is awarded from a fund than its budget, and no more of a scholarship used than it is; credits answers
each request once, whole; what a line no longer has covered came back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.credits.removals import AskedRedemption
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_OF_FUND = ("name", "budget", "currency", "kinds", "products", "first_day", "last_day")


def check_fund(rows: Sequence[Document], fund: Document, scholarships: Sequence[Document], report: Report) -> None:
    """A fund is as its last event says, and its scholarships add up to what was awarded, within the budget."""
    report.count("scholarship funds")
    where = f"credits.scholarship_funds {fund['_id']}"
    published = rows[-1]["data"] if rows else {}
    expected = {name: published.get(name) for name in _OF_FUND}
    report.same("CRE-11", where, "the fund", expected=expected, found={name: fund[name] for name in _OF_FUND})
    awarded = sum(each["amount"] for each in scholarships)
    report.same("CRE-11", where, "what was awarded from it", expected=awarded, found=fund["awarded"])
    if awarded > fund["budget"]:
        report.find("CRE-11", where, "what was awarded from it", expected=f"at most {fund['budget']}", found=awarded)


def check_scholarship(
    rows: Sequence[Document], scholarship: Document, uses: Sequence[Document], report: Report
) -> None:
    """What is left of a scholarship is what was awarded less what came of its uses, and they cover the rest."""
    report.count("scholarships")
    where = f"credits.scholarships {scholarship['_id']}"
    amount, left, by_line = 0, 0, Counter[str]()
    for row in rows:
        name, data = name_of(row), row["data"]
        if name in ("ScholarshipAwarded", "ScholarshipAdjusted"):
            amount, left = amount + data["amount"], left + data["amount"]
        elif name in ("ScholarshipUsed", "ScholarshipRestored"):
            sign = 1 if name == "ScholarshipUsed" else -1
            by_line[data["line"]] += sign * data["amount"]
            left -= sign * data["amount"]
    found = (scholarship["amount"], scholarship["left"])
    report.same("CRE-11", where, "what was awarded, and what is left", expected=(amount, left), found=found)
    if not 0 <= scholarship["left"] <= scholarship["amount"]:
        report.find("CRE-11", where, "what is left", expected=f"from 0 to {amount}", found=scholarship["left"])
    report.same("CRE-11", where, "what it covers, by line", expected=dict(by_line),
                found={use["_id"]: use["amount"] for use in uses})  # fmt: skip
    moved = {use["_id"]: use["moved"] for use in uses if use["moved"]}
    report.same("CRE-11", where, "what changes that wait take over", expected={}, found=moved)


@dataclass
class _Answers:
    """What credits answered to one request."""

    used: dict[str, tuple[str, int]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    refused: int = 0


def check_uses(contract: ReplayedContract, credit_rows: Sequence[Document], report: Report) -> None:
    """Credits answers each request once, whole, and what lines say is covered is what scholarships cover.

    ``credit_rows`` are the events of credits about this contract.
    """
    asked = contract.uses
    report.count("uses of scholarships asked of credits", len(asked))
    answers = {request: _Answers() for request in asked}
    covered, by = Counter[str](), dict[str, str]()
    for row in credit_rows:
        name, data = name_of(row), row["data"]
        if name == "ScholarshipRestored":
            covered[data["line"]] -= data["amount"]
        elif name in ("ScholarshipUsed", "ScholarshipUseRefused"):
            answer = answers.get(data["request"])
            if answer is None:
                where, what = f"credits.journal {row['aggregate']}", f"the request {data['request']} that it answers"
                report.find("CRE-11", where, what, expected="one asked", found=None)
            elif name == "ScholarshipUsed":
                answer.used[data["line"]] = (data["scholarship"], data["amount"])
                answer.times[data["line"]] += 1
                covered[data["line"]] += data["amount"]
                by[data["line"]] = data["scholarship"]
            else:
                answer.refused += 1
    for each in asked.values():
        _check_answer(contract.id, each, answers[each.request], report)
    _check_lines(contract, covered, by, report)


def _check_answer(contract: str, asked: AskedRedemption, answers: _Answers, report: Report) -> None:
    where, request = f"contracts.journal {contract}", asked.request
    found: tuple[Any, ...] = (answers.used, sum(answers.times.values()), answers.refused)
    if asked.outcome is None:
        answered = "an answer" if any(found) else None
        report.find("CRE-11", where, f"the change {request}", expected="made or refused by now", found=answered)
        return
    granted = asked.outcome == "made" or asked.withdrawn
    expected = (asked.amounts, len(asked.lines), 0) if granted else ({}, 0, 1)
    report.same("CRE-11", where, f"what {request} was granted", expected=expected, found=found)


def _check_lines(contract: ReplayedContract, covered: Counter[str], by: dict[str, str], report: Report) -> None:
    """What is covered of each line is what its scholarship covers; nothing of those that are gone."""
    where = f"contracts.contracts {contract.id}"
    expected = {
        line_id: (line.scholarship, line.aided)
        for line_id, line in contract.lines.items()
        if line.aided and line.cancelled is None
    }
    found = {line_id: (by[line_id], amount) for line_id, amount in covered.items() if amount}
    report.same("CRE-11", where, "what scholarships cover of its lines", expected=expected, found=found)
