"""Client credits in pages: granted, adjusted, settled with the version that was seen; a contract paid with one."""

from typing import Any

import pytest

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import contracts, credits
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

CREDIT, ACCOUNT = credits.CREDIT, credits.ACCOUNT
USE = f"/contracts/{contracts.CONTRACT}/use-credit"
USES = f"/payments/v1/schedules/{contracts.CONTRACT}/credit-uses"
USABLE = str(credits.CREDITS[1]["id"])
CHOSEN = {"credit": USABLE, "amount": "12.00"}
ACTS: dict[str, tuple[dict[str, str], str, Any]] = {
    "adjustment": (
        {"direction": "less", "amount": "5.00", "reason": "Counted twice"},
        "adjustments",
        {"amount": contracts.euros(-500), "reason": "Counted twice"},
    ),
    "reversal": ({"why": "bounced_cheque", "amount": ""}, "reversal", {"reason": "bounced_cheque"}),
    "settlement": (
        {"how": "waived", "amount": "18.00", "reason": "An old family"},
        "due-settlements",
        {"amount": contracts.euros(1800), "how": "waived", "reason": "An old family"},
    ),
}


async def test_what_was_due_of_a_deposit_is_paid_by_the_method_that_was_chosen(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/credits/{CREDIT}/settlement")
        typed = {"how": "cash", "amount": "18.00", "reason": "At the desk"}
        await browser.post(f"/credits/{CREDIT}/settlement", data=fields(page.text) | typed)
    (body,) = bodies(office, f"/credits/v1/credits/{CREDIT}/due-settlements")
    assert body == {"amount": contracts.euros(1800), "how": "paid", "method": "cash", "reason": "At the desk"}


@pytest.mark.parametrize("name", ACTS)
async def test_staff_changes_a_credit_as_it_was_seen(office: Office, name: str) -> None:
    typed, path, body = ACTS[name]
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/credits/{CREDIT}/{name}")
        answer = await browser.post(f"/credits/{CREDIT}/{name}", data=fields(page.text) | typed)
        assert answer.headers["location"] == f"/credits/{CREDIT}", answer.text
    assert bodies(office, f"/credits/v1/credits/{CREDIT}/{path}") == [body]
    assert office.front.requests[-1].headers["if-match"] == '"3"'


async def test_a_deposit_is_recorded_with_how_it_was_received(office: Office) -> None:
    path = f"/accounts/{ACCOUNT}/credits/new"
    typed = {"amount": "30", "reason": "For the camp", "method": "cash", "received_on": "2027-09-18"}
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"{path}?origin=deposit")
        answer = await browser.post(path, data=fields(page.text) | typed)
        assert answer.headers["location"] == f"/credits/{USABLE}"
    sent = {**typed, "origin": "deposit", "amount": contracts.euros(3000)}
    assert bodies(office, f"/credits/v1/accounts/{ACCOUNT}/credits") == [sent]


async def test_what_is_wrong_with_an_amount_is_an_error_beside_it_and_what_was_typed_stays(office: Office) -> None:
    path = f"/accounts/{ACCOUNT}/credits/new"
    async with office.browser("director", "en") as browser:
        page = await browser.get(path)
        answer = await browser.post(path, data=fields(page.text) | {"amount": "a lot", "reason": "For <b>Léa</b>"})
    assert answer.status_code == 422
    assert "Write an amount such as" in answer.text
    assert "For &lt;b&gt;Léa&lt;/b&gt;" in answer.text
    assert bodies(office, f"/credits/v1/accounts/{ACCOUNT}/credits") == []


async def test_cre_3_a_contract_is_paid_with_a_credit_once_its_effect_was_seen(office: Office) -> None:
    body = {"credit": USABLE, "amount": contracts.euros(1200)}
    async with office.browser("director", "en") as browser:
        page = await browser.get(USE)
        assert 'value="12.00"' in page.text
        page = await browser.post(USE, data=fields(page.text) | CHOSEN | {"do": "preview"})
        assert "Nothing is saved yet." in page.text
        answer = await browser.post(USE, data=fields(page.text) | CHOSEN | {"do": "confirm"})
        assert answer.headers["location"] == f"/contracts/{contracts.CONTRACT}/schedule"
    assert bodies(office, f"{USES}/preview") == [body]
    assert bodies(office, USES) == [body]


async def test_a_confirmation_that_was_not_previewed_like_this_shows_its_preview_first(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(USE)
        page = await browser.post(USE, data=fields(page.text) | CHOSEN | {"do": "preview"})
        changed = fields(page.text) | CHOSEN | {"amount": "3.00", "do": "confirm"}
        answer = await browser.post(USE, data=changed)
    assert answer.status_code == 200
    assert bodies(office, USES) == []
    assert [body["amount"]["amount"] for body in office.front.sent(f"{USES}/preview")] == [1200, 300]


async def test_credits_that_cannot_pay_are_shown_with_the_reason(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(USE)
    assert "Nothing is left of it." in page.text
    assert "This contract sells it: it pays other contracts." in page.text
    assert page.text.count("required disabled") == 3


async def test_a_use_that_credits_refuses_says_why_in_words(office: Office) -> None:
    office.front.answers[f"POST {USES}"] = lambda _: problem(409, "credit-insufficient", left=0, currency="EUR")
    async with office.browser("director", "en") as browser:
        page = await browser.get(USE)
        page = await browser.post(USE, data=fields(page.text) | CHOSEN | {"do": "preview"})
        answer = await browser.post(USE, data=fields(page.text) | CHOSEN | {"do": "confirm"})
    assert answer.status_code == 422
    assert "An English sentence." not in answer.text
