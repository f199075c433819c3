"""What clients and staff read of credits over HTTP, on a real database."""

import httpx
import pytest

from carnet.ids import new_id
from tests.callers import Signer
from tests.integration.credits.conftest import Books
from tests.integration.credits.story import CREDIT, DAY, Story


@pytest.fixture
def staff(books: Books, signer: Signer) -> dict[str, str]:
    return signer.headers(books.organisation, "credits:read")


@pytest.fixture
def owner(books: Books, story: Story, signer: Signer) -> dict[str, str]:
    return signer.headers(books.organisation, "credits:read", kind="client", sub="client-1", account=story.account)


@pytest.fixture
async def sold(books: Books, story: Story) -> list[str]:
    """Three credits, the second of them cancelled, in the order of their lines."""
    lines = sorted(new_id() for _ in range(3))
    await books.handles(story.account_changed())
    await books.handles(*story.opened(*((line, CREDIT) for line in lines)))
    await books.handles(story.paid())
    await books.handles(*story.changed(cancel=(lines[1],)))
    return lines


async def test_cre_8_an_account_lists_its_credits_with_what_is_left(
    client: httpx.AsyncClient, staff: dict[str, str], sold: list[str], story: Story
) -> None:
    answer = await client.get(f"/v1/accounts/{story.account}/credits", headers=staff)
    assert answer.status_code == 200
    assert answer.json()["next"] is None
    assert [item["id"] for item in answer.json()["items"]] == sold
    assert answer.json()["items"][0] == {
        "id": sold[0],
        "account": story.account,
        "origin": "sold",
        "amount": {"amount": 5000, "currency": "EUR"},
        "left": {"amount": 5000, "currency": "EUR"},
        "status": "granted",
        "contract": story.contract,
        "line": sold[0],
        "receipt": None,
        "granted_on": DAY.isoformat(),
        "removed_on": None,
        "uses": [],
        "suspended_since": None,
        "reversed": {"amount": 0, "currency": "EUR"},
        "due": {"amount": 0, "currency": "EUR"},
        "due_note": None,
    }
    assert [item["left"]["amount"] for item in answer.json()["items"]] == [5000, 0, 5000]


async def test_the_list_is_filtered_and_read_page_by_page(
    client: httpx.AsyncClient, staff: dict[str, str], sold: list[str], story: Story
) -> None:
    path = f"/v1/accounts/{story.account}/credits"
    first = (await client.get(path, params={"status": "granted", "limit": 1}, headers=staff)).json()
    assert [item["id"] for item in first["items"]] == [sold[0]]
    params = {"status": "granted", "limit": 1, "cursor": first["next"]}
    second = (await client.get(path, params=params, headers=staff)).json()
    assert [item["id"] for item in second["items"]] == [sold[2]]
    assert second["next"] is None


async def test_cre_7_a_credit_is_read_with_its_movements_and_its_version(
    client: httpx.AsyncClient, staff: dict[str, str], sold: list[str], story: Story
) -> None:
    answer = await client.get(f"/v1/credits/{sold[1]}", headers=staff)
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert (answer.json()["status"], answer.json()["removed_on"]) == ("removed", DAY.isoformat())
    of = {"credit": sold[1], "on": DAY.isoformat(), "contract": story.contract, "request": None, "note": None}
    granted, removed = ({"amount": amount, "currency": "EUR"} for amount in (5000, -5000))
    assert answer.json()["entries"] == [
        {**of, "kind": "granted", "reason": "contract_paid", "amount": granted},
        {**of, "kind": "removed", "reason": "line_cancelled", "amount": removed},
    ]


