"""`carnet verify` finds payments that are matched to invoices beyond what either is (INV-6)."""

import copy
from typing import Any

from carnet_operations.verify import Report
from carnet_operations.verify.invoices.matched import check_matched
from tests.unit.payments.test_payments_matching import Office, two_and_two

Document = dict[str, Any]


def kept(state: Any) -> Document:
    document: Document = {**state.model_dump(mode="json"), "_id": state.id, "schema": 1}
    return document


def found(desk: Office, schedule: Document | None = None, payments: list[Document] | None = None) -> list[str]:
    rows = [
        {"type": entry.event.type_name(), "data": entry.event.model_dump(mode="json")}
        for entry in desk.journal
    ]  # fmt: skip
    report = Report()
    check_matched(
        schedule or kept(desk.schedule),
        payments or [kept(each) for each in desk.payments],
        [kept(each) for each in desk.invoices],
        rows,
        report,
    )
    return [finding.what for finding in report.findings]


def test_inv_6_a_true_contract_has_no_finding_and_each_false_match_has_one() -> None:
    desk = two_and_two()
    desk.match(0, 1, 12_000)
    assert found(desk) == []
    schedule = kept(desk.schedule)
    more = copy.deepcopy(schedule)
    more["invoicing"]["matches"][0]["amount"] += 1
    assert found(desk, more) == ["what was matched by hand"]
    foreign = copy.deepcopy(schedule)
    foreign["invoicing"]["matches"][0]["payment"] = desk.invoices[0].id
    assert found(desk, foreign) == ["what was matched by hand", "matches of what the contract does not have"]
    fewer = [kept(desk.payments[0])]
    assert found(desk, payments=fewer) == ["what is matched in all"]
    desk.undo(0)
    assert found(desk) == []
