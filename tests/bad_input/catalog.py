"""A request that is right for each route of the catalog."""

from datetime import timedelta

from carnet.dates import utc_now
from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case, read
from tests.builders import School

PRODUCT: Json = {
    "name": "Summer camp",
    "description": "Two weeks by the sea",
    "vat_rate": 2_000,
    "participant": True,
    "formats": [{"name": "a week", "tariffs": [{"name": "full", "price": money(25_000)}]}],
    "details": {
        "kind": "course",
        "capacity": 12,
        "occurrences": [{"on": "2027-07-05", "starts": "09:00", "ends": "17:00"}],
    },
}

read("GET /catalog/v1/organisation", clients=True)
read("GET /catalog/v1/organisation/journal")
read("GET /catalog/v1/products", clients=True)
read("GET /catalog/v1/activities", clients=True)


async def _organisation_version(school: School) -> int:
    return (await school.desk.read("/catalog/v1/organisation")).version or 0


@case("PUT /catalog/v1/organisation")
async def _(school: School) -> Right:
    now = await school.desk.read("/catalog/v1/organisation")
    written = ("currency", "time_zone", "languages", "contact", "support_email", "mode")
    return Right(body={"name": "Pas de Trois", **{name: now.body[name] for name in written}}, version=now.version)


@case("POST /catalog/v1/organisation/clock")
async def _(school: School) -> Right:
    now = await school.desk.read("/catalog/v1/organisation")
    shown = utc_now() + timedelta(seconds=now.body["clock_ahead"], hours=1)
    return Right(body={"now": shown.strftime("%Y-%m-%dT%H:%M:%SZ")}, version=now.version)


@case("POST /catalog/v1/products")
async def _(_school: School) -> Right:
    return Right(body=PRODUCT)


async def _draft(school: School) -> Right:
    made = await school.desk.send("/catalog/v1/products", PRODUCT)
    return Right({"product": made.body["id"]}, None, made.version)


@case("PUT /catalog/v1/products/{product}")
async def _(school: School) -> Right:
    draft = await _draft(school)
    return Right(draft.path, {**PRODUCT, "name": "Winter camp"}, draft.version)


case("POST /catalog/v1/products/{product}/put-on-sale")(_draft)
case("POST /catalog/v1/products/{product}/archive")(_draft)


async def _on_sale(school: School) -> Right:
    return Right({"product": school.products["course"].id})


case("GET /catalog/v1/products/{product}", clients=True)(_on_sale)
case("GET /catalog/v1/products/{product}/journal")(_on_sale)
