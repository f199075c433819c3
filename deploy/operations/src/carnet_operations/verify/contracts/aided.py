"""What scholarships cover of a contract's lines, rebuilt from its journal (CRE-11).

A line says what covers a part of it; that is asked of credits before the line is added, and never grows after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from carnet.mongo import Document
from carnet_operations.verify.credits.removals import AskedRedemption, Outcome
from carnet_operations.verify.report import Report

if TYPE_CHECKING:
    from carnet_operations.verify.contracts.rebuilt import ReplayedContract, ReplayedLine

REQUESTS = ("ScholarshipUseRequested", "ScholarshipUseWithdrawn")
"""Events by which an opening or a change asks for scholarships, or gives up what it was granted."""


def apply(contract: ReplayedContract, name: str, data: Mapping[str, Any], report: Report) -> None:
    """A scholarship covers a part of a line that is added, or less of one than before."""
    line, applied = contract.lines[data["line"]], name == "ScholarshipApplied"
    before = (None, 0) if applied else (data["scholarship"], data["amount_before"])
    where, what = f"contracts.journal {contract.id}", f"what covered a part of {data['line']} before"
    report.same("CRE-11", where, what, expected=before, found=(line.scholarship, line.aided))
    line.aided = data["amount"] if applied else data["amount_after"]
    line.scholarship = data["scholarship"] if line.aided else None


def ask(contract: ReplayedContract, name: str, data: Mapping[str, Any], sequence: int, report: Report) -> None:
    """A change asks for scholarships, one at a time, or gives up what it was granted."""
    waiting = _waiting(contract)
    where, found = f"contracts.journal {contract.id}", waiting and waiting.request
    if name == "ScholarshipUseWithdrawn":
        report.same("CRE-11", where, f"what is withdrawn at {sequence}", expected=data["request"], found=found)
        if waiting is not None:
            waiting.withdrawn = True
        return
    contract.not_made = None
    report.same("CRE-11", where, f"the change that waits before {sequence}", expected=None, found=found)
    lines = [each["line"] for each in data["uses"]]
    asked = AskedRedemption(data["request"], lines, data["effective_on"], sequence)
    asked.amounts = {each["line"]: (each["scholarship"], each["amount"]) for each in data["uses"]}
    contract.uses[asked.request] = asked


def end(contract: ReplayedContract, outcome: Outcome, request: str) -> None:
    """The change that waited is made, or refused."""
    if (waiting := _waiting(contract)) is not None and waiting.request == request:
        waiting.outcome = outcome


def make(contract: ReplayedContract, change: str, on: str, report: Report) -> None:
    """The change that waited for scholarships is made: its lines are covered as was asked, on that day (MON-5)."""
    waiting = _waiting(contract)
    if waiting is None:
        return
    where = f"contracts.journal {contract.id}"
    report.same("CRE-11", where, "the change published while one waits", expected=waiting.request, found=change)
    lines = {id_: contract.lines[id_] for id_ in waiting.lines if id_ in contract.lines}
    found = {id_: (line.scholarship, line.aided) for id_, line in lines.items()}
    report.same("CRE-11", where, f"what covers the lines of {change}", expected=waiting.amounts, found=found)
    report.same("MON-5", where, f"the day of the change {change}", expected=waiting.on, found=on)
    end(contract, "made", change)


def _waiting(contract: ReplayedContract) -> AskedRedemption | None:
    return next((each for each in contract.uses.values() if each.outcome is None), None)


def check_line(replayed: ReplayedLine, kept: Document, where: str, report: Report) -> None:
    """The line that is kept is covered as its journal says."""
    found = ((kept.get("aid") or {}).get("scholarship"), of(kept))
    expected = (replayed.scholarship, replayed.aided)
    report.same("CRE-11", where, "what a scholarship covers of it", expected=expected, found=found)


def of(line: Document) -> int:
    """What a scholarship covers of a line that is kept, in minor units."""
    amount: int = (line.get("aid") or {}).get("amount", 0)
    return amount
