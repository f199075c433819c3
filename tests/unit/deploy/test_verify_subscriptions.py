"""`carnet verify` and the periods of a subscription: their numbers, their days, what the schedule charges (CON-21)."""

import copy
from typing import Any

import pytest

from carnet.journal import rows_of
from carnet_operations.verify import Report
from carnet_operations.verify.contracts.replayed import check_contract, replay_contract
from carnet_operations.verify.contracts.subscriptions import check_subscription
from contracts.contracts.store import CONTRACTS
from tests.unit.contracts.contract_builders import TODAY, a_context, kept
from tests.unit.contracts.test_subscriptions import MONTHLY, opening

Document = dict[str, Any]


def sold() -> tuple[Document, Document]:
    """The document of a contract of three periods, and what is checked of that of its schedule."""
    contract = kept(opening(MONTHLY, TODAY))
    charges = [each.model_dump(mode="json") for each in contract.terms(contract.version).charges]
    instalments = [{"line": each["line"], "amount": each["amount"], "fixed": False} for each in charges]
    schedule: Document = {"_id": contract.id, "charges": charges, "instalments": instalments}
    return CONTRACTS.write(contract), schedule


def found(contract: Document, schedule: Document) -> list[tuple[str, str]]:
    report = Report()
    check_subscription(contract, schedule, report)
    return [(finding.rule, finding.what) for finding in report.findings]


def purchase(contract: Document, at: int) -> Document:
    changed: Document = contract["lines"][at]["purchase"]
    return changed


def test_con_21_a_subscription_as_it_is_sold_has_no_finding() -> None:
    contract, schedule = sold()
    assert found(contract, schedule) == []


@pytest.mark.parametrize(
    ("break_it", "rule", "what"),
    [
        (lambda c, _: purchase(c, 1).update(period=3), "CON-21", "the numbers of its periods"),
        (lambda c, _: c["subscription"].update(added=4), "CON-21", "how many periods were added"),
        (lambda c, _: purchase(c, 1).update(first_day="2026-12-23"), "CON-21", "the first day of period 2"),
        (lambda c, _: purchase(c, 1).update(price=1), "PAY-15", "the charges, by line"),
        (
            lambda c, _: c["subscription"].update(cancellation={"on": "2026-12-22"}),
            "CON-17",
            "live periods that begin once it is cancelled",
        ),
        (lambda _, s: s["charges"].pop(), "PAY-15", "the charges, by line"),
        (lambda _, s: s["charges"][0].update(due="2027-01-01"), "PAY-15", "the charges, by line"),
        (lambda _, s: s["instalments"][0].update(amount=9_999), "PAY-15", "instalments of a period that are above it"),
        (lambda c, _: c.update(lines=[]), "CON-21", "whether it is the contract of a subscription"),
    ],
)
def test_con_21_what_is_wrong_with_it_is_found(break_it: Any, rule: str, what: str) -> None:
    contract, schedule = copy.deepcopy(sold())
    break_it(contract, schedule)
    assert (rule, what) in found(contract, schedule)


def test_con_21_its_journal_gives_its_document() -> None:
    decision, context = opening(MONTHLY, TODAY), a_context(TODAY)
    rows = rows_of(decision.state.id, decision.state.organisation, 0, decision.events, context)
    report = Report()
    replayed = replay_contract(decision.state.id, [dict(row) for row in rows], report)
    check_contract(replayed, CONTRACTS.write(kept(decision)), report)
    assert report.findings == []
