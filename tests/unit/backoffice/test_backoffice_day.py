"""The page of the day, the search, and why an amount is what it is (PAY-17)."""

import re
from typing import Any

import pytest

from backoffice.languages import Language
from backoffice.today.calls import BOTTOM, HEIGHT, TOP, chart
from tests.backoffice.front import problem
from tests.backoffice.people import Office, session
from tests.backoffice.registry import NAMES
from tests.backoffice.subjects.follow_up import ROWS
from tests.backoffice.subjects.searching import ACCOUNT, PAYMENT, PRODUCT
from tests.backoffice.subjects.today import FIGURES
from tests.backoffice.subjects.why import EXPLANATION, FIRST, JOURNAL, amount, move

CHANGES = f"GET /contracts/v1/contracts/{NAMES['contract']}/journal"
WHY = f"/contracts/{NAMES['contract']}/schedule/why"


async def text_of(office: Office, path: str, role: str = "director", language: str = "en") -> str:
    async with office.browser(role, language) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


NOTHING = {"items": [], "next": None}


async def test_only_what_waits_is_a_task(office: Office) -> None:
    office.front.answers["GET /contracts/v1/contracts"] = NOTHING
    office.front.answers["GET /notifications/v1/mails"] = {"items": [{}, {}], "next": "further"}
    page = await text_of(office, "/today")
    assert "Cheques to deposit" in page
    assert 'href="/cheques?until=2027-09-20"' in page
    assert "Taken back by the bank" not in page
    assert "Changes that wait for credits" not in page
    assert "2+" in page


async def test_a_day_on_which_nothing_waits_says_so(office: Office) -> None:
    quiet = {name: {**each, "count": 0} if "count" in each else each for name, each in FIGURES.items()}
    office.front.answers |= {
        "GET /payments/v1/figures": quiet,
        "GET /contracts/v1/contracts": NOTHING,
        "GET /notifications/v1/mails": NOTHING,
    }
    assert "Nothing waits for you:" in await text_of(office, "/today")


async def test_the_day_without_payments_still_has_the_mails(office: Office) -> None:
    office.front.away.add("payments")
    office.front.answers["GET /notifications/v1/mails"] = {"items": [{}], "next": None}
    page = await text_of(office, "/today")
    assert "Payments: no answer just now." in page
    assert "Mails that could not be sent" in page


async def test_org_2_the_day_asks_nothing_that_the_role_may_not_see(office: Office) -> None:
    async with office.browser(language="en", signed_in=session("secretary", scopes="credits:read")) as browser:
        answer = await browser.get("/today")
    assert answer.status_code == 200
    assert "Your role does not let you see payments." in answer.text
    assert {request.url.path for request in office.front.requests} == {"/catalog/v1/organisation"}


def months(*sums: tuple[int, int]) -> dict[str, Any]:
    found = [
        {
            "month": f"2027-{place:02}",
            "planned": {"amount": planned, "currency": "EUR"},
            "received": {"amount": received, "currency": "EUR"},
        }
        for place, (planned, received) in enumerate(sums, start=1)
    ]
    return {"today": "2027-02-14", "months": found}


def test_the_chart_stacks_what_is_planned_on_what_was_received() -> None:
    made = chart(months((0, 10_000), (20_000, 20_000), (0, 0), (0, -500)), Language.of("en"))
    inner = HEIGHT - TOP - BOTTOM
    assert [line.amount["amount"] for line in made.lines] == [0, 10_000, 20_000, 30_000, 40_000]
    first, second, nothing, below = made.bars
    assert (first.received_height, first.planned_height) == (inner / 4, 0)
    assert (second.planned_y, second.received_y) == (TOP, TOP + inner / 2)
    assert (nothing.received_height, below.received_height) == (0, 0)
    assert [bar.current for bar in made.bars] == [False, True, False, False]
    assert not made.empty
    assert chart(months((0, 0)), Language.of("fr")).empty


async def test_the_search_asks_every_service_at_once_and_shows_what_they_found(office: Office) -> None:
    office.front.answers["GET /catalog/v1/products"] = {"items": [PRODUCT], "next": None}
    office.front.answers["GET /contracts/v1/accounts"] = {"items": [ACCOUNT], "next": None}
    page = await text_of(office, "/search?q= mart ")
    for found in ("Inès Martin", "2027-0007", "Léa Martin", "Danse classique, Marthe Graham", PAYMENT["reference"]):
        assert found in page
    assert [request.url.query for request in office.front.requests if b"mart" in request.url.query]
    assert all(b"%20" not in request.url.query for request in office.front.requests)


