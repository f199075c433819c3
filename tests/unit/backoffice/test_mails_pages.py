"""The mails of the organisation in pages: one sent again, and all that were not sent."""

import pytest

from tests.backoffice.people import Office
from tests.backoffice.subjects import mails as given
from tests.unit.backoffice.test_contract_changes import fields

FAILED = given.FAILED["id"]


async def test_a_mail_is_sent_again_in_its_present_words(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/mails?status=failed")
        assert "Contract changed" in page.text
        assert "The family has no address." in page.text
        answer = await browser.post(f"/mails/{FAILED}/send-again", data=fields(page.text))
        assert answer.headers["location"] == "/mails?status=failed"
        assert "The mail is sent once more." in (await browser.get("/mails")).text
    (sent,) = [one for one in office.front.requests if one.method == "POST"]
    assert sent.url.path == f"{given.ADDRESS}/{FAILED}/send-again"
    assert sent.headers["if-match"] == '"7"'
    assert sent.headers["idempotency-key"]


@pytest.mark.parametrize(("asked", "status"), [("", None), ("failed", "failed"), ("queued", "queued"), ("x", None)])
async def test_mails_are_listed_by_state(office: Office, asked: str, status: str | None) -> None:
    async with office.browser("director", "en") as browser:
        assert (await browser.get("/mails", params={"status": asked})).status_code == 200
    (listed,) = [one for one in office.front.requests if one.url.path == given.ADDRESS]
    assert listed.url.params.get("status") == status


async def test_the_bulk_job_is_started_followed_and_stopped(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        marks = fields((await browser.get("/mails")).text)
        started = await browser.post("/mails/send-failed-again", data=marks)
        assert started.headers["location"] == f"/mails/jobs/{given.JOB}"
        running = await browser.get(started.headers["location"])
        assert running.headers["refresh"]
        stopped = await browser.post(f"/mails/jobs/{given.JOB}/cancel", data=fields(running.text))
        assert stopped.headers["location"] == f"/mails/jobs/{given.JOB}"
    posted = [one.url.path for one in office.front.requests if one.method == "POST"]
    assert posted == [f"{given.ADDRESS}/send-failed-again", f"/notifications/v1/jobs/{given.JOB}/cancel"]


async def test_a_job_that_has_ended_says_what_it_could_not_do_and_stays(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/mails/jobs/{given.ENDED}")
    assert "refresh" not in page.headers
    assert "The mail is still on its way." in page.text
    assert ">Stop<" not in page.text


async def test_sending_without_the_right_is_refused_with_the_reason(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        page = await browser.get("/mails")
        assert page.status_code == 200, page.text
    assert 'action="/mails/send-failed-again"' not in page.text
    assert "Send again all that were not sent" in page.text


async def test_the_html_of_a_mail_is_shown_in_a_frame_that_runs_and_loads_nothing(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/mails/{given.SENT['id']}")
        assert (
            f'<iframe class="mail" sandbox title="The mail as it was sent" src="/mails/{given.SENT["id"]}/shown">'
            in (page.text)
        )
        shown = await browser.get(f"/mails/{given.SENT['id']}/shown")
        assert shown.text == given.LETTER["html"]
        assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none';")
        assert (await browser.get(f"/mails/{FAILED}/shown")).status_code == 404
        assert "is not kept" in (await browser.get(f"/mails/{FAILED}")).text
