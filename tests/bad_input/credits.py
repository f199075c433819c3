"""A request that is right for each route of client credits, vouchers, gift cards and session packs."""

from datetime import timedelta
from typing import Any

from carnet.dates import utc_now
from carnet_play.story.desk import Account, Json, RefusedError, money
from carnet_play.story.waiting import eventually
from tests.bad_input.cases import Right, case, read
from tests.builders import AT_ONCE, School


async def _credit(school: School) -> tuple[Account, str]:
    account = await school.family("Faure")
    contract = await school.contract(account, "credit", sale=AT_ONCE)
    await school.desk.pay(contract.id, 5_000)
    return account, contract.lines["Credit"]


async def _account_with_credit(school: School) -> Right:
    account, _line = await _credit(school)
    return Right({"account": account.id})


case("GET /credits/v1/accounts/{account}/credits")(_account_with_credit)
case("GET /credits/v1/accounts/{account}/credit-entries")(_account_with_credit)


async def _one_credit(school: School) -> Right:
    _, credit = await _credit(school)
    return Right({"credit": credit})


case("GET /credits/v1/credits/{credit}")(_one_credit)
case("GET /credits/v1/credits/{credit}/journal")(_one_credit)


read("GET /credits/v1/credits/due")


async def _deposit(school: School, account: Account | None = None) -> str:
    """A deposit that became a credit."""
    if account is None:
        account, _line = await _credit(school)  # credits knows the account, since it has granted it one
    body = {"origin": "deposit", "amount": money(4_000), "reason": "Before they chose", "method": "cheque"}
    made = await school.desk.send(f"/credits/v1/accounts/{account.id}/credits", body)
    credit: str = made.body["id"]
    return credit


@case("POST /credits/v1/credits/{credit}/reversal")
async def _(school: School) -> Right:
    return Right({"credit": await _deposit(school)}, {"amount": money(100), "reason": "bounced_cheque"}, 1)


@case("POST /credits/v1/credits/{credit}/due-settlements")
async def _(school: School) -> Right:
    account, _line = await _credit(school)
    credit, contract = await _deposit(school, account), await school.contract(account)
    use = {"credit": credit, "amount": money(4_000)}
    path = f"/payments/v1/schedules/{contract.id}/credit-uses"
    await school.desk.send(path, use, version=contract.schedule["version"])
    await school.desk.send(f"/credits/v1/credits/{credit}/reversal", {"reason": "bounced_cheque"}, version=2)
    return Right({"credit": credit}, {"amount": money(100), "how": "paid", "reason": "In cash"}, 3)


@case("POST /credits/v1/accounts/{account}/credits")
async def _(school: School) -> Right:
    account, _line = await _credit(school)
    deposit = {"method": "cheque", "received_on": "2026-01-15"}
    return Right(
        {"account": account.id}, {"origin": "deposit", "amount": money(4_000), "reason": "Before they chose", **deposit}
    )


@case("POST /credits/v1/credits/{credit}/adjustments")
async def _(school: School) -> Right:
    _, credit = await _credit(school)
    return Right({"credit": credit}, {"amount": money(-200), "reason": "Counted wrong"}, 1)


async def _holdings(school: School, account: Account) -> Json:
    """What an account has once its contract is paid, as credits has it."""
    held: list[Json] = []

    async def issued() -> bool:
        path = f"/credits/v1/accounts/{account.id}/holdings"
        try:
            held[:] = (await school.desk.read(path)).body["items"]
        except RefusedError:
            return False
        return bool(held)

    await eventually(issued, "what was sold exists")
    return held[0]


async def _voucher(school: School, **bought: Any) -> tuple[Account, Json]:
    """A gift voucher that somebody bought and paid, as credits has it."""
    account = await school.family("Faure")
    details = {"kind": "gift_voucher", "products": [school.products["course"].id]}
    product = await school.desk.sell("A course to give", details, 30_000)
    opened = await school.desk.open(account.id, AT_ONCE, [{**product.bought(), **bought}])
    contract = await school.followed(opened.body["id"])
    await school.desk.pay(contract.id, 30_000)
    return account, (await _holdings(school, account))["voucher"]


@case("GET /credits/v1/accounts/{account}/holdings")
async def _(school: School) -> Right:
    account, _held = await _voucher(school)
    return Right({"account": account.id})


@case("POST /credits/v1/vouchers/check", clients=True)
async def _(school: School) -> Right:
    _, voucher = await _voucher(school)
    return Right(body={"code": voucher["code"]})


async def _one_voucher(school: School) -> Right:
    _, voucher = await _voucher(school)
    return Right({"voucher": voucher["id"]}, version=voucher["version"])


case("GET /credits/v1/vouchers/{voucher}")(_one_voucher)
case("GET /credits/v1/vouchers/{voucher}/pdf")(_one_voucher)
case("GET /credits/v1/vouchers/{voucher}/journal")(_one_voucher)
case("POST /credits/v1/vouchers/{voucher}/sendings")(_one_voucher)


