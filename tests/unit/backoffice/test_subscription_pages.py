"""The pages of a subscription: its periods, and how it is cancelled at a date (CON-17, CON-21)."""

import httpx

from backoffice.languages import Language
from backoffice.subscriptions.periods import status
from tests.backoffice.people import Office
from tests.backoffice.subjects import contracts
from tests.backoffice.subjects import subscriptions as given
from tests.unit.backoffice.test_contract_changes import fields

PATH = f"/contracts/{given.SUBSCRIBED}"
PAUSE = f"/contracts/v1{PATH}/subscription/pause"
API = f"/contracts/v1{PATH}/subscription/cancellation"


async def test_con_21_the_periods_are_shown_with_what_is_billed_next(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = (await browser.get(f"{PATH}/subscription")).text
        assert "every 3 months" in page
        assert "put on the schedule on 30 Oct 2027" in page
        assert "the family is not informed yet" in page
        assert [word in page for word in ("running", "to come", "past")] == [True] * 3
        purchases = (await browser.get(f"{PATH}/purchases")).text
        assert "changes/cancel?line=" not in purchases, "no period is cancelled on its own"
        assert "takes nothing else" in purchases


async def test_con_17_it_is_cancelled_at_a_date_once_its_effect_was_seen(office: Office) -> None:
    done = {**given.ENDED_VIEW, "id": given.SUBSCRIBED}
    office.front.answers[f"POST {API}"] = lambda _: httpx.Response(200, json=done)
    async with office.browser("secretary", "en") as browser:
        form = await browser.get(f"{PATH}/subscription/cancellation")
        assert 'value="25.00"' in form.text, "the fee of the product is proposed"
        typed = {"on": "2027-10-10", "by_days": "yes", "fee": "10"}
        shown = await browser.post(f"{PATH}/subscription/cancellation", data={**fields(form.text), **typed})
        assert shown.status_code == 200, shown.text
        assert "within the minimum term" in shown.text
        assert "The last day of the subscription will be 9 Oct 2027." in shown.text
        answer = await browser.post(f"{PATH}/changes", data=fields(shown.text))
        assert answer.status_code == 303, answer.text
    (sent,) = office.front.sent(API)
    assert sent == {
        "on": "2027-10-10",
        "by_days": True,
        "fee": {"amount": 1000, "currency": "EUR"},
        "fee_name": "Cancellation fee",
        "schedule_version": sent["schedule_version"],
    }


async def test_con_17_a_contract_of_something_else_has_no_such_page(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        other = "/contracts/01900000-0000-7000-8000-0000000000c1/subscription"
        assert (await browser.get(other)).status_code == 303
        assert (await browser.get(f"{other}/cancellation")).status_code == 404


async def test_con_18_it_is_paused_openly_once_its_effect_was_seen(office: Office) -> None:
    office.front.answers[f"POST {PAUSE}"] = lambda _: httpx.Response(200, json=given.PAUSED_VIEW)
    async with office.browser("secretary", "en") as browser:
        form = await browser.get(f"{PATH}/subscription/pause")
        typed = {"on": "2027-10-01", "months": "", "open": "yes"}
        shown = await browser.post(f"{PATH}/subscription/pause", data={**fields(form.text), **typed})
        assert shown.status_code == 200, shown.text
        assert "Nothing more is billed until you lift the pause." in shown.text
        assert "once the pause is lifted" in shown.text
        answer = await browser.post(f"{PATH}/changes", data=fields(shown.text))
        assert answer.status_code == 303, answer.text
        without = await browser.post(f"{PATH}/subscription/pause", data={**fields(form.text), "months": "0"})
        assert without.status_code == 422
    (sent,) = office.front.sent(PAUSE)
    assert {name: sent[name] for name in ("on", "months")} == {"on": "2027-10-01", "months": None}


async def test_con_18_the_page_says_that_it_is_paused_and_lifts_the_pause(office: Office) -> None:
    path = f"/contracts/{given.PAUSED}/subscription"
    api = f"/contracts/v1{path}/pause/lifting"
    office.front.answers[f"POST {api}"] = lambda _: httpx.Response(200, json=given.CONTRACT_VIEW)
    async with office.browser("secretary", "en") as browser:
        page = (await browser.get(path)).text
        assert "until you lift the pause" in page
        assert f"{path}/pause/lifting" in page
        assert "Make the pause longer" not in page
        assert "goes on once the pause is lifted" in page
        form = await browser.get(f"{path}/pause/lifting")
        assert 'value="2027-11-01"' in form.text, "the earliest day is proposed"
        shown = await browser.post(f"{path}/pause/lifting", data={**fields(form.text), "on": "2027-11-05"})
        assert shown.status_code == 200, shown.text
        assert "The next period will begin on 5 Nov 2027." in shown.text
        answer = await browser.post(f"/contracts/{given.PAUSED}/changes", data=fields(shown.text))
        assert answer.status_code == 303, answer.text
    (sent,) = office.front.sent(api)
    assert sent["on"] == "2027-11-05"


async def test_con_18_the_minimum_term_of_one_that_is_cancelled_while_it_is_paused_has_no_end(office: Office) -> None:
    view = {**given.ENDED_VIEW, "subscription": {**given.CANCELLED, "minimum_until": None, "pauses": [given.PAUSE]}}
    office.front.answers[f"GET /contracts/v1/contracts/{given.ENDED}"] = view
    async with office.browser("secretary", "en") as browser:
        page = (await browser.get(f"/contracts/{given.ENDED}/subscription")).text
    assert "Minimum term</dt><dd>–" in page


async def test_con_12_a_subscription_sold_by_mistake_is_deleted_once_its_contract_is_cancelled(office: Office) -> None:
    contract = f"/contracts/v1{PATH}"
    gone = {"state": "cancelled", "cancelled_on": "2027-05-02"}
    cancelled = [{**line, **gone} for line in given.CONTRACT_VIEW["lines"]]
    deleted = [{**line, "deleted_on": "2027-05-02"} for line in cancelled]
    view = {**given.CONTRACT_VIEW, "cancelled_on": "2027-05-02", "live_lines": 0, "lines": cancelled}
    office.front.answers[f"GET {contract}"] = view
    seen = {**given.PAUSE_PREVIEW, "lines": {"before": cancelled, "after": deleted}}
    office.front.answers[f"POST {contract}/changes/preview"] = seen
    office.front.answers[f"POST {contract}/changes"] = lambda _: httpx.Response(200, json={**view, "lines": deleted})
    async with office.browser("secretary", "en") as browser:
        purchases = (await browser.get(f"{PATH}/purchases")).text
        assert purchases.count("Delete the subscription: sold by mistake") == 3
        address = f"{PATH}/changes/delete?" + "&".join(f"line={line}" for line in given.LINES[:3])
        assert f'href="{address.replace("&", "&amp;")}"' in purchases
        shown = (await browser.get(address)).text
        assert shown.count(">deleted<") == 3
        assert (await browser.post(f"{PATH}/changes", data=fields(shown))).status_code == 303
    (sent,) = office.front.sent(f"{contract}/changes")
    assert sent["delete"] == given.LINES[:3]


async def test_con_17_what_the_family_asks_for_is_shown_and_declined(office: Office) -> None:
    path = f"/contracts/{given.ASKED}/subscription"
    api = f"/contracts/v1{path}/cancellation/request/decline"
    office.front.answers[f"POST {api}"] = lambda _: httpx.Response(200, json=given.CONTRACT_VIEW)
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(path)
        assert "the family asked to cancel the subscription from 1 Nov 2027" in page.text
        assert 'value="2027-11-01"' in (await browser.get(f"{path}/cancellation")).text, "its date is proposed"
        answer = await browser.post(f"{path}/decline", data=fields(page.text))
        assert answer.status_code == 303, answer.text
        office.front.answers[f"POST {api}"] = lambda _: httpx.Response(
            412, json={"type": "urn:carnet:problem:version-moved", "title": "Moved", "status": 412, "params": {}}
        )
        again = await browser.post(f"{path}/decline", data=fields(page.text), follow_redirects=True)
        assert "Nothing is declined" in again.text
    versions = [each.headers["if-match"] for each in office.front.requests if each.url.path == api]
    assert versions == [f'"{given.ASKED_VIEW["version"]}"'] * 2


async def test_con_21_its_price_is_another_one_from_a_day_on_once_its_effect_was_seen(office: Office) -> None:
    api = f"/contracts/v1{PATH}/subscription/price"
    office.front.answers[f"POST {api}"] = lambda _: httpx.Response(200, json=given.CONTRACT_VIEW)
    async with office.browser("secretary", "en") as browser:
        form = await browser.get(f"{PATH}/subscription/price")
        assert 'value="2028-01-30"' in form.text, "the first day of the next period is proposed"
        typed = {"on": "2028-01-30", "price": "140"}
        shown = await browser.post(f"{PATH}/subscription/price", data={**fields(form.text), **typed})
        assert shown.status_code == 200, shown.text
        answer = await browser.post(f"{PATH}/changes", data=fields(shown.text))
        assert answer.status_code == 303, answer.text
    (sent,) = office.front.sent(api)
    assert (sent["on"], sent["price"]) == ("2028-01-30", {"amount": 14000, "currency": "EUR"})


async def test_con_14_the_page_of_a_family_shows_the_status_of_its_subscriptions(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = (await browser.get(f"/accounts/{contracts.ACCOUNT}")).text
    assert f"/contracts/{given.PAUSED}/subscription" in page
    assert "paused until you lift the pause" in page
    assert "ended on 30 Jun 2027" in page


def test_con_14_every_status_has_words_and_one_of_a_newer_release_is_shown_as_it_is() -> None:
    language = Language("fr")
    assert status({"status": "paused", "on": "2027-09-01"}, language) == ("wait", "suspendu, reprend le 1er sept. 2027")
    assert status({"status": "dormant", "on": None}, language) == ("calm", "dormant")
