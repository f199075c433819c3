"""A request that is right for each route of schedules, payments and collecting."""

from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case, read
from tests.builders import ON_SITE, School


async def _scheduled(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    return Right({"contract": contract.id}, None, contract.schedule["version"])


case("GET /payments/v1/schedules/{contract}")(_scheduled)
case("GET /payments/v1/schedules/{contract}/payments")(_scheduled)
case("GET /payments/v1/schedules/{contract}/journal")(_scheduled)
case("GET /payments/v1/schedules/{contract}/explanation")(_scheduled)


async def _stated(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    return Right({"account": contract.schedule["account"]})


for _ending in ("", ".csv", ".pdf"):
    case(f"GET /payments/v1/accounts/{{account}}/statement{_ending}")(_stated)


@case("POST /payments/v1/accounts/{account}/statement/sendings")
async def _(school: School) -> Right:
    return Right((await _stated(school)).path, {"since": "2026-01-01", "until": "2040-12-31"})


read("GET /payments/v1/follow-up")
read("GET /payments/v1/follow-up.csv")
read("GET /payments/v1/figures")
read("GET /payments/v1/payments")
read("GET /payments/v1/cheques")
read("GET /payments/v1/cheques.csv")
read("GET /payments/v1/cheques.pdf")
read("GET /payments/v1/receipts")
read("GET /payments/v1/receipts.csv")
read("GET /payments/v1/receipts/sums")
read("GET /payments/v1/takings")
read("GET /payments/v1/takings/sum")
read("GET /payments/v1/bank-deposits")


async def _received(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    payment = {
        "amount": money(4_000),
        "method": "cheque",
        "received_on": "2026-01-15",
        "instalment": contract.schedule["instalments"][0]["id"],
    }
    return Right({"contract": contract.id}, payment, contract.schedule["version"])


async def _held(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"), sale=ON_SITE, mode="on_site")
    cheque = {"due": "2040-02-28", "amount": money(10_000), "bank": "Crédit du Nord", "holder": "Alix Leroy"}
    return Right({"contract": contract.id}, {"cheques": [cheque]}, contract.schedule["version"])


for _tail in ("", "/preview"):
    case(f"POST /payments/v1/schedules/{{contract}}/payments{_tail}")(_received)
    case(f"POST /payments/v1/schedules/{{contract}}/cheques{_tail}")(_held)


async def _upcoming(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    first = contract.schedule["instalments"][0]["id"]
    return Right({"contract": contract.id, "instalment": first}, None, contract.schedule["version"])


async def _upcoming_changed(school: School) -> Right:
    upcoming = await _upcoming(school)
    body = {"amount": money(1_000), "due": "2040-02-28", "method": "transfer"}
    return Right(upcoming.path, body, upcoming.version)


async def _planned(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"), sale=ON_SITE, mode="on_site")
    body = {"count": 3, "first_due": "2040-01-31"}
    return Right({"contract": contract.id}, body, contract.schedule["version"])


for _tail in ("", "/preview"):
    case(f"POST /payments/v1/schedules/{{contract}}/instalments/{{instalment}}/changes{_tail}")(_upcoming_changed)
    case(f"POST /payments/v1/schedules/{{contract}}/instalments/{{instalment}}/cancellation{_tail}")(_upcoming)
    case(f"POST /payments/v1/schedules/{{contract}}/planning{_tail}")(_planned)


@case("POST /payments/v1/schedules/preview", clients=True)
async def _(_school: School) -> Right:
    sale = {"start": "instalments", "count": 4, "first_due": "2027-10-05"}
    body = {"mode": "online", "sale": sale, "total": money(9_000), "live_lines": 2, "effective_on": "2027-09-05"}
    return Right(body=body)


@case("POST /payments/v1/schedules/{contract}/preview", behind=True)
async def _(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    body = {
        "contract_version": contract.version,
        "total": money(9_000),
        "live_lines": 2,
        "effective_on": "2027-09-05",
    }
    return Right({"contract": contract.id}, body)


read("GET /payments/v1/cheques")
read("GET /payments/v1/cheques.csv")


async def _instalment(school: School, body: Json | None) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    path = {"contract": contract.id, "instalment": contract.schedule["instalments"][1]["id"]}
    return Right(path, body, contract.schedule["version"])


async def _changed_instalment(school: School) -> Right:
    return await _instalment(school, {"amount": money(4_000), "due": "2040-02-28", "method": "transfer"})


async def _cancelled_instalment(school: School) -> Right:
    return await _instalment(school, None)


case("POST /payments/v1/schedules/{contract}/instalments/{instalment}/changes")(_changed_instalment)
case("POST /payments/v1/schedules/{contract}/instalments/{instalment}/changes/preview")(_changed_instalment)
case("POST /payments/v1/schedules/{contract}/instalments/{instalment}/cancellation")(_cancelled_instalment)
case("POST /payments/v1/schedules/{contract}/instalments/{instalment}/cancellation/preview")(_cancelled_instalment)


async def _planning(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"), sale=ON_SITE, mode="on_site")
    body = {"count": 3, "first_due": "2040-02-28"}
    return Right({"contract": contract.id}, body, contract.schedule["version"])


case("POST /payments/v1/schedules/{contract}/planning")(_planning)
case("POST /payments/v1/schedules/{contract}/planning/preview")(_planning)


async def _overpaid(school: School) -> tuple[Right, str]:
    """A contract with a refund line of 2,000, and its payment."""
    contract = await school.contract(await school.family("Leroy"))
    paid = await school.desk.pay(contract.id, 32_000)
    return Right({"contract": contract.id}, None, paid.version), paid.body["payment"]["id"]


async def _settled(school: School) -> Right:
    overpaid, _ = await _overpaid(school)
    body = {"amount": money(500), "how": "waived", "reason": "Agreed with the family."}
    return Right(overpaid.path, body, overpaid.version)


async def _reversed(school: School) -> Right:
    overpaid, payment = await _overpaid(school)
    body = {"amount": money(2_500), "reason": "bounced_cheque"}
    return Right({**overpaid.path, "payment": payment}, body, overpaid.version)


WRONG_ENTRY: Json = {"reason": "Typed 320 for 32."}


async def _voided(school: School) -> Right:
    overpaid, payment = await _overpaid(school)
    return Right({**overpaid.path, "payment": payment}, WRONG_ENTRY, overpaid.version)


async def _voided_settlement(school: School) -> Right:
    settled = await _settled(school)
    path = f"/payments/v1/schedules/{settled.path['contract']}/settlements"
    done = await school.desk.send(path, settled.body, version=settled.version)
    return Right({**settled.path, "settlement": done.body["settlement"]["id"]}, WRONG_ENTRY, done.version)


@case("POST /payments/v1/schedules/{contract}/payments/{payment}/loss/resolution")
async def _(school: School) -> Right:
    """A refund line of 2,000 was waived, and the bank took the whole payment back."""
    overpaid, payment = await _overpaid(school)
    path = f"/payments/v1/schedules/{overpaid.path['contract']}"
    waived = {"amount": money(2_000), "how": "waived", "reason": "Agreed with the family."}
    settled = await school.desk.send(f"{path}/settlements", waived, version=overpaid.version)
    bounced = {"reason": "bounced_cheque"}
    done = await school.desk.send(f"{path}/payments/{payment}/reversal", bounced, version=settled.version)
    return Right({**overpaid.path, "payment": payment}, {"reason": "The family has paid it."}, done.version)


@case("GET /payments/v1/accounts/{account}/losses")
async def _(school: School) -> Right:
    contract = await school.contract(await school.family("Leroy"))
    return Right({"account": contract.schedule["account"]})


read("GET /payments/v1/losses")
for _tail in ("", "/preview"):
    case(f"POST /payments/v1/schedules/{{contract}}/payments/{{payment}}/voiding{_tail}")(_voided)
    case(f"POST /payments/v1/schedules/{{contract}}/settlements/{{settlement}}/voiding{_tail}")(_voided_settlement)
    case(f"POST /payments/v1/schedules/{{contract}}/settlements{_tail}")(_settled)
    case(f"POST /payments/v1/schedules/{{contract}}/payments/{{payment}}/reversal{_tail}")(_reversed)
case("GET /payments/v1/schedules/{contract}/settlements")(_scheduled)
case("GET /payments/v1/schedules/{contract}/reversals")(_scheduled)
read("GET /payments/v1/refund-lines")


CARD: Json = {"provider": "sandbox", "kind": "card", "token": "tok_success", "label": "Visa •••• 4242", "default": True}


async def _payer(school: School) -> Right:
    contract = await school.contract(await school.family("Petit"))
    account = contract.schedule["account"]
    await school.desk.send(f"/payments/v1/accounts/{account}/payment-methods", CARD)
    kept = await school.desk.read(f"/payments/v1/accounts/{account}/payment-methods")
    path = {"account": account, "contract": contract.id, "method": kept.body["methods"][0]["id"]}
    path["instalment"] = contract.schedule["instalments"][1]["id"]
    return Right(path, None, contract.schedule["version"])


@case("POST /payments/v1/accounts/{account}/payment-methods")
async def _(school: School) -> Right:
    return Right((await _payer(school)).path, {**CARD, "token": "tok_insufficient_funds"})


case("GET /payments/v1/accounts/{account}/payment-methods")(_payer)
case("GET /payments/v1/accounts/{account}/payment-methods/journal")(_payer)
case("POST /payments/v1/accounts/{account}/payment-methods/{method}/default")(_payer)
case("DELETE /payments/v1/accounts/{account}/payment-methods/{method}")(_payer)
case("POST /payments/v1/schedules/{contract}/instalments/{instalment}/collection")(_payer)
case("POST /payments/v1/schedules/{contract}/collection")(_payer)
case("GET /payments/v1/schedules/{contract}/attempts")(_payer)
read("POST /payments/v1/collections")
read("GET /payments/v1/collection-calendar")
read("GET /payments/v1/collection-calendar/journal")


@case("PUT /payments/v1/collection-calendar")
async def _(school: School) -> Right:
    # With no hour the school goes on collecting nothing automatically, which would change things beside other cases.
    now = await school.desk.read("/payments/v1/collection-calendar")
    return Right(body={"hour": None, "retry_after": [2, 5]}, version=now.version)
