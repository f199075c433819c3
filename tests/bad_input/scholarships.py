"""The right requests of the routes of scholarships."""

from carnet.ids import new_id
from carnet_play.story.desk import Account, Json, RefusedError, money
from carnet_play.story.waiting import eventually
from tests.bad_input.cases import Right, case, read
from tests.builders import School

FUND: Json = {
    "name": "Fonds solidaire",
    "budget": money(100_000),
    "kinds": ["course"],
    "first_day": "2026-01-01",
    "last_day": "2099-12-31",
}

read("GET /credits/v1/scholarship-funds")


@case("POST /credits/v1/scholarship-funds", taken=["products"])
async def _(_: School) -> Right:
    return Right(body={**FUND, "products": [new_id()]})


async def _opened(school: School) -> str:
    opened = await school.desk.send("/credits/v1/scholarship-funds", FUND)
    fund: str = opened.body["id"]
    return fund


async def _fund(school: School) -> Right:
    return Right({"fund": await _opened(school)}, version=1)


for _tail in ("", "/journal", "/scholarships", "/uses"):
    case(f"GET /credits/v1/scholarship-funds/{{fund}}{_tail}")(_fund)


@case("PUT /credits/v1/scholarship-funds/{fund}", taken=["products"])
async def _(school: School) -> Right:
    return Right({"fund": await _opened(school)}, {**FUND, "products": [new_id()], "name": "Fonds Morel"}, 1)


async def _family(school: School) -> Account:
    """A family that credits knows."""
    account = await school.family("Bernard")

    async def known() -> bool:
        try:
            await school.desk.read(f"/credits/v1/accounts/{account.id}/scholarships")
        except RefusedError:
            return False
        return True

    await eventually(known, "credits knows the account")
    return account


@case("POST /credits/v1/scholarship-funds/{fund}/scholarships")
async def _(school: School) -> Right:
    account = await _family(school)
    body = {"account": account.id, "member": account.owner, "amount": money(5_000), "note": "The committee of May"}
    return Right({"fund": await _opened(school)}, body)


async def _awarded(school: School) -> tuple[Account, str]:
    account, fund = await _family(school), await _opened(school)
    path = f"/credits/v1/scholarship-funds/{fund}/scholarships"
    awarded = await school.desk.send(path, {"account": account.id, "amount": money(5_000)})
    scholarship: str = awarded.body["id"]
    return account, scholarship


async def _scholarship(school: School) -> Right:
    _, scholarship = await _awarded(school)
    return Right({"scholarship": scholarship}, version=1)


for _tail in ("", "/uses", "/journal"):
    case(f"GET /credits/v1/scholarships/{{scholarship}}{_tail}")(_scholarship)


@case("POST /credits/v1/scholarships/{scholarship}/adjustments")
async def _(school: School) -> Right:
    _, scholarship = await _awarded(school)
    return Right({"scholarship": scholarship}, {"amount": money(-200)}, 1)


@case("GET /credits/v1/accounts/{account}/scholarships")
async def _(school: School) -> Right:
    account, _scholarship = await _awarded(school)
    return Right({"account": account.id})


@case("POST /credits/v1/scholarships/check", taken=["line", "product", "participant", "scholarship"])
async def _(school: School) -> Right:
    account, scholarship = await _awarded(school)
    line = {"line": new_id(), "scholarship": scholarship, "amount": money(100)}
    use = {**line, "product": new_id(), "kind": "course", "participant": account.owner}
    return Right(body={"account": account.id, "uses": [use], "given_back": [{**line, "line": new_id()}]})
