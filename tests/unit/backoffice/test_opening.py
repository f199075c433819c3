"""A contract opened in pages: chosen, previewed, opened once."""

import json
from typing import Any

import pytest

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import changes, contracts
from tests.unit.backoffice.test_contract_changes import fields

PATH = f"/open-contract/{contracts.ACCOUNT}"
API = "/contracts/v1/contracts"
BOUGHT = {
    "product": changes.WORKSHOP,
    "format": changes.FORMAT,
    "tariff": changes.FULL,
    "participant": contracts.LEA,
}
MONTHLY = {"mode": "online", "way": "instalments", "count": "2", "first_due": "2027-10-05", "deposit": ""}
SALES: list[tuple[dict[str, str], str, dict[str, Any]]] = [
    (MONTHLY, "online", {"start": "instalments", "count": 2, "first_due": "2027-10-05"}),
    (MONTHLY | {"way": "at_once"}, "online", {"start": "at_once"}),
    (
        MONTHLY | {"way": "deposit", "deposit": "20.00", "first_due": ""},
        "online",
        {"start": "deposit", "deposit": 2000, "count": 2},
    ),
    (MONTHLY | {"way": "later"}, "online", {"start": "later"}),
    (MONTHLY | {"way": "later", "mode": "on_site"}, "on_site", {"start": "on_site"}),
]


@pytest.mark.parametrize(("paid", "mode", "sale"), SALES)
async def test_a_contract_is_previewed_and_opened_as_it_was_seen(
    office: Office, paid: dict[str, str], mode: str, sale: dict[str, Any]
) -> None:
    chosen = {
        f"tariff-{changes.WORKSHOP}": f"{changes.FORMAT}/{changes.FULL}",
        f"member-{changes.WORKSHOP}": contracts.LEA,
    }
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(PATH)
        put = paid | chosen | {"do": f"put {changes.WORKSHOP}"}
        page = await browser.post(PATH, data=fields(page.text) | put)
        page = await browser.post(PATH, data=fields(page.text) | paid | {"do": "preview"})
        assert page.status_code == 200, page.text
        assert "Nothing is saved yet." in page.text
        answer = await browser.post(f"{PATH}/opening", data=fields(page.text))
    assert answer.headers["location"] == f"/contracts/{contracts.CONTRACT}/purchases"
    body = {"account": contracts.ACCOUNT, "mode": mode, "sale": sale, "add": [BOUGHT]}
    assert office.front.sent(f"{API}/preview") == [body]
    assert office.front.sent(API) == [body]


async def test_what_is_refused_or_typed_wrong_is_an_error_and_the_list_stays(office: Office) -> None:
    office.front.answers[f"POST {API}/preview"] = lambda _: problem(422, "deposit-above-total", total=6000)
    item = [{"part": "add", "body": BOUGHT, "name": "Stage de claquettes", "detail": "", "price": None}]
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(PATH)
        sent = fields(page.text) | MONTHLY | {"basket": json.dumps(item), "do": "preview"}
        wrong = await browser.post(PATH, data=sent | {"count": "many"})
        assert 'id="error-count"' in wrong.text
        refused = await browser.post(PATH, data=sent)
    assert refused.status_code == 422
    assert "The deposit is more than the total" in refused.text
    assert "Stage de claquettes" in refused.text


async def test_another_family_in_a_form_that_was_changed_by_hand_opens_nothing(office: Office) -> None:
    async with office.browser("secretary") as browser:
        page = await browser.get(PATH)
        data = fields(page.text) | {"body": '{"account": "01900000-0000-7000-8000-00000000000f"}'}
        answer = await browser.post(f"{PATH}/opening", data=data)
    assert answer.headers["location"] == PATH
    assert office.front.sent(API) == []
