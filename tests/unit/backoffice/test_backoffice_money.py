"""Refund lines that are settled, and cheques that go to the bank, as forms (PAY-4, PAY-7)."""

import json
import re
from typing import Any

import httpx

from tests.backoffice.front import problem
from tests.backoffice.people import Office, session
from tests.backoffice.subjects.cheques import CHEQUES
from tests.backoffice.subjects.cheques import CONTRACT as HELD
from tests.backoffice.subjects.refunds import CONTRACT

REFUND = f"/refunds/{CONTRACT}"
SETTLEMENTS = f"/payments/v1/schedules/{CONTRACT}/settlements"
PAYMENTS = f"/payments/v1/schedules/{HELD}/payments"


def marks(page: str) -> dict[str, str]:
    """The hidden fields that the first form of a page that changes something has."""
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("_token", "_key")}


async def shown(browser: httpx.AsyncClient, path: str) -> tuple[str, dict[str, str]]:
    page = (await browser.get(path)).text
    return page, marks(page)


async def test_pay_4_each_way_says_what_it_would_do_with_the_amount(office: Office) -> None:
    async with office.browser("support", "en") as browser:
        page, _ = await shown(browser, f"{REFUND}?amount=12")
    bodies = office.front.sent(f"{SETTLEMENTS}/preview")
    assert {(each["how"], each["amount"]["amount"]) for each in bodies} == {
        ("refunded", 1200),
        ("converted", 1200),
        ("on_site", 1200),
        ("waived", 1200),
    }
    assert "€12.00 of the payment of 30 Aug 2027" in page
    assert "The family gets a credit of €12.00" in page
    assert page.count("Then €323.00 is paid and €18.00 is left to refund.") == 4
    assert not office.front.sent(SETTLEMENTS)


async def test_pay_4_a_way_that_is_refused_says_why_and_the_others_are_possible(office: Office) -> None:
    async with office.browser("support", "en") as browser:
        page, _ = await shown(browser, REFUND)
    assert "€25.00" in page
    assert 'value="refunded"' not in page
    assert 'value="converted"' in page


async def test_pay_4_a_part_is_settled_once_by_the_version_that_was_seen(office: Office) -> None:
    async with office.browser("support", "en") as browser:
        _, hidden = await shown(browser, f"{REFUND}?amount=12")
        sent = {**hidden, "how": "on_site", "method": "transfer", "amount": "12.00", "version": "4"}
        answer = await browser.post(REFUND, data=sent)
        again = await browser.post(REFUND, data=sent)
        notice = (await browser.get(REFUND)).text
    assert (answer.status_code, answer.headers["location"]) == (303, REFUND)
    assert again.status_code == 303
    assert "€12.00 is settled." in notice
    requests = [each for each in office.front.requests if each.method == "POST" and each.url.path == SETTLEMENTS]
    assert {each.headers["idempotency-key"] for each in requests} == {hidden["_key"]}
    expected = {"amount": {"amount": 1200, "currency": "EUR"}, "how": "on_site", "method": "transfer"}
    assert json.loads(requests[0].content) == expected
    assert requests[0].headers["if-match"] == '"4"'


async def test_pay_4_once_nothing_is_left_the_list_is_next(office: Office) -> None:
    async with office.browser("support") as browser:
        _, hidden = await shown(browser, REFUND)
        answer = await browser.post(REFUND, data={**hidden, "how": "converted", "amount": "30", "version": "4"})
    assert answer.headers["location"] == "/refunds"


async def test_pay_4_waiving_needs_a_reason_whose_absence_is_an_error_at_its_field(office: Office) -> None:
    async with office.browser("support", "en") as browser:
        _, hidden = await shown(browser, REFUND)
        answer = await browser.post(REFUND, data={**hidden, "how": "waived", "amount": "12", "version": "4"})
        assert answer.status_code == 422
        assert 'id="error-reason">Fill in this field.' in answer.text
        assert "€12.00" in answer.text
        sent = {**hidden, "how": "waived", "amount": "12", "version": "4", "reason": " agreed "}
        assert (await browser.post(REFUND, data=sent)).status_code == 303
    assert office.front.sent(SETTLEMENTS)[0]["reason"] == "agreed"


