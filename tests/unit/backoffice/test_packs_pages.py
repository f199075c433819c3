"""Session packs in pages: a session taken at the door, given back, and a pack adjusted as it was seen (CRE-10)."""

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import contracts, packs
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

DOOR = f"/accounts/{packs.ACCOUNT}/door"
USES = f"/credits/v1/accounts/{packs.ACCOUNT}/session-uses"
TAKING = {"member": contracts.LEA, "on": "2027-09-20", "pack": ""}


async def test_a_session_is_taken_at_the_door_of_the_pack_that_expires_first(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(DOOR)
        assert "7/10 left" in page.text
        assert "until 6 Dec 2027" in page.text
        answer = await browser.post(DOOR, data=fields(page.text) | TAKING)
        assert answer.headers["location"] == DOOR, answer.text
    assert bodies(office, USES) == [{"member": contracts.LEA, "on": "2027-09-20", "pack": None}]


async def test_why_no_pack_serves_is_said_and_what_was_chosen_stays(office: Office) -> None:
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
