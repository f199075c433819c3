"""A schedule and client credits agree on what each credit pays of the contract.

CRE-3: credits answers each use that a schedule requests once, and the schedule completes or returns it accordingly.
CRE-6: a credit has back exactly what the schedule gave back to it. CRE-2, PAY-4: each part of a refund line that was
converted is a credit of the contract's account, and every other credit of the contract was sold by a line.
"""

from collections.abc import Mapping, Sequence

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import Ledger, ReplayedAttempt

_ENDS = {"CreditUsed": "CreditUseCompleted", "CreditUseRefused": "CreditUseReturned"}
"""How the schedule ends a use, by the answer of credits."""


def check_uses(contract: str, ledger: Ledger, credit_rows: Sequence[Document], report: Report) -> None:
    """Credits answers each use that a schedule requests once, and the schedule ends it accordingly (CRE-3).

    ``credit_rows`` are the events of credits about this contract, in the order of each credit.
    """
    asked = {request: attempt for request, attempt in ledger.attempts.items() if attempt.credit is not None}
    report.count("uses asked of credits", len(asked))
    answers: dict[str, list[Document]] = {request: [] for request in asked}
    for row in credit_rows:
        name, request = name_of(row), row["data"].get("request")
        if name not in _ENDS:
            continue
        if request in answers:
            answers[request].append(row)
        else:
            where = f"credits.journal {row['aggregate']}"
            report.find("CRE-3", where, f"the request {request} that {name} answers", expected="one asked", found=None)
    for request, attempt in asked.items():
        _check_answers(contract, request, attempt, answers[request], report)
    _check_given_back(contract, ledger, credit_rows, report)


def _check_answers(
    contract: str, request: str, attempt: ReplayedAttempt, answers: Sequence[Document], report: Report
) -> None:
    where = f"payments.journal {contract}"
    if not report.same("CRE-3", where, f"the answers of credits to {request}", expected=1, found=len(answers)):
        return
    name, data = name_of(answers[0]), answers[0]["data"]
    expected = (attempt.credit, attempt.amount)
    report.same("CRE-3", f"credits.journal {answers[0]['aggregate']}", f"the credit and amount of {request}",
                expected=expected, found=(data["credit"], data["amount"]))  # fmt: skip
    found = (attempt.ended, attempt.reason)
    report.same("CRE-3", where, f"how the use {request} ended, and why", expected=(_ENDS[name], data.get("reason")),
                found=found)  # fmt: skip


_STATUS = {None: "requested", "CreditUseCompleted": "completed", "CreditUseReturned": "returned"}
"""The status of a request, by the event that ended it."""


def check_requests(ledger: Ledger, requests: Sequence[Document], report: Report) -> None:
    """Payments keeps each use that it requested as the schedule's journal has it (CRE-3)."""
    kept = {request["_id"]: request for request in requests}
    requested = {id_: attempt for id_, attempt in ledger.attempts.items() if attempt.credit is not None}
    for id_ in sorted(kept.keys() | requested.keys()):
        expected, found = None, None
        if id_ in requested:
            attempt = requested[id_]
            expected = (attempt.credit, attempt.amount, _STATUS[attempt.ended], attempt.reason)
        if id_ in kept:
            found = tuple(kept[id_][name] for name in ("credit", "amount", "status", "reason"))
        report.same("CRE-3", f"payments.use_requests {id_}", "credit, amount, status and why it was refused",
                    expected=expected, found=found)  # fmt: skip


def _check_given_back(contract: str, ledger: Ledger, credit_rows: Sequence[Document], report: Report) -> None:
    """Each credit has back what the schedule gave back to it, in the same order (CRE-6)."""
    expected, found = dict[str, list[int]](), dict[str, list[int]]()
    for credit, amount in ledger.given_back:
        expected.setdefault(credit, []).append(amount)
    for row in credit_rows:
        if name_of(row) == "CreditRestored":
            found.setdefault(row["data"]["credit"], []).append(row["data"]["amount"])
    for credit in sorted(expected.keys() | found.keys()):
        where = f"credits.journal {credit}"
        report.same("CRE-6", where, f"what contract {contract} gave back", expected=expected.get(credit, []),
                    found=found.get(credit, []))  # fmt: skip


def check_converted(
    contract: str, account: str, ledger: Ledger, credits_: Mapping[str, Document], report: Report
) -> None:
    """Each part of the refund line that was converted is a credit of the contract's account, and no other is (PAY-4).

    ``credits_`` are those of this contract that no line sold, by their ids.
    """
    converted = {each.credit: each.amount for each in ledger.settlements.values() if each.how == "converted"}
    report.count("refund lines converted to credits", len(converted))
    for credit, amount in converted.items():
        kept = credits_.get(credit or "")
        found = (kept["amount"], kept["account"], kept.get("origin")) if kept else None
        report.same("CRE-2", f"credits.credits {credit}", f"the credit that {contract} was converted to",
                    expected=(amount, account, "refund"), found=found)  # fmt: skip
    for credit in credits_.keys() - converted.keys():
        what = f"the line of contract {contract} that sold it, or the refund line that became it"
        report.find("CRE-2", f"credits.credits {credit}", what, expected="one", found=None)
