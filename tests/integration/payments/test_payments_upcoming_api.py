"""Upcoming payments over HTTP (PAY-5): each command, and its preview, which shows what the command then does."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from carnet.events.contracts import Deposit, Instalments, OnSite, Sale
from carnet.ids import new_id
from carnet.journal import ROWS
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Family, Story
from tests.refused import problem

DATE = {"due": "2027-01-15"}


@dataclass(frozen=True)
class Move:
    """One thing that staff does to a contract paid as ``sale`` says, and the (due, amount, fixed) it leaves.

    The first instalment takes the place of ``{first}``.
    """

    sale: Sale
    mode: str
    what: str
    body: dict[str, Any] | None
    instalments: list[tuple[str, int, bool]]
    unscheduled: int = 0


THREE = Instalments(count=3)
ONE = Instalments(count=1)
CHANGES, CANCELLATION = "instalments/{first}/changes", "instalments/{first}/cancellation"
MOVES = {
    "a rise is taken from the others": Move(
        THREE, "online", CHANGES, {"amount": euros(501)},
        [("2026-11-21", 501, True), ("2026-12-21", 200, False), ("2027-01-21", 199, False)],
    ),
    "a fall goes to the others": Move(
        THREE, "on_site", CHANGES, {"amount": euros(100)},
        [("2026-11-21", 100, True), ("2026-12-21", 400, False), ("2027-01-21", 400, False)],
    ),
    "online a fall of the only one makes another": Move(
        ONE, "online", CHANGES, {"amount": euros(100)}, [("2026-11-21", 100, True), ("2026-12-21", 800, False)]
    ),
    "on site a fall of the only one is unscheduled": Move(
        ONE, "on_site", CHANGES, {"amount": euros(100)}, [("2026-11-21", 100, True)], 800
    ),
    "the date": Move(ONE, "online", CHANGES, DATE, [("2027-01-15", 900, False)]),
    "the method": Move(ONE, "online", CHANGES, {"method": "transfer"}, [("2026-11-21", 900, False)]),
    "all at once": Move(
        ONE, "online", CHANGES, {"amount": euros(100), "method": "cash", **DATE},
        [("2027-01-15", 100, True), ("2027-02-15", 800, False)],
    ),
    "cancelled": Move(
        Deposit(deposit=300, count=1), "online", CANCELLATION, None, [("2026-12-21", 600, False)], 300
    ),
    "planned": Move(
        OnSite(), "on_site", "planning", {"count": 4, "first_due": "2026-12-31"},
        [("2026-12-31", 225, False), ("2027-01-31", 225, False), ("2027-02-28", 225, False),
         ("2027-03-31", 225, False)],
    ),
}  # fmt: skip


async def sold(payments: Payments, family: Family, move: Move) -> tuple[str, str]:
    """A contract of 900 sold that way, and the path of what is done to it."""
    story = Story(family)
    await payments.handles(story.opened(900, move.sale, mode=move.mode))
    instalments = (await payments.schedule(story.contract)).instalments
    return story.contract, move.what.format(first=instalments[0].id if instalments else "")


def anonymous(moment: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    """A balance and its instalments, less the ids of those that the change makes."""
    instalments = [each | {"id": each["id"] if each["id"] in kept else None} for each in moment["instalments"]]
    return {"balance": moment["balance"], "instalments": instalments}


@pytest.mark.parametrize("name", MOVES)
async def test_con_3_a_command_does_what_its_preview_showed(
    desk: Desk, payments: Payments, family: Family, name: str
) -> None:
    move = MOVES[name]
    contract, path = await sold(payments, family, move)
    before = await payments.schedule(contract)
    preview = f"/v1/schedules/{contract}/{path}/preview"
    answer = await desk.client.post(preview, json=move.body, headers=desk.headers("payments:read"))
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["schedule_version"], shown["covers"]) == (1, 1)
    assert await payments.schedule(contract) == before
    assert await payments.database[ROWS].count_documents({"aggregate": contract}) == 1

    done = await desk.move(contract, path, move.body, version=shown["schedule_version"])
    assert (done.status_code, done.headers["etag"]) == (200, '"2"'), done.text
    kept = {each.id for each in before.instalments}
    assert anonymous(shown["after"], kept) == anonymous(done.json(), kept)
    assert [each["id"] for each in shown["before"]["instalments"]] == [each.id for each in before.instalments]

    after = await payments.schedule(contract)
    assert [(each.due.isoformat(), each.amount, each.fixed) for each in after.instalments] == move.instalments
    assert after.unscheduled == move.unscheduled
    if move.body and "method" in move.body:
        assert after.instalments[0].method == move.body["method"]


@pytest.mark.parametrize("name", MOVES)
async def test_evt_1_it_is_published_once_and_the_follow_up_moves_with_it(
    desk: Desk, payments: Payments, family: Family, name: str
) -> None:
    move = MOVES[name]
    contract, path = await sold(payments, family, move)
    done = await desk.move(contract, path, move.body, version=1)
    published = await payments.published(contract)
    assert [row["type"].split(".")[2] for row in published] == ["ScheduleCreated", "ScheduleAdjusted"]
    adjusted = published[1]["data"]
    assert adjusted["change"] is None
    assert adjusted["balance_before"] == published[0]["data"]["balance"]
    assert {part: euros(amount) for part, amount in adjusted["balance"].items()} == done.json()["balance"]
    assert [(each["due"], each["amount"], each["fixed"]) for each in adjusted["instalments"]] == move.instalments
    row = await payments.row(contract)
    assert (row.version, row.due, row.open) == (2, 900, True)
    assert row.next_due.isoformat() == move.instalments[0][0]
    assert [(each.due.isoformat(), each.amount) for each in row.planned] == [each[:2] for each in move.instalments]


@pytest.mark.parametrize("name", ["all at once", "cancelled", "planned"])
async def test_a_double_click_moves_it_once(desk: Desk, payments: Payments, family: Family, name: str) -> None:
    move, key = MOVES[name], new_id()
    contract, path = await sold(payments, family, move)
    answers = await asyncio.gather(*(desk.move(contract, path, move.body, version=1, key=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert (await payments.schedule(contract)).version == 2


@pytest.mark.parametrize("name", ["the date", "cancelled", "planned"])
async def test_con_3_what_was_decided_on_an_older_schedule_is_refused(
    desk: Desk, payments: Payments, family: Family, name: str
) -> None:
    move = MOVES[name]
    contract, path = await sold(payments, family, move)
    answers = await asyncio.gather(*(desk.move(contract, path, move.body, version=1) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    problem(await desk.move(contract, path, move.body, version=1), 412, "version-moved")
    assert (await payments.schedule(contract)).version == 2


async def test_pay_5_a_fixed_amount_outlasts_a_change_of_the_contract(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    first = (await payments.schedule(story.contract)).instalments[0].id
    await desk.move(story.contract, f"instalments/{first}/changes", {"amount": euros(100)}, version=1)
    await payments.handles(story.changed(1100))
    after = await payments.schedule(story.contract)
    assert [(each.amount, each.fixed) for each in after.instalments] == [(100, True), (500, False), (500, False)]


async def test_mon_3_the_first_date_gives_the_schedule_its_day(desk: Desk, payments: Payments, family: Family) -> None:
    contract, path = await sold(payments, family, MOVES["planned"])
    done = await desk.move(contract, path, MOVES["planned"].body, version=1)
    assert done.json()["day"] == 31


async def test_org_2_what_is_to_come_is_moved_by_staff(desk: Desk, payments: Payments, family: Family) -> None:
    for move in (MOVES["the date"], MOVES["cancelled"], MOVES["planned"]):
        contract, path = await sold(payments, family, move)
        for tail in ("", "/preview"):
            where = f"/v1/schedules/{contract}/{path}{tail}"
            answer = await desk.post(where, move.body, version=1, kind="client", account=family.account)
            problem(answer, 403, "staff-only")
        assert (await payments.schedule(contract)).version == 1
