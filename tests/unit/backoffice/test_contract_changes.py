"""Changes of a contract in pages: chosen, previewed, confirmed once, refused with what to do."""

import json
import re
from typing import Any

import httpx
import pytest

from backoffice.changes.basket import Basket, Item
from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import changes as given
from tests.backoffice.subjects import contracts

PATH = f"/contracts/{given.CONTRACT}"
LINES = given.ADDITION["lines"]["before"]
CHANGES = f"/contracts/v1/contracts/{given.CONTRACT}/changes"


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form of a page, the last of each name: those of the page, not of its frame."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value.replace("&#34;", '"').replace("&amp;", "&") for name, value in found if name != "back" or value}


async def preview(browser: httpx.AsyncClient) -> str:
    """The preview of a workshop for Léa, reached as somebody reaches it."""
    page = await browser.get(f"{PATH}/changes/add")
    chosen = {
        f"tariff-{given.WORKSHOP}": f"{given.FORMAT}/{given.FULL}",
        f"member-{given.WORKSHOP}": contracts.LEA,
        "do": f"put {given.WORKSHOP}",
    }
    page = await browser.post(f"{PATH}/changes/add", data={**fields(page.text), **chosen})
    assert page.status_code == 200, page.text
    page = await browser.post(f"{PATH}/changes/add", data={**fields(page.text), "do": "preview"})
    assert page.status_code == 200, page.text
    return page.text


async def test_what_is_put_on_the_list_is_previewed_and_confirmed_with_the_versions_that_were_seen(
    office: Office,
) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await preview(browser)
        assert "Nothing is saved yet." in page
        assert "£" not in page
        assert "better open a new contract" in page
        answer = await browser.post(f"{PATH}/changes", data=fields(page))
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{PATH}/purchases"
        assert "Added." in (await browser.get(f"{PATH}/purchases")).text
    wanted = {
        "product": given.WORKSHOP,
        "format": given.FORMAT,
        "tariff": given.FULL,
        "participant": contracts.LEA,
    }
    assert office.front.sent(f"{CHANGES}/preview") == [{"add": [wanted]}]
    assert office.front.sent(CHANGES) == [{"add": [wanted], "schedule_version": 4}]
    (sent,) = [one for one in office.front.requests if one.method == "POST" and one.url.path == CHANGES]
    assert sent.headers["if-match"] == '"7"'
    assert sent.headers["idempotency-key"] == fields(page)["_key"]


async def test_a_double_click_asks_twice_with_the_same_key(office: Office) -> None:
    async with office.browser("secretary") as browser:
        page = await preview(browser)
        for _ in range(2):
            assert (await browser.post(f"{PATH}/changes", data=fields(page))).status_code == 303
    keys = {
        one.headers["idempotency-key"]
        for one in office.front.requests
        if one.method == "POST" and one.url.path == CHANGES
    }
    assert len(keys) == 1


@pytest.mark.parametrize("slug", ["schedule-moved", "version-moved"])
async def test_a_preview_that_is_no_longer_true_says_so_and_shows_the_new_one(office: Office, slug: str) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await preview(browser)
        office.front.answers[f"POST {CHANGES}"] = lambda _: problem(412, slug)
        moved = given.moment(50600, [("2027-10-05", 8100), ("2027-11-05", 8100), ("2027-12-05", 8100)])
        moved["balance"]["paid"] = contracts.euros(26300)
        dearer = [{**line, "net": contracts.euros(29000)} if line["id"] == contracts.BALLET else line for line in LINES]
        office.front.answers[f"POST {CHANGES}/preview"] = given.ADDITION | {
            "versions": {"contract": 8, "schedule": 5},
            "schedule": given.ADDITION["schedule"] | {"before": moved},
            "lines": given.ADDITION["lines"] | {"before": dearer},
        }
        answer = await browser.post(f"{PATH}/changes", data=fields(page))
    assert answer.status_code == 422
    assert "Something has moved since you looked." in answer.text
    meantime = re.search(r'id="meantime-title".*?</table>', answer.text, re.DOTALL)
    assert meantime is not None
    words = re.sub(r"<[^>]+>|\s+", " ", meantime.group())
    assert " ".join(words.split()).endswith(
        "It is now Danse classique, niveau 2 €270.00 €290.00 paid €162.00 €263.00 5 Oct 2027 €162.00 €81.00"
    )
    again = fields(answer.text)
    assert (again["version"], again["schedule_version"]) == ("8", "5")
    assert again["_key"] != fields(page)["_key"]
    assert json.loads(again["body"]) == json.loads(fields(page)["body"])


