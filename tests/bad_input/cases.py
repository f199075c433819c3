"""A request that is right for each route; every wrong one is made from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from carnet.dates import utc_now
from carnet_operations.services import SERVICES
from carnet_play.story.desk import Account, Json, RefusedError, money
from carnet_play.story.waiting import eventually
from tests.builders import AT_ONCE, IN_THREE, ON_SITE, Contract, School


@dataclass(frozen=True)
class Right:
    """A right request: the values of its path, its body where it takes one, the version that it has seen."""

    path: dict[str, str] = field(default_factory=dict)
    body: Json | None = None
    version: int | None = None


@dataclass(frozen=True)
class Case:
    """How a route's right request is made, and who may send it."""

    make: Callable[[School], Awaitable[Right]]
    clients: bool = False
    """Whether a client of another account may read it: what everybody may see."""
    behind: bool = False
    """Whether an unknown id is answered as one that has not been heard of yet: try again in a moment."""


CASES: dict[str, Case] = {}


def case(
    name: str, *, clients: bool = False, behind: bool = False
) -> Callable[[Callable[[School], Awaitable[Right]]], None]:
    """Register the right request of the route of that name."""

    def register(make: Callable[[School], Awaitable[Right]]) -> None:
        CASES[name] = Case(make, clients, behind)

    return register


def read(name: str, *, clients: bool = False) -> None:
    """Register a route that reads without an id."""

    async def right(_: School) -> Right:
        return Right()

    case(name, clients=clients)(right)


for _service in SERVICES:
    read(f"GET /{_service}/v1/today", clients=True)

# The catalog

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


async def _organisation_version(school: School) -> int:
    return (await school.desk.read("/catalog/v1/organisation")).version or 0


@case("PUT /catalog/v1/organisation")
async def _(school: School) -> Right:
    now = await school.desk.read("/catalog/v1/organisation")
    written = ("currency", "time_zone", "languages", "contact", "support_email", "mode")
    return Right(body={"name": "Pas de Trois", **{name: now.body[name] for name in written}}, version=now.version)


