"""Refunds by transfer in pages: a file from building it to its outcome (PAY-18, PAY-4)."""

import httpx

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import refund_files
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

API = refund_files.API


async def test_pay_18_a_file_of_refunds_is_built_as_it_was_shown(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/refund-files/new")
        assert "2 refunds, together €80.00" in page.text
        assert "1 refund can’t be made" in page.text
        answer = await browser.post("/refund-files/new", data=fields(page.text))
        assert answer.headers["location"] == f"/refund-files/{refund_files.BUILT}"
        office.front.answers[f"POST {API}/preview"] = lambda _: problem(409, "no-refund-to-transfer")
        nothing = await browser.get("/refund-files/new")
        assert "waits for a transfer" in nothing.text
    assert len(bodies(office, API)) == 1


async def test_org_4_where_no_bank_account_is_left_the_page_says_so(office: Office) -> None:
    none = {"refund_file": None, "failed": 2, "more": False}
    office.front.answers[f"POST {API}"] = lambda _: httpx.Response(201, json=none)
    async with office.browser("director", "en") as browser:
        page = await browser.get("/refund-files/new")
        answer = await browser.post("/refund-files/new", data=fields(page.text))
    assert answer.headers["location"] == "/refund-files"


async def test_pay_18_a_file_of_refunds_is_downloaded_sent_taken_back_and_made(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        file = await browser.get(f"/refund-files/{refund_files.BUILT}/file")
        assert (file.headers["content-type"], file.content) == ("application/xml", b"<Document/>")
        page = await browser.get(f"/refund-files/{refund_files.BUILT}")
        for do in ("sent", "take-back", "made"):
            answer = await browser.post(f"/refund-files/{refund_files.BUILT}", data=fields(page.text) | {"do": do})
            assert answer.headers["location"] == f"/refund-files/{refund_files.BUILT}"
    for move in ("sent", "taking-back", "made"):
        assert len(bodies(office, f"{API}/{refund_files.BUILT}/{move}")) == 1


async def test_pay_4_a_refund_that_did_not_go_through_is_recorded_with_its_reason(office: Office) -> None:
    form = f"/refund-files/{refund_files.SENT}/{refund_files.REFUND}/failed"
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/refund-files/{refund_files.SENT}")
        assert form in page.text
        page = await browser.get(form)
        answer = await browser.post(form, data=fields(page.text) | {"reason": "account_closed"})
        assert answer.headers["location"] == f"/refund-files/{refund_files.SENT}"
    path = f"{API}/{refund_files.SENT}/refunds/{refund_files.REFUND}/failure"
    assert bodies(office, path) == [{"reason": "account_closed"}]
