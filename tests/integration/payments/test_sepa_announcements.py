"""What families are informed of: debits to come, changes to them, and debits called off; never twice (PAY-18)."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.dates import utc_now, write_instant
from carnet.events.contracts import AtOnce
from carnet.ids import new_id
from carnet.journal import SLOTS, slot_of
from payments.sepa.calling_off import AT_ONCE, CallingOff
from payments.sepa.domain.announcing import WAIT
from payments.sepa.store.mandates import MANDATES
from payments.sepa.store.remittances import REMITTANCES
from tests.integration.payments.conftest import Desk
from tests.integration.payments.debiting import built, moved, sold, with_settings
from tests.integration.payments.received_records import Family, Story, clock_at, organisation_record

COLLECT_ON, LATER = "2026-11-24", "2026-11-25"
"""Saturday is the day of the sale: two banking days later is Tuesday."""

ALL = frozenset(range(SLOTS))


@pytest.fixture
async def story(desk: Desk, family: Family) -> Story:
    """A family with 3 euros due of one contract and 2 of another, and its mandate; the other contract."""
    await with_settings(desk)
    await sold(desk, family)
    story = Story(family)
    await desk.payments.handles(story.opened(200, AtOnce()))
    return story


async def said(desk: Desk, account: str, name: str) -> list[dict[str, Any]]:
    """What was published of that name for the family's mandate."""
    mandates = (await desk.get(f"/v1/accounts/{account}/mandates")).json()["mandates"]
    rows = await desk.payments.published(mandates[0]["id"])
    return [row["data"] for row in rows if row["type"].split(".")[2] == name]


async def announced(desk: Desk, family: Family) -> list[tuple[str, str | None, list[int]]]:
    """The collection date, the one that it replaces, and the amounts of the debits, of each mail."""
    rows = await said(desk, family.account, "DebitsAnnounced")
    return [(row["collect_on"], row["replaces"], sorted(each["amount"] for each in row["debits"])) for row in rows]


async def called_off(desk: Desk, family: Family) -> list[list[tuple[str, int]]]:
    """The date for which each debit was announced, and its amount, of each mail."""
    rows = await said(desk, family.account, "DebitsCalledOff")
    return [sorted((each["collect_on"], each["amount"]) for each in row["debits"]) for row in rows]


async def taken_back(desk: Desk, remittance: str) -> None:
    assert (await moved(desk, remittance, "taking-back", version=1)).status_code == 200


async def an_hour_passes(desk: Desk, workers: int = 1) -> None:
    """What waits for an hour waits no more, and workers look at it, all at once."""
    database, now = desk.payments.database, write_instant(utc_now())
    soonest = write_instant(utc_now() + WAIT - timedelta(minutes=1))
    assert await database[MANDATES.name].count_documents({"inform_at": {"$gt": "", "$lt": soonest}}) == 0
    await database[MANDATES.name].update_many({"inform_at": {"$gt": ""}}, {"$set": {"inform_at": now}})
    await asyncio.gather(*(CallingOff(database).round(ALL) for _ in range(workers)))


