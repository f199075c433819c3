"""`carnet verify` sees a remittance that does not agree with its orders, and a mandate that is not as published."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from carnet_operations.verify.money.remittances import check_mandate, check_remittance
from carnet_operations.verify.report import Report

BUILT = {"remittance": "r", "debits": 2, "amount": 700}


def row(name: str, **data: Any) -> dict[str, Any]:
    return {"type": f"carnet.payments.{name}.v1", "data": data}


def given() -> dict[str, Any]:
    """A remittance that was sent: one debit is at the bank, the other was refused."""
    debits = [{"attempt": "a", "contract": "c", "amount": 300}, {"attempt": "b", "contract": "d", "amount": 400}]
    return {
        "remittance": {"_id": "r", "status": "sent", "debits": debits},
        "orders": [
            {"_id": "a", "contract": "c", "amount": 300, "status": "pending", "remittance": "r"},
            {"_id": "b", "contract": "d", "amount": 400, "status": "failed", "remittance": "r"},
        ],
        "rows": [row("RemittanceBuilt", **BUILT), row("RemittanceSent", remittance="r")],
    }


def found(parts: dict[str, Any]) -> list[str]:
    report = Report()
    check_remittance(parts["remittance"], parts["orders"], parts["rows"], report)
    return [finding.what for finding in report.findings]


def test_pay_18_what_agrees_is_no_finding() -> None:
    assert found(given()) == []


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda parts: parts["orders"].pop(), "the orders in it"),
        (lambda parts: parts["orders"][0].update(amount=301), "the orders in it"),
        (lambda parts: parts["orders"][0].update(status="withdrawn"), "orders that can't be in one that is sent"),
        (lambda parts: parts["remittance"].update(status="built"), "its status"),
        (lambda parts: parts["remittance"]["debits"].append(parts["remittance"]["debits"][0]), "its debits, each once"),
        (lambda parts: parts["rows"][0]["data"].update(amount=701), "how many debits, and their sum"),
        (lambda parts: parts.update(remittance=None), "its remittance"),
    ],
)
def test_pay_18_what_does_not_agree_is_found(tamper: Callable[[dict[str, Any]], Any], what: str) -> None:
    parts = deepcopy(given())
    tamper(parts)
    assert what in found(parts)


def test_pay_18_a_mandate_is_as_it_was_published() -> None:
    signed = {"account": "k", "reference": "R", "signed_on": "2026-11-02", "how": "paper", "iban_ending": "0189"}
    rows = [row("MandateSigned", mandate="m", **signed), row("MandateEnded", why="lapsed", ended_on="2029-11-03")]
    for kept, findings in (({"ended_why": "lapsed", "ended_on": "2029-11-03"}, 0), ({"ended_why": None}, 1)):
        report = Report()
        check_mandate({"_id": "m", **signed, **kept}, rows, report)
        assert len(report.findings) == findings