async def test_a_schedule_that_moved_meanwhile_is_shown_as_it_is_now(office: Office) -> None:
    office.front.answers[f"POST {SETTLEMENTS}"] = lambda _: problem(412, "version-stale")
    async with office.browser("support", "en") as browser:
        _, hidden = await shown(browser, REFUND)
        answer = await browser.post(REFUND, data={**hidden, "how": "on_site", "amount": "12", "version": "3"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'name="version" value="4"' in answer.text
    assert hidden["_key"] not in answer.text


async def test_org_3_settling_without_the_right_is_refused_with_the_reason(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = (await browser.get(REFUND)).text
    assert "Only support settles refunds of contracts paid online." in page
    assert 'name="how"' not in page


async def test_a_form_of_another_site_is_refused(office: Office) -> None:
    async with office.browser("support") as browser:
        answer = await browser.post(REFUND, data={"_token": "x", "how": "on_site", "amount": "12", "version": "4"})
    assert answer.status_code == 403
    assert not office.front.sent(SETTLEMENTS)


def ticked(*numbers: int) -> list[str]:
    chosen = [CHEQUES[number] for number in numbers]
    return [f"{each['contract']}/{each['id']}/{each['amount']['amount']}" for each in chosen]


async def test_pay_7_cheques_that_go_to_the_bank_are_paid_for_their_instalments(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        _, hidden = await shown(browser, "/cheques")
        answer = await browser.post("/cheques", data={**hidden, "until": "2027-10-31", "cheque": ticked(0, 2)})
        notice = (await browser.get("/cheques")).text
    assert (answer.status_code, answer.headers["location"]) == (303, "/bank-deposits/new?method=cheque")
    assert "2 cheques are recorded as received: put them in a bank deposit." in notice
    requests = [each for each in office.front.requests if each.method == "POST" and each.url.path == PAYMENTS]
    bodies = [json.loads(each.content) for each in requests]
    assert bodies == [paid(CHEQUES[0]), paid(CHEQUES[2])]
    assert [each.headers["if-match"] for each in requests] == ['"4"', '"5"']
    assert len({each.headers["idempotency-key"] for each in requests}) == 2


def paid(cheque: dict[str, Any]) -> dict[str, Any]:
    return {
        "amount": cheque["amount"],
        "method": "cheque",
        "received_on": "2027-09-20",
        "instalment": cheque["id"],
    }


async def test_pay_7_what_is_refused_of_several_cheques_is_shown_with_how_many_were_deposited(office: Office) -> None:
    def second_refused(request: httpx.Request) -> httpx.Response:
        if json.loads(request.content)["instalment"] == CHEQUES[1]["id"]:
            return problem(404, "unknown-instalment", id=CHEQUES[1]["id"])
        return httpx.Response(201, json={}, headers={"ETag": '"5"'})

    office.front.answers[f"POST {PAYMENTS}"] = second_refused
    async with office.browser("cashier", "en") as browser:
        _, hidden = await shown(browser, "/cheques")
        answer = await browser.post("/cheques", data={**hidden, "cheque": ticked(0, 1)})
    assert answer.status_code == 422
    assert "1 cheque is recorded as received: put it in a bank deposit." in answer.text
    assert 'role="alert"' in answer.text


async def test_no_ticked_cheque_is_an_error_in_words(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        _, hidden = await shown(browser, "/cheques")
        answer = await browser.post("/cheques", data={**hidden, "cheque": "nonsense"})
    assert answer.status_code == 422
    assert "Tick the cheques that go to the bank." in answer.text
    assert not office.front.sent(PAYMENTS)


async def test_org_2_who_may_not_record_payments_sees_the_cheques_and_why(office: Office) -> None:
    async with office.browser(language="en", signed_in=session("cashier", scopes="payments:read")) as browser:
        page = (await browser.get("/cheques")).text
    assert "Chloé Martin-Dupré" in page
    assert "Your role does not let you record payments" in page


async def test_cheques_are_exported_as_a_workbook(office: Office) -> None:
    async with office.browser("cashier") as browser:
        answer = await browser.get("/cheques.xlsx?until=2027-10-31")
        text = await browser.get("/cheques.csv")
        slip = await browser.get("/cheques.pdf?until=2027-10-31")
    assert answer.content[:2] == b"PK"
    assert "cheques-a-deposer-2027-09-20.xlsx" in answer.headers["content-disposition"]
    assert (slip.content, slip.headers["content-type"]) == (b"%PDF-1.7 slip", "application/pdf")
    assert text.text.startswith("\ufeffmontant")
