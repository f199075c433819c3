"""`carnet verify` sees a remittance that does not agree with its orders, and a mandate that is not as published."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from carnet.dates import write_instant
from carnet_operations.verify.money.remittances import check_answers, check_file, check_mandate, check_remittance
from carnet_operations.verify.report import Report
from payments.sepa.domain.mandates import digest_of

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


def test_pay_18_a_proof_that_was_changed_does_not_fit_its_published_digest() -> None:
    signed = {"account": "k", "reference": "R", "signed_on": "2026-11-02", "how": "online", "iban_ending": "0189"}
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    proof = {"text": "The mandate", "signer": "Inès", "at": write_instant(at), "address": "203.0.113.9"}
    proof["digest"] = digest_of(proof["text"], proof["signer"], at, proof["address"])
    rows = [row("MandateSigned", mandate="m", digest=proof["digest"], **signed)]
    for change, findings in (({}, []), ({"signer": "Zoé"}, ["what was signed, by its digest"])):
        report = Report()
        mandate = {"_id": "m", **signed, "ended_why": None, "ended_on": None, "proof": {**proof, **change}}
        check_mandate(mandate, rows, report)
        assert [finding.what for finding in report.findings] == findings


def answered() -> dict[str, Any]:
    """A debit that was paid by a line and taken back by another, one that was refused, and a line left."""
    line = {"attempt": "a", "file": "f"}
    return {
        "orders": [
            {"_id": "a", "status": "succeeded", "credited_by": "f/00001", "returned_by": "g/00000"},
            {"_id": "b", "status": "failed", "credited_by": None, "returned_by": "f/00000"},
        ],
        "lines": [
            {**line, "_id": "f/00000", "attempt": "b", "outcome": "refused"},
            {**line, "_id": "f/00001", "outcome": "paid"},
            {**line, "_id": "f/00002", "outcome": "known"},
            {**line, "_id": "g/00000", "file": "g", "outcome": "reversed"},
        ],
    }


def said_of(parts: dict[str, Any]) -> list[str]:
    report = Report()
    check_answers(parts["orders"], parts["lines"], report)
    return [finding.what for finding in report.findings]


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda parts: parts["orders"][0].update(status="failed"), "the status of its order"),
        (lambda parts: parts["orders"][1].update(returned_by=None), "the line that its order names"),
        (lambda parts: parts["lines"][2].update(outcome="paid"), "lines that were applied (credited_by)"),
        (lambda parts: parts["orders"].pop(), "the status of its order"),
    ],
)
def test_pay_18_an_answer_of_the_bank_that_was_not_applied_once_is_found(
    tamper: Callable[[dict[str, Any]], Any], what: str
) -> None:
    parts = answered()
    assert said_of(parts) == []
    tamper(parts)
    assert what in said_of(parts)


def test_pay_18_a_file_has_the_lines_that_it_published() -> None:
    report = Report()
    lines = [{"_id": "f/00000"}, {"_id": "f/00001"}]
    check_file({"_id": "f"}, lines, [row("BankFileRead", lines=2)], report)
    assert report.findings == []
    check_file({"_id": "f"}, lines[1:], [row("BankFileRead", lines=2)], report)
    assert [finding.what for finding in report.findings] == ["how many lines it has", "its lines"]
