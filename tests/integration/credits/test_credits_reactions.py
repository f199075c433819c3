"""What credits does on the events of contracts and payments, on a real database."""

import asyncio
import random
from datetime import timedelta

import pytest

from carnet import parking
from carnet.events import contracts, payments
from carnet.ids import new_id
from credits.store import knows_account
from tests.integration.credits.conftest import Books
from tests.integration.credits.story import COURSE, CREDIT, DAY, Story
from tests.records import Given

PAID_ON = DAY + timedelta(days=12)


async def test_cre_2_a_paid_contract_grants_the_credit_that_it_sells(books: Books, story: Story) -> None:
    line = new_id()
    await books.handles(*story.opened((new_id(), COURSE), (line, CREDIT)))
    assert await books.credit(line) is None
    paid = story.paid(on=PAID_ON)
    await books.handles(paid)

    credit = await books.credit(line)
    assert credit is not None
    assert (credit.account, credit.contract, credit.amount, credit.left) == (story.account, story.contract, 5000, 5000)
    (granted,) = await books.published(line)
    assert granted["type"] == "carnet.credits.CreditGranted.v1"
    assert granted["data"]["effective_on"] == PAID_ON.isoformat()
    assert granted["change"] == dict(paid.headers)["ce_changeid"].decode()
    assert granted["causation"] == dict(paid.headers)["ce_id"].decode()
    (movement,) = await books.entries(line)
    assert (movement.kind, movement.reason, movement.amount, movement.on) == ("granted", "contract_paid", 5000, PAID_ON)


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_of_the_two_topics_grant_the_same(books: Books, story: Story, first: str) -> None:
    line = new_id()
    published, paid = story.opened((line, CREDIT)), [story.paid(on=PAID_ON)]
    for batch in (published, paid) if first == "contracts" else (paid, published):
        await books.handles(*batch)
    credit = await books.credit(line)
    assert credit is not None
    assert (credit.left, credit.granted_on, credit.version) == (5000, PAID_ON, 1)
    assert await books.names_published(line) == ["CreditGranted"]


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_leave_nothing_of_a_cancelled_credit(books: Books, story: Story, first: str) -> None:
    line, kept = new_id(), new_id()
    published = story.opened((line, CREDIT))
    paid = [story.paid()]
    published += story.changed(add=((kept, CREDIT),), cancel=(line,))
    paid.append(story.paid())
    for batch in (published, paid) if first == "contracts" else (paid, published):
        await books.handles(*batch)
    assert await books.balance(line) == 0
    assert await books.balance(kept) == 5000
    removed = await books.credit(line)
    assert removed is None or (removed.status, removed.left) == ("removed", 0)


async def test_cre_4_cancelling_the_line_removes_a_credit_that_was_granted(books: Books, story: Story) -> None:
    line = new_id()
    await books.handles(*story.opened((line, CREDIT)))
    await books.handles(story.paid())
    await books.handles(*story.changed(cancel=(line,)))
    credit = await books.credit(line)
    assert credit is not None
    assert (credit.status, credit.left, credit.version) == ("removed", 0, 2)
    assert await books.names_published(line) == ["CreditGranted", "CreditRemoved"]
    assert [movement.amount for movement in await books.entries(line)] == [5000, -5000]


async def test_granted_and_cancelled_within_one_batch_is_removed(books: Books, story: Story) -> None:
    line = new_id()
    opening = story.opened((line, CREDIT))
    await books.handles(story.paid())
    await books.handles(*opening, *story.changed(cancel=(line,)))
    assert await books.names_published(line) == ["CreditGranted", "CreditRemoved"]
    assert await books.balance(line) == 0


async def test_a_credit_added_to_a_contract_that_stays_paid_is_granted(books: Books, story: Story) -> None:
    course, line = new_id(), new_id()
    await books.handles(*story.opened((course, COURSE)))
    await books.handles(story.paid())
    await books.handles(*story.changed(add=((line, CREDIT),), cancel=(course,)))
    assert await books.credit(line) is None
    await books.handles(story.adjusted(unscheduled=0))
    assert await books.balance(line) == 5000


async def test_a_schedule_with_something_left_to_pay_grants_nothing(books: Books, story: Story) -> None:
    line = new_id()
    await books.handles(*story.opened((line, CREDIT)), *story.changed())
    await books.handles(story.adjusted(unscheduled=1))
    assert await books.credit(line) is None
    await books.handles(story.paid())
    assert await books.balance(line) == 5000


@pytest.mark.parametrize("seed", range(6))
async def test_each_record_twice_batches_cut_anywhere_topics_at_once_give_the_same(books: Books, seed: int) -> None:
    dice = random.Random(seed)
    stories = [Story(books.organisation) for _ in range(3)]
    granted, gone = [], []
    published: list[Given] = []
    paid: list[Given] = []
    for story in stories:
        lines = [new_id() for _ in range(4)]
        published += story.opened((lines[0], CREDIT), (lines[1], CREDIT), (new_id(), COURSE))
        paid.append(story.paid())
        published += story.changed(add=((lines[2], CREDIT), (lines[3], CREDIT)), cancel=(lines[0],))
        published += story.changed(cancel=(lines[2],))
        paid.append(story.paid())
        granted += [lines[1], lines[3]]
        gone += [lines[0], lines[2]]

    async def deliver(records: list[Given]) -> None:
        delivered: list[Given] = []
        for upto in range(1, len(records) + 1):
            delivered.append(records[upto - 1])
            if dice.random() < 0.4:
                delivered.extend(records[dice.randrange(upto) : upto])
        while delivered:
            cut = dice.randint(1, 6)
            await books.handles(*delivered[:cut])
            delivered = delivered[cut:]

    await asyncio.gather(deliver(published), deliver(paid))
    for line in granted:
        assert await books.names_published(line) == ["CreditGranted"]
        assert await books.balance(line) == 5000
    for line in gone:
        assert await books.names_published(line) in ([], ["CreditGranted", "CreditRemoved"])
        assert await books.balance(line) == 0
    assert await parking.listing(books.database) == []


async def test_org_1_a_payment_published_by_another_organisation_is_parked(books: Books, story: Story) -> None:
    line = new_id()
    await books.handles(*story.opened((line, CREDIT)))
    foreign = story.paid().with_header("ce_organisation", new_id().encode())
    await books.handles(foreign)
    assert await books.credit(line) is None
    (parked,) = await parking.listing(books.database)
    assert "another organisation" in parked.reason


async def test_events_that_are_none_of_its_business_are_passed_over(books: Books, story: Story) -> None:
    line = new_id()
    opening = story.opened((line, CREDIT))
    cancelled = contracts.ContractCancelled(contract=story.contract, account=story.account, effective_on=DAY)
    await books.handles(*opening, story.published(cancelled))  # an event of the contract that it does not react to
    reopened = payments.ContractReopened(
        contract=story.contract, account=story.account, currency="EUR", covers=2, total=4500, effective_on=DAY
    )
    await books.handles(story.of_schedule(reopened), story.paid(covers=2))  # likewise
    assert await books.balance(line) == 5000
    assert await parking.listing(books.database) == []


async def test_org_1_an_account_published_by_another_organisation_is_parked(books: Books, story: Story) -> None:
    await books.handles(story.account_changed())
    await books.handles(story.account_changed(2).with_header("ce_organisation", new_id().encode()))
    assert await knows_account(books.database, books.organisation, story.account)
    (parked,) = await parking.listing(books.database)
    assert "another organisation" in parked.reason
