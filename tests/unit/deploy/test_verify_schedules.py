"""`carnet verify` replays a schedule: a true journal has no finding, and each false entry has one."""

import copy
from collections.abc import Callable

import pytest

from carnet_operations.verify import Report
from carnet_operations.verify.schedules.explained import check_explained
from carnet_operations.verify.schedules.replayed import ReplayedSchedule, replay_schedule
from carnet_operations.verify.schedules.stated import check_stated
from tests.findings import Document, Found, put
from tests.unit.deploy.schedule_story import CREDIT, OTHER_CREDIT, Story, season
from tests.unit.payments.payments_builders import an_id

STORY = season()
FIRST, FAILED, LATE = (row["data"]["attempt"] for row in STORY.rows if "CollectionStarted" in row["type"])


def replay(rows: list[Document], story: Story = STORY) -> tuple[ReplayedSchedule, Report]:
    report = Report()
    return replay_schedule(story.contract, rows, report), report


def test_a_true_journal_has_no_finding() -> None:
    replayed, report = replay(STORY.rows)
    assert report.findings == []
    ledger = replayed.ledger
    assert {id_: (each.amount, each.refunded, each.reversed) for id_, each in ledger.payments.items()} == {
        FIRST: (30_000, 0, 5_000),
        LATE: (30_000, 0, 0),
        list(ledger.payments)[-1]: (2_000, 0, 0),
    }
    assert {id_: each.ended for id_, each in ledger.attempts.items() if each.credit is None} == {
        FIRST: "PaymentCollected",
        FAILED: "PaymentFailed",
        LATE: "PaymentCollected",
    }
    assert [(each.amount, each.how, each.failed) for each in ledger.settlements.values()] == [
        (4_000, "refunded", {LATE: 4_000}),
        (7_000, "converted", {}),
    ]
    assert (ledger.by_credit, ledger.open_attempts) == ({}, {})
    assert ledger.reversals == [(FIRST, 5_000, 0, "chargeback")]


def test_pay_13_what_the_bank_takes_beyond_what_the_contract_has_moves_nothing_until_a_refund_fails() -> None:
    story = Story()
    story.opened(30_000, count=1)
    first = story.started()
    story.collected(first, 30_000)
    story.changed(0)
    settlement = story.settled(30_000, "refunded", **{first: 30_000})
    story.reversed(first, 30_000, beyond=30_000)
    story.refund_failed(settlement, first, 30_000, taken=30_000)
    replayed, report = replay(story.rows, story)
    assert report.findings == []
    payment = replayed.ledger.payments[first]
    assert (payment.refunded, payment.reversed, payment.beyond) == (0, 30_000, 0)
    del story.rows[-2]["data"]["beyond"]
    _, report = replay(story.rows, story)
    assert "PAY-13" in {finding.rule for finding in report.findings}


def test_what_is_attempted_and_used_is_open_until_it_ends() -> None:
    replayed, report = replay([row for row in STORY.rows if row["sequence"] <= 14])
    assert [(each.amount, each.credit) for each in replayed.ledger.open_attempts.values()] == [(6_000, OTHER_CREDIT)]
    assert replayed.ledger.uses == [(CREDIT, 10_000)]
    assert [finding.rule for finding in report.findings] == ["EVT-1"], "the later changes are not answered yet"


