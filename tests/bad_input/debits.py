"""A request that is right for each route of direct debits (PAY-18)."""

from base64 import b64encode
from datetime import date, timedelta

from carnet_play.story.desk import Json
from carnet_play.story.waiting import eventually
from carnet_sandbox.bank import FOREIGN, statement
from payments.sepa.domain.banking import banking_day_from
from tests.bad_input.cases import Right, case, read
from tests.builders import AT_ONCE, Contract, School

IBAN = "FR7630006000011234567890189"
SETTINGS: Json = {
    "name": "École de danse du Nord",
    "creditor": "FR72ZZZ123456",
    "iban": "FR1420041010050500013M02606",
    "bic": "PSSTFRPPLIL",
    "lead_days": 2,
    "notice_days": 14,
}
WHO: Json = {"holder": "Inès Petit", "iban": IBAN}

read("GET /payments/v1/sepa-settings")
read("GET /payments/v1/sepa-settings/journal")
read("GET /payments/v1/remittances")
read("GET /payments/v1/bank-files")


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


async def _contract(school: School) -> Contract:
    await _given(school)
    return await school.contract(await school.family("Petit"), sale=AT_ONCE)


async def _family(school: School) -> str:
    account: str = (await _contract(school)).schedule["account"]
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


@case("POST /payments/v1/accounts/{account}/mandate-links")
async def _(school: School) -> Right:
    return Right({"account": await _family(school)}, {"language": "fr"})


@case("POST /payments/v1/accounts/{account}/mandate-invitations")
async def _(school: School) -> Right:
    return Right({"account": await _family(school)})


async def _soon(school: School) -> str:
    today = await school.desk.read("/payments/v1/today")
    return banking_day_from(date.fromisoformat(today.body["today"]) + timedelta(days=10)).isoformat()


async def _due(school: School) -> Contract:
    """The contract of a family that has signed, with something due."""
    contract = await _contract(school)
    mandates = f"/payments/v1/accounts/{contract.schedule['account']}/mandates"
    await school.desk.send(mandates, {**WHO, "paper": {"signed_on": "2026-06-01"}})
    return await school.followed(contract.id)


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


read("GET /payments/v1/refund-files")
REFUND_FILES = "/payments/v1/refund-files"


async def _refunded(school: School) -> None:
    """A family whose contract was debited and then fell, with the refund settled."""
    contract = await _due(school)
    made = (await school.desk.send("/payments/v1/remittances", {})).body["remittance"]
    path = f"/payments/v1/remittances/{made['id']}"
    sent = await school.desk.send(f"{path}/sent", None, version=1)
    now = await school.desk.read("/catalog/v1/organisation")
    clock = {"now": f"{made['collect_on']}T12:00:00Z"}
    await school.desk.send("/catalog/v1/organisation/clock", clock, version=now.version)

    async def there() -> bool:
        today: str = (await school.desk.read("/payments/v1/today")).body["today"]
        return today >= made["collect_on"]

    await eventually(there, "payments has received the clock")
    await school.desk.send(f"{path}/collected", None, version=sent.version)
    seen = await school.followed(contract.id)
    await school.change(seen, {"discounts": [school.products["discount"].placed()]})
    found = await school.desk.schedule(contract.id)
    body = {"amount": found.body["balance"]["refund_due"], "how": "refunded"}
    await school.desk.send(f"/payments/v1/schedules/{contract.id}/settlements", body, version=found.version)


@case(f"POST {REFUND_FILES}/preview")
async def _(school: School) -> Right:
    await _refunded(school)
    return Right()


@case(f"POST {REFUND_FILES}")
async def _(school: School) -> Right:
    await _refunded(school)
    return Right()


async def _built_refunds(school: School) -> Right:
    await _refunded(school)
    made = await school.desk.send(REFUND_FILES, None)
    file = made.body["refund_file"]["id"]
    refunds = await school.desk.read(f"{REFUND_FILES}/{file}/refunds")
    return Right({"refund_file": file, "refund": refunds.body["items"][0]["refund"]}, None, made.version)


for _path in (
    f"GET {REFUND_FILES}/{{refund_file}}",
    f"GET {REFUND_FILES}/{{refund_file}}/refunds",
    f"GET {REFUND_FILES}/{{refund_file}}/file",
    f"POST {REFUND_FILES}/{{refund_file}}/sent",
    f"POST {REFUND_FILES}/{{refund_file}}/taking-back",
):
    case(_path)(_built_refunds)


async def _sent_refunds(school: School) -> Right:
    built = await _built_refunds(school)
    sent = await school.desk.send(f"{REFUND_FILES}/{built.path['refund_file']}/sent", None, version=built.version)
    return Right(built.path, None, sent.version)


@case(f"POST {REFUND_FILES}/{{refund_file}}/made")
async def _(school: School) -> Right:
    return await _sent_refunds(school)


@case(f"POST {REFUND_FILES}/{{refund_file}}/refunds/{{refund}}/failure")
async def _(school: School) -> Right:
    sent = await _sent_refunds(school)
    return Right(sent.path, {"reason": "insufficient_funds"}, sent.version)


def _file() -> Json:
    content = statement(SETTINGS["iban"], date(2026, 6, 1), FOREIGN)
    return {"name": "releve.xml", "content": b64encode(content).decode()}


@case("POST /payments/v1/bank-files")
async def _(school: School) -> Right:
    await _given(school)
    return Right(body=_file())


async def _read(school: School) -> Right:
    await _given(school)
    sent = await school.desk.send("/payments/v1/bank-files", _file())
    return Right({"bank_file": sent.body["id"]})


for _path in ("GET /payments/v1/bank-files/{bank_file}", "GET /payments/v1/bank-files/{bank_file}/lines"):
    case(_path)(_read)
