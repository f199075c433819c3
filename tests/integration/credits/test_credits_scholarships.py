"""Scholarships on a real database: awarded, used by many at the same instant, given back once (CRE-11)."""

import asyncio
from typing import Any

import httpx
import pytest

from carnet.batches import Batches
from carnet.events.base import Event
from carnet.events.scholarship_uses import (
    ScholarshipPart,
    ScholarshipReduced,
    ScholarshipUse,
    ScholarshipUseRequested,
    ScholarshipUseWithdrawn,
)
from carnet.ids import new_id
from credits.reactions import REACTIONS
from credits.scholarships.domain.scholarship import Scholarship
from credits.scholarships.store import scholarship_of
from tests.callers import Signer
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import COURSE, DAY, Story
from tests.records import Given
from tests.refused import problem

SCOPES = "credits:read scholarships:read scholarships:award"
FUND = {"name": "Fonds solidaire", "budget": {"amount": 10_000, "currency": "EUR"}, "first_day": "2026-01-01"}

Headers = dict[str, str]


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def asked(story: Story, scholarship: str, line: str, amount: int, **more: Any) -> Given:
    """A change of the contract would have the scholarship cover so much of a line."""
    use = ScholarshipUse(
        line=line, scholarship=scholarship, product=new_id(), name="Jazz", kind="course", amount=amount
    )
    shared = {"contract": story.contract, "account": story.account, "request": new_id(), "effective_on": DAY}
    return published(story, ScholarshipUseRequested(**{**shared, "uses": (use,), "currency": "EUR", **more}))


def published(story: Story, body: Event) -> Given:
    return story.published(body)


@pytest.fixture
async def staff(books: Books, story: Story, signer: Signer) -> Headers:
    await books.handles(profile(books.organisation))
    await books.handles(story.account_changed())
    return signer.headers(books.organisation, SCOPES)


async def send(client: httpx.AsyncClient, path: str, body: Any, headers: Headers, **more: str) -> httpx.Response:
    return await client.post(path, json=body, headers={**headers, "Idempotency-Key": new_id(), **more})


@pytest.fixture
async def fund(client: httpx.AsyncClient, staff: Headers) -> str:
    opened = await send(client, "/v1/scholarship-funds", FUND, staff)
    assert opened.status_code == 201, opened.text
    id_: str = opened.json()["id"]
    return id_


async def award(client: httpx.AsyncClient, fund: str, account: str, headers: Headers, amount: int) -> httpx.Response:
    body = {"account": account, "amount": money(amount), "note": "the committee of May"}
    return await send(client, f"/v1/scholarship-funds/{fund}/scholarships", body, headers)


@pytest.fixture
async def scholarship(client: httpx.AsyncClient, fund: str, story: Story, staff: Headers) -> str:
    awarded = await award(client, fund, story.account, staff, 6_000)
    assert awarded.status_code == 201, awarded.text
    id_: str = awarded.json()["id"]
    return id_


async def kept(books: Books, id_: str) -> Scholarship:
    found = await scholarship_of(books.database, books.organisation, id_)
    assert found is not None
    return found


async def test_cre_11_it_is_used_once_whatever_is_redelivered_and_comes_back_with_its_line(
    books: Books, story: Story, scholarship: str
) -> None:
    line = new_id()
    use = asked(story, scholarship, line, 4_000)
    await books.handles(use, use)
    await books.handles(use)
    assert (await kept(books, scholarship)).left == 2_000
    added = story.changed(add=((line, COURSE),))
    reduced = published(
        story,
        ScholarshipReduced(
            contract=story.contract,
            account=story.account,
            currency="EUR",
            effective_on=DAY,
            line=line,
            name="Jazz",
            scholarship=scholarship,
            amount_before=4_000,
            amount_after=1_500,
        ),
    )
    cancelled = story.changed(cancel=(line,))
    await books.handles(*added, reduced, reduced)
    assert (await kept(books, scholarship)).left == 4_500
    await books.handles(reduced, *cancelled)
    await books.handles(*cancelled)
    assert (await kept(books, scholarship)).left == 6_000
    names = ["ScholarshipAwarded", "ScholarshipUsed", "ScholarshipRestored", "ScholarshipRestored"]
    assert await books.names_published(scholarship) == names


