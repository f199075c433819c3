"""Remittances over HTTP: each instalment in one file, from building it to what the bank made of it (PAY-18)."""

import asyncio
from datetime import date
from importlib.resources import files

import pytest
from lxml import etree

from payments.collection.store.orders import ORDERS
from payments.sepa.store.mandates import MANDATES
from tests.integration.payments.conftest import Desk
from tests.integration.payments.debiting import CREDITOR, IBAN, built, moved, sold, with_settings
from tests.integration.payments.received_records import SALE_DAY, Family, clock_at, organisation_record
from tests.refused import problem

COLLECT_ON = "2026-11-24"
"""Saturday is the day of the sale: two banking days later is Tuesday."""


@pytest.fixture
async def contract(desk: Desk, family: Family) -> str:
    await with_settings(desk)
    return await sold(desk, family)


async def debits(desk: Desk, remittance: str) -> list[dict[str, object]]:
    answer = await desk.get(f"/v1/remittances/{remittance}/debits")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_pay_18_what_is_due_is_in_one_file_and_processing(desk: Desk, family: Family, contract: str) -> None:
    seen = await desk.post("/v1/remittances/preview", {})
    assert seen.json()["amount"]["amount"] == 300
    assert [(each["owner"], each["status"]) for each in seen.json()["debits"]] == [("Inès Martin", None)]
    assert (await desk.payments.schedule(contract)).processing == 0

    waiting = (await desk.get("/v1/figures")).json()["to_remit"]
    assert (waiting["count"], waiting["amount"]["amount"]) == (1, 300)
    made = await built(desk)
    assert (await desk.get("/v1/figures")).json()["to_remit"]["count"] == 0
    assert (made["status"], made["collect_on"], made["debits"]) == ("built", COLLECT_ON, 1)
    assert made["amount"] == {"amount": 300, "currency": "EUR"}
    assert (await desk.payments.schedule(contract)).processing == 300
    (debit,) = await debits(desk, made["id"])
    assert (debit["status"], debit["due"], debit["contract"]) == ("asked", SALE_DAY.isoformat(), contract)
    assert (await desk.payments.names_published(contract))[-1] == "CollectionStarted"
    problem(await desk.post("/v1/remittances", {}), 409, "nothing-to-remit")
    listed = (await desk.get("/v1/remittances")).json()["items"]
    assert [each["id"] for each in listed] == [made["id"]]


async def test_pay_18_a_later_collection_date_collects_what_is_due_by_then(desk: Desk, contract: str) -> None:
    made = await built(desk, "2026-12-21")
    assert (made["debits"], made["amount"]["amount"]) == (2, 600)


