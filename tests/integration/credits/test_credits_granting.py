"""What staff does with credits over HTTP, on a real database: granting, deposits, adjusting (CRE-2, CRE-7, PAY-7)."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from carnet.ids import new_id
from carnet.money import LARGEST
from tests.callers import Signer, command
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import Story
from tests.refused import problem, strangers

SCOPES = "credits:read credits:adjust"


@dataclass
class Counter:
    """The API of credits with its staff, on the database that ``books`` feeds, with one account."""

    client: httpx.AsyncClient
    signer: Signer
    books: Books
    account: str

    def headers(self, organisation: str | None = None, **claims: Any) -> dict[str, str]:
        return self.signer.headers(organisation or self.books.organisation, claims.pop("scopes", SCOPES), **claims)

    async def grant(
        self, body: Any, *, account: str | None = None, key: str | None = None, **claims: Any
    ) -> httpx.Response:
        headers = command(self.headers(**claims), key=key)
        return await self.client.post(f"/v1/accounts/{account or self.account}/credits", json=body, headers=headers)

    async def adjust(
        self, credit: str, body: Any, version: int | None, *, key: str | None = None, **claims: Any
    ) -> httpx.Response:
        headers = command(self.headers(**claims), key=key, version=version)
        return await self.client.post(f"/v1/credits/{credit}/adjustments", json=body, headers=headers)

    async def read(self, credit: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/credits/{credit}", headers=self.headers())
        found: dict[str, Any] = answer.json()
        return found

    async def rows(self) -> int:
        return await self.books.database["journal"].count_documents({})


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


GIFT: dict[str, Any] = {"origin": "staff", "amount": euros(1500), "reason": "Sorry for the rain"}
DEPOSIT: dict[str, Any] = {**GIFT, "origin": "deposit", "method": "cheque", "received_on": "2026-01-15"}
MORE: dict[str, Any] = {"amount": euros(200), "reason": "Counted wrong"}


@pytest.fixture
async def counter(client: httpx.AsyncClient, signer: Signer, books: Books, story: Story) -> Counter:
    await books.handles(profile(books.organisation))
    await books.handles(story.account_changed())
    return Counter(client, signer, books, story.account)


@pytest.fixture
async def credit(counter: Counter) -> str:
    """A credit of 1500 that staff has granted."""
    granted: dict[str, Any] = (await counter.grant(GIFT)).json()
    return str(granted["id"])


async def test_cre_2_staff_grants_a_credit_with_a_reason(counter: Counter, books: Books) -> None:
    answer = await counter.grant(GIFT)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"'), answer.text
    granted = answer.json()
    assert answer.headers["location"] == f"/v1/credits/{granted['id']}"
    assert (granted["account"], granted["origin"], granted["status"]) == (counter.account, "staff", "granted")
    assert granted["amount"] == granted["left"] == euros(1500)
    assert (granted["contract"], granted["line"], granted["receipt"]) == (None, None, None)
    (entry,) = (await counter.read(granted["id"]))["entries"]
    assert (entry["kind"], entry["reason"], entry["note"]) == ("granted", "staff", "Sorry for the rain")
    (row,) = await books.published(granted["id"])
    assert (row["type"], row["data"]["origin"]) == ("carnet.credits.CreditIssued.v1", "staff")
    assert row["actor"] == "user:staff-1"
    assert "rain" not in str(row)  # what staff writes may be personal: it is published to nobody


async def test_pay_7_a_deposit_without_contract_becomes_a_credit(counter: Counter) -> None:
    granted = (await counter.grant(DEPOSIT)).json()
    assert (granted["origin"], granted["left"]) == ("deposit", euros(1500))
    assert granted["receipt"] == {"method": "cheque", "received_on": "2026-01-15"}
    today = (await counter.grant({**GIFT, "origin": "deposit", "method": "cash"})).json()
    assert today["receipt"]["received_on"] == today["granted_on"]


async def test_cre_7_staff_adjusts_what_is_left_up_and_down(counter: Counter, books: Books, credit: str) -> None:
    up = await counter.adjust(credit, MORE, 1)
    assert (up.status_code, up.headers["etag"], up.json()["left"]) == (200, '"2"', euros(1700)), up.text
    down = await counter.adjust(credit, {"amount": euros(-1700), "reason": "Spent elsewhere"}, 2)
    assert (down.json()["left"], down.json()["amount"]) == (euros(0), euros(1500))
    entries = (await counter.read(credit))["entries"]
    assert [(entry["kind"], entry["amount"]["amount"], entry["note"]) for entry in entries] == [
        ("granted", 1500, "Sorry for the rain"),
        ("adjusted", 200, "Counted wrong"),
        ("adjusted", -1700, "Spent elsewhere"),
    ]
    assert await books.names_published(credit) == ["CreditIssued", "CreditAdjusted", "CreditAdjusted"]


async def test_cre_7_an_adjustment_never_goes_below_zero(counter: Counter, credit: str) -> None:
    refused = problem(await counter.adjust(credit, {**MORE, "amount": euros(-1501)}, 1), 409, "more-than-left")
    assert (refused["rule"], refused["params"]) == ("CRE-7", {"credit": credit, "left": 1500})
    problem(await counter.adjust(credit, {**MORE, "amount": euros(LARGEST)}, 1), 422, "credit-too-large")
    assert (await counter.read(credit))["left"] == euros(1500)


async def test_cre_7_two_adjustments_at_once_on_one_version_are_one(counter: Counter, credit: str) -> None:
    less = {"amount": euros(-1000), "reason": "Taken at the desk"}
    answers = await asyncio.gather(*(counter.adjust(credit, less, 1) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert (await counter.read(credit))["left"] == euros(500)


async def test_cre_3_a_use_and_an_adjustment_at_once_never_go_below_zero(
    counter: Counter, books: Books, story: Story, credit: str
) -> None:
    paying = Story(books.organisation, account=story.account)
    less = {"amount": euros(-1000), "reason": "Taken at the desk"}
    _, answer = await asyncio.gather(books.handles(paying.use_requested(credit, 1000)), counter.adjust(credit, less, 1))
    assert answer.status_code in {200, 409, 412}
    assert await books.balance(credit) == (await counter.read(credit))["left"]["amount"] == 500


async def test_a_double_click_grants_and_adjusts_once(counter: Counter, books: Books, credit: str) -> None:
    key = new_id()
    granted = await asyncio.gather(*(counter.grant(GIFT, key=key) for _ in range(4)))
    assert len({answer.text for answer in granted}) == 1
    adjusted = await asyncio.gather(*(counter.adjust(credit, MORE, 1, key=key) for _ in range(4)))
    assert {answer.status_code for answer in adjusted} == {200}
    assert await books.database["credits"].count_documents({}) == 2
    assert await books.balance(credit) == 1700
    problem(await counter.grant({**GIFT, "amount": euros(1)}, key=key), 422, "idempotency-key-reused")


async def test_org_2_only_staff_who_may_adjust_grants_and_adjusts(counter: Counter, books: Books, credit: str) -> None:
    rows = await counter.rows()
    for stranger in strangers(counter.signer, books.organisation, SCOPES, staff_only=True):
        for path, body in ((f"accounts/{counter.account}/credits", GIFT), (f"credits/{credit}/adjustments", MORE)):
            headers = command(stranger.headers, version=1)
            answer = await counter.client.post(f"/v1/{path}", json=body, headers=headers)
            problem(answer, stranger.status, stranger.slug)
    owner = command(counter.headers(kind="client", account=counter.account), version=1)
    for path, body in ((f"accounts/{counter.account}/credits", GIFT), (f"credits/{credit}/adjustments", MORE)):
        problem(await counter.client.post(f"/v1/{path}", json=body, headers=owner), 403, "staff-only")
    problem(await counter.adjust(credit, MORE, 1, scopes="credits:read"), 403, "scope-missing")
    assert await counter.rows() == rows


async def test_org_1_foreign_and_unknown_ids_are_answered_alike(counter: Counter, books: Books, credit: str) -> None:
    rows, neighbour = await counter.rows(), new_id()
    await books.handles(profile(neighbour))
    for organisation, account, asked in ((neighbour, counter.account, credit), (None, new_id(), new_id())):
        problem(await counter.grant(GIFT, account=account, organisation=organisation), 404, "unknown-account")
        problem(await counter.adjust(asked, MORE, 1, organisation=organisation), 404, "unknown-credit")
    problem(await counter.grant(GIFT, account="x"), 422, "request-invalid")
    problem(await counter.adjust("x", MORE, 1), 422, "request-invalid")
    assert await counter.rows() == rows


WRONG_GRANTS: list[tuple[str, Any, str]] = [
    ("origin", "sold", "origin"),
    ("origin", None, "origin"),
    ("amount", euros(0), "amount.amount"),
    ("amount", euros(-1), "amount.amount"),
    ("amount", euros(LARGEST + 1), "amount.amount"),
    ("amount", {"amount": 1.5, "currency": "EUR"}, "amount.amount"),
    ("amount", {"amount": 1, "currency": "eur"}, "amount.currency"),
    ("amount", 100, "amount"),
    ("reason", "", "reason"),
    ("reason", "x" * 121, "reason"),
    ("reason", "two\nlines", "reason"),
    ("reason", None, "reason"),
    ("method", "gold", "method"),
    ("received_on", "2026-02-30", "received_on"),
    ("account", "x", "account"),
]
WRONG_ADJUSTMENTS: list[tuple[str, Any, str]] = [
    ("amount", euros(-LARGEST - 1), "amount.amount"),
    ("amount", {"amount": True, "currency": "EUR"}, "amount.amount"),
    ("amount", {**euros(1), "sign": "-"}, "amount.sign"),
    ("amount", None, "amount"),
    ("reason", " ", "reason"),
    ("note", "x", "note"),
]


async def test_a_wrong_field_is_named_and_nothing_changes(counter: Counter, credit: str) -> None:
    rows = await counter.rows()
    for name, value, field in WRONG_GRANTS:
        refused = problem(await counter.grant({**DEPOSIT, name: value}), 422, "request-invalid")
        assert field in [error["field"] for error in refused["errors"]], (name, value)
    for name, value, field in WRONG_ADJUSTMENTS:
        refused = problem(await counter.adjust(credit, {**MORE, name: value}, 1), 422, "request-invalid")
        assert field in [error["field"] for error in refused["errors"]], (name, value)
    nothing = await counter.adjust(credit, {**MORE, "amount": euros(0)}, 1)
    assert "not zero" in problem(nothing, 422, "request-invalid")["detail"]
    for body, what in (
        ({**GIFT, "method": "cash"}, "only a deposit is received"),
        ({**GIFT, "received_on": "2026-01-15"}, "only a deposit is received"),
        ({**GIFT, "origin": "deposit"}, "send method"),
    ):
        assert what in problem(await counter.grant(body), 422, "request-invalid")["detail"]
    swiss = {"amount": 1, "currency": "CHF"}
    problem(await counter.grant({**GIFT, "amount": swiss}), 422, "other-currency")
    problem(await counter.adjust(credit, {**MORE, "amount": swiss}, 1), 422, "other-currency")
    problem(await counter.grant({**DEPOSIT, "received_on": "2199-12-31"}), 422, "received-in-future")
    problem(await counter.adjust(credit, MORE, None), 428, "if-match-missing")
    problem(await counter.adjust(credit, MORE, 2), 412, "version-moved")
    assert await counter.rows() == rows


async def test_cre_4_a_removed_credit_is_adjusted_no_more(counter: Counter, books: Books, story: Story) -> None:
    line = new_id()
    await books.granted(story, line)
    await books.handles(story.removal_requested(line))
    problem(await counter.adjust(line, MORE, 2), 409, "credit-removed")


async def test_org_2_what_staff_wrote_is_not_shown_to_the_client(counter: Counter, credit: str) -> None:
    owner = counter.headers(scopes="credits:read", kind="client", account=counter.account)
    for path in (f"/v1/credits/{credit}", f"/v1/accounts/{counter.account}/credit-entries"):
        answer = (await counter.client.get(path, headers=owner)).json()
        (entry,) = answer.get("entries") or answer["items"]
        assert (entry["reason"], entry["note"]) == ("staff", None)


@pytest.mark.parametrize("erasing", ["the account", "a member"])
async def test_org_4_what_staff_wrote_goes_with_the_people_and_nothing_else(
    counter: Counter, books: Books, story: Story, credit: str, erasing: str
) -> None:
    before = await counter.read(credit)
    await books.handles(story.account_changed(2))
    assert (await counter.read(credit)) == before
    await books.handles(story.account_changed(3, erased=1) if erasing == "a member" else story.account_erased(3))
    after = await counter.read(credit)
    assert [entry["note"] for entry in after["entries"]] == [None]
    assert after == {**before, "entries": [{**entry, "note": None} for entry in before["entries"]]}


async def test_org_4_what_staff_writes_after_an_erasure_stays_until_the_next(
    counter: Counter, books: Books, story: Story, credit: str
) -> None:
    await books.handles(story.account_changed(2, erased=1))
    await counter.adjust(credit, MORE, 1)
    await books.handles(story.account_changed(3, erased=1))
    assert [entry["note"] for entry in (await counter.read(credit))["entries"]] == [None, "Counted wrong"]
    await books.handles(story.account_changed(4, erased=2))
    assert [entry["note"] for entry in (await counter.read(credit))["entries"]] == [None, None]


async def test_an_organisation_without_a_profile_is_shown_what_to_do(counter: Counter) -> None:
    problem(await counter.grant(GIFT, organisation=new_id()), 409, "organisation-not-known")
