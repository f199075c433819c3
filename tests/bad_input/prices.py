"""A request that is right for each route of the price of all subscriptions of a product (CON-21)."""

from datetime import timedelta

from carnet.dates import utc_now
from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case, read
from tests.builders import AT_ONCE, School

PRICE = "/contracts/v1/subscriptions/price"

read("GET /contracts/v1/jobs")


async def _asked(school: School) -> Json:
    account = await school.family("Repriced")
    details = {"kind": "subscription", "unit": "month", "every": 1, "minimum": 2, "pausable": False}
    sold = await school.desk.sell("Pool", {**details, "cancellation_fee": money(0)}, 4_500)
    opened = await school.desk.open(account.id, AT_ONCE, [sold.bought()])
    await school.followed(opened.body["id"])
    on = (utc_now() + timedelta(days=90)).date().isoformat()
    return {"product": sold.id, "on": on, "price": money(4_900)}


@case(f"POST {PRICE}/preview")
async def _(school: School) -> Right:
    return Right(body=await _asked(school))


@case(f"POST {PRICE}")
async def _(school: School) -> Right:
    return Right(body={**await _asked(school), "subscriptions": 1})


async def _job(school: School) -> Right:
    started = await school.desk.send(PRICE, {**await _asked(school), "subscriptions": 1})
    return Right({"job": started.body["id"]})


for _path in (
    "GET /contracts/v1/jobs/{job}",
    "GET /contracts/v1/jobs/{job}/report",
    "POST /contracts/v1/jobs/{job}/cancel",
):
    case(_path)(_job)
