"""The pages of another price for all subscriptions of a product (CON-21)."""

import httpx

from tests.backoffice.people import Office
from tests.backoffice.subjects import catalogue
from tests.backoffice.subjects import prices as given
from tests.unit.backoffice.test_contract_changes import fields

TYPED = {"on": "2028-01-01", "price": "140"}
PRICE = {"amount": 14000, "currency": "EUR"}


async def test_con_21_the_price_of_all_is_changed_once_its_effect_on_each_was_seen(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        assert given.PATH in (await browser.get(f"/catalog/{given.PRODUCT}")).text
        form = await browser.get(given.PATH)
        shown = await browser.post(given.PATH, data={**fields(form.text), **TYPED, "do": "look"})
        assert shown.status_code == 200, shown.text
        assert "3 subscriptions run" in shown.text
        assert "once the pause is lifted" in shown.text
        assert "The periods have this price already." in shown.text
        other = {**fields(shown.text), **TYPED, "price": "150", "do": "confirm"}
        again = await browser.post(given.PATH, data=other)
        assert again.status_code == 200, "what is asked for now was not seen yet"
        assert office.front.sent(given.API) == []
        started = await browser.post(given.PATH, data={**fields(shown.text), **TYPED, "do": "confirm"})
        assert started.headers["location"] == f"{given.PATH}/{given.JOB}"
    (sent,) = office.front.sent(given.API)
    assert sent == {"product": given.PRODUCT, "on": "2028-01-01", "price": PRICE, "subscriptions": 3}


async def test_con_21_the_next_page_of_the_preview_is_asked_for_by_its_cursor(office: Office) -> None:
    office.front.answers[f"POST {given.API}/preview"] = {**given.PREVIEW, "next": "a+b"}
    async with office.browser("secretary", "fr") as browser:
        shown = await browser.post(given.PATH, data={**fields((await browser.get(given.PATH)).text), **TYPED})
        assert 'name="cursor" value="a+b"' in shown.text
        await browser.post(given.PATH, data={**fields(shown.text), **TYPED, "cursor": "a+b"})
    asked = [each.url.params for each in office.front.requests if each.url.path == f"{given.API}/preview"]
    assert [each.get("cursor") for each in asked] == [None, "a+b"]


async def test_con_21_what_the_api_refuses_is_shown_on_the_form(office: Office) -> None:
    moved = {"type": "urn:carnet:problem:subscriptions-moved", "status": 409, "params": {"previewed": 3, "newest": 4}}
    office.front.answers[f"POST {given.API}"] = lambda _: httpx.Response(409, json=moved)
    async with office.browser("secretary", "en") as browser:
        shown = await browser.post(given.PATH, data={**fields((await browser.get(given.PATH)).text), **TYPED})
        refused = await browser.post(given.PATH, data={**fields(shown.text), **TYPED, "do": "confirm"})
        assert refused.status_code == 422
        assert "there are 4 now" in refused.text
        wrong = await browser.post(given.PATH, data={**fields(shown.text), "on": "", "price": "x"})
        assert wrong.status_code == 422
        assert (await browser.get(f"/catalog/{catalogue.COURSE}/price")).status_code == 404


async def test_con_21_the_job_is_followed_and_stopped(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        running = await browser.get(f"{given.PATH}/{given.JOB}")
        assert "140.00" in running.text
        assert running.headers["refresh"]
        stopped = await browser.post(f"{given.PATH}/{given.JOB}/cancel", data=fields(running.text))
        assert stopped.headers["location"] == f"{given.PATH}/{given.JOB}"
        ended = await browser.get(f"{given.PATH}/{given.ENDED}")
        assert "The periods have this price already." in ended.text
        assert "refresh" not in ended.headers
