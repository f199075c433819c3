"""A request that is right for each route of credits that many families get at once (CRE-2)."""

from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case, read
from tests.builders import School

BULK = "/credits/v1/bulk-credits"

read("GET /credits/v1/jobs")


async def _asked(school: School) -> Json:
    accounts = [(await school.family(name)).id for name in ("Rain", "Storm")]
    return {"accounts": accounts, "amount": money(1_500), "reason": "The hall was flooded"}


async def _granted(school: School) -> Right:
    return Right(body=await _asked(school))


for _ending in ("", "/preview"):
    case(f"POST {BULK}{_ending}", taken=["accounts"])(_granted)


async def _job(school: School) -> Right:
    started = await school.desk.send(BULK, await _asked(school))
    return Right({"job": started.body["id"]})


for _path in (
    "GET /credits/v1/jobs/{job}",
    "GET /credits/v1/jobs/{job}/report",
    "POST /credits/v1/jobs/{job}/cancel",
):
    case(_path)(_job)
