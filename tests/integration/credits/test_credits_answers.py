"""What credits answers to payments and contracts, on a real database: uses, given back, removals (CRE-3 to CRE-6)."""

import asyncio
import random
from typing import Any

import pytest

from carnet import parking
from carnet.ids import new_id
from credits.domain.credit import Use
from credits.store import CREDITS
from tests.integration.credits.conftest import Books
from tests.integration.credits.story import COURSE, CREDIT, DAY, Story
from tests.records import Given


@pytest.fixture
async def credit(books: Books, story: Story) -> str:
    """A credit of 5000 that a paid contract has sold."""
    line = new_id()
    await books.granted(story, line)
    return line


@pytest.fixture
def paying(story: Story) -> Story:
    """Another contract of the same account."""
    return Story(story.organisation, account=story.account)


async def answer_to(books: Books, request: str) -> dict[str, Any]:
    """What was published in the sequence of the request itself: a refusal."""
    (row,) = await books.published(request)
    data: dict[str, Any] = row["data"]
    return data | {"type": row["type"].split(".")[2], "sequence": row["sequence"]}


async def test_cre_3_a_use_is_answered_on_the_credit_with_its_entry(books: Books, credit: str, paying: Story) -> None:
    request = new_id()
    asked = paying.use_requested(credit, 2000, request=request)
    await books.handles(asked)
    kept = await books.credit(credit)
    assert kept is not None
    assert (kept.left, kept.uses, kept.version) == (3000, (Use(contract=paying.contract, amount=2000),), 2)
    _, row = await books.published(credit)
    assert (row["type"], row["sequence"]) == ("carnet.credits.CreditUsed.v1", 2)
    assert (row["data"]["request"], row["data"]["left"]) == (request, 3000)
    assert row["causation"] == dict(asked.headers)["ce_id"].decode()
    _, movement = await books.entries(credit)
    assert (movement.kind, movement.amount, movement.contract) == ("used", -2000, paying.contract)
    assert (movement.request, movement.on) == (request, DAY)


async def test_cre_3_two_contracts_in_one_batch_never_use_more_than_is_left(
    books: Books, story: Story, credit: str
) -> None:
    stories = [Story(story.organisation, account=story.account) for _ in range(3)]
    requests = [new_id() for _ in stories]
    asked = [each.use_requested(credit, 3000, request=id_) for each, id_ in zip(stories, requests, strict=True)]
    await books.handles(*asked)
    assert await books.balance(credit) == 2000
    for request in requests[1:]:
        refused = await answer_to(books, request)
        assert (refused["type"], refused["reason"]) == ("CreditUseRefused", "more-than-left")
        assert (refused["credit"], refused["amount"], refused["sequence"]) == (credit, 3000, 1)


async def test_cre_3_contracts_handled_at_the_same_instant_never_use_more_than_is_left(
    books: Books, story: Story, credit: str
) -> None:
    stories = [Story(story.organisation, account=story.account) for _ in range(12)]
    await asyncio.gather(*(books.handles(each.use_requested(credit, 700)) for each in stories))
    assert await books.balance(credit) == 5000 - 7 * 700
    names = [row["type"].split(".")[2] async for row in books.database["journal"].find({})]
    assert (names.count("CreditUsed"), names.count("CreditUseRefused")) == (7, 5)
    assert await parking.listing(books.database) == []


async def test_org_1_a_foreign_credit_is_answered_as_an_unknown_one_and_not_parked(books: Books, credit: str) -> None:
    stranger = Story(new_id())
    requests = new_id(), new_id()
    await books.handles(
        stranger.use_requested(credit, 1, request=requests[0]),
        stranger.use_requested(new_id(), 1, request=requests[1]),
    )
    foreign, unknown = [await answer_to(books, request) for request in requests]
    assert foreign["reason"] == unknown["reason"] == "unknown-credit"
    rows = await books.published(requests[0])
    assert rows[0]["organisation"] == stranger.organisation
    assert await books.balance(credit) == 5000
    assert await parking.listing(books.database) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"account": new_id()}, "other-account"), ({"currency": "CHF"}, "other-currency")],
)
async def test_cre_3_another_accounts_or_currencys_credit_pays_nothing(
    books: Books, credit: str, paying: Story, fields: dict[str, str], reason: str
) -> None:
    request = new_id()
    await books.handles(paying.use_requested(credit, 1, request=request, **fields))
    assert (await answer_to(books, request))["reason"] == reason
    assert await books.balance(credit) == 5000


async def test_cre_3_a_contract_is_not_paid_with_the_credit_that_it_sells(
    books: Books, story: Story, credit: str
) -> None:
    request = new_id()
    await books.handles(story.use_requested(credit, 1, request=request))
    assert (await answer_to(books, request))["reason"] == "sold-by-this-contract"


