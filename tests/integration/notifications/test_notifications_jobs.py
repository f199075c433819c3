"""Sending many failed mails again: one bulk job over the API and the worker (NOT-3, ORG-1, ORG-2)."""

import asyncio

from carnet.ids import new_id
from carnet.job_runs import Jobs
from notifications.sending_again import SENDING_AGAIN
from tests.callers import command
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import paid
from tests.integration.notifications.test_notifications_api import Desk, desk
from tests.unit.notifications.notification_builders import ACCOUNT

__all__ = ["desk"]

START = "/v1/mails/send-failed-again"


async def failed(desk: Desk, count: int) -> None:
    """So many mails that the server refused, and the address right since."""
    office = desk.office
    await office.receive(office.family(address="nobody@refused.example"))
    await office.receive(*(office.record(paid(1_000 + number)) for number in range(count)))
    await office.send_all(office.sender())
    await office.receive(office.family())


async def work(office: Office) -> None:
    await Jobs(office.database, [SENDING_AGAIN], chunk=4).round(ALL_SLOTS, asyncio.Event())


async def test_all_failed_mails_go_again_once_and_the_job_says_so(desk: Desk) -> None:
    await failed(desk, 10)
    headers = command(desk.staff())
    once, twice = [await desk.client.post(START, headers=headers) for _ in range(2)]
    assert (once.status_code, once.content) == (202, twice.content)
    place = once.headers["location"]
    assert (await desk.get(place)).json()["status"] == "waiting"
    await work(desk.office)
    ended = (await desk.get(place)).json()
    assert (ended["status"], ended["done"], ended["expected"], ended["by"]) == ("done", 10, 10, "user:staff-1")
    assert await desk.items(f"{place}/report") == []
    await desk.office.send_all(desk.office.sender())
    assert [mail.recipient for mail in desk.office.delivered()].count(desk.office.address) == 10
    rows = await desk.office.database["journal"].find({"type": {"$regex": "EmailRequeued"}}).to_list(None)
    assert {row["actor"] for row in rows} == {"user:staff-1"}
    assert [job["id"] for job in await desk.items("/v1/jobs")] == [ended["id"]]


async def test_what_cannot_go_is_named_in_the_report(desk: Desk) -> None:
    await failed(desk, 3)
    job = (await desk.client.post(START, headers=command(desk.staff()))).headers["location"]
    await desk.office.database["accounts"].update_one({"_id": ACCOUNT}, {"$set": {"erased": True}})
    await work(desk.office)
    ended = (await desk.get(job)).json()
    assert (ended["status"], ended["done"], ended["refused"]) == ("done", 0, 3)
    lines = await desk.items(f"{job}/report?limit=2")
    assert [(line["outcome"], line["problem"]) for line in lines] == [("refused", "person-erased")] * 2


async def test_a_job_is_staffs_and_its_organisations(desk: Desk) -> None:
    job = (await desk.client.post(START, headers=command(desk.staff()))).headers["location"]
    theirs = desk.staff(organisation=new_id())
    for path in (job, f"{job}/report"):
        assert (await desk.get(path, theirs)).status_code == 404
        assert (await desk.get(path, desk.family())).status_code == 403
    assert (await desk.client.post(START, headers=command(desk.family()))).status_code == 403
    assert (await desk.client.post(START, headers=command(desk.staff("notifications:read")))).status_code == 403
    assert (await desk.client.post(f"{job}/cancel", headers=command(desk.family()))).status_code == 403


async def test_a_job_is_cancelled_until_it_has_ended(desk: Desk) -> None:
    await failed(desk, 2)
    job = (await desk.client.post(START, headers=command(desk.staff()))).headers["location"]
    cancelled = await desk.client.post(f"{job}/cancel", headers=command(desk.staff()))
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelling")
    await work(desk.office)
    ended = (await desk.get(job)).json()
    assert (ended["status"], ended["done"]) == ("cancelled", 0)
    late = await desk.client.post(f"{job}/cancel", headers=command(desk.staff()))
    assert (late.status_code, late.json()) == (200, ended)