async def test_all_that_is_found_of_a_kind_is_one_link_away(office: Office) -> None:
    office.front.answers["GET /contracts/v1/accounts"] = {"items": [ACCOUNT], "next": "further"}
    office.front.answers["GET /payments/v1/follow-up"] = {"items": ROWS, "next": "further"}
    page = await text_of(office, "/search?q=mart")
    further = re.findall(r'class="button" href="([^"]+)"', page)
    assert further == ["/accounts?q=mart", "/follow-up?search=mart"]
    for address in further:
        assert 'value="mart"' in (await text_of(office, address)).split("<main")[1]


async def test_while_somebody_types_the_box_proposes_what_it_finds(office: Office) -> None:
    office.front.answers["GET /catalog/v1/products"] = {"items": [PRODUCT], "next": None}
    office.front.answers["GET /contracts/v1/accounts"] = {"items": [ACCOUNT], "next": None}
    part = await text_of(office, "/search/proposals?q=mart")
    assert "<html" not in part
    ids = re.findall(r'role="option" aria-selected="false" tabindex="-1" id="([^"]+)"', part)
    assert len(ids) == len(set(ids)) == 1 + 1 + len(ROWS) + 1 + 1  # each found, and the page of all
    assert 'href="/search?q=mart"' in part
    assert "no answer" not in part
    office.front.away.add("contracts")
    assert "no answer just now" in await text_of(office, "/search/proposals?q=mart")


async def test_the_search_goes_on_while_a_service_is_away(office: Office) -> None:
    office.front.away.add("contracts")
    page = await text_of(office, "/search?q=mart")
    assert "no answer just now" in page
    assert PAYMENT["reference"] in page


async def test_org_2_the_search_asks_only_what_the_role_may_see(office: Office) -> None:
    async with office.browser(language="en", signed_in=session("secretary", scopes="accounts:read")) as browser:
        assert "Inès Martin" in (await browser.get("/search?q=mart")).text
    asked = {request.url.path for request in office.front.requests}
    assert asked == {"/catalog/v1/organisation", "/contracts/v1/accounts"}


async def test_pay_17_each_amount_has_its_moves_in_words_and_their_sum(office: Office) -> None:
    office.front.answers[CHANGES] = {"items": JOURNAL, "next": None}
    page = await text_of(office, WHY)
    for words in (
        "Instalment of 1 Oct 2027",
        "A collection failed: the amount is back",
        "€230.00, card, not enough money on the account",
        "Total €900.00 → €1,020.00",
        "added: Danse jazz",
        "+€30.00",
        "support (marc)",
        "Sum of the shares",
    ):
        assert words in page


async def test_pay_17_one_amount_can_be_explained_alone(office: Office) -> None:
    page = await text_of(office, f"{WHY}?of={FIRST}")
    assert f'id="{FIRST}"' in page
    assert 'id="refund_line"' not in page
    assert "Explain every amount" in page


async def test_pay_17_without_contracts_the_moves_are_explained_without_the_names_of_products(office: Office) -> None:
    office.front.away.add("contracts")
    page = await text_of(office, WHY)
    assert "The contract was changed" in page
    assert "Danse jazz" not in page
    assert "no answer just now." in page


async def test_what_somebody_typed_in_a_name_is_text(office: Office) -> None:
    added = {**JOURNAL[0], "data": {"purchase": {"name": "<script>alert(1)</script>"}}}
    office.front.answers[CHANGES] = {"items": [added], "next": None}
    page = await text_of(office, WHY)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


async def test_a_cause_of_a_newer_release_has_words_too(office: Office) -> None:
    newer = amount("unscheduled", 100, [move("turned_upside_down", 100, 100)])
    office.front.answers[f"GET /payments/v1/schedules/{NAMES['contract']}/explanation"] = {
        **EXPLANATION,
        "amounts": [newer],
    }
    assert "The schedule was moved" in await text_of(office, WHY)


async def test_org_1_a_contract_of_another_organisation_is_not_found(office: Office) -> None:
    office.front.answers[f"GET /payments/v1/schedules/{NAMES['contract']}/explanation"] = lambda _: problem(
        404, "unknown-schedule"
    )
    async with office.browser("director") as browser:
        answer = await browser.get(WHY)
    assert answer.status_code == 404
    assert "2027-0042" not in answer.text


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_search_box_of_every_page_leads_to_the_search(office: Office, language: str) -> None:
    page = await text_of(office, "/today", language=language)
    assert '<form class="find" action="/search"' in page
