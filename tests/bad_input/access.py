"""A request that is right for each route of the access to online courses (CON-20)."""

from carnet_play.story.desk import Account, Json
from tests.bad_input.cases import Right, case
from tests.bad_input.contracts import PLAN
from tests.builders import AT_ONCE, School


async def _learning(school: School) -> tuple[Account, Json]:
    """A family that bought an online plan, and the access that it opened."""
    account = await school.family("Vidal")
    product = await school.desk.sell("Harmony online", PLAN, 9_000, participant=True)
    await school.desk.open(account.id, AT_ONCE, [product.bought(account.members["Kim"])])
    found = (await school.desk.read(f"/contracts/v1/accounts/{account.id}/accesses")).body["items"]
    access: Json = found[0]
    return account, access


async def _access(school: School) -> Right:
    _account, access = await _learning(school)
    return Right({"access": access["id"]})


@case("GET /contracts/v1/accounts/{account}/accesses")
async def _(school: School) -> Right:
    account, _access = await _learning(school)
    return Right({"account": account.id})


@case("PUT /contracts/v1/accesses/{access}")
async def _(school: School) -> Right:
    _account, access = await _learning(school)
    settings = {
        "lessons": 12,
        "release": {"lessons": 2, "every_days": 7},
        "deadlines": True,
        "exercises": "teacher",
        "checkpoints": True,
        "language": "fr",
    }
    body = {"settings": settings, "last_day": "2190-01-01", "reason": "Was ill in spring"}
    return Right({"access": access["id"]}, body, access["version"])


case("GET /contracts/v1/accesses/{access}")(_access)
case("GET /contracts/v1/accesses/{access}/journal")(_access)


@case("GET /contracts/v1/members/{member}/accesses")
async def _(school: School) -> Right:
    account, _access = await _learning(school)
    return Right({"member": account.members["Kim"]})
