"""Session packs in pages: a session taken at the door, given back, and a pack adjusted as it was seen (CRE-10)."""

import re

import httpx

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import contracts, packs
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

DOOR = f"/accounts/{packs.ACCOUNT}/door"
USES = f"/credits/v1/accounts/{packs.ACCOUNT}/session-uses"
TAKING = {"member": contracts.LEA, "on": "2027-09-20", "pack": "", "occurrence": ""}


async def test_a_session_is_taken_at_the_door_of_the_pack_that_expires_first(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR)
        assert "7/10 left" in page.text
        assert "until 6 Dec 2027" in page.text
        answer = await browser.post(DOOR, data=fields(page.text) | TAKING)
        assert answer.headers["location"] == DOOR, answer.text
    sent = {"member": contracts.LEA, "on": "2027-09-20", "pack": None, "occurrence": None}
    assert bodies(office, USES) == [sent]


async def test_a_session_is_taken_for_an_occurrence_of_the_day_that_is_looked_at(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR, params={"on": "2027-09-20"})
        chosen = re.findall(r'<option value="([^"]+)">(1\d:30 \w+)</option>', page.text)
        assert chosen == [(packs.LATE, "17:30 Yoga"), (packs.EVENING, "18:30 Stretching")]
        assert 'name="on" value="2027-09-20"' in page.text
        other = await browser.get(DOOR, params={"on": "2027-09-21"})
        assert "Yoga</option>" not in other.text
        assert "Take a session of 21 Sept 2027" in other.text
        sent = fields(page.text) | TAKING | {"occurrence": packs.LATE}
        answer = await browser.post(DOOR, data=sent)
        assert answer.headers["location"] == DOOR, answer.text
    assert bodies(office, USES) == [
        {"member": contracts.LEA, "on": "2027-09-20", "pack": None, "occurrence": packs.LATE}
    ]


async def test_a_session_that_is_taken_already_is_an_error_and_the_occurrence_stays_chosen(office: Office) -> None:
    office.front.answers[f"POST {USES}"] = lambda _: problem(409, "session-taken")
    async with office.browser("secretary", "fr") as browser:
        page = await browser.get(DOOR)
        answer = await browser.post(DOOR, data=fields(page.text) | TAKING | {"occurrence": packs.EVENING})
    assert answer.status_code == 422
    assert f'<option value="{packs.EVENING}" selected>' in answer.text


async def test_a_day_that_cannot_be_read_is_an_error_and_the_door_shows_today(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR, params={"on": "tomorrow"})
    assert "Choose a date, or write it as 2027-09-01." in page.text
    assert 'name="on" value="2027-09-20"' in page.text


async def test_sessions_that_were_taken_for_an_activity_say_for_which(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(f"{DOOR}?on=2027-09-21")
        assert page.text.count("<small>17:30 Yoga</small>") == 2
        office.front.answers["GET /catalog/v1/activities"] = {"items": [], "next": None}
        moved = await browser.get(DOOR)
    assert moved.text.count("<small>séance d’une activité</small>") == 2
    asked = [one.url.params["on"] for one in office.front.requests if one.url.path == "/catalog/v1/activities"]
    assert asked[:3] == ["2027-09-21", "2027-09-13", "2027-09-20"], "each day is asked for once"


async def test_without_the_catalogue_a_session_is_still_taken_at_the_door(office: Office) -> None:
    office.front.answers["GET /catalog/v1/activities"] = lambda _: httpx.Response(503)
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR)
        assert "The sessions of activities cannot be shown just now." in page.text
        answer = await browser.post(DOOR, data=fields(page.text) | TAKING)
    assert answer.headers["location"] == DOOR, answer.text


async def test_the_reason_why_no_pack_serves_is_shown_and_what_was_chosen_stays(office: Office) -> None:
    office.front.answers[f"POST {USES}"] = lambda _: problem(409, "no-pack-serves", member=contracts.LEA, packs=[])
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR)
        answer = await browser.post(DOOR, data=fields(page.text) | TAKING | {"pack": packs.PACK})
    assert answer.status_code == 422
    assert "No session pack of the family can be used by this person on that day." in answer.text
    assert f'<option value="{packs.PACK}" selected>' in answer.text


async def test_a_session_that_was_taken_by_mistake_is_given_back(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR)
        answer = await browser.post(f"{DOOR}/undo", data=fields(page.text) | {"use": packs.USE})
        assert answer.headers["location"] == DOOR, answer.text
    sent = [request.url.path for request in office.front.requests if request.method == "POST"]
    assert sent == [f"/credits/v1/session-uses/{packs.USE}/cancellation"]


async def test_staff_adjusts_a_pack_with_a_reason_as_it_was_seen(office: Office) -> None:
    path = f"/packs/{packs.PACK}"
    async with office.browser("director", "en") as browser:
        page = await browser.get(path)
        answer = await browser.post(path, data=fields(page.text) | {"sessions": "-1", "reason": "Came twice"})
        assert answer.headers["location"] == path, answer.text
        secretary = await browser.get(path)
    sent = {"sessions": -1, "reason": "Came twice"}
    assert bodies(office, f"/credits/v1/session-packs/{packs.PACK}/adjustments") == [sent]
    assert "Came twice on Tuesday" in secretary.text