async def test_cre_6_what_is_given_back_is_left_again(books: Books, credit: str, paying: Story) -> None:
    await books.handles(paying.use_requested(credit, 2000), paying.given_back(credit, 1500))
    kept = await books.credit(credit)
    assert kept is not None
    assert (kept.left, kept.used_on(paying.contract)) == (4500, 500)
    assert await books.names_published(credit) == ["CreditGranted", "CreditUsed", "CreditRestored"]
    movement = (await books.entries(credit))[-1]
    assert (movement.kind, movement.amount, movement.contract) == ("restored", 1500, paying.contract)


async def test_cre_6_what_was_never_used_or_is_foreign_is_parked(books: Books, credit: str, paying: Story) -> None:
    await books.handles(paying.use_requested(credit, 100))
    await books.handles(paying.given_back(credit, 101))
    await books.handles(Story(new_id()).given_back(credit, 1))
    await books.handles(Story(books.organisation).given_back(new_id(), 1))
    assert await books.balance(credit) == 4900
    reasons = sorted(parked.reason for parked in await parking.listing(books.database))
    assert [any(word in reason for reason in reasons) for word in ("no credit", "another organisation", "pays 100")]
    assert len(reasons) == 3


async def test_pay_4_a_converted_refund_line_becomes_a_credit(books: Books, story: Story) -> None:
    credit = new_id()
    await books.handles(story.settled(700, "on_site"), story.settled(900, "converted", credit))
    kept = await books.credit(credit)
    assert kept is not None
    assert (kept.account, kept.origin, kept.contract, kept.left) == (story.account, "refund", story.contract, 900)
    assert await books.names_published(credit) == ["CreditIssued"]
    (movement,) = await books.entries(credit)
    assert (movement.kind, movement.reason) == ("granted", "refund_converted")
    await books.handles(story.use_requested(credit, 900))  # a supplement of the same contract may be paid with it
    assert await books.balance(credit) == 0


async def test_cre_4_an_unused_credit_is_removed_as_contracts_asks_and_only_once(
    books: Books, story: Story, credit: str
) -> None:
    request = new_id()
    await books.handles(story.removal_requested(credit, request=request), *story.changed(cancel=(credit,)))
    assert await books.names_published(credit) == ["CreditGranted", "CreditRemoved"]
    _, removed = await books.published(credit)
    assert (removed["data"]["request"], removed["data"]["line"]) == (request, credit)
    assert [entry.amount for entry in await books.entries(credit)] == [5000, -5000]
    assert await parking.listing(books.database) == []


async def test_cre_5_a_used_credit_is_not_removed_nor_are_the_others_of_the_request(
    books: Books, story: Story, paying: Story
) -> None:
    lines, request = sorted(new_id() for _ in range(2)), new_id()
    await books.granted(story, *lines)
    await books.handles(paying.use_requested(lines[1], 1))
    await books.handles(story.removal_requested(*lines, request=request))
    problem = await answer_to(books, request)
    assert (problem["type"], problem["credit"]) == ("CreditRemovalRefused", lines[1])
    assert (problem["amount"], problem["left"], problem["contract"]) == (5000, 4999, story.contract)
    assert [await books.balance(line) for line in lines] == [5000, 4999]


async def test_cre_5_once_it_is_given_back_it_can_be_removed(
    books: Books, story: Story, credit: str, paying: Story
) -> None:
    await books.handles(paying.use_requested(credit, 2000))
    await books.handles(story.removal_requested(credit))
    await books.handles(paying.given_back(credit, 2000))
    await books.handles(story.removal_requested(credit))
    assert (await books.names_published(credit))[-2:] == ["CreditRestored", "CreditRemoved"]


async def test_cre_4_a_use_that_comes_after_the_removal_is_refused(
    books: Books, story: Story, credit: str, paying: Story
) -> None:
    request = new_id()
    await books.handles(story.removal_requested(credit))
    await books.handles(paying.use_requested(credit, 1, request=request))
    assert (await answer_to(books, request))["reason"] == "removed"


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_remove_a_credit_whose_payment_is_under_way(books: Books, story: Story, first: str) -> None:
    line, course, request = new_id(), new_id(), new_id()
    published = story.opened((line, CREDIT), (course, COURSE))
    paid = [story.paid()]
    published += [story.removal_requested(line, request=request), *story.changed(cancel=(line,))]
    paid.append(story.paid())
    for batch in (published, paid) if first == "contracts" else (paid, published):
        await books.handles(*batch)
    removed = await books.credit(line)
    assert removed is not None
    assert (removed.status, removed.left, removed.amount, removed.removed_on) == ("removed", 0, 5000, DAY)
    *_, answer = await books.published(line)
    assert (answer["type"], answer["data"]["request"]) == ("carnet.credits.CreditRemoved.v1", request)
    assert await books.balance(line) == 0
    assert (await books.names_published(line)).count("CreditRemoved") == 1