LIES = [
    ("CollectionStarted", put("data.balance.paid", "+5"), Found("PAY-6", "", "paid at 2", "0", "5")),
    ("CollectionStarted", put("data.balance.processing", "-5"), Found("PAY-6", "", "processing at 2", "30000", "299")),
    ("CollectionStarted", put("data.amount", "-5"), Found("PAY-6", "", "the instalment", "30000", "29995")),
    ("CollectionStarted", put("data.due", "2031-01-01"), Found("PAY-6", "", "the instalment", "2026", "2031")),
    ("CollectionStarted", put("data.instalment", an_id(9)), Found("PAY-6", "", "the instalment", "none", "30000")),
    ("CollectionStarted", put("data.attempt", an_id(9)), Found("PAY-6", "", "that PaymentCollected ends", "", "none")),
    ("CollectionStarted", lambda row: row["data"].update(instalments=STORY.rows[0]["data"]["instalments"]),
     Found("PAY-6", "", "while it is collected", "none", "30000")),
    ("PaymentCollected", put("data.amount", "-5"), Found("PAY-6", "", "the amount of the attempt", "30000", "29995")),
    ("PaymentCollected", put("data.amount", "-5"), Found("PAY-6", "", "paid at 3", "29995", "30000")),
    ("PaymentCollected", put("data.payment", an_id(9)), Found("PAY-6", "", "the payment of the attempt", "", an_id(9))),
    ("PaymentCollected", put("data.attempt", None), Found("PAY-7", "", "processing at 3", "30000", "0")),
    ("PaymentFailed", put("data.balance.paid", "+5"), Found("PAY-6", "", "paid at 5", "30000", "30005")),
    ("PaymentFailed", put("data.balance.processing", "+5"), Found("PAY-6", "", "processing at 5", "0", "5")),
    ("PaymentFailed", put("data.instalment", an_id(9)), Found("PAY-6", "", "the instalment of the attempt", "", "")),
    ("PaymentFailed", put("data.attempt", FIRST), Found("PAY-6", "", "the end", "none", "PaymentCollected")),
    ("PaymentMethodMissing", put("data.amount", "-5"), Found("PAY-12", "", "the instalment", "30000", "29995")),
    ("PaymentMethodMissing", put("data.balance.paid", "-5"), Found("PAY-1", "", "paid at 9", "60000", "59995")),
    ("CreditUseRequested", put("data.amount", "-5"), Found("CRE-3", "", "processing at 10", "9995", "10000")),
    ("CreditUseRequested", put("data.request", an_id(9)), Found("CRE-3", "", "CreditUseCompleted ends", "", "none")),
    ("CreditUseCompleted", put("data.credit", an_id(9)), Found("CRE-3", "", "the credit of the att", CREDIT, an_id(9))),
    ("CreditUseCompleted", put("data.balance.paid", "-5"), Found("CRE-3", "", "paid at 11", "70000", "69995")),
    ("CreditUseReturned", put("data.balance.processing", "+5"), Found("CRE-3", "", "processing at 13", "0", "5")),
    ("ScheduleAdjusted", put("data.balance.processing", "+5"), Found("PAY-1", "", "processing at 15", "6000", "6005")),
    ("ScheduleAdjusted", put("data.balance.paid", "+5"), Found("PAY-1", "", "paid at 15", "69000", "69005")),
    ("CreditGivenBack", put("data.amount", "-5"), Found("CRE-6", "", "client credits at 15", "1000", "995")),
    ("CreditGivenBack", put("data.credit", an_id(9)), Found("CRE-6", "", "client credits at 15", CREDIT, an_id(9))),
    ("RefundLineSettled", put("data.balance.paid", "+5"), Found("PAY-4", "", "paid at 23", "56000", "56005")),
    ("RefundLineSettled", put("data.left", "+5"), Found("PAY-4", "", "what is left after", "6000", "6005")),
    ("RefundLineSettled", put("data.credit", CREDIT), Found("PAY-4", "", "has a credit", "False", "True")),
    ("RefundLineSettled", put("data.payments.0.amount", "+5"), Found("PAY-4", "", "the parts", "4000", "4005")),
    ("RefundLineSettled", put("data.payments.0.payment", an_id(9)), Found("PAY-4", "", "that goes back", "one", "no")),
    ("RefundLineSettled", put("data.payments.0.amount", 30_001), Found("PAY-4", "", "what goes back", "3", "30001")),
    ("RefundFailed", put("data.balance.paid", "-5"), Found("PAY-4", "", "paid at 24", "60000", "59995")),
    ("RefundFailed", put("data.amount", "+5"), Found("PAY-4", "", "gave back of", "4000", "4005")),
    ("RefundFailed", put("data.settlement", an_id(9)), Found("PAY-4", "", "gave back of", "none", "4000")),
    ("RefundLineChanged", put("data.amount_before", "+5"), Found("PAY-2", "", "the refund line", "6000", "6005")),
    ("PaymentReversed", put("data.balance.paid", "+5"), Found("PAY-13", "", "paid at 27", "48000", "48005")),
    ("PaymentReversed", put("data.payment", an_id(9)), Found("PAY-13", "", "that goes back", "one", "none")),
    ("PaymentReversed", put("data.amount", 30_001), Found("PAY-13", "", "what goes back", "at most 30000", "30001")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "found"), LIES)