async def test_cre_7_the_movements_of_all_credits_of_an_account_are_listed_with_the_contracts_they_pay(
    client: httpx.AsyncClient, owner: dict[str, str], sold: list[str], story: Story, books: Books
) -> None:
    paying = Story(story.organisation, account=story.account)
    await books.handles(*(paying.use_requested(sold[0], 1) for _ in range(11)))  # so that 10 does not come before 2
    path, entries, cursor = f"/v1/accounts/{story.account}/credit-entries", [], {}
    while True:
        page = (await client.get(path, params={"limit": 4, **cursor}, headers=owner)).json()
        entries += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    found = [(entry["credit"], entry["kind"], entry["contract"]) for entry in entries]
    assert found == [
        (sold[0], "granted", story.contract),
        *[(sold[0], "used", paying.contract)] * 11,
        (sold[1], "granted", story.contract),
        (sold[1], "removed", story.contract),
        (sold[2], "granted", story.contract),
    ]
    listed = (await client.get(f"/v1/accounts/{story.account}/credits", headers=owner)).json()["items"]
    assert listed[0]["uses"] == [{"contract": paying.contract, "amount": {"amount": 11, "currency": "EUR"}}]
    assert listed[0]["left"]["amount"] == 4989


async def test_org_4_the_journal_of_a_credit_says_what_led_to_each_movement(
    client: httpx.AsyncClient, staff: dict[str, str], sold: list[str]
) -> None:
    answer = await client.get(f"/v1/credits/{sold[1]}/journal", headers=staff)
    assert answer.status_code == 200
    entries = answer.json()["items"]
    assert [(entry["sequence"], entry["type"]) for entry in entries] == [(1, "CreditGranted"), (2, "CreditRemoved")]
    assert {entry["actor"] for entry in entries} == {"service:credits"}
    assert all(entry["causation"] for entry in entries)


async def test_org_2_a_client_reads_its_own_credits_but_no_journal(
    client: httpx.AsyncClient, owner: dict[str, str], sold: list[str], story: Story
) -> None:
    listed = await client.get(f"/v1/accounts/{story.account}/credits", headers=owner)
    assert [item["id"] for item in listed.json()["items"]] == sold
    assert (await client.get(f"/v1/credits/{sold[0]}", headers=owner)).status_code == 200
    journal = await client.get(f"/v1/credits/{sold[0]}/journal", headers=owner)
    assert (journal.status_code, journal.json()["type"]) == (403, "urn:carnet:problem:staff-only")


async def test_org_1_what_is_foreign_or_anothers_is_answered_as_unknown(
    client: httpx.AsyncClient, signer: Signer, books: Books, sold: list[str], story: Story
) -> None:
    neighbour = signer.headers(books.organisation, "credits:read", kind="client", account=new_id())
    foreign = signer.headers(new_id(), "credits:read")
    for headers in (neighbour, foreign):
        account = f"/v1/accounts/{story.account}"
        paths = [f"{account}/credits", f"{account}/credit-entries", f"/v1/credits/{sold[0]}"]
        for path in paths:
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["rule"]) == (404, "ORG-1")
    answer = await client.get(f"/v1/credits/{sold[0]}/journal", headers=foreign)
    assert answer.status_code == 404


async def test_unknown_ids_and_broken_ones_are_refused(
    client: httpx.AsyncClient, staff: dict[str, str], sold: list[str]
) -> None:
    paths = ("accounts/{}/credits", "accounts/{}/credit-entries", "credits/{}", "credits/{}/journal")
    for path in (f"/v1/{path.format(new_id())}" for path in paths):
        assert (await client.get(path, headers=staff)).status_code == 404
    for path in (f"/v1/{path.format(1)}" for path in paths):
        assert (await client.get(path, headers=staff)).status_code == 422
    wrong = await client.get(f"/v1/accounts/{new_id()}/credits", params={"status": "spent"}, headers=staff)
    assert wrong.status_code == 422


async def test_org_2_nothing_is_read_without_the_scope(
    client: httpx.AsyncClient, signer: Signer, books: Books, sold: list[str], story: Story
) -> None:
    headers = signer.headers(books.organisation, "contracts:read")
    for path in (
        f"/v1/accounts/{story.account}/credits",
        f"/v1/accounts/{story.account}/credit-entries",
        f"/v1/credits/{sold[0]}",
        f"/v1/credits/{sold[0]}/journal",
    ):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["params"]["scope"]) == (403, "credits:read")
        assert (await client.get(path)).status_code == 401