@case("POST /catalog/v1/organisation/clock")
async def _(school: School) -> Right:
    instant = (utc_now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Right(body={"now": instant}, version=await _organisation_version(school))


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


# Accounts

MEMBER: Json = {
    "kind": "adult",
    "first_name": "Sam",
    "last_name": "Petit",
    "email": "sam.petit@families.example",
    "phone": "+33 1 23 45 67 89",
    "birth_date": "1990-05-17",
    "tags": ["choir"],
    "notes": "Rings twice.",
}

read("GET /contracts/v1/accounts")


@case("POST /contracts/v1/accounts")
async def _(_school: School) -> Right:
    child = {"kind": "child", "first_name": "Lou", "last_name": "Petit"}
    return Right(body={"language": "fr", "tags": ["new"], "notes": "None yet.", "owner": MEMBER, "members": [child]})


async def _family(school: School) -> tuple[Account, int]:
    account = await school.family("Roux")
    return account, (await school.desk.read(f"/contracts/v1/accounts/{account.id}")).version or 0


async def _account(school: School) -> Right:
    account, _version = await _family(school)
    return Right({"account": account.id})


case("GET /contracts/v1/accounts/{account}")(_account)
case("GET /contracts/v1/accounts/{account}/journal")(_account)
case("GET /contracts/v1/accounts/{account}/contracts")(_account)
case("GET /contracts/v1/accounts/{account}/purchases")(_account)
case("GET /contracts/v1/accounts/{account}/subscriptions")(_account)


@case("PUT /contracts/v1/accounts/{account}")
async def _(school: School) -> Right:
    account, version = await _family(school)
    return Right({"account": account.id}, {"language": "en", "tags": ["loyal"], "notes": "Since 2020."}, version)


@case("POST /contracts/v1/accounts/{account}/members")
async def _(school: School) -> Right:
    account, version = await _family(school)
    return Right({"account": account.id}, MEMBER, version)


@case("PUT /contracts/v1/accounts/{account}/members/{member}")
async def _(school: School) -> Right:
    account, version = await _family(school)
    return Right({"account": account.id, "member": account.members["Dom"]}, MEMBER, version)


@case("POST /contracts/v1/accounts/{account}/owner")
async def _(school: School) -> Right:
    account, version = await _family(school)
    return Right({"account": account.id}, {"member": account.members["Dom"]}, version)


@case("POST /contracts/v1/accounts/{account}/erasure")
async def _(school: School) -> Right:
    account, version = await _family(school)
    return Right({"account": account.id}, {"member": account.members["Kim"]}, version)


# Contracts


async def _opening(school: School) -> Right:
    account = await school.family("Simon")
    sale = {"start": "deposit", "deposit": 5_000, "count": 3, "first_due": "2027-12-05"}
    discount = school.products["discount"].placed()
    bought = [school.bought("course", account), school.bought("credit", account)]
    bought[1] = {**bought[1], "beneficiary": account.id}
    return Right(body={"account": account.id, "mode": "online", "sale": sale, "add": bought, "discounts": [discount]})


read("GET /contracts/v1/contracts")
case("POST /contracts/v1/contracts")(_opening)
case("POST /contracts/v1/contracts/preview")(_opening)


async def _contract(school: School) -> Right:
    contract = await school.contract(await school.family("Simon"), "course", "workshop")
    return Right({"contract": contract.id}, None, contract.version)


case("GET /contracts/v1/contracts/{contract}")(_contract)
case("GET /contracts/v1/contracts/{contract}/journal")(_contract)


@case("GET /contracts/v1/contracts/{contract}/changes/{change}")
async def _(school: School) -> Right:
    right = await _change(school)
    path = f"/contracts/v1/contracts/{right.path['contract']}/changes"
    changed = await school.desk.send(path, right.body or {}, version=right.version)
    return Right({**right.path, "change": changed.body["change"]})


PLAN: Json = {"kind": "online_plan", "courses": ["harmony"], "settings": {"lessons": 5}, "months": 12}


async def _change(school: School) -> Right:
    account = await school.family("Simon")
    plan = await school.desk.sell("Harmony online", PLAN, 9_000, participant=True)
    studied = plan.bought(account.members["Kim"])
    bought = [school.bought("course", account), school.bought("workshop", account), studied]
    contract = await school.followed((await school.desk.open(account.id, IN_THREE, bought)).body["id"])
    edit = {"line": contract.lines["Ballet"], "price": money(28_000), "expires_on": "2028-06-30", "notes": "By hand."}
    body = {
        "cancel": [contract.lines["Tap"]],
        "edit": [edit],
        "add": [school.bought("workshop", account)],
        "plans": [{**plan.bought(), "line": contract.lines["Harmony online"]}],
        "discounts": [school.products["discount"].placed()],
        "schedule_version": contract.versions["schedule"],
    }
    return Right({"contract": contract.id}, body, contract.version)


case("POST /contracts/v1/contracts/{contract}/changes")(_change)
case("POST /contracts/v1/contracts/{contract}/changes/preview")(_change)


async def _cancellation(school: School) -> Right:
    contract = await school.contract(await school.family("Simon"), "course", "workshop")
    return Right({"contract": contract.id}, {"schedule_version": contract.versions["schedule"]}, contract.version)


case("POST /contracts/v1/contracts/{contract}/cancellation")(_cancellation)
case("POST /contracts/v1/contracts/{contract}/cancellation/preview")(_cancellation)


async def _subscribed(school: School) -> tuple[Contract, Json]:
    """A contract of a subscription that begins in sixty days, and what a confirmation names of its schedule."""
    account = await school.family("Simon")
    terms = {"unit": "month", "every": 1, "minimum": 2, "cancellation_fee": money(900), "pausable": True}
    details = {"kind": "subscription", **terms}
    studio = await school.desk.sell("Studio", details, 4_500)
    addition = {**studio.bought(), "first_day": (utc_now() + timedelta(days=60)).date().isoformat()}
    opened = await school.desk.open(account.id, AT_ONCE, [addition])
    contract = await school.followed(opened.body["id"])
    return contract, {"schedule_version": contract.versions["schedule"]}


async def _unsubscription(school: School) -> Right:
    contract, versions = await _subscribed(school)
    on = (utc_now() + timedelta(days=90)).date().isoformat()
    body = {"on": on, "by_days": True, "fee": money(500), "fee_name": "Fee"}
    return Right({"contract": contract.id}, {**body, **versions}, contract.version)


case("POST /contracts/v1/contracts/{contract}/subscription/cancellation")(_unsubscription)
case("POST /contracts/v1/contracts/{contract}/subscription/cancellation/preview")(_unsubscription)


async def _pause(school: School) -> Right:
    contract, versions = await _subscribed(school)
    on = (utc_now() + timedelta(days=60)).date().isoformat()
    return Right({"contract": contract.id}, {"on": on, "months": 2, **versions}, contract.version)


async def _new_price(school: School) -> Right:
    contract, versions = await _subscribed(school)
    on = (utc_now() + timedelta(days=90)).date().isoformat()
    return Right({"contract": contract.id}, {"on": on, "price": money(4_900), **versions}, contract.version)


async def _lifting(school: School) -> Right:
    contract, versions = await _subscribed(school)
    path = f"/contracts/v1/contracts/{contract.id}/subscription/pause"
    on = (utc_now() + timedelta(days=60)).date().isoformat()
    await school.desk.send(path, {"on": on, "months": None, **versions}, version=contract.version)
    contract = await school.followed(contract.id)
    on = (utc_now() + timedelta(days=120)).date().isoformat()
    body = {"on": on, "schedule_version": contract.versions["schedule"]}
    return Right({"contract": contract.id}, body, contract.version)


async def _wish(school: School) -> Right:
    contract, _ = await _subscribed(school)
    return Right({"contract": contract.id}, {"on": (utc_now() + timedelta(days=90)).date().isoformat()})


async def _wished(school: School) -> Right:
    asked = await _wish(school)
    path = f"/contracts/v1/contracts/{asked.path['contract']}"
    found = await school.desk.send(f"{path}/subscription/cancellation/request", asked.body)
    return Right(asked.path, None, found.version)


async def _withdrawn(school: School) -> Right:
    return Right((await _wished(school)).path)


case("POST /contracts/v1/contracts/{contract}/subscription/cancellation/request")(_wish)
case("DELETE /contracts/v1/contracts/{contract}/subscription/cancellation/request")(_withdrawn)
case("POST /contracts/v1/contracts/{contract}/subscription/cancellation/request/decline")(_wished)


for _ending in ("", "/preview"):
    case(f"POST /contracts/v1/contracts/{{contract}}/subscription/pause{_ending}")(_pause)
    case(f"POST /contracts/v1/contracts/{{contract}}/subscription/price{_ending}")(_new_price)
    case(f"POST /contracts/v1/contracts/{{contract}}/subscription/pause/lifting{_ending}")(_lifting)


# Payments


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
    """A contract on which a refund line of 2,000 stands, and its payment."""
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
    # With no hour the school goes on collecting nothing by itself, which would change things beside other cases.
    now = await school.desk.read("/payments/v1/collection-calendar")
    return Right(body={"hour": None, "retry_after": [2, 5]}, version=now.version)


# Credits


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


async def _voucher(school: School) -> tuple[Account, Json]:
    """A gift voucher that somebody bought and paid, as credits has it."""
    account = await school.family("Faure")
    details = {"kind": "gift_voucher", "products": [school.products["course"].id]}
    product = await school.desk.sell("A course to give", details, 30_000)
    opened = await school.desk.open(account.id, AT_ONCE, [product.bought()])
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


async def _one_card(school: School) -> Right:
    """A gift card that somebody bought and paid, as credits has it."""
    account = await school.family("Blanc")
    details = {"kind": "gift_card", "minimum": money(1_000), "maximum": money(20_000)}
    product = await school.desk.sell("A gift card", details, 5_000)
    opened = await school.desk.open(account.id, AT_ONCE, [product.bought()])
    contract = await school.followed(opened.body["id"])
    await school.desk.pay(contract.id, 5_000)
    card = (await _holdings(school, account))["gift_card"]
    return Right({"card": card["id"]}, version=card["version"])


case("GET /credits/v1/gift-cards/{card}")(_one_card)
case("GET /credits/v1/gift-cards/{card}/pdf")(_one_card)
case("POST /credits/v1/gift-cards/{card}/sendings")(_one_card)


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


# Notifications

read("GET /notifications/v1/mails")
read("GET /notifications/v1/templates")
case("GET /notifications/v1/accounts/{account}/mails")(_account)

WORDS: Json = {"subject": "Thank you", "body": "It is all paid. See you soon."}


async def _mail(school: School) -> Right:
    account = await school.family("Henry")
    await school.contract(account)
    mails: list[Json] = []

    async def sent() -> bool:
        try:
            mails[:] = (await school.desk.read(f"/notifications/v1/accounts/{account.id}/mails")).body["items"]
        except RefusedError:
            return False  # notifications has not heard of the account yet
        return bool(mails) and mails[0]["status"] == "sent"

    await eventually(sent, "the mail about the contract is sent")
    mail = await school.desk.read(f"/notifications/v1/mails/{mails[0]['id']}")
    return Right({"mail": mail.body["id"]}, None, mail.version)


case("GET /notifications/v1/mails/{mail}")(_mail)
case("GET /notifications/v1/mails/{mail}/letter")(_mail)


@case("POST /notifications/v1/mails/send-failed-again")
async def _(_: School) -> Right:
    return Right()


async def _job(school: School) -> Right:
    started = await school.desk.send("/notifications/v1/mails/send-failed-again", {})
    return Right({"job": started.body["id"]})


read("GET /notifications/v1/jobs")
case("GET /notifications/v1/jobs/{job}")(_job)
case("GET /notifications/v1/jobs/{job}/report")(_job)
case("POST /notifications/v1/jobs/{job}/cancel")(_job)
case("POST /notifications/v1/mails/{mail}/send-again")(_mail)


async def _template(school: School) -> Right:
    path = {"kind": "contract_paid", "language": "en"}
    now = await school.desk.read("/notifications/v1/templates/contract_paid/en")
    return Right(path, None, now.version)


case("GET /notifications/v1/templates/{kind}/{language}")(_template)


@case("PUT /notifications/v1/templates/{kind}/{language}")
async def _(school: School) -> Right:
    now = await _template(school)
    return Right(now.path, WORDS, now.version)


@case("DELETE /notifications/v1/templates/{kind}/{language}")
async def _(school: School) -> Right:
    now = await _template(school)
    changed = await school.desk.send(
        "/notifications/v1/templates/contract_paid/en",
        {**WORDS, "subject": f"Thank you, {now.version} times"},
        version=now.version,
        method="PUT",
    )
    return Right(now.path, None, changed.version)


@case("POST /notifications/v1/templates/{kind}/{language}/preview")
async def _(school: School) -> Right:
    return Right((await _template(school)).path, {"words": WORDS})