async def test_cre_11_asked_added_and_cancelled_in_one_batch_it_comes_back_too(
    books: Books, story: Story, scholarship: str
) -> None:
    line = new_id()
    use = asked(story, scholarship, line, 6_000)
    await books.handles(use, *story.changed(add=((line, COURSE),)), *story.changed(cancel=(line,)))
    assert (await kept(books, scholarship)).left == 6_000


async def test_cre_11_a_change_uses_what_it_gives_back_and_a_refused_one_leaves_all(
    books: Books, story: Story, scholarship: str
) -> None:
    first, second = new_id(), new_id()
    await books.handles(asked(story, scholarship, first, 5_000), *story.changed(add=((first, COURSE),)))
    part = ScholarshipPart(line=first, scholarship=scholarship, amount=5_000)
    use = asked(story, scholarship, second, 5_500, given_back=(part,))
    shared = {"contract": story.contract, "account": story.account, "request": new_id(), "effective_on": DAY}
    withdrawn = published(story, ScholarshipUseWithdrawn(**shared, lines=(second,)))
    await books.handles(use, withdrawn)
    assert (await kept(books, scholarship)).left == 1_000
    third = new_id()
    use = asked(story, scholarship, third, 5_500, given_back=(part,))
    await books.handles(use)
    await books.handles(*story.changed(add=((third, COURSE),), cancel=(first,)))
    assert (await kept(books, scholarship)).left == 500


async def test_cre_11_of_many_at_the_same_instant_no_more_is_used_than_was_awarded(
    books: Books, story: Story, scholarship: str
) -> None:
    (table,) = (each for each in REACTIONS if each.topic.name == "contracts.contracts")
    contracts = [Story(books.organisation, account=story.account) for _ in range(12)]
    uses = [asked(each, scholarship, new_id(), 1_100) for each in contracts]
    workers = [Batches("credits", books.database, table) for _ in uses]
    await asyncio.gather(*(worker.apply([use]) for worker, use in zip(workers, uses, strict=True)))
    assert (await kept(books, scholarship)).left == 6_000 - 5 * 1_100
    refused = {"type": "carnet.credits.ScholarshipUseRefused.v1", "data.why": "not-enough"}
    assert await books.database["journal"].count_documents(refused) == 7


async def test_cre_11_of_many_at_the_same_instant_no_more_is_awarded_than_the_budget(
    client: httpx.AsyncClient, fund: str, story: Story, staff: Headers
) -> None:
    answers = await asyncio.gather(*(award(client, fund, story.account, staff, 1_500) for _ in range(9)))
    assert sorted(answer.status_code for answer in answers) == [201] * 6 + [409] * 3
    shown = (await client.get(f"/v1/scholarship-funds/{fund}", headers=staff)).json()
    assert (shown["awarded"], shown["used"]) == (money(9_000), money(0))


async def test_org_1_it_is_unknown_in_another_organisation_and_of_another_account(
    client: httpx.AsyncClient, books: Books, story: Story, scholarship: str, signer: Signer
) -> None:
    for stranger, why in ((Story(new_id()), "unknown"), (Story(books.organisation), "other-account")):
        use = asked(stranger, scholarship, new_id(), 10)
        await books.handles(use)
        (row,) = await books.database["journal"].find({"data.contract": stranger.contract}).to_list(None)
        assert (row["data"]["why"], row["data"]["left"]) == (why, 0)
    foreign = signer.headers(new_id(), SCOPES)
    problem(await client.get(f"/v1/scholarships/{scholarship}", headers=foreign), 404, "unknown-scholarship")
    owner = signer.headers(books.organisation, "credits:read", kind="client", sub="c", account=story.account)
    other = signer.headers(books.organisation, "credits:read", kind="client", sub="d", account=new_id())
    shown = await client.get(f"/v1/scholarships/{scholarship}", headers=owner)
    assert (shown.json()["fund_name"], shown.json()["left"], shown.json()["note"]) == (
        "Fonds solidaire",
        money(6_000),
        None,
    )
    problem(await client.get(f"/v1/scholarships/{scholarship}", headers=other), 404, "unknown-scholarship")
    assert (await client.get(f"/v1/accounts/{story.account}/scholarships", headers=other)).status_code == 404


