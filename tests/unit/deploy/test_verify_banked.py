"""`carnet verify` sees a bank deposit that does not agree with its takings, and a taking that is not its payment."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from carnet.ids import new_id
from carnet_operations.verify.books.booked import check_deposited
from carnet_operations.verify.money.banked import check_bank_deposit, check_takings
from carnet_operations.verify.report import Report

FACTS = {"method": "cheque", "deposited_on": "2026-11-21", "takings": ["a", "b"], "amount": 700, "currency": "EUR"}


def row(name: str, **data: Any) -> dict[str, Any]:
    return {"type": f"carnet.payments.{name}.v1", "data": data}


def taking(id_: str, amount: int) -> dict[str, Any]:
    payment = {"method": "cheque", "amount": amount, "account": "f", "received_on": "2026-11-20"}
    return {"_id": id_, **payment, "returned": 0, "voided": False, "bank_deposit": "d"}


def given() -> dict[str, Any]:
    """A bank deposit of two cheques."""
    return {
        "deposit": {"_id": "d", **FACTS, "undone": None},
        "inside": [taking("a", 300), taking("b", 400)],
        "rows": [row("BankDepositMade", bank_deposit="d", **FACTS)],
        "settlements": [],
        "payments": [
            {"_id": id_, "method": "cheque", "amount": amount, "account": "f", "received_on": "2026-11-20"}
            for id_, amount in (("a", 300), ("b", 400))
        ],
    }


def found(parts: dict[str, Any]) -> list[str]:
    report = Report()
    check_bank_deposit(parts["deposit"], parts["inside"], parts["rows"], report)
    check_takings(parts["payments"], parts["settlements"], parts["inside"], report)
    return [finding.what for finding in report.findings]


def test_pay_7_what_agrees_is_no_finding() -> None:
    assert found(given()) == []
    undone = given()
    undone["deposit"]["undone"] = {"on": "2026-11-22"}
    undone["rows"].append(row("BankDepositUndone", bank_deposit="d"))
    undone["inside"] = []
    assert found(undone) == []


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda parts: parts["inside"].pop(), "what is in it"),
        (lambda parts: parts["inside"].append(taking("c", 1)), "what is in it"),
        (lambda parts: parts["deposit"]["takings"].append("a"), "what is in it, each once"),
        (lambda parts: parts["inside"][0].update(amount=301), "the sum of what is in it"),
        (lambda parts: parts["inside"][0].update(method="cash"), "other methods in it"),
        (lambda parts: parts["deposit"].update(amount=701), "what was published of it"),
        (lambda parts: parts["rows"].clear(), "what was published of it"),
        (lambda parts: parts["deposit"].update(undone={"on": "2026-11-22"}), "whether it was undone"),
        (lambda parts: parts["rows"].append(row("BankDepositUndone")), "what is in it"),
        (lambda parts: parts.update(deposit=None), "its bank deposit"),
        (lambda parts: parts["payments"].pop(), "the payment that it is"),
        (lambda parts: parts["payments"][0].update(reversed=100), "the payment that it is"),
        (lambda parts: parts["inside"][0].update(voided=True), "a wrong entry in a bank deposit"),
    ],
)
def test_pay_7_what_does_not_agree_is_found(tamper: Callable[[dict[str, Any]], Any], what: str) -> None:
    parts = deepcopy(given())
    tamper(parts)
    assert what in found(parts)


def cash() -> dict[str, Any]:
    """A bank deposit of 300 in cash, of which 100 were given back."""
    parts = given()
    facts = {**FACTS, "method": "cash", "amount": 200}
    back = {"method": None, "amount": 100, "account": "f", "settled_on": "2026-11-20", "voided": None}
    inside = [taking("a", 300), {**taking("b", -100), "deposited": -100}]
    return parts | {
        "deposit": {**parts["deposit"], **facts},
        "rows": [row("BankDepositMade", bank_deposit="d", **facts)],
        "inside": [{**each, "method": "cash"} for each in inside],
        "payments": [{**parts["payments"][0], "method": "cash"}],
        "settlements": [{"_id": "b", "how": "on_site", **back}],
    }


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda parts: parts["settlements"][0].update(reason="a gesture"), None),
        (lambda parts: parts["settlements"].clear(), "the payment that it is"),
        (lambda parts: parts["settlements"][0].update(amount=90), "the payment that it is"),
        (lambda parts: parts["settlements"][0].update(method="transfer"), "the payment that it is"),
        (lambda parts: parts["settlements"][0].update(voided={"by": "user:ines"}), "the payment that it is"),
        (lambda parts: parts["inside"][1].update(deposited=-90), "the sum of what is in it"),
    ],
)
def test_pay_7_cash_that_was_given_back_is_what_the_settlement_says(
    tamper: Callable[[dict[str, Any]], Any], what: str | None
) -> None:
    parts = deepcopy(cash())
    tamper(parts)
    assert found(parts) == ([what] if what else [])


def booked(amount: int, **more: Any) -> list[str]:
    """What is found of the entries of a bank deposit of 700, whose document says ``amount``."""
    id_, on = new_id(), "2026-11-21"
    whole = {"made_at": "2026-11-21T09:00:00Z", "made_by": "user:ines", "bank_account": "Crédit du Nord", **FACTS}
    document = {"_id": id_, "organisation": new_id(), "version": 1, **whole, "amount": amount, **more}
    dated = {"_id": new_id(), "at": "2026-11-21T09:00:00Z"}
    facts = {**FACTS, "takings": [new_id(), new_id()]}
    rows = [{**dated, **row("BankDepositMade", bank_deposit=id_, **facts)}]
    if more.get("undone_is_published"):
        rows.append({**dated, **row("BankDepositUndone", bank_deposit=id_, effective_on=on)})
    report = Report()
    check_deposited(document, rows, report)
    return [finding.what for finding in report.findings]


def test_inv_7_a_bank_deposit_that_was_undone_moves_nothing_by_its_entries() -> None:
    undone = {"on": "2026-11-22", "at": "2026-11-22T09:00:00Z", "by": "user:ines"}
    assert booked(700) == []
    assert booked(700, undone=undone, undone_is_published=True) == []
    assert booked(700, undone=undone) == ["what its entries moved"]
    assert booked(700, undone_is_published=True) == ["what its entries moved"]
