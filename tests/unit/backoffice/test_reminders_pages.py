"""Payment reminders in pages: the calendar that is saved, a reminder by hand, a family that wants no more."""

import json

import httpx

from tests.backoffice.people import Office
from tests.backoffice.registry import NAMES
from tests.backoffice.subjects import reminders as given
from tests.unit.backoffice.test_contract_changes import fields

ADDRESS = "/accounts/{account}/reminders".format_map(NAMES)


async def test_pay_10_the_calendar_is_saved_as_it_is_filled_in(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get("/reminders/settings")
        assert "Petit rappel amical !" in page.text
        assert 'value="RENTREE10"' in page.text
        filled = fields(page.text) | {
            "active": "yes",
            "hour": "8",
            "staff_after": "",
            "steps-0-days": "3",
            "steps-0-when": "before",
            "steps-1-days": "1",
            "steps-1-when": "after",
            "steps-1-text_fr": "Bonjour",
            "steps-2-days": "",
            "order_steps-0-days": "5",
            "order_steps-0-code": "BIENVENUE",
        }
        answer = await browser.post("/reminders/settings", data=filled)
        assert answer.headers["location"] == "/reminders"
    (sent,) = [one for one in office.front.requests if one.method == "PUT"]
    assert sent.headers["if-match"] == '"3"'
    assert json.loads(sent.content) == {
        "active": True,
        "hour": 8,
        "steps": [
            {"days": -3, "text_fr": "", "text_en": ""},
            {"days": 1, "text_fr": "Bonjour", "text_en": ""},
        ],
        "order_steps": [{"days": 5, "text_fr": "", "text_en": "", "code": "BIENVENUE"}],
        "staff_after": None,
    }


async def test_pay_10_what_is_wrong_in_the_calendar_is_an_error_at_its_field(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        marks = fields((await browser.get("/reminders/settings")).text)
        answer = await browser.post(
            "/reminders/settings", data=marks | {"hour": "25", "steps-0-days": "", "steps-0-text_en": "Words alone"}
        )
    assert answer.status_code == 422
    assert "from 0 to 23" in answer.text
    assert "Words alone" in answer.text
    assert not [one for one in office.front.requests if one.method == "PUT"]


async def test_pay_10_a_family_is_reminded_by_hand_and_left_in_peace(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(ADDRESS)
        sent = await browser.post(ADDRESS, data=fields(page.text) | {"text": "Please come by."})
        assert sent.headers["location"] == ADDRESS
        stopped = await browser.post(f"{ADDRESS}/stop", data=fields(page.text))
        assert stopped.headers["location"] == ADDRESS
        office.front.answers[f"POST {given.API}"] = lambda _: httpx.Response(
            409, json={"type": "urn:carnet:problem:reminded-today", "title": "x", "status": 409, "detail": "x"}
        )
        refused = await browser.post(ADDRESS, data=fields(page.text) | {"text": "Again."})
        assert refused.status_code == 422
        assert "got a reminder today" in refused.text
        assert "Again." in refused.text
    posted = [(one.url.path, one.content) for one in office.front.requests if one.method == "POST"]
    assert json.loads(posted[0][1]) == {"text": "Please come by."}
    assert posted[1][0] == f"{given.API}/stop"