async def test_after_a_lost_answer_the_very_same_request_goes_out_again(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await preview(browser)
        office.front.answers[f"POST {CHANGES}"] = lambda _: problem(503, "service-unreachable")
        # What was asked for has been done: a preview would show it twice.
        office.front.answers[f"POST {CHANGES}/preview"] = given.ADDITION | {"versions": {"contract": 8, "schedule": 5}}
        answer = await browser.post(f"{PATH}/changes", data=fields(page))
        assert answer.status_code == 503
        assert "it is done once, however often you ask" in answer.text
        office.front.answers[f"POST {CHANGES}"] = contracts.CONTRACT_VIEW
        assert (await browser.post(f"{PATH}/changes", data=fields(answer.text))).status_code == 303
    first, second = [one for one in office.front.requests if one.method == "POST" and one.url.path == CHANGES]
    assert first.content == second.content
    for name in ("idempotency-key", "if-match"):
        assert first.headers[name] == second.headers[name]


async def test_going_back_finds_what_was_chosen(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await preview(browser)
        again = await browser.post(f"{PATH}/changes/add", data=fields(page) | {"do": "back"})
        assert "On the list" in again.text
        assert "Stage de claquettes" in again.text
        page = (await browser.get(f"{PATH}/changes/edit?line={contracts.TAP}")).text
        typed = {"price": "199.00", "until": "", "notes": "Agreed by phone."}
        page = (await browser.post(f"{PATH}/changes/edit", data=fields(page) | typed)).text
        again = await browser.post(f"{PATH}/changes/edit", data=fields(page) | {"do": "back"})
    assert 'value="199.00"' in again.text
    assert "Agreed by phone." in again.text


async def test_a_product_that_is_not_on_sale_any_more_is_not_put_on_the_list(office: Office) -> None:
    path = f"GET /catalog/v1/products/{given.WORKSHOP}"
    office.front.answers[path] = given.PRODUCTS[0] | {"status": "archived"}
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/add")
        answer = await browser.post(f"{PATH}/changes/add", data=fields(page.text) | {"do": f"put {given.WORKSHOP}"})
    assert answer.status_code == 422
    assert "not on sale any more" in answer.text


async def test_a_change_that_waits_for_credits_says_so(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/cancellation")
        assert "first asks about client credits, gift cards, gift vouchers and session packs" in page.text
        assert "Support will be informed" in page.text
        answer = await browser.post(f"{PATH}/changes", data=fields(page.text))
        assert answer.headers["location"] == f"{PATH}/asked/{contracts.OFF}"
        waiting = await browser.get(answer.headers["location"])
        assert waiting.headers["refresh"] == "2"
        assert (
            "It waits for an answer about client credits, gift cards, gift vouchers and session packs that were sold."
            in waiting.text
        )
    assert office.front.sent(f"/contracts/v1/contracts/{given.CONTRACT}/cancellation") == [{"schedule_version": 4}]


FEE = {"free-name": "Two lessons taken", "free-price": "24.00", "free-rate": "0"}
FREE = {"name": "Two lessons taken", "price": {"amount": 2400, "currency": "EUR"}, "vat_rate": 0}


async def test_con_8_the_whole_contract_is_cancelled_with_the_fee_that_was_previewed(office: Office) -> None:
    api = f"/contracts/v1/contracts/{given.CONTRACT}/cancellation"
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/cancellation")
        typed = await browser.post(f"{PATH}/changes", data=fields(page.text) | FEE)
        assert typed.status_code == 200, "a fee that was not previewed yet is previewed, not left out"
        assert office.front.sent(api) == []
        assert office.front.sent(f"{api}/preview")[-1] == {"free": [FREE]}
        answer = await browser.post(f"{PATH}/changes", data=fields(typed.text) | FEE)
        assert answer.headers["location"] == f"{PATH}/asked/{contracts.OFF}"
        wrong = await browser.post(f"{PATH}/cancellation", data=fields(page.text) | FEE | {"free-price": "-3"})
        assert wrong.status_code == 422
        assert "free-price" in wrong.text
    assert office.front.sent(api) == [{"free": [FREE], "schedule_version": 4}]


async def test_con_8_a_line_is_cancelled_with_a_fee(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/cancel?line={contracts.TAP}")
        chosen = fields(page.text) | {"line": contracts.TAP}
        wrong = await browser.post(f"{PATH}/changes/cancel", data=chosen | FEE | {"free-name": ""})
        assert wrong.status_code == 422
        answer = await browser.post(f"{PATH}/changes/cancel", data=chosen | FEE)
        assert answer.status_code == 200, answer.text
        again = await browser.post(f"{PATH}/changes/cancel", data=fields(answer.text) | {"do": "back"})
    assert office.front.sent(f"{CHANGES}/preview") == [{"cancel": [contracts.TAP], "free": [FREE]}]
    assert "Two lessons taken" in again.text


async def test_a_change_that_was_asked_for_leads_to_the_contract_once_it_is_made(office: Office) -> None:
    api = f"GET /contracts/v1/contracts/{given.CONTRACT}/changes/{contracts.OFF}"
    office.front.answers[api] = given.asked(contracts.OFF, "made")
    async with office.browser("secretary", "en") as browser:
        made = await browser.get(f"{PATH}/asked/{contracts.OFF}")
        assert made.headers["location"] == f"{PATH}/purchases"
        refused = await browser.get(f"{PATH}/asked/{contracts.TAP}")
    assert "refresh" not in refused.headers
    assert "It was refused, and nothing of it is done." in refused.text
    assert "An English sentence." not in refused.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"not_made": {"change": "c", "refused_on": "2027-09-20", "refusals": [given.REFUSAL]}}, "was not made"),
        (
            {
                "not_made": {"change": "c", "refused_on": "2027-09-20", "refusals": [given.REFUSAL]},
                "opening": "refused",
            },
            "The contract was not opened, and nothing is owed on it:",
        ),
        ({"pending": contracts.WAITING["pending"], "opening": "pending"}, "The contract is not open yet."),
    ],
)
async def test_a_contract_says_what_waits_and_what_was_refused(
    office: Office, state: dict[str, Any], words: str
) -> None:
    office.front.answers[f"GET /contracts/v1/contracts/{given.CONTRACT}"] = contracts.CONTRACT_VIEW | state
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/purchases")
    assert words in page.text
    assert ("left" in page.text) == bool(state.get("not_made"))


