"""A request that is right for each route of takings and bank deposits (PAY-7)."""

from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case
from tests.builders import ON_SITE, School

ACCOUNT = "Crédit du Nord, compte courant"


async def _taken(school: School) -> str:
    """A cheque that waits for a bank deposit."""
    contract = await school.contract(await school.family("Leroy"), sale=ON_SITE, mode="on_site")
    payment: Json = {"amount": money(4_000), "method": "cheque", "cheque": {"number": "0001234"}}
    recorded = await school.desk.send(
        f"/payments/v1/schedules/{contract.id}/payments", payment, version=contract.schedule["version"]
    )
    taking: str = recorded.body["payment"]["id"]
    return taking


async def _deposited(school: School) -> Right:
    body: Json = {"takings": [await _taken(school)], "bank_account": ACCOUNT}
    made = await school.desk.send("/payments/v1/bank-deposits", body)
    return Right({"bank_deposit": made.body["id"]}, None, made.version)


@case("POST /payments/v1/bank-deposits")
async def _(school: School) -> Right:
    today = (await school.desk.read("/payments/v1/today")).body["today"]
    return Right(body={"takings": [await _taken(school)], "deposited_on": today, "bank_account": ACCOUNT})


@case("PUT /payments/v1/takings/{taking}/cheque")
async def _(school: School) -> Right:
    cheque = {"number": "0004321", "bank": "Crédit Mutuel", "holder": "Alix Leroy"}
    return Right({"taking": await _taken(school)}, cheque)


for _ending in ("", "/takings", "/slip.pdf"):
    case(f"GET /payments/v1/bank-deposits/{{bank_deposit}}{_ending}")(_deposited)
case("POST /payments/v1/bank-deposits/{bank_deposit}/undoing")(_deposited)