async def test_pay_18_two_desks_at_once_put_an_instalment_in_one_file(desk: Desk, contract: str) -> None:
    answers = await asyncio.gather(*(desk.post("/v1/remittances", {}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await desk.payments.database[ORDERS.name].count_documents({}) == 1


async def test_pay_18_the_file_is_valid_and_the_same_each_time(desk: Desk, family: Family, contract: str) -> None:
    made = await built(desk)
    files_ = [await desk.get(f"/v1/remittances/{made['id']}/file") for _ in range(2)]
    assert files_[0].content == files_[1].content
    assert files_[0].headers["content-disposition"].endswith('.xml"')
    schema = etree.XMLSchema(file=str(files("sepaxml") / "schemas" / "pain.008.001.08.xsd"))
    document = etree.fromstring(files_[0].content)
    schema.assertValid(document)
    texts = {etree.QName(each).localname: each.text for each in document.iter() if each.text and each.text.strip()}
    assert texts["IBAN"] == IBAN
    assert texts["CtrlSum"] == "3.00"
    assert (texts["SeqTp"], texts["ReqdColltnDt"]) == ("RCUR", COLLECT_ON)
    (debit,) = await debits(desk, made["id"])
    assert texts["EndToEndId"] == str(debit["attempt"]).replace("-", "")
    assert texts["Nm"] == "Ines Martin"
    refused = await desk.get(f"/v1/remittances/{made['id']}/file", desk.headers("payments:read"))
    problem(refused, 403, "scope-missing")


async def test_pay_18_a_file_is_taken_back_while_it_is_not_sent(desk: Desk, contract: str) -> None:
    before = await desk.payments.schedule(contract)
    made = await built(desk)
    back = await moved(desk, made["id"], "taking-back", version=1)
    assert back.json()["status"] == "taken_back"
    after = await desk.payments.schedule(contract)
    assert (after.instalments, after.attempts) == (before.instalments, ())
    assert (await desk.payments.names_published(contract))[-1] == "CollectionWithdrawn"
    (debit,) = await debits(desk, made["id"])
    assert debit["status"] == "withdrawn"
    problem(await desk.get(f"/v1/remittances/{made['id']}/file"), 409, "remittance-moved-on")
    again = await built(desk)
    sent = await moved(desk, again["id"], "sent", version=1)
    assert sent.json()["sent_on"] == SALE_DAY.isoformat()
    problem(await moved(desk, again["id"], "taking-back", version=2), 409, "remittance-moved-on")
    problem(await moved(desk, again["id"], "sent", version=1), 412, "version-moved")


async def test_pay_18_what_the_bank_credits_is_paid_and_what_it_refuses_is_tried_again(
    desk: Desk, family: Family, contract: str
) -> None:
    other = Family(family.organisation)
    refused = await sold(desk, other)
    made = await built(desk)
    attempts = {each["contract"]: each["attempt"] for each in await debits(desk, made["id"])}
    path = f"/v1/remittances/{made['id']}/debits/{attempts[refused]}/refusal"
    problem(await desk.post(path, {"reason": "insufficient_funds"}), 409, "remittance-moved-on")
    await moved(desk, made["id"], "sent", version=1)
    problem(await moved(desk, made["id"], "collected", version=2), 409, "remittance-not-due")
    await desk.payments.handles(organisation_record(family.organisation, 2, clock_ahead=clock_at(date(2026, 11, 24))))
    answer = await desk.post(path, {"reason": "insufficient_funds"})
    assert answer.status_code == 200, answer.text
    problem(await desk.post(path, {"reason": "insufficient_funds"}), 409, "debit-ended")
    failed = await desk.payments.schedule(refused)
    assert [each.next_try for each in failed.instalments if each.tries] == [date(2026, 11, 27)]
    done = await moved(desk, made["id"], "collected", version=2)
    assert done.json()["status"] == "collected"
    paid = await desk.payments.schedule(contract)
    assert (paid.paid, paid.processing, paid.planned) == (300, 0, 600)
    assert failed.paid == 0
    shown = {each["contract"]: (each["status"], each["reason"]) for each in await debits(desk, made["id"])}
    assert shown == {contract: ("succeeded", None), refused: ("failed", "insufficient_funds")}
    (payment,) = (await desk.get(f"/v1/schedules/{contract}/payments")).json()["items"]
    reversed_ = await desk.post(
        f"/v1/schedules/{contract}/payments/{payment['id']}/reversal",
        {"reason": "returned_debit"},
        version=paid.version,
    )
    assert reversed_.status_code == 201, reversed_.text


async def test_pay_18_a_debit_that_the_bank_will_always_refuse_ends_the_mandate(
    desk: Desk, family: Family, contract: str
) -> None:
    made = await built(desk)
    await moved(desk, made["id"], "sent", version=1)
    (debit,) = await debits(desk, made["id"])
    path = f"/v1/remittances/{made['id']}/debits/{debit['attempt']}/refusal"
    await desk.post(path, {"reason": "account_closed"})
    (mandate,) = (await desk.get(f"/v1/accounts/{family.account}/mandates")).json()["mandates"]
    assert (mandate["ended_why"], mandate["last_used_on"]) == ("refused_by_bank", COLLECT_ON)
    assert (await desk.get(f"/v1/accounts/{family.account}/payment-methods")).json()["methods"] == []


async def test_pay_18_the_date_is_a_banking_day_that_the_bank_can_keep(desk: Desk, contract: str) -> None:
    for wanted, slug in (("2026-11-23", "early"), ("2026-12-25", "late"), ("2026-12-06", None)):
        answer = await desk.post("/v1/remittances", {"collect_on": wanted})
        problem(answer, 422, f"collection-too-{slug}" if slug else "no-banking-day")


async def test_pay_18_a_file_of_somebody_erased_is_not_made_any_more(desk: Desk, family: Family, contract: str) -> None:
    made = await built(desk)
    await desk.payments.handles(family.erased(2))
    problem(await desk.get(f"/v1/remittances/{made['id']}/file"), 409, "remittance-erased")
    kept = await desk.payments.database[MANDATES.name].find_one({})
    assert kept is not None
    assert (kept["holder"], kept["sealed_iban"], kept["iban_ending"]) == (None, None, "0189")


async def test_pay_18_a_mandate_is_not_collected_by_hand(desk: Desk, contract: str) -> None:
    schedule = await desk.payments.schedule(contract)
    answer = await desk.post(f"/v1/schedules/{contract}/collection", None, version=schedule.version)
    problem(answer, 409, "collected-by-remittance")


async def test_pay_18_what_the_bank_took_back_is_in_the_next_file_once_staff_asks_for_it(
    desk: Desk, contract: str
) -> None:
    made = await built(desk)
    await moved(desk, made["id"], "sent", version=1)
    await desk.payments.handles(
        organisation_record(desk.payments.organisation, 2, clock_ahead=clock_at(date(2026, 11, 24)))
    )
    await moved(desk, made["id"], "collected", version=2)
    schedule = await desk.payments.schedule(contract)
    (payment,) = (await desk.get(f"/v1/schedules/{contract}/payments")).json()["items"]
    path = f"/v1/schedules/{contract}/payments/{payment['id']}/reversal"
    await desk.post(path, {"reason": "returned_debit"}, version=schedule.version)
    problem(await desk.post("/v1/remittances", {}), 409, "nothing-to-remit")
    schedule = await desk.payments.schedule(contract)
    asked = await desk.post(f"/v1/schedules/{contract}/collection", None, version=schedule.version)
    assert (asked.status_code, asked.json()["attempts"]) == (202, [])
    assert (await built(desk))["amount"]["amount"] == 300


async def test_pay_18_a_mandate_that_ended_meanwhile_is_in_no_file(desk: Desk, family: Family, contract: str) -> None:
    made = await built(desk)
    (mandate,) = (await desk.get(f"/v1/accounts/{family.account}/mandates")).json()["mandates"]
    await desk.delete(f"/v1/accounts/{family.account}/payment-methods/{mandate['id']}")
    problem(await desk.get(f"/v1/remittances/{made['id']}/file"), 409, "remittance-mandate-ended")
    assert (await moved(desk, made["id"], "taking-back", version=1)).status_code == 200


async def test_pay_18_the_preview_counts_the_families_whose_notice_would_be_late(
    desk: Desk, family: Family, contract: str
) -> None:
    soon = (await desk.post("/v1/remittances/preview", {})).json()
    assert (soon["notice_days"], soon["late_notice"], soon["notice_date"]) == (14, 1, "2026-12-07")
    in_time = (await desk.post("/v1/remittances/preview", {"collect_on": "2026-12-07"})).json()
    assert in_time["late_notice"] == 0
    answer = await desk.put("/v1/sepa-settings", {**CREDITOR, "notice_days": 3}, version=1)
    assert answer.json()["notice_days"] == 3
    agreed = (await desk.post("/v1/remittances/preview", {})).json()
    assert (agreed["late_notice"], agreed["notice_date"]) == (0, COLLECT_ON)