async def test_con_12_what_was_entered_by_mistake_is_deleted_once_its_effect_was_seen(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        purchases = await browser.get(f"{PATH}/purchases")
        address = f"{PATH}/changes/delete?line={contracts.BALLET}&along={contracts.OFF}"
        assert f'href="{address.replace("&", "&amp;")}"' in purchases.text
        page = await browser.get(address)
        assert "the family no longer sees it" in page.text
        assert ">deleted<" in page.text
        answer = await browser.post(f"{PATH}/changes", data=fields(page.text))
        assert answer.headers["location"] == f"{PATH}/purchases"
    body = {"delete": [contracts.BALLET], "cancel": [contracts.OFF]}
    assert office.front.sent(CHANGES) == [{**body, "schedule_version": 4}]


async def test_a_form_that_was_changed_by_hand_changes_nothing(office: Office) -> None:
    async with office.browser("secretary") as browser:
        page = await preview(browser)
        for wrong in ({"kind": "unknown"}, {"body": "["}, {"body": "[]"}, {"back": "https://elsewhere.example"}):
            answer = await browser.post(f"{PATH}/changes", data=fields(page) | wrong)
            assert answer.headers["location"] == f"{PATH}/purchases"
    assert office.front.sent(CHANGES) == []


async def test_a_refused_choice_says_what_to_do_beside_what_was_chosen(office: Office) -> None:
    office.front.answers[f"POST {CHANGES}/preview"] = lambda _: problem(409, "contract-full", most=100)
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/add")
        basket = Basket((Item("add", {"product": given.WORKSHOP}, "Stage"),)).write()
        answer = await browser.post(
            f"{PATH}/changes/add", data={**fields(page.text), "basket": basket, "do": "preview"}
        )
    assert answer.status_code == 422
    assert "at most 100 lines" in answer.text
    assert "Stage" in answer.text


async def test_another_price_needs_its_reason_and_a_fee_an_amount_above_zero(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/add")
        chosen = {
            f"tariff-{given.WORKSHOP}": f"{given.FORMAT}/{given.FULL}",
            f"member-{given.WORKSHOP}": contracts.LEA,
            f"price-{given.WORKSHOP}": "12.00",
            "do": f"put {given.WORKSHOP}",
        }
        answer = await browser.post(f"{PATH}/changes/add", data={**fields(page.text), **chosen})
        assert answer.status_code == 422
        assert f'id="error-reason-{given.WORKSHOP}"' in answer.text
        free = {"free-name": "Fee", "free-price": "0", "free-rate": "20", "do": "put free"}
        answer = await browser.post(f"{PATH}/changes/add", data={**fields(page.text), **free})
    assert "Write an amount above zero." in answer.text


async def test_con_2_a_fee_has_any_rate_and_those_of_what_is_sold_are_proposed(office: Office) -> None:
    office.front.answers[f"GET /contracts/v1/contracts/{given.CONTRACT}"] = {
        **contracts.CONTRACT_VIEW,
        "lines": [{**line, "vat_rate": 2100} for line in contracts.CONTRACT_VIEW["lines"]],
    }
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/add")
        assert re.findall(r'<option value="([0-9.]+)"></option>', page.text) == ["21", "0"]
        free = {"free-name": "Fee", "free-price": "12", "free-rate": "5.5", "do": "put free"}
        page = await browser.post(f"{PATH}/changes/add", data={**fields(page.text), **free})
        assert json.loads(fields(page.text)["basket"])[0]["body"]["vat_rate"] == 550


async def test_a_school_that_charges_no_vat_adds_no_fee_with_vat(office: Office) -> None:
    office.front.answers["GET /payments/v1/invoice-settings"] = {
        "given": {"exemption": {"code": "VATEX-FR-FRANCHISE"}},
        "logo": None,
        "automatic_since": None,
    }
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/add")
        assert re.findall(r'<option value="([0-9.]+)"></option>', page.text) == ["0"]
        free = {"free-name": "Fee", "free-price": "12", "free-rate": "20", "do": "put free"}
        page = await browser.post(f"{PATH}/changes/add", data={**fields(page.text), **free})
    assert page.status_code == 422
    assert 'id="error-free-rate"' in page.text


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (["2027-0007"], None),
        (["2027-0071", "2027-0007"], None),
        (["2027-0071", "2027-0072"], "Several families are found"),
        ([], "No family is found"),
    ],
)
async def test_cre_1_a_client_credit_is_sold_for_the_family_that_was_typed(
    office: Office, found: list[str], wrong: str | None
) -> None:
    families = [{**contracts.ACCOUNT_VIEW, "id": f"{contracts.ACCOUNT[:-4]}{n[-4:]}", "number": n} for n in found]
    office.front.answers["GET /contracts/v1/accounts"] = {"items": families, "next": None}
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/add")
        bought = {f"tariff-{given.CREDIT}": f"{given.FORMAT}/{given.FULL}", f"family-{given.CREDIT}": " 2027-0007 "}
        data = {**fields(page.text), **bought, "do": f"put {given.CREDIT}"}
        page = await browser.post(f"{PATH}/changes/add", data=data)
    if wrong is None:
        [item] = json.loads(fields(page.text)["basket"])
        assert item["body"]["beneficiary"] == f"{contracts.ACCOUNT[:-4]}0007"
        assert "for Inès Martin 2027-0007" in page.text
    else:
        assert page.status_code == 422
        assert wrong in page.text


