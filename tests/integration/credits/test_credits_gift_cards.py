"""Gift cards on a real database: issued, presented, paying once, kept from who bought them (CRE-2, CRE-8, CON-8)."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from carnet.codes import digest_of, new_code
from carnet.events.catalog import GiftCardDetails
from carnet.events.contracts import Redemption, VoucherRedemptionRequested
from carnet.ids import new_id
from credits.domain.credit import Credit
from credits.domain.vouchers import MOST_OF_CALLER
from credits.store import TRIES
from tests.callers import Signer
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import DAY, Story
from tests.refused import problem

CARD = GiftCardDetails(minimum=1000, maximum=20000, value=5000)


async def bought(books: Books, story: Story) -> Credit:
    """A gift card of 50 that somebody bought and paid."""
    line = new_id()
    await books.handles(*story.opened((line, CARD)))
    await books.handles(story.paid())
    card = await books.credit(line)
    assert card is not None
    return card


def code_of(card: Credit) -> str:
    assert card.card is not None
    assert card.card.code is not None
    return card.card.code


def paying(friend: Story, card: Credit, amount: int, code: str | None = None, **fields: Any) -> Any:
    digest = digest_of(card.organisation, code or code_of(card))
    return friend.use_requested(card.id, amount, code=digest, **fields)


@pytest.fixture
def friend(books: Books) -> Story:
    """The contract of the person who is given a card."""
    return Story(books.organisation)


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_of_the_two_topics_issue_the_same_once(books: Books, story: Story, first: str) -> None:
    line = new_id()
    published, paid = story.opened((line, CARD)), [story.paid()]
    for batch in (published, paid, published, paid) if first == "contracts" else (paid, published, paid, published):
        await books.handles(*batch)
    card = await books.credit(line)
    assert card is not None
    assert (card.left, card.account, card.origin) == (5000, story.account, "sold")
    assert await books.names_published(line) == ["GiftCardIssued"]


async def test_cre_8_it_pays_others_once_and_comes_back_and_only_an_unused_one_is_removed(
    books: Books, story: Story, friend: Story
) -> None:
    card = await bought(books, story)
    use = paying(friend, card, 3000)
    await books.handles(use, use)
    await books.handles(use)
    refused, request = new_id(), new_id()
    await books.handles(paying(friend, card, 3000, request=refused))
    assert await books.names_published(refused) == ["CreditUseRefused"]
    await books.handles(story.removal_requested(card.id, request=request))
    assert await books.names_published(request) == ["CreditRemovalRefused"]
    await books.handles(friend.given_back(card.id, 3000))
    await books.handles(story.removal_requested(card.id))
    assert await books.names_published(card.id) == ["GiftCardIssued", "CreditUsed", "CreditRestored", "CreditRemoved"]
    assert await books.balance(card.id) == 0


async def test_cre_2_it_is_suspended_while_the_contract_that_sold_it_is_not_paid(
    books: Books, story: Story, friend: Story
) -> None:
    card, request = await bought(books, story), new_id()
    await books.handles(story.reopened())
    await books.handles(paying(friend, card, 100, request=request))
    (row,) = await books.published(request)
    assert row["data"]["suspended"]
    await books.handles(story.paid())
    await books.handles(paying(friend, card, 100))
    assert await books.balance(card.id) == 4900


async def test_cre_8_wrong_codes_are_counted_and_after_too_many_none_is_looked_up(
    books: Books, story: Story, friend: Story
) -> None:
    card = await bought(books, story)
    await books.handles(*(paying(friend, card, 100, code=new_code()) for _ in range(MOST_OF_CALLER)))
    request = new_id()
    await books.handles(paying(friend, card, 100, request=request))
    (row,) = await books.published(request)
    assert row["data"]["reason"] == "too-many-codes"
    assert await books.balance(card.id) == 5000


async def test_org_1_another_organisation_pays_nothing_with_it(books: Books, story: Story) -> None:
    card, request = await bought(books, story), new_id()
    await books.handles(paying(Story(new_id()), card, 100, request=request))
    (row,) = await books.published(request)
    assert row["data"]["reason"] == "unknown-credit"


async def test_cre_9_its_code_covers_no_line_and_counts_as_no_guess(books: Books, story: Story, friend: Story) -> None:
    card, request = await bought(books, story), new_id()
    asked = VoucherRedemptionRequested(
        contract=friend.contract,
        account=friend.account,
        request=request,
        redemptions=(Redemption(line=new_id(), product=new_id(), code=digest_of(card.organisation, code_of(card))),),
        effective_on=DAY,
    )
    await books.handles(friend.published(asked))
    (row,) = await books.published(request)
    assert row["data"]["why"] == "gift-card"
    assert await books.database[TRIES.name].count_documents({}) == 0


async def test_cre_8_nobody_sees_what_is_left_without_the_code_whatever_they_may(
    books: Books, story: Story, friend: Story, client: httpx.AsyncClient, signer: Signer
) -> None:
    await books.handles(profile(books.organisation))
    await books.handles(story.account_changed())
    card = await bought(books, story)
    await books.handles(paying(friend, card, 1234))
    staff = signer.headers(books.organisation, "credits:read credits:adjust")
    buyer = signer.headers(books.organisation, "credits:read", kind="client", sub="c", account=story.account)
    path = f"/v1/gift-cards/{card.id}"
    body = {"amount": {"amount": -66, "currency": "EUR"}, "reason": "Double saisie"}
    version = (await client.get(path, headers=staff)).headers["etag"]

    async def adjusts(path: str, body: object, version: str) -> httpx.Response:
        headers = {**staff, "If-Match": version, "Idempotency-Key": new_id()}
        return await client.post(f"{path}/adjustments", json=body, headers=headers)

    problem(await adjusts(f"/v1/credits/{card.id}", body, version), 404, "unknown-credit")
    adjusted = await adjusts(path, body, version)
    too_much = {**body, "amount": {"amount": -3701, "currency": "EUR"}}
    refused = await adjusts(path, too_much, adjusted.headers["etag"])
    problem(refused, 409, "more-than-on-card")
    answers = [adjusted, refused]
    of_account = f"/v1/accounts/{story.account}"
    for headers in (staff, buyer):
        answers += [await client.get(each, headers=headers) for each in (path, f"{of_account}/holdings")]
        answers.append(await client.get(f"{of_account}/credits", headers=headers))
        entries = await client.get(f"{of_account}/credit-entries", headers=headers)
        assert entries.json()["items"] == []
        problem(await client.get(f"/v1/credits/{card.id}", headers=headers), 404, "unknown-credit")
    problem(await client.get(f"/v1/credits/{card.id}/journal", headers=staff), 404, "unknown-credit")
    problem(await client.get(f"{path}/journal", headers=buyer), 403, "staff-only")
    journal = await client.get(f"{path}/journal", headers=staff)
    assert [each["type"] for each in journal.json()["items"]] == ["GiftCardIssued", "CreditUsed", "CreditAdjusted"]
    for answer in (*answers, journal):
        assert answer.status_code in (200, 409), answer.text
        for secret in ("3700", "3766", "1234", code_of(card)):
            assert secret not in answer.text
    checked = (await client.post("/v1/vouchers/check", json={"code": code_of(card)}, headers=buyer)).json()
    assert checked["gift_card"]["left"]["amount"] == 3700


async def test_cre_8_the_list_the_check_and_the_paper(
    books: Books, story: Story, friend: Story, client: httpx.AsyncClient, signer: Signer
) -> None:
    await books.handles(profile(books.organisation))
    await books.handles(story.account_changed())
    card = await bought(books, story)
    await books.handles(paying(friend, card, 1200))
    unused = await bought(books, Story(books.organisation, account=story.account))
    staff = signer.headers(books.organisation, "credits:read credits:adjust")
    buyer = signer.headers(books.organisation, "credits:read", kind="client", sub="c", account=story.account)
    held = (await client.get(f"/v1/accounts/{story.account}/holdings", headers=staff)).json()["items"]
    assert [(each["kind"], each["gift_card"]["standing"], each["gift_card"]["pays"]) for each in held] == [
        ("gift_card", "used", [friend.contract]),
        ("gift_card", "unused", []),
    ]
    theirs = (await client.get(f"/v1/accounts/{story.account}/holdings", headers=buyer)).json()["items"]
    assert [(each["gift_card"]["pays"], each["gift_card"]["code"]) for each in theirs] == [
        (None, None),
        (None, code_of(unused)),
    ]
    checked = (await client.post("/v1/vouchers/check", json={"code": code_of(card).lower()}, headers=buyer)).json()
    assert (checked["usable"], checked["gift_card"]["id"], checked["gift_card"]["left"]["amount"]) == (
        True,
        card.id,
        3800,
    )
    for_a_line = {"code": code_of(card), "product": new_id()}
    covered = (await client.post("/v1/vouchers/check", json=for_a_line, headers=staff)).json()
    assert (covered["usable"], covered["why"]) == (False, "gift-card")
    path = f"/v1/gift-cards/{unused.id}"
    printed = await client.get(f"{path}/pdf", params={"language": "en"}, headers=buyer)
    assert code_of(unused) in PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    problem(await client.get(f"/v1/gift-cards/{card.id}/pdf", headers=staff), 409, "card-used")
    version = (await client.get(path, headers=staff)).headers["etag"]
    again = await client.post(f"{path}/sendings", headers={**staff, "If-Match": version, "Idempotency-Key": new_id()})
    assert again.status_code == 200, again.text
    assert (await books.names_published(unused.id))[-1] == "GiftCardSendingRequested"
    stranger = signer.headers(books.organisation, "credits:read", kind="client", sub="d", account=new_id())
    foreign = signer.headers(new_id(), "credits:read")
    for headers in (stranger, foreign):
        problem(await client.get(path, headers=headers), 404, "unknown-card")
