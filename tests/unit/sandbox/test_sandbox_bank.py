"""The bank of the sandbox: what it answers to a remittance, by files that the published schemas accept (PAY-18)."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from lxml import etree

from carnet_sandbox.bank import (
    CASES,
    Entry,
    Order,
    Ordered,
    answers_to,
    credited_whole,
    notification,
    read_order,
    statement,
    status_report,
)
from carnet_sandbox.bank.answers import french_iban
from payments.sepa.domain.banking import checked_iban
from payments.sepa.domain.return_codes import MEANINGS
from payments.sepa.reading import read_message
from tests.pages import ROOT
from tests.unit.sandbox.conftest import Played

OURS, FINE = french_iban(900), french_iban(901)
WEDNESDAY = date(2027, 3, 24)
DEBITS = tuple(Ordered(f"{number:032x}", "3.00", f"M{number}", iban) for number, iban in enumerate([*CASES, FINE], 1))
ORDER = Order("f" * 32, "f" * 32, OURS, WEDNESDAY, "27.00", DEBITS)
SCHEMAS = {
    "pain.002": ("pain001", "pain002/schemas/pain.002.001.12.xsd"),
    "camt.053": ("camt053", "xsd/camt.053.001.08.xsd"),
    "camt.054": ("camt053", "xsd/camt.054.001.08.xsd"),
}


def remittance(debits: tuple[Ordered, ...] = DEBITS) -> bytes:
    ones = "".join(
        f"<DrctDbtTxInf><PmtId><EndToEndId>{each.end_to_end}</EndToEndId></PmtId><InstdAmt>{each.amount}</InstdAmt>"
        f"<MndtId>{each.mandate}</MndtId><DbtrAcct><Id><IBAN>{each.iban}</IBAN></Id></DbtrAcct></DrctDbtTxInf>"
        for each in debits
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08">'
        f"<MsgId>{ORDER.message}</MsgId><PmtInfId>{ORDER.part}</PmtInfId><CtrlSum>{ORDER.amount}</CtrlSum>"
        f"<ReqdColltnDt>{ORDER.collect_on}</ReqdColltnDt><CdtrAcct><Id><IBAN>{ORDER.iban}</IBAN></Id></CdtrAcct>"
        f"{ones}</Document>"
    ).encode()


def valid(kind: str, content: bytes) -> None:
    package, path = SCHEMAS[kind]
    etree.XMLSchema(file=str(files(package) / path)).assertValid(etree.fromstring(content))


def test_pay_18_every_file_of_the_bank_is_as_the_schema_of_its_kind_has_it() -> None:
    answers = answers_to(ORDER)
    assert [(each.kind, each.what) for each in answers] == [
        ("pain.002", "report"),
        ("camt.054", "early"),
        ("camt.053", "credited"),
        ("camt.054", "again"),
        ("camt.053", "later"),
        ("camt.053", "refunded"),
    ]
    for each in answers:
        valid(each.kind, each.content)
    for made in (status_report(ORDER, {}), status_report(ORDER, {}, whole="FF01")):
        valid("pain.002", made)
    entries = [credited_whole(ORDER), Entry("20000.00", False, booked=True), Entry("1.00", True, booked=False)]
    valid("camt.053", statement(OURS, WEDNESDAY, entries))
    valid("camt.054", notification(OURS, WEDNESDAY, entries))


def test_pay_18_each_account_has_what_its_case_says_and_any_other_is_debited() -> None:
    said: dict[str, list[tuple[str, str | None]]] = {each.end_to_end: [] for each in DEBITS}
    for answer in answers_to(ORDER):
        for line in read_message(answer.content).lines:
            if line.end_to_end in said:
                said[line.end_to_end].append((f"{answer.what} {line.part}", line.code))
    credits_ = [("credited credit", None), ("again credit", None)]
    expected: dict[str, list[tuple[str, str | None]]] = {
        "report": [("report rejected", "AC04")],
        "early": [("early debit", "AM04"), *credits_],
        "credited": [*credits_, ("credited debit", "MS03"), ("again debit", "MS03")],
        "refunded": [*credits_, ("refunded debit", "MD06")],
    }
    for debit in DEBITS:
        case = CASES.get(debit.iban)
        if case is None or case.what == "returned":
            assert said[debit.end_to_end] == credits_
            continue
        if case.what in expected and case.code != "MD01":
            assert sorted(said[debit.end_to_end], key=str) == sorted(expected[case.what], key=str)
        assert case.code in {code for _, code in said[debit.end_to_end]}


def test_pay_18_what_comes_back_later_is_booked_on_a_weekday() -> None:
    days = {each.what: each.on for each in answers_to(ORDER)}
    assert (days["later"], days["refunded"]) == (date(2027, 3, 29), date(2027, 4, 28))
    assert all(each.on.isoweekday() <= 5 for each in answers_to(ORDER))


@pytest.mark.parametrize("iban", [*CASES, FINE])
def test_pay_18_the_accounts_to_try_with_can_be_those_of_mandates(iban: str) -> None:
    assert checked_iban(iban) == iban
    assert iban not in CASES or CASES[iban].code in MEANINGS


def test_pay_18_transfers_leave_are_rejected_or_come_back() -> None:
    order = replace(ORDER, transfers=True)
    answers = answers_to(order)
    for each in answers:
        valid(each.kind, each.content)
    said = [
        (answer.what, line.part, DEBITS[int(line.end_to_end or "", 16) - 1].iban, line.code)
        for answer in answers
        for line in read_message(answer.content).lines
        if line.end_to_end in {each.end_to_end for each in DEBITS}
    ]
    ibans = [each.iban for each in DEBITS]
    rejected = ("report", "rejected", ibans[0], "AC04")
    left = [("left", "debit", iban, None) for iban in ibans[1:]]
    again = [("again", "debit", iban, None) for iban in reversed(ibans[1:])]
    back = [("returned", "credit", iban, "AC04") for iban in (ibans[5], ibans[7])]
    assert said == [rejected, *left, *again, *back]


async def test_a_remittance_is_handed_in_over_http(played: Played) -> None:
    assert read_order(remittance()) == ORDER
    answer = await played.client.post("/bank/files", content=remittance(), params={"language": "fr"})
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, Any]] = answer.json()
    expected = answers_to(ORDER)
    assert [(each["name"], each["on"]) for each in shown] == [(each.name, each.on.isoformat()) for each in expected]
    assert [each["content"].encode() for each in shown] == [each.content for each in expected]
    assert shown[0]["says"] == "Ce que la banque accepte et rejette."
    fine = (await played.client.post("/bank/files", content=remittance(DEBITS[-1:]))).json()
    assert [each["kind"] for each in fine] == ["pain.002", "camt.053", "camt.054"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no XML"),
        (b"%PDF-1.7", "no XML"),
        (remittance().replace(b"pain.008", b"pain.009"), "neither direct debits"),
        (remittance().replace(b"<MsgId>", b"<X>").replace(b"</MsgId>", b"</X>"), "no MsgId"),
        (remittance().replace(b"2027-03-24", b"24/03/2027"), "date"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + remittance().replace(b"M1<", b"&b;<"), ""),
    ],
)
async def test_what_is_no_remittance_is_refused_and_says_what_to_do(played: Played, content: bytes, why: str) -> None:
    answer = await played.client.post("/bank/files", content=content)
    if why:
        assert answer.status_code == 422
        assert "Download it again" in answer.json()["detail"]
        assert why in answer.json()["detail"]
    assert "root:" not in answer.text


async def test_a_file_that_is_too_large_is_refused(played: Played) -> None:
    answer = await played.client.post("/bank/files", content=b" " * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "2 MB" in answer.json()["detail"]


@pytest.mark.parametrize(("language", "title"), [("fr-FR,fr;q=0.9", "Une banque pour essayer"), ("de", "A bank to")])
async def test_the_page_of_the_bank_is_in_french_or_english(played: Played, language: str, title: str) -> None:
    page = (await played.client.get("/bank", headers={"Accept-Language": language})).text
    assert title in page
    assert "$" not in page
    assert all(iban in page for iban in CASES)


def test_the_page_about_the_sandbox_has_every_account_to_try_with() -> None:
    text = (ROOT / "docs" / "integration" / "sandbox.md").read_text(encoding="utf-8")
    for case in CASES.values():
        assert f"| `{case.iban}` | {case.code} | {case.description} |" in text
