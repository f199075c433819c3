"""Moves of a schedule in pages: previewed, then done once, as they were seen."""

from typing import Any

import httpx
import pytest

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import changes, contracts, moves
from tests.unit.backoffice.test_contract_changes import fields

PATH = f"/contracts/{contracts.CONTRACT}/moves"
API = f"/payments/v1/schedules/{contracts.CONTRACT}"
DUE, PAID = moves.DUE[1]["id"], contracts.PAYMENTS[0]["id"]
CHEQUE = {"due": "2027-10-05", "amount": contracts.euros(8100), "bank": "Crédit", "holder": "Inès Martin"}
CASES: dict[str, tuple[str, dict[str, Any], str, Any]] = {
    "payment": (
        DUE,
        {"amount": "81.00", "method": "cash", "received_on": "2027-09-20"},
        "payments",
        {"amount": contracts.euros(8100), "method": "cash", "received_on": "2027-09-20", "instalment": DUE},
    ),
    "instalment": (
        DUE,
        {"amount": "81", "due": "2027-10-20", "method": ""},
        f"instalments/{DUE}/changes",
        {"due": "2027-10-20"},
    ),
    "removal": (DUE, {}, f"instalments/{DUE}/cancellation", None),
    "planning": (
        "",
        {"count": "3", "first_due": "2027-10-05"},
        "planning",
        {"count": 3, "first_due": "2027-10-05"},
    ),
    "cheques": (
        "",
        {
            "bank": "Crédit",
            "holder": "Inès Martin",
            "cheque": [DUE],
            f"due-{DUE}": "2027-10-05",
            f"amount-{DUE}": "81.00",
        },
        "cheques",
        {"cheques": [CHEQUE]},
    ),
    "voiding": (PAID, {"reason": "Typed twice."}, f"payments/{PAID}/voiding", {"reason": "Typed twice."}),
    "reversal": (
        PAID,
        {"why": "bounced_cheque", "amount": "20.00"},
        f"payments/{PAID}/reversal",
        {"reason": "bounced_cheque", "amount": contracts.euros(2000)},
    ),
}


def bodies(office: Office, path: str) -> list[Any]:
    """What was sent to a path; None for a request without a body."""
    sent = [one for one in office.front.requests if (one.method, one.url.path) == ("POST", path)]
    return [None if not one.content else office.front.sent(path)[0] for one in sent]


@pytest.mark.parametrize("name", CASES)
async def test_a_move_is_previewed_then_done_with_the_version_that_was_seen(office: Office, name: str) -> None:
    about, typed, path, body = CASES[name]
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(f"{PATH}/{name}", params={"about": about})
        assert page.status_code == 200
        sent = fields(page.text) | typed
        page = await browser.post(f"{PATH}/{name}", data=sent | {"do": "preview"})
        assert page.status_code == 200, page.text
        assert "Nothing is saved yet." in page.text
        answer = await browser.post(f"{PATH}/{name}", data=fields(page.text) | typed | {"do": "confirm"})
        assert answer.headers["location"] == f"/contracts/{contracts.CONTRACT}/schedule"
    assert bodies(office, f"{API}/{path}/preview") == [body]
    assert bodies(office, f"{API}/{path}") == [body]
    (done,) = [one for one in office.front.requests if one.method == "POST" and one.url.path == f"{API}/{path}"]
    assert done.headers["if-match"] == '"4"'


async def previewed(browser: httpx.AsyncClient, **other: str) -> dict[str, Any]:
    about, typed, _, _ = CASES["payment"]
    page = await browser.get(f"{PATH}/payment", params={"about": about})
    page = await browser.post(f"{PATH}/payment", data=fields(page.text) | typed | {"do": "preview"})
    return fields(page.text) | typed | {"do": "confirm"} | other


async def test_what_differs_from_what_was_seen_is_shown_first(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        answer = await browser.post(f"{PATH}/payment", data=await previewed(browser, amount="90.00"))
    assert answer.status_code == 200
    assert "Nothing is saved yet." in answer.text
    assert bodies(office, f"{API}/payments") == []


async def test_a_schedule_that_has_moved_is_shown_anew(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        data = await previewed(browser)
        office.front.answers[f"POST {API}/payments"] = lambda _: problem(412, "version-moved")
        before = changes.moment(48600, [("2027-10-05", 16200), ("2027-11-05", 8100)])
        office.front.answers[f"POST {API}/payments/preview"] = moves.PREVIEW | {
            "schedule_version": 5,
            "before": before,
        }
        answer = await browser.post(f"{PATH}/payment", data=data)
    assert answer.status_code == 422
    assert "What has moved since you looked" in answer.text
    assert "The schedule has moved since you looked." in answer.text
    assert fields(answer.text)["schedule_version"] == "5"


async def test_what_is_typed_wrong_is_an_error_beside_it_and_nothing_is_asked(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        data = await previewed(browser, amount="much", received_on="soon")
        before = len(office.front.requests)
        answer = await browser.post(f"{PATH}/payment", data=data)
    assert answer.status_code == 422
    assert 'id="error-amount"' in answer.text
    assert 'id="error-received_on"' in answer.text
    assert [one for one in office.front.requests[before:] if one.method == "POST"] == []


async def test_nothing_different_is_no_change(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(f"{PATH}/instalment", params={"about": DUE})
        same = {"amount": "81,00", "due": "2027-10-05", "method": "", "do": "preview"}
        answer = await browser.post(f"{PATH}/instalment", data=fields(page.text) | same)
    assert "Nothing is different." in answer.text


async def test_pay_18_what_is_due_by_direct_debit_is_in_the_next_remittance(office: Office) -> None:
    office.front.answers[f"POST {API}/collection"] = {"attempts": [], "schedule": contracts.SCHEDULE}
    schedule = f"/contracts/{contracts.CONTRACT}/schedule"
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(schedule)
        await browser.post(f"/contracts/{contracts.CONTRACT}/collection", data=fields(page.text))
        assert "It is in the next remittance of direct debits." in (await browser.get(schedule)).text


async def test_what_is_due_is_collected_now(office: Office) -> None:
    schedule = f"/contracts/{contracts.CONTRACT}/schedule"
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(schedule)
        answer = await browser.post(f"/contracts/{contracts.CONTRACT}/collection", data=fields(page.text))
        assert answer.headers["location"] == schedule
        assert "The payment is asked for" in (await browser.get(schedule)).text
    (asked,) = [one for one in office.front.requests if one.url.path == f"{API}/collection"]
    assert asked.headers["if-match"] == '"4"'


async def test_moving_payments_without_the_right_is_refused_with_the_reason(office: Office) -> None:
    office.front.requests.clear()
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/unknown")
    assert page.status_code in {403, 404}
