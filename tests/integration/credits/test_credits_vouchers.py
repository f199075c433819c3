"""Gift vouchers on a real database: issued, redeemed, restored, in any order and once (CRE-8, CRE-9, CON-8)."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from carnet.batches import Batches
from carnet.codes import new_code
from carnet.ids import new_id
from carnet.links import Paper
from credits.domain.vouchers import MOST_OF_CALLER, Voucher
from credits.reactions import REACTIONS
from credits.store import COVERED_LINES
from tests.callers import Signer
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import COURSE, CREDIT, VOUCHER, Story
from tests.links import LINKS
from tests.refused import problem


@pytest.fixture
def friend(books: Books) -> Story:
    """The contract of the person who is given a voucher."""
    return Story(books.organisation)


@pytest.fixture
async def voucher(books: Books, story: Story) -> Voucher:
    (issued,) = await books.issued(story, new_id())
    return issued


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_of_the_two_topics_issue_the_same(books: Books, story: Story, first: str) -> None:
    line = new_id()
    published, paid = story.opened((line, VOUCHER)), [story.paid()]
    for batch in (published, paid, published, paid) if first == "contracts" else (paid, published, paid, published):
        await books.handles(*batch)
    voucher = await books.voucher(line)
    assert (voucher.standing, voucher.account, voucher.products) == ("issued", story.account, VOUCHER.products)
    assert await books.names_published(line) == ["VoucherIssued"]


async def test_cre_9_it_is_redeemed_once_whatever_is_redelivered_and_comes_back_with_its_line(
    books: Books, friend: Story, voucher: Voucher
) -> None:
    line = new_id()
    asked = friend.redemption_requested((line, voucher))
    await books.handles(asked, asked)
    await books.handles(asked)
    assert (await books.voucher(voucher.id)).standing == "redeemed"
    added = friend.changed(add=((line, COURSE),))
    cancelled = friend.changed(cancel=(line,))
    await books.handles(*added, *cancelled)
    await books.handles(*added, *cancelled)
    assert (await books.voucher(voucher.id)).standing == "issued"
    assert await books.names_published(voucher.id) == ["VoucherIssued", "VoucherRedeemed", "VoucherRestored"]
    assert await books.database[COVERED_LINES.name].count_documents({}) == 0


async def test_cre_9_asked_added_and_cancelled_in_one_batch_it_comes_back_too(
    books: Books, friend: Story, voucher: Voucher
) -> None:
    line = new_id()
    asked = friend.redemption_requested((line, voucher))
    await books.handles(asked, *friend.changed(add=((line, COURSE),)), *friend.changed(cancel=(line,)))
    assert (await books.voucher(voucher.id)).covers is None
    assert await books.names_published(voucher.id) == ["VoucherIssued", "VoucherRedeemed", "VoucherRestored"]


async def test_cre_9_what_is_withdrawn_can_be_redeemed_by_the_next(
    books: Books, friend: Story, voucher: Voucher
) -> None:
    line = new_id()
    await books.handles(friend.redemption_requested((line, voucher)), friend.redemption_withdrawn(line))
    await books.handles(Story(books.organisation).redemption_requested((new_id(), voucher)))
    assert (await books.voucher(voucher.id)).standing == "redeemed"


async def test_cre_9_all_vouchers_of_a_request_or_none(books: Books, story: Story, friend: Story) -> None:
    one, other = await books.issued(story, new_id(), new_id())
    request = new_id()
    await books.handles(friend.redemption_requested((new_id(), one), (new_id(), one), request=request))
    assert await books.names_published(request) == ["VoucherRedemptionRefused"]
    assert (await books.voucher(one.id)).standing == "issued"
    await books.handles(friend.redemption_requested((new_id(), one), (new_id(), other)))
    assert {(await books.voucher(each.id)).standing for each in (one, other)} == {"redeemed"}


async def test_cre_2_it_is_suspended_while_the_contract_that_sold_it_is_not_paid(
    books: Books, story: Story, friend: Story, voucher: Voucher
) -> None:
    request = new_id()
    await books.handles(story.reopened())
    await books.handles(friend.redemption_requested((new_id(), voucher), request=request))
    (row,) = await books.published(request)
    assert row["data"]["why"] == "suspended"
    await books.handles(story.paid())
    await books.handles(friend.redemption_requested((new_id(), voucher)))
    assert (await books.voucher(voucher.id)).standing == "redeemed"


async def test_con_8_credits_and_vouchers_of_a_change_are_removed_together_or_not(
    books: Books, story: Story, friend: Story
) -> None:
    credit, line = new_id(), new_id()
    await books.handles(*story.opened((credit, CREDIT), (line, VOUCHER)))
    await books.handles(story.paid())
    covered, request = new_id(), new_id()
    await books.handles(friend.redemption_requested((covered, await books.voucher(line))))
    await books.handles(story.removal_requested(credit, line, request=request))
    assert await books.names_published(request) == ["VoucherRemovalRefused"]
    assert await books.names_published(credit) == ["CreditGranted"]
    await books.handles(*friend.changed(add=((covered, COURSE),)), *friend.changed(cancel=(covered,)))
    await books.handles(story.removal_requested(credit, line))
    assert await books.names_published(credit) == ["CreditGranted", "CreditRemoved"]
    assert (await books.names_published(line))[-1] == "VoucherRemoved"


async def test_con_8_a_change_that_cancels_its_sale_and_the_line_that_it_covers_removes_it(
    books: Books, story: Story, voucher: Voucher
) -> None:
    covered, request = new_id(), new_id()
    await books.handles(story.redemption_requested((covered, voucher)), *story.changed(add=((covered, COURSE),)))
    asked = story.removal_requested(voucher.id, request=request, uncovered=(covered,))
    cancelled = story.changed(cancel=(covered, voucher.id))
    for _ in range(2):
        await books.handles(asked, *cancelled)
    after = await books.voucher(voucher.id)
    assert (after.standing, after.covers) == ("removed", None)
    assert await books.names_published(voucher.id) == [
        "VoucherIssued",
        "VoucherRedeemed",
        "VoucherRestored",
        "VoucherRemoved",
    ]
    assert await books.names_published(request) == []
    assert await books.database[COVERED_LINES.name].count_documents({"_id": covered}) == 0


async def test_org_1_a_code_is_unknown_in_another_organisation(books: Books, voucher: Voucher) -> None:
    foreign, request = Story(new_id()), new_id()
    await books.handles(foreign.redemption_requested((new_id(), voucher), request=request))
    (row,) = await books.published(request)
    assert (row["data"]["why"], row["organisation"]) == ("unknown", foreign.organisation)


async def test_cre_9_of_many_who_present_one_code_at_the_same_instant_one_gets_it(
    books: Books, voucher: Voucher
) -> None:
    (table,) = (each for each in REACTIONS if each.topic.name == "contracts.contracts")
    friends = [Story(books.organisation) for _ in range(12)]
    asked = [(friend.redemption_requested((new_id(), voucher)), friend) for friend in friends]
    workers = [Batches("credits", books.database, table) for _ in asked]
    await asyncio.gather(*(worker.apply([record]) for worker, (record, _) in zip(workers, asked, strict=True)))
    names = await books.names_published(voucher.id)
    assert names == ["VoucherIssued", "VoucherRedeemed"]
    refused = {"type": "carnet.credits.VoucherRedemptionRefused.v1", "data.why": "redeemed"}
    assert await books.database["journal"].count_documents(refused) == len(friends) - 1


# Over HTTP


@pytest.fixture
async def staff(books: Books, signer: Signer) -> dict[str, str]:
    await books.handles(profile(books.organisation))
    return signer.headers(books.organisation, "credits:read credits:adjust")


async def check(client: httpx.AsyncClient, headers: dict[str, str], **body: Any) -> httpx.Response:
    return await client.post("/v1/vouchers/check", json=body, headers=headers)


async def test_cre_8_credits_and_vouchers_are_one_list_with_their_kinds(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], signer: Signer
) -> None:
    lines = sorted(new_id() for _ in range(4))
    await books.handles(story.account_changed())
    await books.handles(*story.opened(*zip(lines, (CREDIT, VOUCHER, CREDIT, VOUCHER), strict=True)))
    await books.handles(story.paid())
    path = f"/v1/accounts/{story.account}/holdings"
    whole = (await client.get(path, headers=staff)).json()["items"]
    assert [(each["kind"], (each[each["kind"]])["id"]) for each in whole] == list(
        zip(("credit", "voucher", "credit", "voucher"), lines, strict=True)
    )
    assert whole[1]["voucher"]["code"] == (await books.voucher(lines[1])).code
    first = (await client.get(path, params={"limit": 3}, headers=staff)).json()
    rest = (await client.get(path, params={"limit": 3, "cursor": first["next"]}, headers=staff)).json()
    assert first["items"] + rest["items"] == whole
    owner = signer.headers(books.organisation, "credits:read", kind="client", sub="c", account=story.account)
    other = signer.headers(books.organisation, "credits:read", kind="client", sub="d", account=new_id())
    assert (await client.get(path, headers=owner)).status_code == 200
    assert (await client.get(path, headers=other)).status_code == 404
    assert (await client.get(f"/v1/vouchers/{lines[1]}", headers=owner)).json()["standing"] == "issued"
    assert (await client.get(f"/v1/vouchers/{lines[1]}", headers=other)).status_code == 404


async def test_cre_9_a_code_says_what_it_is_good_for(
    client: httpx.AsyncClient, books: Books, friend: Story, staff: dict[str, str], voucher: Voucher
) -> None:
    typed = str(voucher.code).lower().replace("-", " ")
    assert (await check(client, staff, code=typed)).json() == {
        "kind": "voucher",
        "usable": True,
        "why": None,
        "detail": None,
        "name": "Bought",
        "products": list(VOUCHER.products),
        "gift_card": None,
    }
    assert (await check(client, staff, code=typed, product=new_id())).json()["why"] == "other-product"
    await books.handles(friend.redemption_requested((new_id(), voucher)))
    assert (await check(client, staff, code=typed)).json()["why"] == "redeemed"
    shown = (await client.get(f"/v1/vouchers/{voucher.id}", headers=staff)).json()
    assert (shown["code"], shown["covers"]["contract"]) == (None, friend.contract)
    mistyped = await check(client, staff, code=typed[:-1] + ("2" if typed[-1] != "2" else "3"))
    assert (mistyped.status_code, mistyped.json()["errors"][0]["field"]) == (422, "code")


async def test_guessing_codes_is_refused_for_an_hour_on_every_route(
    client: httpx.AsyncClient, books: Books, staff: dict[str, str], signer: Signer, voucher: Voucher
) -> None:
    for _ in range(MOST_OF_CALLER):
        assert (await check(client, staff, code=new_code())).json()["why"] == "unknown"
    refused = await check(client, staff, code=voucher.code)
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:carnet:problem:too-many-codes")
    assert int(refused.headers["Retry-After"]) > 0
    other = signer.headers(books.organisation, "credits:read", sub="somebody-else")
    assert (await check(client, other, code=voucher.code)).json()["usable"]


async def test_cre_9_a_voucher_is_printed_by_its_link_and_while_it_can_be_given_by_who_bought_it(
    client: httpx.AsyncClient, books: Books, friend: Story, staff: dict[str, str], voucher: Voucher
) -> None:
    path = f"/v1/vouchers/{voucher.id}/pdf"
    printed = await client.get(path, params={"language": "en"}, headers=staff)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    text = PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    assert str(voucher.code) in text
    assert "Gift voucher" in text
    link = LINKS.written(Paper("voucher", books.organisation, (voucher.id,), "fr"))
    opened = await client.get(f"/v1/papers/{link}")
    assert "Bon cadeau" in PdfReader(BytesIO(opened.content)).pages[0].extract_text()
    elsewhere = LINKS.written(Paper("voucher", new_id(), (voucher.id,), "fr"))
    problem(await client.get(f"/v1/papers/{elsewhere}"), 404, "unknown-link")
    await books.handles(friend.redemption_requested((new_id(), voucher)))
    problem(await client.get(path, headers=staff), 409, "voucher-redeemed-before")


async def test_cre_9_an_unused_voucher_is_sent_again(
    client: httpx.AsyncClient, books: Books, friend: Story, staff: dict[str, str], voucher: Voucher
) -> None:
    path = f"/v1/vouchers/{voucher.id}/sendings"
    key = {"Idempotency-Key": new_id(), "If-Match": '"1"', **staff}
    sent = await client.post(path, headers=key)
    assert (sent.status_code, sent.json()["version"]) == (200, 2)
    assert (await books.names_published(voucher.id))[-1] == "VoucherSendingRequested"
    await books.handles(friend.redemption_requested((new_id(), voucher)))
    again = await client.post(path, headers={"Idempotency-Key": new_id(), "If-Match": '"3"', **staff})
    assert again.json()["type"] == "urn:carnet:problem:voucher-redeemed-before"