def test_an_entry_that_lies_is_found(name: str, change: Callable[[Document], None], found: Found) -> None:
    rows = copy.deepcopy(STORY.rows)
    change(next(row for row in rows if row["type"].split(".")[2] == name))
    assert found.among(replay(rows)[1])


@pytest.mark.parametrize("name", sorted({row["type"].split(".")[2] for row in STORY.rows} - {"PaymentMethodMissing"}))
def test_an_entry_that_is_missing_is_found(name: str) -> None:
    gone = next(row for row in STORY.rows if row["type"].split(".")[2] == name)
    assert replay([row for row in STORY.rows if row is not gone])[1].findings


@pytest.mark.parametrize(
    "to_spare", [{"fixed": True}, {"held": True}, {"on_request": True}, {"gave_up": True}, {"due": "2020-01-01"}]
)
def test_pay_2_a_rise_that_lands_on_what_it_has_to_spare_is_found(to_spare: dict[str, object]) -> None:
    story = Story()
    story.opened(30_000, count=3)
    story.changed(39_000)
    assert replay(story.rows, story)[1].findings == []
    for row in story.rows:
        row["data"]["instalments"][0] |= to_spare
    (spoilt,) = (row["data"]["instalments"][0]["id"] for row in story.rows[:1])
    assert Found("PAY-2", "", "that a rise at 2 raised", "[]", spoilt).among(replay(story.rows, story)[1])
    del story.rows[1]["data"]["instalments"][0]["line"]
    assert replay(story.rows, story)[1].findings == [], "the rule was another before"


def test_an_attempt_that_brings_its_amount_twice_is_found() -> None:
    rows = copy.deepcopy(STORY.rows)
    next(row for row in rows if row["type"].split(".")[2] == "PaymentFailed" and row["sequence"] > 5)["data"] |= {
        "attempt": FAILED,
    }
    late = next(row for row in rows if row["sequence"] == 8)
    late["data"]["attempt"] = late["data"]["payment"] = FIRST
    report = replay(rows)[1]
    assert Found("PAY-6", "", f"the payment {FIRST} before", "none", "30000").among(report)
    assert Found("PAY-6", "", f"the end of the attempt {FIRST} before", "none", "PaymentCollected").among(report)
    assert Found("PAY-6", "", f"the end of the attempt {FAILED} before", "none", "PaymentFailed").among(report)


def test_cre_6_the_latest_use_goes_back_first() -> None:
    rows = copy.deepcopy(STORY.rows)
    back = [row for row in rows if row["type"].split(".")[2] == "CreditGivenBack"][1:]
    assert [row["data"]["amount"] for row in back] == [6_000, 9_000]
    back[0]["data"]["amount"], back[1]["data"]["amount"] = 9_000, 6_000
    assert Found("CRE-6", "", "went back to client credits at 19", "9000", "6000").among(replay(rows)[1])


# Wrong entries, reversals that are confirmed, losses (PAY-19, PAY-13, PAY-9)

REVERSAL = an_id(80)


def corrected() -> Story:
    """A wrong entry that is voided; a settlement that never was; a reversal beyond it, which is dealt with in part."""
    story = Story()
    story.opened(30_000, count=1)
    first = story.started()
    story.collected(first, 30_000)
    story.voided(story.paid(20_000), 20_000)
    story.changed(0)
    story.settlement_voided(story.settled(5_000, "on_site"), 5_000, "on_site")
    waived = story.settled(30_000, "waived")
    story.reversed(first, 10_000, beyond=10_000)
    story.loss_resolved(first, 10_000)
    story.reversed(first, 20_000, beyond=20_000)
    story.reversal_confirmed(first, REVERSAL, 20_000)
    story.settlement_voided(waived, 30_000, "waived", **{first: 30_000})
    return story


CORRECTED = corrected()


def test_pay_19_a_true_journal_of_corrections_has_no_finding() -> None:
    replayed, report = replay(CORRECTED.rows, CORRECTED)
    assert report.findings == []
    ledger = replayed.ledger
    collected, entry = ledger.payments.values()
    assert (entry.voided, collected.voided, collected.reversed, collected.beyond) == (True, False, 30_000, 0)
    assert [each.voided for each in ledger.settlements.values()] == [True, True]
    assert (ledger.lost, ledger.confirmed) == (0, {REVERSAL: 20_000})


