"""Files of the bank in pages: one is sent as it is, compressed, and its report says what is left to do (PAY-18)."""

import gzip
from base64 import b64decode

import httpx

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import bank_files
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

API = "/payments/v1/bank-files"


async def sent(office: Office, content: bytes, *, field: str = "file") -> httpx.Response:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/bank-files")
        return await browser.post(
            "/bank-files", data=fields(page.text), files={field: ("relevé.xml", content, "application/xml")}
        )


async def test_pay_18_a_file_is_sent_compressed_and_its_report_is_shown(office: Office) -> None:
    content = b"<Document/>" * 100_000
    answer = await sent(office, content)
    assert answer.headers["location"] == f"/bank-files/{bank_files.READ}", answer.text
    (body,) = bodies(office, API)
    assert body["name"] == "relevé.xml"
    assert gzip.decompress(b64decode(body["content"])) == content
    async with office.browser("director", "en") as browser:
        page = await browser.get(answer.headers["location"])
    for words in (
        "not enough money on the account (AM04)",
        "Mark the remittance or the file",
        "code of the bank (ZZ99)",
    ):
        assert words in page.text


async def test_pay_18_nothing_chosen_too_much_or_a_wrong_file_is_an_error_at_the_field(office: Office) -> None:
    nothing = await sent(office, b"")
    assert "Choose the file first." in nothing.text
    large = await sent(office, b" " * (2 * 1024 * 1024 + 1))
    assert "This file has more than 2 MB." in large.text
    assert bodies(office, API) == []
    office.front.answers[f"POST {API}"] = lambda _: problem(422, "bank-file-invalid", field="content", line=17)
    wrong = await sent(office, b"<Document/>")
    assert wrong.status_code == 422
    assert "Line 17 of this file" in wrong.text
