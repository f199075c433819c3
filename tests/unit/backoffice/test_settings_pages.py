"""Settings in pages: the whole profile, the collection calendar, the clock of a test organisation."""

import re

import pytest

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import settings as given
from tests.unit.backoffice.test_catalogue_pages import seen, typed
from tests.unit.backoffice.test_contract_changes import fields

PROFILE = "/settings/organisation"
CHOSEN = {"languages": "en fr", "support_email": "remboursements@ecole.example"}


async def test_the_whole_profile_is_saved_with_the_version_that_was_seen(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(PROFILE)
        days = {"access_late_days": "15", "renewal_notice_days": "60"}
        sent = typed(page.text) | CHOSEN | {"contact.address": "1, rue du Bac\r\n75007 Paris", **days}
        answer = await browser.post(PROFILE, data=sent)
    assert answer.headers["location"] == "/settings"
    (saved,) = office.front.sent(given.ORGANISATION, "PUT")
    assert saved == {
        "name": "École Pas de Deux",
        "currency": "EUR",
        "time_zone": "Europe/Paris",
        "languages": ["en", "fr"],
        "contact": {"email": None, "phone": None, "website": None, "address": "1, rue du Bac\r\n75007 Paris"},
        "support_email": "remboursements@ecole.example",
        "mode": "test",
        "access_late_days": 15,
        "renewal_notice_days": 60,
    }
    assert seen(office) == '"1"'


async def test_what_is_wrong_with_the_profile_is_shown_beside_its_field_and_nothing_is_lost(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(PROFILE)
        wrong = typed(page.text) | CHOSEN | {"name": "École", "time_zone": "Mars/Olympus"}
        answer = await browser.post(PROFILE, data=wrong)
        assert answer.status_code == 422
        assert 'id="error-time_zone"' in answer.text
        assert 'value="École"' in answer.text
        path = f"PUT {given.ORGANISATION}"
        office.front.answers[path] = lambda _: problem(422, "address-not-writable", field="support_email")
        answer = await browser.post(PROFILE, data=wrong | {"time_zone": "Europe/Paris"})
    assert 'id="error-support_email"' in answer.text


async def test_a_conflict_on_the_profile_says_what_differs(office: Office) -> None:
    office.front.answers[f"PUT {given.ORGANISATION}"] = lambda _: given.stale()
    async with office.browser("director", "en") as browser:
        page = await browser.get(PROFILE)
        answer = await browser.post(PROFILE, data=typed(page.text) | CHOSEN | {"version": "0", "languages": "fr"})
        assert answer.status_code == 422
        answer = await browser.post(PROFILE, data=typed(page.text) | CHOSEN | {"languages": "fr"})
    assert answer.status_code == 422
    assert "Somebody else saved a change meanwhile" in answer.text
    rows = re.findall(r'<tr class="moved">.*?</tr>', answer.text, re.DOTALL)
    assert len(rows) == 2
    assert "French only" in rows[0]


async def test_a_school_without_a_profile_is_set_up_with_its_currency_and_mode(office: Office) -> None:
    del office.front.answers[f"GET {given.ORGANISATION}"]
    async with office.browser("director", "fr") as browser:
        assert "n’a pas encore de fiche" in (await browser.get("/settings")).text
        page = await browser.get(PROFILE)
        sent = typed(page.text) | {"name": "Club", "languages": "fr", "support_email": "s@club.example"}
        answer = await browser.post(PROFILE, data=sent | {"currency": "chf", "mode": "live"})
    assert answer.headers["location"] == "/settings"
    (saved,) = office.front.sent(given.ORGANISATION, "PUT")
    assert (saved["currency"], saved["mode"]) == ("CHF", "live")
    assert seen(office) is None


@pytest.mark.parametrize(
    ("hour", "days", "sent"),
    [("never", "", {"hour": None, "retry_after": []}), ("18", "2; 5, 9", {"hour": 18, "retry_after": [2, 5, 9]})],
)
async def test_the_collection_calendar_is_saved(office: Office, hour: str, days: str, sent: dict[str, object]) -> None:
    async with office.browser("cashier", "fr") as browser:
        page = await browser.get("/settings/collection")
        wrong = await browser.post(
            "/settings/collection", data=fields(page.text) | {"hour": hour, "retry_after": "bientôt"}
        )
        assert 'id="error-retry_after"' in wrong.text
        assert 'value="bientôt"' in wrong.text
        answer = await browser.post(
            "/settings/collection", data=fields(page.text) | {"hour": hour, "retry_after": days, "version": "2"}
        )
    assert answer.headers["location"] == "/settings"
    assert office.front.sent(given.CALENDAR, "PUT") == [sent]
    assert seen(office) == '"2"'


async def test_a_conflict_on_the_calendar_says_what_differs(office: Office) -> None:
    office.front.answers[f"PUT {given.CALENDAR}"] = lambda _: given.stale()
    async with office.browser("cashier", "en") as browser:
        page = await browser.get("/settings/collection")
        sent = fields(page.text) | {"hour": "7", "retry_after": "3, 7", "version": "1"}
        answer = await browser.post("/settings/collection", data=sent)
    (row,) = re.findall(r'<tr class="moved">.*?</tr>', answer.text, re.DOTALL)
    assert "every day from 06:00" in row
    assert "every day from 07:00" in row
    assert fields(answer.text)["version"] == "2" or 'name="version" value="2"' in answer.text


async def test_what_is_due_is_collected_when_somebody_asks(office: Office) -> None:
    async with office.browser("cashier", "fr") as browser:
        page = await browser.get("/settings/collection")
        answer = await browser.post("/settings/collection/now", data=fields(page.text))
        assert answer.headers["location"] == "/settings"
        path = "POST /payments/v1/collections"
        office.front.answers[path] = lambda _: problem(409, "provider-not-configured")
        refused = await browser.post("/settings/collection/now", data=fields(page.text))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text


async def test_the_clock_moves_by_a_step_from_what_was_shown_or_to_a_moment_org_5(office: Office) -> None:
    shown = {"version": "1", "shows": "2027-09-20T10:00:00+02:00"}
    async with office.browser("director", "fr") as browser:
        page = await browser.get("/settings/clock")
        for sent in ({"do": "week"}, {"do": "week"}, {"do": "set", "day": "2027-12-01", "time": "07:30"}):
            answer = await browser.post("/settings/clock", data=fields(page.text) | shown | sent)
            assert answer.headers["location"] == "/settings/clock"
        wrong = await browser.post("/settings/clock", data=fields(page.text) | shown | {"day": "", "time": "tôt"})
    assert wrong.text.count("field wrong") == 2
    assert [body["now"] for body in office.front.sent(f"{given.ORGANISATION}/clock")] == [
        "2027-09-27T08:00:00Z",
        "2027-09-27T08:00:00Z",
        "2027-12-01T06:30:00Z",
    ]


async def test_a_refused_move_of_the_clock_says_why_and_a_stale_one_names_the_new_version(office: Office) -> None:
    path = f"POST {given.ORGANISATION}/clock"
    async with office.browser("director", "en") as browser:
        page = await browser.get("/settings/clock")
        office.front.answers[path] = lambda _: problem(422, "clock-moves-forward-only")
        sent = fields(page.text) | {"day": "2027-01-01", "time": "08:00", "version": "0"}
        refused = await browser.post("/settings/clock", data=sent | {"version": "1"})
        assert "only moves forward" in refused.text
        assert 'value="2027-01-01"' in refused.text
        office.front.answers[path] = lambda _: given.stale()
        stale = await browser.post("/settings/clock", data=sent | {"version": "1"})
    assert stale.status_code == 422
    assert 'name="version" value="1"' in stale.text


async def test_a_live_school_has_no_clock_and_the_page_says_why(office: Office) -> None:
    office.front.answers[f"GET {given.ORGANISATION}"] |= {"mode": "live"}
    async with office.browser("director", "en") as browser:
        for address in ("/settings", "/settings/clock"):
            page = await browser.get(address)
            assert "A live organisation follows the real time." in page.text


async def test_the_banner_of_a_moved_clock_leads_to_the_clock(office: Office) -> None:
    office.front.answers[f"GET {given.ORGANISATION}"] |= {"clock_ahead": 86_400}
    async with office.browser("secretary", "fr") as browser:
        page = await browser.get("/today")
    assert re.search(r'class="clock".*?href="/settings/clock"', page.text)


async def test_settings_are_shown_while_payments_is_away(office: Office) -> None:
    office.front.away.add("payments")
    async with office.browser("director", "en") as browser:
        page = await browser.get("/settings")
    assert page.status_code == 200
    assert "Payments: no answer just now." in page.text
    assert "École Pas de Deux" in page.text
