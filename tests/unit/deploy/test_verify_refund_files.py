"""`carnet verify` sees a file of refunds that does not agree with its orders, and a refund that is forgotten."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from carnet_operations.verify.money.refund_files import check_refund_file, check_waiting_refund
from carnet_operations.verify.money.remittances import check_answers
from carnet_operations.verify.report import Report
from tests.unit.deploy.test_verify_remittances import row


def given() -> dict[str, Any]:
    """A file that was sent: one refund is at the bank, the other came back."""
    refunds = [{"order": "a", "contract": "c", "amount": 300}, {"order": "b", "contract": "d", "amount": 400}]
    return {
        "file": {"_id": "f", "status": "sent", "refunds": refunds},
        "orders": [
            {"_id": "a", "contract": "c", "amount": 300, "status": "pending", "refund_file": "f"},
            {"_id": "b", "contract": "d", "amount": 400, "status": "failed", "refund_file": "f"},
        ],
        "rows": [
            row("RefundFileBuilt", refund_file="f", refunds=2, amount=700),
            row("RefundFileSent", refund_file="f"),
        ],
    }


def found(parts: dict[str, Any]) -> list[str]:
    report = Report()
    check_refund_file(parts["file"], parts["orders"], parts["rows"], report)
    return [finding.what for finding in report.findings]


def test_pay_18_what_agrees_is_no_finding() -> None:
    assert found(given()) == []
    parts = given()
    parts["file"]["status"], parts["orders"] = "taken_back", []
    parts["rows"].append(row("RefundFileTakenBack", refund_file="f"))
    assert found(parts) == []


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda parts: parts["orders"].pop(), "the orders in it"),
        (lambda parts: parts["orders"][0].update(amount=301), "the orders in it"),
        (lambda parts: parts["orders"][0].update(status="asked"), "orders that can't be in one that is sent"),
        (lambda parts: parts["file"].update(status="taken_back"), "the orders in it"),
        (lambda parts: parts["file"].update(status="built"), "its status"),
        (lambda parts: parts["file"]["refunds"].append(parts["file"]["refunds"][0]), "its refunds, each once"),
        (lambda parts: parts["rows"][0]["data"].update(amount=701), "how many refunds, and their sum"),
        (lambda parts: parts.update(file=None), "its file of refunds"),
    ],
)
def test_pay_18_what_does_not_agree_is_found(tamper: Callable[[dict[str, Any]], Any], what: str) -> None:
    parts = deepcopy(given())
    tamper(parts)
    assert what in found(parts)


@pytest.mark.parametrize(
    ("status", "to_transfer", "file", "findings"),
    [
        ("asked", True, None, 0),
        ("asked", False, "f", 0),
        ("succeeded", False, "f", 0),
        ("failed", False, None, 0),
        ("asked", False, None, 1),
        ("asked", True, "f", 1),
        ("failed", True, "f", 1),
    ],
)
def test_pay_18_a_refund_waits_is_in_a_file_or_has_ended(
    status: str, to_transfer: bool, file: str | None, findings: int
) -> None:
    order = {"_id": "o", "kind": "refund", "provider": "sepa", "status": status, "to_transfer": to_transfer}
    report = Report()
    check_waiting_refund({**order, "refund_file": file}, report)
    assert len(report.findings) == findings


def test_pay_18_what_the_bank_reports_of_a_refund_is_applied_once() -> None:
    lines = [
        {"_id": "x/0", "attempt": "o", "outcome": "refund_made"},
        {"_id": "y/0", "attempt": "o", "outcome": "refund_failed"},
        {"_id": "y/1", "attempt": "o", "outcome": "known"},
    ]
    order = {"_id": "o", "status": "failed", "credited_by": "x/0", "returned_by": "y/0"}
    for orders, applied, findings in (
        ([order], lines, 0),
        ([order], [*lines, {**lines[1], "_id": "z/0"}], 2),
        ([{**order, "status": "succeeded"}], lines, 1),
    ):
        report = Report()
        check_answers(orders, applied, report)
        assert len(report.findings) == findings
