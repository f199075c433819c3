"""`carnet verify` and the periods of a subscription: their numbers, their days, what the schedule charges (CON-21)."""

import copy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from carnet.events.contracts import AtOnce
from carnet.journal import rows_of
from carnet_operations.verify import Report
from carnet_operations.verify.contracts.documents import check_contract
from carnet_operations.verify.contracts.replayed import replay_contract
from carnet_operations.verify.contracts.subscriptions import check_subscription
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.pauses import Pausing, pause_subscription
from contracts.contracts.store import CONTRACTS
from tests.unit.contracts.contract_builders import TODAY, a_context, an_id, an_offer, buying, kept
from tests.unit.contracts.test_subscription_pauses import MONTHLY as PAUSABLE
from tests.unit.contracts.test_subscriptions import MONTHLY, opening

Document = dict[str, Any]


def sold() -> tuple[Document, Document]:
    """The document of a contract of three periods, and what is checked of that of its schedule."""
    contract = kept(opening(MONTHLY, TODAY))
    charges = [each.model_dump(mode="json") for each in contract.terms(contract.version).charges]
    instalments = [{"line": each["line"], "amount": each["amount"], "fixed": False} for each in charges]
    schedule: Document = {"_id": contract.id, "charges": charges, "instalments": instalments}
    return CONTRACTS.write(contract), schedule


def a_pause(first_day: str, resumes_on: str) -> Document:
    """A pause that moves period 2."""
    return {"number": 2, "first_day": first_day, "resumes_on": resumes_on}


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
        (
            lambda c, _: c["subscription"].update(pauses=[a_pause("2026-12-22", "2027-01-22")]),
            "CON-21",
            "the first day of period 2",
        ),
        (
            lambda c, _: c["subscription"].update(pauses=[a_pause("2026-12-20", "2026-12-22")]),
            "CON-18",
            "the first day that is not billed before period 2",
        ),
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


def test_con_18_a_paused_subscription_has_no_finding_and_its_journal_gives_its_document() -> None:
    command = Opening(mode="online", sale=AtOnce(), currency="EUR", add=(buying(PAUSABLE),))
    opened = open_contract(command, an_offer(PAUSABLE), a_context(TODAY))
    context = replace(a_context(TODAY), change=an_id(998))
    decision = pause_subscription(kept(opened), Pausing(date(2026, 12, 1), 2), context)
    contract = kept(decision)
    charges = [each.model_dump(mode="json") for each in contract.terms(contract.version).charges]
    assert found(CONTRACTS.write(contract), {"_id": contract.id, "charges": charges, "instalments": []}) == []
    rows = [
        *rows_of(contract.id, contract.organisation, 0, opened.events, a_context(TODAY)),
        *rows_of(contract.id, contract.organisation, len(opened.events), decision.events, context),
    ]
    report = Report()
    replayed = replay_contract(contract.id, [dict(row) for row in rows], report)
    check_contract(replayed, CONTRACTS.write(kept(decision)), report)
    assert report.findings == []
    assert replayed.changes[-1].own_mail == "subscription_paused"
