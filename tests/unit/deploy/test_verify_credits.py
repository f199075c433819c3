"""`carnet verify` and client credits: every use is answered and ended once, and all amounts add up (CRE-2 to CRE-7)."""

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest

from carnet_operations.verify import Report
from carnet_operations.verify.credits.balances import check_credit, check_known, check_refused
from carnet_operations.verify.credits.uses import check_converted, check_requests, check_uses
from carnet_operations.verify.schedules.replayed import replay_schedule
from tests.findings import Document, Found, put
from tests.unit.deploy.credit_bank import Bank
from tests.unit.deploy.schedule_story import CREDIT, OTHER_CREDIT, Story, season
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, TODAY, an_id


def played() -> tuple[Story, Bank]:
    """The season of a contract, and what credits made of it; one credit is raised by staff before it suffices."""
    story, bank = season(), Bank()
    bank.granted(CREDIT, 20_000)
    bank.granted(OTHER_CREDIT, 4_000)
    for row in story.rows:
        bank.receives(row)
        if bank.refused and bank.credits[OTHER_CREDIT].version == 1:
            bank.adjusted(OTHER_CREDIT, 3_000)
    return story, bank


STORY, BANK = played()
CONVERTED = next(credit.id for credit in BANK.credits.values() if credit.origin == "refund")
USED, RETURNED, GIVEN_BACK = (row["data"]["request"] for row in STORY.rows if "CreditUseRequested" in row["type"])


def verified(
    rows: list[Document] | None = None,
    answers: list[Document] | None = None,
    documents: dict[str, Document] | None = None,
) -> Report:
    """What is found of the contract's side."""
    report = Report()
    ledger = replay_schedule(STORY.contract, STORY.rows if rows is None else rows, Report()).ledger
    kept = BANK.documents() if documents is None else documents
    check_uses(CONTRACT, ledger, BANK.answers if answers is None else answers, report)
    check_converted(
        CONTRACT, ACCOUNT, ledger, {id_: each for id_, each in kept.items() if each["contract"] == CONTRACT}, report
    )
    return report


def verified_credit(
    credit: str,
    rows: list[Document] | None = None,
    document: Document | None = None,
    entries: list[Document] | None = None,
) -> Report:
    """What is found of the credit itself."""
    report = Report()
    check_credit(
        credit,
        BANK.journals[credit] if rows is None else rows,
        document or BANK.documents()[credit],
        BANK.entries[credit] if entries is None else entries,
        report,
    )
    return report


def changed(
    documents: list[Document], type_: str, change: Callable[[Document], None], index: int = 0
) -> list[Document]:
    """The documents with one of that type changed."""
    copies = copy.deepcopy(documents)
    change([each for each in copies if each["type"].split(".")[2] == type_][index])
    return copies


def test_credits_that_do_what_they_are_asked_have_no_finding() -> None:
    assert verified().findings == []
    for credit in BANK.credits:
        assert verified_credit(credit).findings == []
    [(request, refused)] = BANK.refusals().items()
    report = Report()
    check_refused("refused_uses", refused, BANK.journals[request], report)
    assert (request, report.findings) == (RETURNED, [])
    published = [row["type"].split(".")[2] for row in BANK.journals[OTHER_CREDIT]]
    assert published == ["CreditIssued", "CreditAdjusted", "CreditUsed", "CreditRestored"]


NOT_USED, USED_AGAIN = (f"carnet.credits.{name}.v1" for name in ("CreditUseRefused", "CreditUsed"))
ANSWERS, AND_AMOUNT = "the answers of credits to", f"the credit and amount of {USED}"

LIES = [
    ("CreditUsed", put("data.request", an_id(9)), Found("CRE-3", CREDIT, f"the request {an_id(9)}", "one asked", "no")),
    ("CreditUsed", put("data.request", an_id(9)), Found("CRE-3", CONTRACT, f"{ANSWERS} {USED}", "1", "0")),
    ("CreditUsed", put("data.request", GIVEN_BACK), Found("CRE-3", CONTRACT, f"{ANSWERS} {GIVEN_BACK}", "1", "2")),
    ("CreditUsed", put("data.amount", "+1"), Found("CRE-3", CREDIT, AND_AMOUNT, "10000", "10001")),
    ("CreditUsed", put("data.credit", an_id(9)), Found("CRE-3", CREDIT, AND_AMOUNT, CREDIT, an_id(9))),
    ("CreditUsed", put("type", NOT_USED), Found("CRE-3", CONTRACT, f"the use {USED} ended", "Returned", "Completed")),
    ("CreditUseRefused", put("type", USED_AGAIN), Found("CRE-3", CONTRACT, f"use {RETURNED} ended", "Completed", "Re")),
    ("CreditUseRefused", put("data.reason", "removed"), Found("CRE-3", CONTRACT, f"{RETURNED} ended", "removed", "mo")),
    ("CreditRestored", put("data.amount", "+1"), Found("CRE-6", "", f"what contract {CONTRACT} gave back", "", "1")),
    ("CreditRestored", put("data.credit", an_id(9)), Found("CRE-6", an_id(9), "gave back", "[]", "")),
]