@case("PUT /credits/v1/vouchers/{voucher}/sending-day")
async def _(school: School) -> Right:
    _, voucher = await _voucher(school, **_later(60))
    return Right({"voucher": voucher["id"]}, {"on": _later(90)["send_on"]}, voucher["version"])


def _later(days: int) -> Json:
    """The day of a gift's mail."""
    return {"send_on": (utc_now() + timedelta(days=days)).date().isoformat()}


async def _one_card(school: School, **bought: Any) -> Right:
    """A gift card that somebody bought and paid, as credits has it."""
    account = await school.family("Blanc")
    details = {"kind": "gift_card", "minimum": money(1_000), "maximum": money(20_000)}
    product = await school.desk.sell("A gift card", details, 5_000)
    opened = await school.desk.open(account.id, AT_ONCE, [{**product.bought(), **bought}])
    contract = await school.followed(opened.body["id"])
    await school.desk.pay(contract.id, 5_000)
    card = (await _holdings(school, account))["gift_card"]
    return Right({"card": card["id"]}, version=card["version"])


case("GET /credits/v1/gift-cards/{card}")(_one_card)
case("GET /credits/v1/gift-cards/{card}/pdf")(_one_card)
case("POST /credits/v1/gift-cards/{card}/sendings")(_one_card)


case("GET /credits/v1/gift-cards/{card}/journal")(_one_card)


@case("POST /credits/v1/gift-cards/{card}/adjustments")
async def _(school: School) -> Right:
    card = await _one_card(school)
    return Right(card.path, {"amount": money(-200), "reason": "Counted wrong"}, card.version)


@case("PUT /credits/v1/gift-cards/{card}/sending-day")
async def _(school: School) -> Right:
    card = await _one_card(school, **_later(60))
    return Right(card.path, {"on": _later(90)["send_on"]}, card.version)


async def _pack(school: School) -> tuple[Account, Json]:
    """A session pack that a family bought and paid, as credits has it."""
    account = await school.family("Petit")
    details = {"kind": "session_pack", "sessions": 10, "months": 3, "starts": "first_use"}
    product = await school.desk.sell("Ten lessons", details, 12_000)
    opened = await school.desk.open(account.id, AT_ONCE, [product.bought()])
    contract = await school.followed(opened.body["id"])
    await school.desk.pay(contract.id, 12_000)
    return account, (await _holdings(school, account))["pack"]


async def _one_pack(school: School) -> Right:
    _, pack = await _pack(school)
    return Right({"pack": pack["id"]}, version=pack["version"])


@case("GET /credits/v1/accounts/{account}/session-packs")
async def _(school: School) -> Right:
    account, _ = await _pack(school)
    return Right({"account": account.id})


@case("POST /credits/v1/accounts/{account}/session-uses")
async def _(school: School) -> Right:
    account, pack = await _pack(school)
    return Right({"account": account.id}, {"member": account.owner, "pack": pack["id"]})


async def _use(school: School) -> tuple[Account, Json]:
    """A session that somebody took of a pack."""
    account, _ = await _pack(school)
    path = f"/credits/v1/accounts/{account.id}/session-uses"
    taken = await school.desk.send(path, {"member": account.owner})
    return account, taken.body["use"]


@case("GET /credits/v1/accounts/{account}/session-uses")
async def _(school: School) -> Right:
    account, _ = await _use(school)
    return Right({"account": account.id})


@case("POST /credits/v1/session-uses/{use}/cancellation")
async def _(school: School) -> Right:
    _, use = await _use(school)
    return Right({"use": use["id"]})


@case("POST /credits/v1/session-packs/{pack}/adjustments")
async def _(school: School) -> Right:
    _, pack = await _pack(school)
    return Right({"pack": pack["id"]}, {"sessions": -1, "reason": "Came twice on Monday"}, pack["version"])


case("GET /credits/v1/session-packs/{pack}")(_one_pack)
case("GET /credits/v1/session-packs/{pack}/entries")(_one_pack)
case("GET /credits/v1/session-packs/{pack}/journal")(_one_pack)


async def _credit_use(school: School) -> Right:
    """A credit of an account, and another contract of it that is to be paid with it."""
    account, credit = await _credit(school)
    contract = await school.contract(account)
    body = {"credit": credit, "amount": money(1_000)}
    return Right({"contract": contract.id}, body, contract.schedule["version"])


async def _credit_used(school: School) -> Right:
    right = await _credit_use(school)
    path = f"/payments/v1/schedules/{right.path['contract']}/credit-uses"
    answer = (await school.desk.send(path, right.body, version=right.version)).body
    return Right({**right.path, "request": answer.get("use", answer)["id"]})


for _tail in ("", "/preview"):
    case(f"POST /payments/v1/schedules/{{contract}}/credit-uses{_tail}")(_credit_use)
case("GET /payments/v1/schedules/{contract}/credit-uses")(_credit_used)
case("GET /payments/v1/schedules/{contract}/credit-uses/{request}")(_credit_used)
