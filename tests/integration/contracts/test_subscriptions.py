"""Subscriptions on a real database: sold over HTTP, billed by workers that are killed or side by side (CON-21)."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from carnet.dates import utc_now
from carnet.ids import new_id
from carnet.mongo import Unit, transact
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.store import CONTRACTS, TO_ANNOUNCE, TO_BILL, count_to_bill, due_query, those_due
from contracts.subscriptions.billing import Biller
from tests.callers import Signer
from tests.integration.contracts.conftest import School, a_course
from tests.integration.contracts.studio import ALL, Studio, monthly, subscribed, weekly


@pytest.fixture
async def studio(service: tuple[FastAPI, httpx.AsyncClient], signer: Signer) -> Studio:
    studio = Studio(*service, signer)
    await studio.is_described()
    return studio


def assert_tiled(periods: Sequence[dict[str, Any]], count: int) -> None:
    assert [each["period"] for each in periods] == list(range(1, count + 1))
    for one, after in pairwise(periods):
        assert date.fromisoformat(after["first_day"]) == date.fromisoformat(one["last_day"]) + timedelta(days=1)


async def test_con_21_a_subscription_is_sold_and_billed_for_a_year_at_once_period_by_period(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 10))
    _, opened = await subscribed(studio, monthly(), date(2029, 1, 31))
    subscription = opened["subscription"]
    assert (subscription["periods"], subscription["minimum_until"]) == (2, "2029-03-30")
    assert subscription["next_period"] == {
        "number": 3,
        "first_day": "2029-03-31",
        "last_day": "2029-04-29",
        "price": {"amount": 4500, "currency": "EUR"},
        "billed_on": "2029-02-28",
    }
    assert await studio.bills() == 0
    await studio.moves_to(date(2030, 2, 1))
    assert await studio.bills() == 12
    assert_tiled(await studio.periods(opened["id"]), 14)
    rows = await studio.journal(opened["id"])
    changes = [row for row in rows if row["type"].endswith("ContractChanged.v1")]
    assert len(changes) == 12
    assert {row["actor"] for row in changes} == {"service:contracts"}
    assert [row["data"]["effective_on"] for row in changes][:2] == ["2029-02-28", "2029-03-31"]
    charges = changes[-1]["data"]["terms"]["charges"]
    assert len(charges) == 14
    assert charges[-1] == {
        "line": rows[-2]["data"]["purchase"]["line"],
        "amount": 4500,
        "due": "2030-02-28",
        "paused": False,
    }


async def test_con_21_workers_side_by_side_and_killed_ones_bill_each_period_once(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 1))
    opened = [(await subscribed(studio, weekly()))[1]["id"] for _ in range(4)]
    await studio.moves_to(date(2029, 3, 4))
    stopping = asyncio.Event()

    async def killed() -> None:
        biller = Biller(studio.database)
        for _ in range(3):
            task = asyncio.create_task(biller.round(ALL, stopping))
            await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(killed(), studio.bills(), studio.bills())
    await studio.bills()
    for contract in opened:
        assert_tiled(await studio.periods(contract), 10)


@pytest.mark.parametrize("fault", [{"subscription.anchors": []}, {"mode": 5}], ids=["undecided", "unreadable"])
async def test_con_21_one_that_fails_stops_no_other(studio: Studio, fault: dict[str, Any]) -> None:
    await studio.moves_to(date(2029, 1, 1))
    first, broken, last = [(await subscribed(studio, weekly()))[1]["id"] for _ in range(3)]
    contracts = studio.database["contracts"]
    known = await contracts.find_one({"_id": broken})
    assert known is not None
    await contracts.update_one({"_id": broken}, {"$set": fault})
    biller = Biller(studio.database)
    assert await biller.round(ALL, asyncio.Event()) == 2
    assert await biller.round(ALL, asyncio.Event()) == 0
    assert [len(await studio.periods(each)) for each in (first, last)] == [2, 2]
    await contracts.replace_one({"_id": broken}, known)
    assert await studio.bills() == 1
    assert len(await studio.periods(broken)) == 2


async def test_con_21_a_subscription_waits_while_a_change_is_pending(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 1))
    _, opened = await subscribed(studio, weekly())
    contract = CONTRACTS.read(await studio.database["contracts"].find_one({"_id": opened["id"]}) or {})
    pending = {"change": new_id(), "on": "2029-01-01", "asked_at": utc_now(), "requests": (), "lines": (), "events": ()}

    async def keep(pending: Any) -> None:
        changed = Contract.model_validate({**contract.model_dump(), "pending": pending})

        async def work(unit: Unit) -> None:
            await unit.load(CONTRACTS, [contract.id])
            unit.put(CONTRACTS, changed)

        await transact(studio.database, work)

    await keep({**pending, "by": {"kind": "user", "id": "claire"}})
    assert await studio.bills() == 0
    await keep(None)
    assert await studio.bills() == 1


async def test_org_1_each_organisation_has_its_own_day(studio: Studio, school: School) -> None:
    await studio.moves_to(date(2029, 1, 1))
    _, opened = await subscribed(studio, weekly())
    product = weekly()
    await school.sells(product)
    family = await school.family()
    addition = product.bought_for(family.child) | {"first_day": (utc_now() + timedelta(days=30)).date().isoformat()}
    other = await family.opens(sale={"start": "at_once"}, add=[addition])
    assert await studio.bills() == 1
    assert len(await studio.periods(opened["id"])) == 2
    read = (await school.get(f"/v1/contracts/{other['id']}")).json()
    assert read["subscription"]["periods"] == 1


async def test_con_21_nothing_else_is_added_and_no_period_taken_out(studio: Studio) -> None:
    family, opened = await subscribed(studio, monthly())
    path = f"/v1/contracts/{opened['id']}/changes"
    fee = {"name": "Key", "price": {"amount": 500, "currency": "EUR"}, "vat_rate": 2000}
    await studio.handles(family.schedule(opened))
    body = {"free": [fee], "schedule_version": 1}
    answer = await studio.post(path, body, version=opened["version"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carnet:problem:subscription-alone")
    body = {"cancel": [opened["lines"][0]["id"]], "schedule_version": 1}
    answer = await studio.post(path, body, version=opened["version"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carnet:problem:period-of-subscription")
    purchases = (await studio.get(f"/v1/accounts/{family.account}/purchases")).json()["items"]
    assert [each["period"] for each in purchases] == [1, 2]


async def test_con_17_a_subscription_is_cancelled_at_a_date_by_its_days_with_a_fee(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 1))
    family, opened = await subscribed(studio, monthly(cancellation_fee=2000))
    path = f"/v1/contracts/{opened['id']}/subscription/cancellation"
    await studio.handles(family.schedule(opened))
    body = {"on": "2029-01-16", "by_days": True, "fee_name": "Fee", "schedule_version": 1}
    stale = await studio.post(path, body, version=opened["version"] + 1)
    assert stale.status_code == 412
    answer = await studio.post(path, body, version=opened["version"])
    assert answer.status_code == 200, answer.text
    cancelled = answer.json()
    assert cancelled["total"]["amount"] == 2177 + 2000  # 15 of 31 days, half up
    assert cancelled["subscription"]["cancellation"] == {"on": "2029-01-16", "ends_on": "2029-01-15", "by_days": True}
    assert cancelled["subscription"]["next_period"] is None
    assert [each["name"] for each in cancelled["advice"]] == ["within-minimum-term"]
    await studio.moves_to(date(2029, 6, 1))
    assert await studio.bills() == 0
    again = await studio.post(path, body, version=cancelled["version"])
    assert (again.status_code, again.json()["type"]) == (409, "urn:carnet:problem:subscription-cancelled")


async def test_con_17_a_client_asks_for_the_cancellation_and_staff_finds_and_declines_it(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 1))
    family, opened = await subscribed(studio, monthly())
    contract = f"/v1/contracts/{opened['id']}"
    path = f"{contract}/subscription/cancellation/request"
    mine, other = (
        studio.signer.headers(studio.organisation, "contracts:ask contracts:write", kind="client", account=account)
        for account in (family.account, new_id())
    )
    asked = await studio.post(path, {"on": "2029-03-01"}, headers=mine)
    assert asked.status_code == 200, asked.text
    assert asked.json()["subscription"]["cancellation_request"] == {"on": "2029-03-01", "asked_on": "2029-01-01"}
    assert asked.json()["whole_version"] == opened["version"]
    version = asked.json()["version"]
    assert (await studio.post(path, {"on": "2029-03-01"}, headers=other)).status_code == 404
    assert (await studio.post(f"{path}/decline", None, headers=mine, version=version)).status_code == 403
    waiting = (await studio.get("/v1/contracts?asked_to_cancel=true")).json()["items"]
    assert [each["id"] for each in waiting] == [opened["id"]]
    declined = await studio.post(f"{path}/decline", None, version=version)
    assert declined.status_code == 200, declined.text
    assert declined.json()["subscription"]["cancellation_request"] is None
    assert (await studio.get("/v1/contracts?asked_to_cancel=true")).json()["items"] == []
    listed = await studio.get(f"/v1/accounts/{family.account}/subscriptions", headers=studio.client_of(family.account))
    (standing,) = listed.json()["items"]
    assert (standing["contract"], standing["status"], standing["on"]) == (opened["id"], "active_recurring", None)
    names = [row["type"].split(".")[2] for row in await studio.journal(opened["id"])]
    assert names[-2:] == ["CancellationRequested", "CancellationDeclined"]


async def test_con_18_a_subscription_is_paused_openly_and_lifted_and_what_waited_is_billed(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 1))
    family, opened = await subscribed(studio, monthly(pausable=True))
    path = f"/v1/contracts/{opened['id']}/subscription/pause"
    await studio.handles(family.schedule(opened))
    body = {"on": "2029-01-20", "months": None, "schedule_version": 1}
    assert (await studio.post(path, body, version=opened["version"] + 1)).status_code == 412
    answer = await studio.post(path, body, version=opened["version"])
    assert answer.status_code == 200, answer.text
    paused = answer.json()
    assert paused["total"] == opened["total"]
    assert [line["first_day"] for line in paused["lines"]] == ["2029-01-01", None]
    (pause,) = paused["subscription"]["pauses"]
    assert (pause["period"], pause["first_day"], pause["resumes_on"]) == (2, "2029-02-01", None)
    purchases = (await studio.get(f"/v1/accounts/{family.account}/purchases")).json()["items"]
    assert [each["first_day"] for each in purchases] == ["2029-01-01", None]
    await studio.moves_to(date(2029, 5, 2))
    assert await studio.bills() == 0
    body = {"on": "2029-05-10", "schedule_version": 1}
    answer = await studio.post(f"{path}/lifting", body, version=paused["version"])
    assert answer.status_code == 200, answer.text
    await studio.moves_to(date(2029, 5, 10))
    assert await studio.bills() == 1
    days = [(line["period"], line["first_day"]) for line in await studio.periods(opened["id"])]
    assert days == [(1, "2029-01-01"), (2, "2029-05-10"), (3, "2029-06-10")]
    rows = await studio.journal(opened["id"])
    changes = [row["data"] for row in rows if row["type"].endswith("ContractChanged.v1")]
    assert [each["terms"]["charges"][1]["due"][:4] for each in changes] == ["2079", "2029", "2029"]
    assert [each["terms"]["charges"][1]["paused"] for each in changes] == [True, False, False]


async def test_con_18_no_view_has_days_of_what_waits_for_an_open_pause_to_be_lifted(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 1))
    family, opened = await subscribed(studio, monthly(pausable=True))
    path = f"/v1/contracts/{opened['id']}/subscription"
    await studio.handles(family.schedule(opened))
    body = {"on": "2029-01-20", "months": None, "schedule_version": 1}
    paused = (await studio.post(f"{path}/pause", body, version=opened["version"])).json()
    assert paused["subscription"]["minimum_until"] is None, "two months, of which one is paused"
    body = {"on": "2029-01-20", "schedule_version": 1}
    answer = await studio.post(f"{path}/cancellation", body, version=paused["version"])
    assert answer.status_code == 200, answer.text
    cancelled = answer.json()
    assert cancelled["subscription"]["cancellation"]["ends_on"] == "2029-01-31"
    purchases = (await studio.get(f"/v1/accounts/{family.account}/purchases")).json()["items"]
    for shown in (cancelled["lines"], purchases):
        found = [(each["first_day"], each["last_day"], each["cancelled_on"]) for each in shown if each["period"]]
        assert found == [("2029-01-01", "2029-01-31", None), (None, None, "2029-01-01")]


async def test_con_17_what_is_no_subscription_is_not_cancelled_at_a_date(studio: Studio) -> None:
    course = a_course()
    await studio.sells(course)
    family = await studio.family()
    opened = await family.opens(course)
    await studio.handles(family.schedule(opened))
    path = f"/v1/contracts/{opened['id']}/subscription/cancellation"
    answer = await studio.post(path, {"on": "2029-01-16", "schedule_version": 1}, version=opened["version"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carnet:problem:not-a-subscription")


async def test_con_21_one_look_finds_the_organisations_of_which_something_is_due_by_their_index_alone(
    studio: Studio, school: School
) -> None:
    await studio.moves_to(date(2029, 1, 1))
    await subscribed(studio, weekly())
    await studio.moves_to(date(2029, 1, 8))
    days = {date(2029, 1, 8): [studio.organisation, school.organisation], date(2029, 1, 7): [new_id()]}
    assert await those_due(studio.database, "bill_on", TO_BILL, days) == {studio.organisation}
    assert await count_to_bill(studio.database, days) == 1
    earlier = {date(2028, 12, 31): days[date(2029, 1, 8)]}
    assert await those_due(studio.database, "renews_on", TO_ANNOUNCE, earlier) == set()
    stages = [{"$match": due_query("bill_on", *next(iter(days.items())))}, {"$group": {"_id": "$organisation"}}]
    asked = {"aggregate": CONTRACTS.name, "pipeline": stages, "cursor": {}, "hint": TO_BILL}
    explained = str(await studio.database.motor.command("explain", asked))
    assert "DISTINCT_SCAN" in explained, "from one organisation to the next, however much is due of each"
    assert "FETCH" not in explained
