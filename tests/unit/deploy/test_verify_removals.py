"""`carnet verify` and changes that wait for credits: asked once, answered once, made or refused (CRE-4, CRE-5)."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from carnet.decisions import Context, Decision
from carnet.events.base import Event
from carnet.events.credits import CreditRemovalRefused, CreditRemoved
from carnet.journal import rows_of
from carnet_operations.verify import Report
from carnet_operations.verify.contracts.documents import check_contract
from carnet_operations.verify.contracts.replayed import replay_contract
from carnet_operations.verify.credits.removals import check_removals
from contracts.contracts.domain.causes import credit_in_the_way
from contracts.contracts.domain.changes import Change, change_contract, open_contract
from contracts.contracts.domain.changes import Opening as ContractOpening
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pending import ask, granted, refused
from contracts.contracts.store import CONTRACTS
from tests.findings import Document, Found, put
from tests.unit.contracts.contract_builders import (
    CREDIT,
    JAZZ,
    ORGANISATION,
    TODAY,
    AtOnce,
    a_context,
    an_id,
    an_offer,
    buying,
    counted,
)

REFUSED, MADE = an_id(901), an_id(902)


@dataclass
class Story:
    """A contract, its journal, and the events of credits about it."""

    rows: list[Document] = field(default_factory=list)
    answers: list[Document] = field(default_factory=list)
    _contract: Contract | None = None

    @property
    def contract(self) -> Contract:
        assert self._contract is not None
        return self._contract

    @property
    def credits(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.contract.lines if line.purchase.kind == "client_credit")

    def opened(self) -> None:
        opening = ContractOpening("online", AtOnce(), "EUR", tuple(map(buying, (JAZZ, CREDIT, CREDIT))))
        context = a_context()
        self._save(open_contract(opening, an_offer(), context), context)

    def asked(self, request: str, *lines: str) -> None:
        context = replace(a_context(new_id=counted(5000)), change=request)
        decided = change_contract(self.contract, Change(cancel=lines), an_offer(), context)
        self._save(ask(self.contract, decided, context), context)

    def refused(self, request: str, credit: str) -> None:
        context = replace(a_context(), change=request)
        answer = CreditRemovalRefused(
            request=request,
            contract=self.contract.id,
            credit=credit,
            amount=10_000,
            left=4_000,
            currency="EUR",
            effective_on=TODAY,
        )
        self._answered(request, answer)
        why = credit_in_the_way(self.contract, answer)
        self._save(refused(self.contract, "credit-removal", request, why), context)

    def removed(self, request: str, line: str) -> None:
        context = replace(a_context(), change=request)
        answer = CreditRemoved(
            credit=line,
            account=self.contract.account,
            amount=10_000,
            left=0,
            currency="EUR",
            contract=self.contract.id,
            line=line,
            effective_on=TODAY,
            request=request,
        )
        self._answered(line, answer)
        self._save(granted(self.contract, "credit-removal", request, line), context)

    def _answered(self, aggregate: str, event: Event) -> None:
        self.answers += [dict(row) for row in rows_of(aggregate, ORGANISATION, 1, [event], a_context())]

    def _save(self, decision: Decision[Contract], context: Context) -> None:
        contract = decision.state
        version = len(self.rows)
        self.rows += [dict(row) for row in rows_of(contract.id, ORGANISATION, version, decision.events, context)]
        self._contract = contract.model_copy(update={"version": len(self.rows)})


def story(until: int = 9) -> Story:
    """A change that credits refuse, then one that it answers credit by credit; ``until`` limits the steps."""
    case = Story()
    case.opened()
    first, second = case.credits
    steps: tuple[Callable[[], None], ...] = (
        lambda: case.asked(REFUSED, first),
        lambda: case.refused(REFUSED, first),
        lambda: case.asked(MADE, first, second),
        lambda: case.removed(MADE, second),
        lambda: case.removed(MADE, first),
    )
    for step in steps[:until]:
        step()
    return case


def verified(case: Story, rows: list[Document] | None = None, answers: list[Document] | None = None) -> Report:
    report = Report()
    replayed = replay_contract(case.contract.id, case.rows if rows is None else rows, report)
    check_contract(replayed, CONTRACTS.write(case.contract), report)
    check_removals(case.contract.id, replayed.removals, case.answers if answers is None else answers, report)
    return report


def test_changes_that_waited_have_no_finding_once_they_are_made_or_refused() -> None:
    for until in (0, 2, 5):
        assert verified(story(until)).findings == []


@pytest.mark.parametrize(
    ("until", "found"),
    [
        (1, Found("CRE-5", "", f"the change {REFUSED}", "by now", "credits has not answered")),
        (3, Found("CRE-5", "", f"the change {MADE}", "by now", "credits has not answered")),
        (4, Found("CRE-5", "", f"the lines whose credits were removed for {MADE}", "", "")),
    ],
)
def test_a_change_that_waits_still_is_found(until: int, found: Found) -> None:
    report = verified(story(until))
    assert found.among(report)
    assert {finding.rule for finding in report.findings} == {"CRE-5"}, "the contract keeps it as published"


def test_a_change_that_waits_though_credits_has_answered_is_found() -> None:
    case = story(3)
    report = verified(case, answers=story().answers)
    assert Found("CRE-5", case.contract.id, f"the change {MADE}", "by now", "pending, though it is made").among(report)
    case = story(1)
    report = verified(case, answers=story(2).answers)
    assert Found("CRE-5", case.contract.id, f"the change {REFUSED}", "by now", "though it is refused").among(report)


LIES = [
    ("CreditRemovalRequested", put("data.request", an_id(9)), Found("CRE-5", "", "the change refused", an_id(9), "")),
    ("ChangeRefused", put("data.request", an_id(9)), Found("CRE-5", "", "the change refused", REFUSED, an_id(9))),
    ("ChangeRefused", put("data.left", "+1"), Found("CRE-5", "", f"why {REFUSED} was refused", "4000", "4001")),
    ("ContractChanged", put("data.version", "-1"), Found("CON-4", "", f"the version at the end of {MADE}", "11", "10")),
    ("ContractChanged", put("data.effective_on", "2031-01-01"), Found("MON-5", "", f"of the change {MADE}", "", "31")),
    ("ProductCancelled", put("change", an_id(9)), Found("CRE-4", "", "while one waits", MADE, an_id(9))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "found"), LIES)
def test_an_entry_of_a_change_that_waited_is_rewritten(
    name: str, change: Callable[[Document], None], found: Found
) -> None:
    case = story()
    rows = copy.deepcopy(case.rows)
    change(next(row for row in rows if row["type"].split(".")[2] == name))
    report = verified(case, rows)
    assert found.among(report), report.findings


def test_a_refusal_that_the_contract_keeps_otherwise_than_it_was_published_is_found() -> None:
    case = story(2)
    rows = copy.deepcopy(case.rows)
    assert verified(case, rows).findings == []
    rows[-1]["data"]["refusals"][0]["params"]["left"] = 1
    assert Found("CRE-5", "", "the change that was not made, and the refusals", "1", "4000").among(verified(case, rows))


def test_a_line_that_was_asked_about_and_stays_is_found() -> None:
    case = story()
    rows = copy.deepcopy(case.rows)
    asked = [row for row in rows if "CreditRemovalRequested" in row["type"]][1]
    asked["data"]["lines"].append(an_id(9))
    assert Found("CRE-4", "", f"the lines of {MADE} that are not", "[]", an_id(9)).among(verified(case, rows))


@pytest.mark.parametrize("name", ["CreditRemovalRequested", "ChangeRefused"])
def test_an_entry_of_a_change_that_waited_is_removed(name: str) -> None:
    case = story()
    gone = next(row for row in case.rows if row["type"].split(".")[2] == name)
    report = verified(case, [row for row in case.rows if row is not gone])
    assert any(finding.rule in ("CRE-4", "CRE-5") for finding in report.findings)


def test_answers_of_credits_that_are_missing_doubled_or_to_nobody_are_found() -> None:
    case = story()
    refusal, second, first = case.answers
    lines = f"the lines whose credits were removed for {MADE}"
    assert Found("CRE-5", "", lines, "1", "").among(verified(case, answers=[refusal, second]))
    assert Found("CRE-5", "", lines, "", "2").among(verified(case, answers=[*case.answers, first]))
    stray = copy.deepcopy(refusal)
    stray["data"]["request"] = an_id(9)
    report = verified(case, answers=[*case.answers, stray])
    assert Found("CRE-5", "credits.journal", f"the request {an_id(9)}", "one asked", "none").among(report)
    also = copy.deepcopy(refusal)
    also["data"]["request"] = MADE
    assert Found("CRE-5", "", lines, "0", "1").among(verified(case, answers=[*case.answers, also]))


@pytest.mark.parametrize(
    ("until", "change", "found"),
    [
        (3, put("pending", None), Found("CRE-4", "contracts.contracts", "the change that waits", MADE, "none")),
        (
            3,
            put("pending.on", "2031-01-01"),
            Found("CRE-4", "contracts.contracts", "the change that waits", "", "2031"),
        ),
        (3, put("pending.awaited", []), Found("CRE-4", "contracts.contracts", "the lines that it waits", "some", "[]")),
        (3, put("pending.awaited", [an_id(9)]), Found("CRE-4", "contracts.contracts", "it waits for", "", an_id(9))),
        (3, put("last_whole", None), Found("CON-3", "contracts.contracts", "newest whole change", "4", "none")),
        (
            2,
            put("refused_change", None),
            Found("CRE-5", "contracts.contracts", "the change refused last", "4000", "no"),
        ),
        (2, put("refused_change.left", "+1"), Found("CRE-5", "contracts.contracts", "refused last", "4000", "4001")),
        (5, put("last_whole", 3), Found("CON-3", "contracts.contracts", "its newest whole change", "none", "3")),
    ],
)
def test_what_a_contract_keeps_of_a_change_that_waits_is_tampered_with(
    until: int, change: Callable[[Document], None], found: Found
) -> None:
    case, report = story(until), Report()
    replayed = replay_contract(case.contract.id, case.rows, report)
    document = CONTRACTS.write(case.contract)
    check_contract(replayed, document, report)
    assert report.findings == []
    change(document)
    check_contract(replayed, document, report)
    assert found.among(report), report.findings
