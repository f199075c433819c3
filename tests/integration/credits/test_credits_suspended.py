"""CRE-2, PAY-13: what a sold credit and a converted refund line become when the bank takes the money back."""

from datetime import timedelta
from typing import Any

import pytest

from carnet.ids import new_id
from credits.store import SELLING, suspensions
from tests.integration.credits.conftest import Books
from tests.integration.credits.story import CREDIT, DAY, Story

REOPENED_ON = DAY + timedelta(days=4)


async def answer_to(books: Books, request: str) -> dict[str, Any]:
    (row,) = await books.published(request)
    data: dict[str, Any] = row["data"]
    return data


@pytest.fixture
def paying(story: Story) -> Story:
    """Another contract of the same account."""
    return Story(story.organisation, account=story.account)


async def test_cre_2_what_is_left_is_suspended_while_the_contract_that_sold_it_is_not_paid(
    books: Books, story: Story, paying: Story
) -> None:
    line, refused = new_id(), new_id()
    await books.granted(story, line)
    await books.handles(paying.use_requested(line, 1000))
    await books.handles(story.reopened(REOPENED_ON))
    await books.handles(paying.use_requested(line, 1000, request=refused))
    problem = await answer_to(books, refused)
    assert (problem["reason"], problem["suspended"]) == ("more-than-left", True)
    assert await books.balance(line) == 4000  # what was used stays used
    credit = await books.credit(line)
    assert credit is not None
    assert await suspensions(books.database, books.organisation, [credit]) == {line: REOPENED_ON}

    await books.handles(story.paid())
    await books.handles(paying.use_requested(line, 1000))
    assert await books.balance(line) == 3000
    assert await suspensions(books.database, books.organisation, [credit]) == {}


async def test_cre_2_a_use_and_the_reopening_in_one_batch_are_taken_in_their_order(
    books: Books, story: Story, paying: Story
) -> None:
    line, before, after = new_id(), new_id(), new_id()
    await books.granted(story, line)
    await books.handles(
        paying.use_requested(line, 1, request=before),
        story.reopened(),
        paying.use_requested(line, 2, request=after),
        story.paid(),
        paying.use_requested(line, 4),
    )
    assert await books.balance(line) == 5000 - 1 - 4
    assert (await answer_to(books, after))["suspended"] is True


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_cre_2_a_credit_granted_after_the_reopening_is_suspended_at_once(
    books: Books, story: Story, paying: Story, first: str
) -> None:
    line, request = new_id(), new_id()
    published = story.opened((line, CREDIT))
    money = [story.paid(), story.reopened()]
    for batch in (published, money) if first == "contracts" else (money, published):
        await books.handles(*batch)
    await books.handles(paying.use_requested(line, 1, request=request))
    assert (await answer_to(books, request))["suspended"] is True
    assert await books.balance(line) == 5000


async def test_cre_2_a_credit_that_no_line_sold_is_never_suspended(books: Books, story: Story, paying: Story) -> None:
    credit = new_id()
    await books.handles(story.settled(700, "converted", credit), story.reopened(), paying.use_requested(credit, 700))
    assert await books.balance(credit) == 0
    assert await books.names_published(credit) == ["CreditIssued", "CreditUsed"]


async def test_cre_2_what_was_kept_before_reopenings_were_is_read_and_suspended_by_the_next_one(
    books: Books, story: Story, paying: Story
) -> None:
    line, request = new_id(), new_id()
    await books.granted(story, line)
    gone = {"reopened_on": "", "converted": "", "passages_known": ""}
    await books.database[SELLING.name].update_one({"_id": story.contract}, {"$unset": gone, "$set": {"schema": 1}})
    await books.handles(paying.use_requested(line, 1))
    await books.handles(story.reopened(), paying.use_requested(line, 1, request=request))
    assert (await answer_to(books, request))["suspended"] is True
    kept = await books.database[SELLING.name].find_one({"_id": story.contract})
    assert kept is not None
    assert kept["passages_known"] is True


async def test_pay_13_what_the_contract_had_no_longer_is_taken_from_the_credits_that_came_from_it_the_latest_first(
    books: Books, story: Story, paying: Story
) -> None:
    first, second = new_id(), new_id()
    await books.handles(
        story.settled(700, "converted", first),
        story.settled(500, "converted", second),
        paying.use_requested(second, 100),
    )
    await books.handles(story.reversed(2000, beyond=600))
    assert [await books.balance(each) for each in (first, second)] == [500, 0]
    (entry,) = [each for each in await books.entries(first) if each.kind == "taken_back"]
    assert (entry.amount, entry.reason, entry.contract) == (-200, "payment_reversed", story.contract)
    (published,) = [row["data"] for row in await books.published(second) if "CreditTakenBack" in row["type"]]
    assert (published["amount"], published["left"], published["contract"]) == (400, 0, story.contract)
    await books.handles(story.reversed(100, beyond=0))
    assert await books.balance(first) == 500


async def test_pay_13_a_conversion_and_the_reversal_in_one_batch(books: Books, story: Story) -> None:
    credit = new_id()
    await books.handles(story.settled(700, "converted", credit), story.reversed(700, beyond=700))
    assert await books.balance(credit) == 0
    assert await books.names_published(credit) == ["CreditIssued", "CreditTakenBack"]
