"""A request that is right for each route of direct debits (PAY-18)."""

from datetime import date, timedelta

from carnet_play.story.desk import Json
from payments.sepa.domain.banking import banking_day_from
from tests.bad_input.cases import Right, case, read
from tests.builders import AT_ONCE, School

IBAN = "FR7630006000011234567890189"
SETTINGS: Json = {
    "name": "École de danse du Nord",
    "creditor": "FR72ZZZ123456",
    "iban": "FR1420041010050500013M02606",
    "bic": "PSSTFRPPLIL",
    "lead_days": 2,
}
WHO: Json = {"holder": "Inès Petit", "iban": IBAN}

read("GET /payments/v1/sepa-settings")
read("GET /payments/v1/sepa-settings/journal")
read("GET /payments/v1/remittances")


async def _given(school: School) -> int:
    """The version of settings that were given."""
    version = (await school.desk.read("/payments/v1/sepa-settings")).version or 0
    if version == 0:
        given = await school.desk.send("/payments/v1/sepa-settings", SETTINGS, version=0, method="PUT")
        version = given.version or 0
    return version


@case("PUT /payments/v1/sepa-settings")
async def _(school: School) -> Right:
    version = await _given(school)
    return Right(body={**SETTINGS, "name": f"École {version}"}, version=version)


async def _family(school: School) -> str:
    await _given(school)
    contract = await school.contract(await school.family("Petit"), sale=AT_ONCE)
    account: str = contract.schedule["account"]
    return account


@case("GET /payments/v1/accounts/{account}/mandates")
async def _(school: School) -> Right:
    return Right({"account": await _family(school)})


@case("POST /payments/v1/accounts/{account}/mandates/text")
async def _(school: School) -> Right:
    return Right({"account": await _family(school)}, {**WHO, "language": "fr"})


@case("POST /payments/v1/accounts/{account}/mandates")
async def _(school: School) -> Right:
    path = {"account": await _family(school)}
    return Right(path, {**WHO, "paper": {"signed_on": "2026-06-01", "place": "Lille"}, "default": True})


async def _soon(school: School) -> str:
    today = await school.desk.read("/payments/v1/today")
    return banking_day_from(date.fromisoformat(today.body["today"]) + timedelta(days=10)).isoformat()


async def _due(school: School) -> None:
    """A family that has signed, with something due."""
    account = await _family(school)
    paper = {"signed_on": "2026-06-01"}
    await school.desk.send(f"/payments/v1/accounts/{account}/mandates", {**WHO, "paper": paper})


@case("POST /payments/v1/remittances/preview")
async def _(school: School) -> Right:
    await _due(school)
    return Right(body={"collect_on": await _soon(school)})


@case("POST /payments/v1/remittances")
async def _(school: School) -> Right:
    await _due(school)
    return Right(body={"collect_on": await _soon(school)})


async def _built(school: School) -> Right:
    await _due(school)
    made = await school.desk.send("/payments/v1/remittances", {})
    remittance = made.body["remittance"]["id"]
    debits = await school.desk.read(f"/payments/v1/remittances/{remittance}/debits")
    return Right({"remittance": remittance, "attempt": debits.body["items"][0]["attempt"]}, None, made.version)


for _path in (
    "GET /payments/v1/remittances/{remittance}",
    "GET /payments/v1/remittances/{remittance}/debits",
    "GET /payments/v1/remittances/{remittance}/file",
    "POST /payments/v1/remittances/{remittance}/sent",
    "POST /payments/v1/remittances/{remittance}/taking-back",
):
    case(_path)(_built)


async def _sent(school: School) -> Right:
    built = await _built(school)
    path = f"/payments/v1/remittances/{built.path['remittance']}/sent"
    sent = await school.desk.send(path, None, version=built.version)
    return Right(built.path, None, sent.version)


@case("POST /payments/v1/remittances/{remittance}/collected")
async def _(school: School) -> Right:
    sent = await _sent(school)
    shown = await school.desk.read(f"/payments/v1/remittances/{sent.path['remittance']}")
    now = await school.desk.read("/catalog/v1/organisation")
    clock = {"now": f"{shown.body['collect_on']}T12:00:00Z"}
    await school.desk.send("/catalog/v1/organisation/clock", clock, version=now.version)
    return sent


@case("POST /payments/v1/remittances/{remittance}/debits/{attempt}/refusal")
async def _(school: School) -> Right:
    sent = await _sent(school)
    return Right(sent.path, {"reason": "insufficient_funds"}, sent.version)