async def test_pay_18_a_family_is_informed_once_and_a_remittance_built_anew_sends_no_mail(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    assert await announced(desk, family) == [(COLLECT_ON, None, [200, 300])]
    await taken_back(desk, made["id"])
    await built(desk)
    await an_hour_passes(desk)
    assert len(await announced(desk, family)) == 1, "the same amounts on the same day are known"
    assert await called_off(desk, family) == []


async def test_pay_18_a_remittance_built_anew_for_another_day_is_announced_in_place_of_the_first(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    await taken_back(desk, made["id"])
    await built(desk, LATER)
    await an_hour_passes(desk)
    assert await announced(desk, family) == [(COLLECT_ON, None, [200, 300]), (LATER, COLLECT_ON, [200, 300])]
    assert await called_off(desk, family) == []


async def test_pay_18_what_is_in_no_remittance_an_hour_later_is_called_off_once_by_whichever_worker(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    await CallingOff(desk.payments.database).round(ALL)
    await taken_back(desk, made["id"])
    await CallingOff(desk.payments.database).round(ALL)
    assert await called_off(desk, family) == [], "who builds it anew has an hour for that"
    await an_hour_passes(desk, workers=3)
    await an_hour_passes(desk)
    assert await called_off(desk, family) == [[(COLLECT_ON, 200), (COLLECT_ON, 300)]]
    (mail,) = await said(desk, family.account, "DebitsCalledOff")
    assert (mail["amount"], {each["number"] for each in mail["debits"]}) == (500, {None})
    again = await built(desk)
    assert await announced(desk, family) == [(COLLECT_ON, None, [200, 300])] * 2, "it is announced anew"
    await taken_back(desk, again["id"])
    await an_hour_passes(desk)
    assert len(await called_off(desk, family)) == 2


async def test_pay_18_what_another_worker_has_to_call_off_holds_up_nobody(
    desk: Desk, family: Family, story: Story
) -> None:
    await taken_back(desk, (await built(desk))["id"])
    mandates = desk.payments.database[MANDATES.name]
    (ours,) = [MANDATES.read(each) async for each in mandates.find()]
    slot, now = slot_of(ours.id), utc_now()
    elsewhere = [id_ for id_ in (new_id() for _ in range(2 * AT_ONCE)) if slot_of(id_) != slot][: AT_ONCE + 1]
    longer = {"inform_at": now - timedelta(hours=1)}
    theirs = [ours.model_copy(update={"id": id_, "reference": id_, **longer}) for id_ in elsewhere]
    await mandates.insert_many([MANDATES.write(each) for each in theirs])
    await mandates.update_one({"_id": ours.id}, {"$set": {"inform_at": write_instant(now)}})
    worker = CallingOff(desk.payments.database)
    assert await worker.round(frozenset({slot})) == 1
    assert await worker.round(frozenset({slot})) == 0
    assert await mandates.count_documents({"inform_at": {"$gt": ""}}) == len(theirs)


async def test_pay_18_of_what_was_announced_only_what_is_not_debited_is_called_off(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    await taken_back(desk, made["id"])
    await desk.payments.handles(story.changed(0))
    await built(desk)
    await an_hour_passes(desk)
    assert len(await announced(desk, family)) == 1
    assert await called_off(desk, family) == [[(COLLECT_ON, 200)]]


async def test_pay_18_another_amount_on_the_same_day_replaces_what_was_announced(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    await taken_back(desk, made["id"])
    await desk.payments.handles(story.changed(150))
    await built(desk)
    await an_hour_passes(desk)
    assert (await announced(desk, family))[1:] == [(COLLECT_ON, COLLECT_ON, [150])]
    assert await called_off(desk, family) == []


async def test_pay_18_what_was_not_announced_is_not_called_off(desk: Desk, family: Family, story: Story) -> None:
    made = await built(desk)
    await desk.payments.database[MANDATES.name].update_many({}, {"$set": {"announced": []}})
    await taken_back(desk, made["id"])
    await an_hour_passes(desk)
    assert await called_off(desk, family) == []


async def test_pay_18_what_is_taken_back_after_its_day_is_called_off_too(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    clock = clock_at(date(2026, 11, 30))
    await desk.payments.handles(organisation_record(family.organisation, 2, clock_ahead=clock))
    await taken_back(desk, made["id"])
    await an_hour_passes(desk)
    assert await called_off(desk, family) == [[(COLLECT_ON, 200), (COLLECT_ON, 300)]]


async def moved_to_the_day_of_the_first(desk: Desk, contract: str, due: str) -> None:
    """The next instalment is moved to that day."""
    shown = (await desk.get(f"/v1/schedules/{contract}")).json()
    path = f"/v1/schedules/{contract}/instalments/{shown['instalments'][0]['id']}/changes"
    assert (await desk.post(path, {"due": due}, version=shown["version"])).status_code == 200


async def test_pay_18_two_instalments_of_one_date_and_amount_are_announced_each(desk: Desk, family: Family) -> None:
    await with_settings(desk)
    contract = await sold(desk, family)
    due = (await desk.get(f"/v1/schedules/{contract}")).json()["instalments"][0]["due"]
    first = await built(desk)
    await moved_to_the_day_of_the_first(desk, contract, due)
    second = await built(desk)
    assert await announced(desk, family) == [(COLLECT_ON, None, [300])] * 2, "300 that day, and 300 once more"
    await taken_back(desk, second["id"])
    await an_hour_passes(desk)
    assert await called_off(desk, family) == [[(COLLECT_ON, 300)]], "the first is debited"
    await taken_back(desk, first["id"])
    both = await built(desk)
    await an_hour_passes(desk)
    assert await called_off(desk, family) == [[(COLLECT_ON, 300)]], "what is in a remittance again is not called off"
    assert (await announced(desk, family))[2:] == [(COLLECT_ON, None, [300])], "only what was called off is announced"
    await taken_back(desk, both["id"])
    await built(desk, LATER)
    await an_hour_passes(desk)
    assert (await announced(desk, family))[3:] == [(LATER, COLLECT_ON, [300, 300])], "both in place of the first day"
    assert len(await called_off(desk, family)) == 1


async def test_pay_18_what_an_older_release_has_announced_is_not_announced_again(
    desk: Desk, family: Family, story: Story
) -> None:
    made = await built(desk)
    database = desk.payments.database
    await database[MANDATES.name].update_many({}, {"$unset": {"announced.$[].instalment": ""}})
    await database[REMITTANCES.name].update_many({}, {"$unset": {"debits.$[].instalment": ""}})
    await taken_back(desk, made["id"])
    again = await built(desk)
    assert len(await announced(desk, family)) == 1
    await taken_back(desk, again["id"])
    await an_hour_passes(desk)
    assert await called_off(desk, family) == [[(COLLECT_ON, 200), (COLLECT_ON, 300)]]
