"""Schedules follow contracts and the follow-up follows names, whatever is redelivered and in whichever order."""

import asyncio
import random
from datetime import date

import pytest

from carnet import parking
from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.events.contracts import AtOnce, OnSite
from carnet.ids import new_id
from carnet.mongo import Unit, transact
from carnet.organisations import ORGANISATIONS
from payments.receipts.domain.receiving import PostDated
from payments.schedules.domain.decisions import hold_cheques
from payments.schedules.store import SCHEDULES, save
from tests.integration.payments.conftest import Payments
from tests.integration.payments.received_records import SALE_DAY, Family, Story, organisation_record
from tests.records import Given


async def test_evt_1_an_opening_and_each_change_are_answered_once(payments: Payments, family: Family) -> None:
    story, changes = Story(family), [new_id() for _ in range(4)]
    await payments.handles(
        story.opened(30000, change=changes[0]),
        story.changed(36000, change=changes[1]),
        story.changed(36000, change=changes[2]),
        story.changed(0, live_lines=0, change=changes[3]),
    )
    published = await payments.published(story.contract)
    assert [row["type"].split(".")[2] for row in published] == ["ScheduleCreated"] + ["ScheduleAdjusted"] * 3
    assert [row["data"]["change"] for row in published] == changes
    assert [row["change"] for row in published] == changes
    assert [row["data"]["covers"] for row in published] == [1, 2, 3, 4]
    assert [row["sequence"] for row in published] == [1, 2, 3, 4]
    assert {row["organisation"] for row in published} == {payments.organisation}


async def test_mon_5_a_late_reaction_uses_the_date_of_the_change(payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(100, AtOnce(), on=date(2025, 1, 31)))
    await payments.handles(story.changed(0, on=date(2025, 2, 1)), story.changed(70, on=date(2025, 2, 3)))
    (due,) = (await payments.schedule(story.contract)).instalments
    assert (due.due, due.amount) == (date(2025, 2, 3), 70)