def test_cre_8_a_gift_card_that_is_sent_on_another_day_moves_nothing_of_its_amount() -> None:
    bank = Bank()
    bank.sold_card(CREDIT, 5_000, *(TODAY + timedelta(days=days) for days in (5, 9)))
    report = Report()
    rows, document = bank.journals[CREDIT], bank.documents()[CREDIT]
    assert rows[-1]["type"].split(".")[2] == "GiftCardSendingPlanned"
    check_credit(CREDIT, rows, document, bank.entries[CREDIT], report)
    assert report.findings == []
    check_credit(CREDIT, rows, {**document, "left": 4_999}, bank.entries[CREDIT], report)
    assert {each.rule for each in report.findings} == {"CRE-7"}


@pytest.mark.parametrize(("name", "change", "found"), LIES)
def test_an_answer_that_lies_is_found(name: str, change: Callable[[Document], None], found: Found) -> None:
    report = verified(answers=changed(BANK.answers, name, change))
    assert found.among(report), report.findings


def test_answers_that_are_missing_or_doubled_are_found() -> None:
    for name in ("CreditUsed", "CreditUseRefused", "CreditRestored"):
        row = next(row for row in BANK.answers if name in row["type"])
        assert verified(answers=[each for each in BANK.answers if each is not row]).findings
        assert verified(answers=[*BANK.answers, row]).findings


def test_uses_that_the_schedule_ends_otherwise_or_never_are_found() -> None:
    rows = [row for row in STORY.rows if row["sequence"] < 17]
    ended = f"how the use {GIVEN_BACK} ended"
    assert Found("CRE-3", CONTRACT, ended, "CreditUseCompleted", "None").among(verified(rows))
    rows = [row for row in STORY.rows if "CreditUse" not in row["type"]]
    assert Found("CRE-3", "credits.journal", f"the request {USED}", "one asked", "none").among(verified(rows))


def test_a_refund_line_that_was_converted_to_no_credit_or_another_one_is_found() -> None:
    documents = BANK.documents()
    converted = documents.pop(CONVERTED)
    place = f"credits.credits {CONVERTED}"
    assert Found("CRE-2", place, "converted to", "7000", "none").among(verified(documents=documents))
    for path, value, shown in (
        ("amount", 6_999, "6999"),
        ("account", an_id(9), an_id(9)),
        ("origin", "staff", "staff"),
    ):
        other = verified(documents={**documents, CONVERTED: {**converted, path: value}})
        assert Found("CRE-2", place, "converted to", "7000", shown).among(other)
    invented = {**converted, "_id": an_id(9)}
    report = verified(documents={**BANK.documents(), an_id(9): invented})
    assert Found("CRE-2", an_id(9), "the refund line that became it", "one", "none").among(report)


ON_A_CREDIT = [
    ("left", Found("CRE-7", OTHER_CREDIT, "what is left, the sum of its entries", "7000", "7001")),
    ("left", Found("CRE-7", OTHER_CREDIT, "left", "7000", "7001")),
    ("amount", Found("CRE-1", OTHER_CREDIT, "amount", "4000", "4001")),
    ("account", Found("CRE-1", OTHER_CREDIT, "account", ACCOUNT, an_id(9))),
    ("contract", Found("CRE-2", OTHER_CREDIT, "contract", "none", an_id(9))),
    ("status", Found("CRE-4", OTHER_CREDIT, "the status", "granted", "removed")),
    ("uses", Found("CRE-3", OTHER_CREDIT, "what it pays of each contract", "{}", "5")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "found"), ON_A_CREDIT)
