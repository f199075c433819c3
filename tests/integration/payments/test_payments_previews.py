"""Previews for contracts (CON-3): what they show is what the reaction then does, and nothing is saved."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest

from carnet.events.contracts import AtOnce, DatedCharge, Deposit, Instalments, Later, OnSite, Sale
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.schedules.domain.schedule import Schedule
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Family, Story
from tests.refused import problem
from tests.waits import patiently


def as_shown(moment: dict[str, Any]) -> tuple[dict[str, int], list[tuple[str, int, bool, bool]]]:
    return (
        {name: money["amount"] for name, money in moment["balance"].items()},
        [(each["due"], each["amount"]["amount"], each["fixed"], each["held"]) for each in moment["instalments"]],
    )


def as_kept(schedule: Schedule) -> tuple[dict[str, int], list[tuple[str, int, bool, bool]]]:
    return (
        schedule.balance.model_dump(),
        [(each.due.isoformat(), each.amount, each.fixed, each.held) for each in schedule.instalments],
    )


async def preview(desk: Desk, contract: str, total: int, *, version: int, **more: Any) -> httpx.Response:
    body = {"contract_version": version, "total": euros(total), "live_lines": 1, "effective_on": "2026-11-21", **more}
    return await desk.client.post(f"/v1/schedules/{contract}/preview", json=body, headers=desk.headers("payments:read"))


@pytest.mark.parametrize("total", [0, 1, 500, 700, 701, 1501])
async def test_con_3_a_change_does_what_its_preview_showed(
    desk: Desk, payments: Payments, family: Family, total: int
) -> None:
    story = Story(family)
    await payments.handles(story.opened(1000, Deposit(deposit=300, count=3)), story.changed(1003))
    await desk.pay(story.contract, 500, version=2)
    before = await payments.schedule(story.contract)
    answer = await preview(desk, story.contract, total, version=2)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["schedule_version"], shown["covers"]) == (3, 2)
    assert as_shown(shown["before"]) == as_kept(before)
    assert await payments.schedule(story.contract) == before
    await payments.handles(story.changed(total))
    assert as_shown(shown["after"]) == as_kept(await payments.schedule(story.contract))


@pytest.mark.parametrize(
    ("mode", "sale"),
    [
        ("online", AtOnce()),
        ("online", Instalments(count=7)),
        ("on_site", Deposit(deposit=250, count=2)),
        ("online", Later()),
        ("on_site", OnSite()),
    ],
)
async def test_con_3_an_opening_does_what_its_preview_showed(
    desk: Desk, payments: Payments, family: Family, mode: str, sale: Sale
) -> None:
    body = {
        "mode": mode,
        "sale": sale.model_dump(mode="json"),
        "total": euros(1001),
        "live_lines": 2,
        "effective_on": "2026-11-21",
    }
    answer = await desk.client.post("/v1/schedules/preview", json=body, headers=desk.headers("payments:read"))
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["before"], shown["schedule_version"], shown["covers"]) == (None, 0, 0)
    assert await payments.database[ROWS].count_documents({}) == 0
    story = Story(family)
    await payments.handles(story.opened(1001, sale, mode=mode))
    assert as_shown(shown["after"]) == as_kept(await payments.schedule(story.contract))


@pytest.mark.parametrize(
    ("sale", "opened_with"),
    [(Instalments(count=3), 0), (Instalments(count=3), 900), (Deposit(deposit=300, count=2), 900)],
)
async def test_pay_2_a_preview_shows_that_a_plan_comes_back(
    desk: Desk, payments: Payments, family: Family, sale: Sale, opened_with: int
) -> None:
    story = Story(family)
    await payments.handles(story.opened(opened_with, sale), story.changed(0))
    read = await desk.client.get(f"/v1/schedules/{story.contract}", headers=desk.headers("payments:read"))
    assert [each["amount"] for each in read.json()["last_plan"]] == [euros(opened_with // 3)] * 3
    shown = (await preview(desk, story.contract, 600, version=2)).json()["after"]
    await payments.handles(story.changed(600))
    after = await payments.schedule(story.contract)
    assert as_shown(shown) == as_kept(after)
    assert [each.amount for each in after.instalments] == [200, 200, 200]
    assert after.last_plan == ()


async def test_pay_15_dated_charges_are_previewed_as_they_are_then_planned(
    desk: Desk, payments: Payments, family: Family
) -> None:
    first, second = (DatedCharge(line=new_id(), amount=100, due=date(2027, month, 1)) for month in (1, 2))
    story = Story(family)
    opening = {"mode": "online", "sale": {"start": "at_once"}, "total": euros(500), "live_lines": 3}
    body = {**opening, "effective_on": "2026-11-21", "charges": [asked(first), asked(second)]}
    answer = await desk.client.post("/v1/schedules/preview", json=body, headers=desk.headers("payments:read"))
    shown = answer.json()["after"]
    assert [each["line"] for each in shown["instalments"]] == [None, first.line, second.line]
    await payments.handles(story.opened(500, AtOnce(), charges=(first, second)))
    assert as_shown(shown) == as_kept(await payments.schedule(story.contract))
    moved = second.model_copy(update={"due": date(2027, 3, 1)})
    shown = (await preview(desk, story.contract, 400, version=1, charges=[asked(moved)])).json()["after"]
    await payments.handles(story.changed(400, charges=(moved,)))
    after = await payments.schedule(story.contract)
    assert as_shown(shown) == as_kept(after)
    assert [(each.line, each.due.isoformat(), each.amount) for each in after.instalments] == [
        (None, "2026-11-21", 300),
        (second.line, "2027-03-01", 100),
    ]


async def test_pay_15_a_line_that_is_charged_twice_is_refused(desk: Desk, payments: Payments, family: Family) -> None:
    story, charge = Story(family), DatedCharge(line=new_id(), amount=100, due=date(2027, 1, 1))
    await payments.handles(story.opened(1000))
    problem(await preview(desk, story.contract, 400, version=1, charges=[asked(charge)] * 2), 422, "line-charged-twice")


def asked(charge: DatedCharge) -> dict[str, Any]:
    return {"line": charge.line, "amount": euros(charge.amount), "due": charge.due.isoformat()}


async def test_a_preview_waits_for_the_schedule_to_catch_up(desk: Desk, payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(1000))

    async def later() -> None:
        await asyncio.sleep(0.3)
        await payments.handles(story.changed(1200))

    answer, _ = await asyncio.gather(patiently(preview(desk, story.contract, 1300, version=2)), later())
    assert answer.status_code == 200
    assert answer.json()["before"]["balance"]["total"] == euros(1200)


async def test_a_preview_of_a_schedule_that_lags_is_refused_shortly(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(1000))
    refused = problem(await preview(desk, story.contract, 1300, version=2), 409, "schedule-behind")
    assert refused["params"] == {"contract": story.contract, "contract_version": 2, "covers": 1}


async def test_org_1_a_foreign_contract_is_answered_as_an_unknown_one(desk: Desk, payments: Payments) -> None:
    foreign = Story(Family(new_id()))
    await payments.handles(foreign.opened(1000))
    for contract in (foreign.contract, new_id()):
        refused = problem(await preview(desk, contract, 1300, version=1), 409, "schedule-behind")
        assert refused["params"]["covers"] == 0


async def test_org_2_to_a_client_the_contract_of_another_account_is_an_unknown_one(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, client = Story(family), desk.headers("payments:read", kind="client", account=new_id())
    await payments.handles(story.opened(1000))
    body = {"contract_version": 1, "total": euros(1300), "live_lines": 1, "effective_on": "2026-11-21"}
    for contract in (story.contract, new_id()):
        answer = await desk.client.post(f"/v1/schedules/{contract}/preview", json=body, headers=client)
        assert problem(answer, 409, "schedule-behind")["params"]["covers"] == 0


async def test_con_3_a_preview_from_an_old_version_of_the_contract_is_refused(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(1000), story.changed(1200))
    problem(await preview(desk, story.contract, 1300, version=1), 409, "contract-moved")