async def test_pay_8_paid_and_reopened_are_published_by_the_reaction_too(payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(0), story.changed(500), story.changed(0))
    assert await payments.names_published(story.contract) == [
        "ScheduleCreated",
        "ContractPaid",
        "ScheduleAdjusted",
        "ContractReopened",
        "ScheduleAdjusted",
        "ContractPaid",
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_each_record_twice_and_batches_cut_anywhere_give_the_same(
    payments: Payments, family: Family, seed: int
) -> None:
    dice = random.Random(seed)
    stories = [Story(family) for _ in range(5)]
    in_order = [story.opened(10001) for story in stories]
    in_order += [story.changed(total) for total in (7, 10001, 0, 333) for story in stories]
    delivered: list[Given] = []
    for upto, each in enumerate(in_order, start=1):
        delivered += [each, each]
        if dice.random() < 0.3:  # a redelivery begins again somewhere before, as after a rebalance
            delivered += in_order[dice.randrange(upto) : upto]
    while delivered:
        cut = dice.randint(1, 12)
        await payments.handles(*delivered[:cut])
        delivered = delivered[cut:]
    for story in stories:
        schedule = await payments.schedule(story.contract)
        assert (schedule.total, schedule.covers, schedule.version) == (333, 5, 7)
        assert [(each.due, each.amount) for each in schedule.instalments] == [
            (SALE_DAY, 143),
            (date(2026, 12, 21), 95),
            (date(2027, 1, 21), 95),
        ]
        assert await payments.names_published(story.contract) == [
            "ScheduleCreated",
            *["ScheduleAdjusted"] * 3,
            "ContractPaid",
            "ScheduleAdjusted",
            "ContractReopened",
        ]
    assert await parking.listing(payments.database) == []


@pytest.mark.parametrize("accounts_at", range(5))
async def test_accounts_and_contracts_in_whichever_order_give_the_same(
    payments: Payments, family: Family, accounts_at: int
) -> None:
    story, other = Story(family), Story(family)
    steps = [story.opened(30000), other.opened(500), story.changed(27000), other.changed(700)]
    for place, step in enumerate(steps):
        if place == accounts_at:
            await payments.handles(family.changed(1))
        await payments.handles(step)
    if accounts_at == len(steps):
        await payments.handles(family.changed(1))
    for contract, total in ((story.contract, 27000), (other.contract, 700)):
        row = await payments.row(contract)
        assert (row.names.owner, row.total, row.due) == ("Inès Martin", total, total)
        assert row.names.members == ("Inès Martin", "Noé Martin")
        assert row.names.sorted_by == "martin ines"


@pytest.mark.parametrize("attempt", range(6))
async def test_an_account_and_its_contract_received_at_the_same_time_meet(
    payments: Payments, family: Family, attempt: int
) -> None:
    stories = [Story(family) for _ in range(3)]
    await asyncio.gather(
        *(payments.handles(story.opened(100 + attempt)) for story in stories), payments.handles(family.changed(1))
    )
    for story in stories:
        assert (await payments.row(story.contract)).names.owner == "Inès Martin"
    assert await parking.listing(payments.database) == []


async def test_the_newest_names_win_over_late_ones(payments: Payments, family: Family) -> None:
    story = Story(family)
    older = family.changed(3)
    family.owner_name = ("Inès", "Durand")
    await payments.handles(story.opened(100))
    await payments.handles(family.changed(8))
    await payments.handles(older)
    assert (await payments.row(story.contract)).names.owner == "Inès Durand"


async def hold_a_cheque(payments: Payments, contract: str) -> None:
    async def work(unit: Unit) -> None:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        context = Context(now=utc_now(), today=SALE_DAY, actor=Actor("user", "staff"), change=new_id(), new_id=new_id)
        save(unit, hold_cheques(schedule, (PostDated(SALE_DAY, 100, "Nord", "Inès Martin"),), context), context)

    await transact(payments.database, work)


@pytest.mark.parametrize("how", ["account", "member"])
async def test_org_4_erasing_removes_names_and_the_holders_of_cheques_and_nothing_else(
    payments: Payments, family: Family, how: str
) -> None:
    story, neighbour = Story(family), Story(Family(payments.organisation))
    await payments.handles(story.opened(300, OnSite(), mode="on_site"), neighbour.opened(300, OnSite(), mode="on_site"))
    await payments.handles(family.changed(1), neighbour.family.changed(1))
    for each in (story, neighbour):
        await hold_a_cheque(payments, each.contract)
    before = await payments.schedule(story.contract)
    await payments.handles(family.erased(2) if how == "account" else family.changed(2, erased=[family.owner]))
    after = await payments.schedule(story.contract)
    (was,), (now,) = before.instalments, after.instalments
    assert was.cheque is not None
    assert was.cheque.holder == "Inès Martin"
    assert after == before.but(instalments=[now])
    assert now == was.model_copy(update={"cheque": was.cheque.model_copy(update={"holder": None})})
    names = (await payments.row(story.contract)).names
    assert names.owner is None
    assert names.members == (() if how == "account" else ("Noé Martin",))
    (untouched,) = (await payments.schedule(neighbour.contract)).instalments
    assert untouched.cheque == was.cheque
    assert (await payments.row(neighbour.contract)).names.owner == "Inès Martin"


async def test_names_published_again_after_an_erasure_do_not_bring_the_old_ones_back(
    payments: Payments, family: Family
) -> None:
    story, first = Story(family), family.changed(1)
    await payments.handles(first)
    await payments.handles(family.erased(2))
    await payments.handles(first)
    await payments.handles(story.opened(100))
    assert (await payments.row(story.contract)).names.owner is None


async def test_org_1_a_contract_on_an_account_of_another_organisation_is_parked(
    payments: Payments, family: Family
) -> None:
    foreign = Story(Family(new_id(), account=family.account))
    await payments.handles(family.changed(1))
    await payments.handles(foreign.opened(100), foreign.changed(200))
    parked = await parking.listing(payments.database)
    assert [each.sequence for each in parked] == [1, 2]
    assert await payments.database[SCHEDULES.name].count_documents({}) == 0


async def test_a_change_of_a_contract_of_another_organisation_is_parked(payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(300))
    story.family = Family(new_id())
    await payments.handles(story.changed(100))
    (parked,) = await parking.listing(payments.database)
    assert "another organisation" in parked.reason
    assert (await payments.schedule(story.contract)).total == 300


async def test_the_copy_of_the_organisation_is_kept(payments: Payments) -> None:
    await payments.handles(organisation_record(payments.organisation, 4, clock_ahead=60))
    found = await payments.database[ORGANISATIONS.name].find_one({"_id": payments.organisation})
    assert found is not None
    assert (found["version"], found["clock_ahead"], found["time_zone"]) == (4, 60, "Europe/Paris")