async def test_a_contract_that_asks_for_a_line_without_credit_is_parked(books: Books, story: Story) -> None:
    course = new_id()
    await books.handles(*story.opened((course, COURSE)), story.removal_requested(course))
    (parked,) = await parking.listing(books.database)
    assert "sells a credit" in parked.reason


@pytest.mark.parametrize("seed", range(6))
async def test_each_record_twice_batches_cut_anywhere_moves_a_credit_once(books: Books, seed: int) -> None:
    """One account, three credits, four contracts that use them and give back, two removals; both topics at once."""
    dice = random.Random(seed)
    selling = Story(books.organisation)
    lines = [new_id() for _ in range(3)]
    contracts = selling.opened(*((line, CREDIT) for line in lines))
    schedules = [selling.paid()]
    await books.handles(*contracts)
    await books.handles(*schedules)
    expected = dict.fromkeys(lines, 5000)
    for _ in range(4):
        paying = Story(books.organisation, account=selling.account)
        for _ in range(4):
            line, amount = dice.choice(lines), dice.randint(1, 300)
            schedules.append(paying.use_requested(line, amount))
            expected[line] -= amount
            if dice.random() < 0.5:
                back = dice.randint(1, amount)
                schedules.append(paying.given_back(line, back))
                expected[line] += back
    fresh = Story(books.organisation)
    unpaid = new_id()
    contracts += [*fresh.opened((unpaid, CREDIT)), fresh.removal_requested(unpaid), *fresh.changed(cancel=(unpaid,))]
    schedules.append(fresh.paid(covers=2))

    await asyncio.gather(delivered(books, contracts, dice), delivered(books, schedules, dice))
    for line in lines:
        kept = await books.credit(line)
        assert kept is not None
        assert kept.left == await books.balance(line) == expected[line]
        assert kept.left + kept.used == 5000
    assert await books.balance(unpaid) == 0
    removed = await books.credit(unpaid)
    assert removed is not None
    assert removed.status == "removed"
    assert await parking.listing(books.database) == []


async def delivered(books: Books, records: list[Given], dice: random.Random) -> None:
    """Hear the records in their order, each one at least twice, in batches cut anywhere."""
    again: list[Given] = []
    for upto in range(1, len(records) + 1):
        again += [records[upto - 1], *records[dice.randrange(upto) : upto]]
    while again:
        cut = dice.randint(1, 6)
        await books.handles(*again[:cut])
        again = again[cut:]


async def test_a_credit_kept_by_an_older_release_is_read_and_moves_on(books: Books, credit: str, paying: Story) -> None:
    older = {"origin": 1, "line": 1, "receipt": 1, "uses": 1}
    await books.database[CREDITS.name].update_one({"_id": credit}, {"$unset": older, "$set": {"schema": 1}})
    kept = await books.credit(credit)
    assert kept is not None
    assert (kept.origin, kept.line, kept.uses) == ("sold", credit, ())
    await books.handles(paying.use_requested(credit, 5000))
    document = await books.database[CREDITS.name].find_one({"_id": credit})
    assert document is not None
    assert (document["schema"], document["left"], document["line"]) == (2, 0, credit)


async def test_con_11_what_a_line_brings_does_not_fall_once_its_credit_exists(books: Books, story: Story) -> None:
    line, request = new_id(), new_id()
    await books.granted(story, line)
    await books.handles(story.removal_requested(request=request, lowered=(line,)))
    problem = await answer_to(books, request)
    assert (problem["type"], problem["credit"], problem["left"], problem["why"]) == (
        "CreditRemovalRefused",
        line,
        5000,
        "exists",
    )
    assert await books.balance(line) == 5000


async def test_con_11_a_line_without_a_credit_may_bring_less_and_a_payment_of_before_grants_nothing(
    books: Books, story: Story
) -> None:
    line, request = new_id(), new_id()
    await books.handles(*story.opened((line, CREDIT)))
    paid_before = story.paid(on=DAY)
    await books.handles(story.removal_requested(request=request, lowered=(line,)))
    problem = await answer_to(books, request)
    assert (problem["type"], problem["lines"]) == ("CreditGrantPostponed", [line])
    await books.handles(paid_before)
    assert await books.credit(line) is None
    await books.handles(*story.changed())
    await books.handles(story.paid(on=DAY))
    assert await books.balance(line) == 5000
