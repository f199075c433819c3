"""A request that is right for each route of reminders (PAY-10)."""

from carnet_play.story.desk import Json
from tests.bad_input.cases import Right, case, read
from tests.builders import ON_SITE, School

CALENDAR: Json = {
    "active": True,
    "hour": 9,
    "steps": [{"days": -3, "text_fr": "Bientôt", "text_en": "Soon"}],
    "order_steps": [{"days": 3, "code": "RENTREE10"}],
    "staff_after": 22,
}

read("GET /payments/v1/reminder-calendar")
read("GET /payments/v1/reminder-calendar/journal")
read("GET /payments/v1/reminders/today")


@case("PUT /payments/v1/reminder-calendar")
async def _(school: School) -> Right:
    version = (await school.desk.read("/payments/v1/reminder-calendar")).version or 0
    return Right(body={**CALENDAR, "hour": version % 24}, version=version)


async def _owing(school: School) -> str:
    contract = await school.contract(await school.family("Reminded"), mode="on_site", sale=ON_SITE)
    account: str = contract.schedule["account"]
    return account


@case("POST /payments/v1/accounts/{account}/reminders")
async def _(school: School) -> Right:
    return Right({"account": await _owing(school)}, {"text": "Merci de passer nous voir."})


for _path in (
    "GET /payments/v1/accounts/{account}/reminders",
    "GET /payments/v1/accounts/{account}/reminders/journal",
    "POST /payments/v1/accounts/{account}/reminders/stop",
    "POST /payments/v1/accounts/{account}/reminders/resume",
):

    @case(_path)
    async def _(school: School) -> Right:
        return Right({"account": await _owing(school)})