def test_a_credit_is_tampered_with(name: str, found: Found) -> None:
    document = BANK.documents()[OTHER_CREDIT]
    uses = [{"contract": CONTRACT, "amount": 5}]
    lies: Document = {"account": an_id(9), "contract": an_id(9), "status": "removed", "uses": uses}
    document[name] = lies.get(name) or document[name] + 1
    report = verified_credit(OTHER_CREDIT, document=document)
    assert found.among(report), report.findings


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("granted", "amount", 1),
        ("adjusted", "kind", "granted"),
        ("used", "contract", an_id(9)),
        ("used", "request", an_id(9)),
        ("restored", "amount", 5_999),
    ],
)
def test_an_entry_is_tampered_with_or_removed(kind: str, name: str, value: object) -> None:
    entries = copy.deepcopy(BANK.entries[OTHER_CREDIT])
    entry = next(entry for entry in entries if entry["kind"] == kind)
    entry[name] = value
    place = f"credits.entries {OTHER_CREDIT}"
    assert Found("CRE-7", place, "the movements published", "", str(value)).among(
        verified_credit(OTHER_CREDIT, entries=entries)
    )
    entries.remove(entry)
    assert Found("CRE-7", place, "the movements published", "", "").among(
        verified_credit(OTHER_CREDIT, entries=entries)
    )


def test_a_credit_below_zero_or_out_of_count_is_found() -> None:
    rows = changed(BANK.journals[OTHER_CREDIT], "CreditUsed", put("data.left", "+1"))
    assert Found("CRE-7", OTHER_CREDIT, "what is left at 3", "1000", "1001").among(verified_credit(OTHER_CREDIT, rows))
    rows = changed(BANK.journals[OTHER_CREDIT], "CreditUsed", put("data.amount", 7_001))
    assert Found("CRE-3", OTHER_CREDIT, "what is left at 3", "at least 0", "-1").among(
        verified_credit(OTHER_CREDIT, rows)
    )


def test_what_is_kept_of_a_refused_use_is_tampered_with() -> None:
    report, refused = Report(), BANK.refusals()[RETURNED]
    check_refused("refused_uses", {**refused, "reason": "removed"}, BANK.journals[RETURNED], report)
    assert Found("CRE-3", f"credits.refused_uses {RETURNED}", "what was refused", "more-than-left", "removed").among(
        report
    )


def requests() -> list[Document]:
    """What payments keeps of the uses that it asked for."""
    asked = [row["data"] for row in STORY.rows if "CreditUseRequested" in row["type"]]
    return [
        {
            "_id": data["request"],
            "credit": data["credit"],
            "amount": data["amount"],
            "status": "returned" if data["request"] == RETURNED else "completed",
            "reason": "more-than-left" if data["request"] == RETURNED else None,
        }
        for data in asked
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("credit", an_id(9)), ("amount", 9_999), ("status", "requested"), ("reason", "removed")]
)
def test_what_payments_keeps_of_a_use_is_tampered_with(name: str, value: object) -> None:
    ledger, report = replay_schedule(STORY.contract, STORY.rows, Report()).ledger, Report()
    check_requests(ledger, requests(), report)
    assert report.findings == []
    check_requests(ledger, [{**requests()[0], name: value}, *requests()[1:]], report)
    assert Found("CRE-3", f"payments.use_requests {USED}", "credit, amount, status", "", str(value)).among(report)


def test_a_use_that_payments_keeps_and_nobody_asked_for_or_the_other_way_round_is_found() -> None:
    ledger, report = replay_schedule(STORY.contract, STORY.rows, Report()).ledger, Report()
    check_requests(ledger, [{**requests()[0], "_id": an_id(9)}, *requests()[1:]], report)
    assert Found("CRE-3", an_id(9), "credit, amount, status", "none", "10000").among(report)
    assert Found("CRE-3", USED, "credit, amount, status", "10000", "none").among(report)


def test_what_payments_knows_of_a_credit_is_tampered_with() -> None:
    known = {"account": ACCOUNT, "currency": "EUR", "sold_by": None}
    for lie in ({}, {"account": an_id(9)}, {"currency": "CHF"}, {"sold_by": CONTRACT}):
        report = Report()
        check_known(CREDIT, BANK.journals[CREDIT], {**known, **lie}, report)
        assert report.ok == (not lie), report.findings
    report = Report()
    check_known(CREDIT, BANK.journals[CREDIT], None, report)
    assert Found("CRE-3", f"payments.known_credits {CREDIT}", "account, currency", ACCOUNT, "none").among(report)
    sold = changed(BANK.journals[CREDIT], "CreditIssued", put("type", "carnet.credits.CreditGranted.v1"))
    sold[0]["data"]["contract"] = CONTRACT
    report = Report()
    check_known(CREDIT, sold, {**known, "sold_by": CONTRACT}, report)
    check_known(CREDIT, BANK.journals[RETURNED], None, report)
    assert report.findings == [], "of a use that was refused nothing is known"