async def test_cre_11_a_preview_is_answered_as_the_request_would_be(
    client: httpx.AsyncClient, books: Books, story: Story, scholarship: str, staff: Headers
) -> None:
    def use(line: str, amount: int) -> dict[str, Any]:
        return {
            "line": line,
            "scholarship": scholarship,
            "product": new_id(),
            "kind": "course",
            "amount": money(amount),
        }

    body = {"account": story.account, "uses": [use(new_id(), 4_000), use(new_id(), 2_001)]}
    answered = (await client.post("/v1/scholarships/check", json=body, headers=staff)).json()["uses"]
    assert [(each["usable"], each["why"]) for each in answered] == [(True, None), (False, "not-enough")]
    assert (answered[0]["left"], answered[0]["fund"]) == (money(2_000), "Fonds solidaire")
    assert (await kept(books, scholarship)).left == 6_000


async def test_cre_11_the_donor_reads_what_the_fund_pays_for_whom(
    client: httpx.AsyncClient, books: Books, story: Story, scholarship: str, staff: Headers
) -> None:
    fund = (await kept(books, scholarship)).fund
    first, second = sorted((new_id(), new_id()))
    await books.handles(asked(story, scholarship, first, 1_000), asked(story, scholarship, second, 2_000))
    await books.handles(*story.changed(add=((first, COURSE), (second, COURSE))), *story.changed(cancel=(first,)))
    path = f"/v1/scholarship-funds/{fund}/uses"
    (use,) = (await client.get(path, headers=staff)).json()["items"]
    assert (use["line"], use["name"], use["account"], use["amount"]) == (second, "Jazz", story.account, money(2_000))
    assert not (await client.get(path, params={"from": "2027-02-01"}, headers=staff)).json()["items"]
    assert (await client.get(path, params={"until": "2027-01-31"}, headers=staff)).json()["items"] == [use]
    shown = (await client.get(f"/v1/scholarship-funds/{fund}", headers=staff)).json()
    assert (shown["budget"], shown["awarded"], shown["used"]) == (money(10_000), money(6_000), money(2_000))
    every = (await client.get(f"/v1/scholarships/{scholarship}/uses", headers=staff)).json()["items"]
    assert [each["amount"]["amount"] for each in every] == [0, 2_000]


async def test_cre_11_what_is_left_is_taken_back_and_what_staff_wrote_goes_with_the_people(
    client: httpx.AsyncClient, books: Books, story: Story, scholarship: str, staff: Headers
) -> None:
    fund = (await kept(books, scholarship)).fund
    await books.handles(asked(story, scholarship, new_id(), 4_000))
    path = f"/v1/scholarships/{scholarship}/adjustments"
    above = await send(client, path, {"amount": money(-2_001)}, staff, **{"If-Match": '"2"'})
    problem(above, 409, "scholarship-below-used")
    taken = await send(client, path, {"amount": money(-2_000)}, staff, **{"If-Match": '"2"'})
    assert (taken.json()["amount"], taken.json()["left"]) == (money(4_000), money(0))
    shown = (await client.get(f"/v1/scholarship-funds/{fund}", headers=staff)).json()
    assert shown["awarded"] == money(4_000)
    await books.handles(story.account_changed(2, erased=1))
    assert (await kept(books, scholarship)).note is None