@pytest.mark.parametrize(
    ("name", "change", "rule", "what"),
    [
        ("PaymentVoided", put("data.amount", "-5"), "PAY-19", "that is voided"),
        ("PaymentVoided", put("data.payment", an_id(9)), "PAY-19", "that is voided"),
        ("PaymentVoided", put("data.balance.paid", "-5"), "PAY-19", "paid at"),
        ("SettlementVoided", put("data.amount", "+5"), "PAY-19", "that is voided"),
        ("SettlementVoided", put("data.how", "converted"), "PAY-19", "that is voided was made"),
        ("SettlementVoided", put("data.balance.paid", "+5"), "PAY-19", "paid at"),
        ("LossResolved", put("data.amount", "-5"), "PAY-9", "what was lost"),
        ("LossResolved", put("data.left", "+5"), "PAY-9", "what is lost after"),
        ("PaymentReversed", put("data.amount", 30_001), "PAY-13", "what the bank took back"),
        ("PaymentReversed", put("data.beyond", 9_000), "PAY-13", "paid at"),
        ("ReversalConfirmed", put("data.amount", 40_000), "PAY-13", "what is confirmed"),
    ],
)
def test_a_correction_that_lies_is_found(name: str, change: Callable[[Document], None], rule: str, what: str) -> None:
    rows = copy.deepcopy(CORRECTED.rows)
    change(next(row for row in rows if row["type"].split(".")[2] == name))
    findings = replay(rows, CORRECTED)[1].findings
    assert [finding for finding in findings if finding.rule == rule and what in finding.what], findings


def test_pay_13_one_reversal_that_counts_twice_is_found() -> None:
    story = Story()
    story.opened(30_000, count=1)
    first = story.started()
    story.collected(first, 30_000)
    story.reversed(first, 30_000)
    story.paid(30_000)
    story.reversed(first, 30_000, beyond=30_000)
    findings = replay(story.rows, story)[1].findings
    assert {finding.what for finding in findings if finding.rule == "PAY-13"} == {
        f"what the bank took back of the payment {first}",
        "what the bank took beyond what the contract had",
    }


def test_pay_4_a_settlement_of_what_is_still_processing_is_found() -> None:
    story = Story()
    story.opened(30_000, count=1)
    story.use_requested(CREDIT, 10_000)
    story.paid(35_000)
    story.settled(5_000, "on_site")
    assert replay(story.rows, story)[1].findings == []
    put("data.balance.processing", "+5")(story.rows[-1])
    findings = replay(story.rows, story)[1].findings
    assert [each.found for each in findings if "should what is processing" in each.what] == ["5"]


def test_pay_17_amounts_are_the_sums_of_their_moves() -> None:
    document = {**STORY.schedule.model_dump(mode="json"), "_id": STORY.schedule.id}
    report = Report()
    check_explained(STORY.rows, document, report)
    assert report.findings == []
    check_explained(STORY.rows, {**document, "unscheduled": document["unscheduled"] + 1}, report)
    assert [finding.what for finding in report.findings] == ["each amount, as the sum of its moves"]
    rows = copy.deepcopy(STORY.rows)
    rows[0]["data"]["instalments"][0]["amount"] += 1
    report = Report()
    check_explained(rows, document, report)
    assert {finding.rule for finding in report.findings} == {"PAY-17"}


def test_pay_16_the_statement_comes_to_what_the_schedule_shows() -> None:
    document = {**STORY.schedule.model_dump(mode="json"), "_id": STORY.schedule.id}
    report = Report()
    check_stated(STORY.rows, document, report)
    assert report.findings == []
    check_stated(STORY.rows, {**document, "paid": document["paid"] + 1}, report)
    assert [finding.what for finding in report.findings] == ["the balance of the statement"]
    rows = copy.deepcopy(STORY.rows)
    received = next(row for row in rows if "PaymentCollected" in row["type"])
    received["data"]["amount"] += 1
    report = Report()
    check_stated(rows, document, report)
    assert [finding.what for finding in report.findings] == ["what the statement cannot name"]