async def test_discounts_on_what_is_cancelled_are_chosen_along_and_placed_again(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/cancel?line={contracts.BALLET}")
        assert re.search(rf'name="line" value="{contracts.OFF}" checked', page.text)
        assert re.search(rf'name="again" value="{contracts.OFF}" checked', page.text)
        answer = await browser.post(
            f"{PATH}/changes/cancel",
            data={**fields(page.text), "line": [contracts.BALLET, contracts.OFF], "again": [contracts.OFF]},
        )
    assert answer.status_code == 200
    assert office.front.sent(f"{CHANGES}/preview") == [
        {
            "cancel": [contracts.BALLET, contracts.OFF],
            "discounts": [{"product": contracts.CONTRACT_VIEW["lines"][3]["product"]}],
        }
    ]


async def test_an_edited_line_is_previewed_and_a_wrong_price_is_an_error_beside_it(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/changes/edit?line={contracts.TAP}")
        sent: dict[str, Any] = {**fields(page.text), "price": "cheap", "until": "", "notes": ""}
        answer = await browser.post(f"{PATH}/changes/edit", data=sent)
        assert answer.status_code == 422
        assert 'id="error-price"' in answer.text
        answer = await browser.post(f"{PATH}/changes/edit", data=sent | {"price": "220.00", "until": "2028-06-30"})
    assert answer.status_code == 200
    edited = {"line": contracts.TAP, "price": contracts.euros(22000), "expires_on": "2028-06-30", "notes": None}
    assert office.front.sent(f"{CHANGES}/preview") == [{"edit": [edited]}]
