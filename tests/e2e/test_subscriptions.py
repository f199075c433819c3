"""A subscription through a running suite: sold, billed though its worker is killed, cancelled (CON-17, CON-21)."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from carnet_operations.verify import verify
from carnet_play.story.desk import Json, money
from carnet_play.story.waiting import eventually
from carnet_suite.supervisor import Suite
from tests.builders import AT_ONCE, Contract, School, school_on
from tests.waits import BOUND


@pytest.fixture(scope="module")
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


async def subscribed(school: School) -> Contract:
    """A contract of a weekly subscription from today, without a minimum term beyond its first week."""
    details = {"kind": "subscription", "unit": "week", "every": 1, "minimum": 1, "cancellation_fee": money(500)}
    studio = await school.desk.sell("Studio", details, 700)
    account = await school.family()
    opened = await school.desk.open(account.id, AT_ONCE, [studio.bought()])
    return await school.followed(opened.body["id"])


async def billed(school: School, contract: str, periods: int) -> Json:
    """The contract once it has so many periods and its schedule has followed."""
    found: list[Json] = []

    async def there() -> bool:
        found.append((await school.desk.contract(contract)).body)
        return bool(found[-1]["subscription"]["periods"] == periods)

    await eventually(there, f"{periods} periods are billed")
    return found[-1]


async def test_con_21_periods_are_billed_while_the_worker_is_killed_and_the_schedule_has_them(
    running: Suite, school: School
) -> None:
    contract = await subscribed(school)
    read = await billed(school, contract.id, 2)
    first = date.fromisoformat(read["lines"][0]["first_day"])
    organisation = await school.desk.organisation()
    running.kill("contracts", "worker", restart=False)
    try:
        await school.desk.move_clock(f"{first + timedelta(days=30)}T12:00:00Z", organisation.version or 0)
    finally:
        running.start("contracts", "worker")
    read = await billed(school, contract.id, 6)
    days = [(line["period"], line["first_day"]) for line in read["lines"]]
    assert days == [(n, (first + timedelta(weeks=n - 1)).isoformat()) for n in range(1, 7)]
    followed = await school.followed(contract.id)
    assert [each["due"] for each in followed.schedule["instalments"]] == [day for _, day in days]
    assert [each["line"] for each in followed.schedule["instalments"]] == [line["id"] for line in read["lines"]]

    path = f"/contracts/v1/contracts/{contract.id}/subscription/cancellation"
    asked = {"on": (first + timedelta(days=32)).isoformat(), "by_days": True, "fee_name": "Fee"}
    preview = (await school.desk.send(f"{path}/preview", asked)).body
    seen = preview["versions"]
    done = await school.desk.send(path, {**asked, "schedule_version": seen["schedule"]}, version=seen["contract"])
    # Four whole weeks, 4 of 7 days of the fifth, the fee.
    assert done.body["total"] == preview["total"]["after"] == money(4 * 700 + 400 + 500)
    followed = await school.followed(contract.id)
    assert followed.schedule["balance"] == preview["schedule"]["after"]["balance"]

    report = await verify(running.servers.mongo_url, running.servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []
    assert report.proven["periods of subscriptions"] >= 6
