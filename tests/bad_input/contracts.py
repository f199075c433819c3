"""A request that is right for each route of accounts and contracts."""

from datetime import timedelta

from carnet.dates import utc_now
from carnet_play.story.desk import Account, Json, money
from tests.bad_input.cases import Right, case, read
from tests.builders import AT_ONCE, IN_THREE, Contract, School

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


async def an_account(school: School) -> Right:
    account, _version = await _family(school)
    return Right({"account": account.id})


case("GET /contracts/v1/accounts/{account}")(an_account)
case("GET /contracts/v1/accounts/{account}/journal")(an_account)
case("GET /contracts/v1/accounts/{account}/contracts")(an_account)
case("GET /contracts/v1/accounts/{account}/purchases")(an_account)
case("GET /contracts/v1/accounts/{account}/subscriptions")(an_account)
case("GET /contracts/v1/accounts/{account}/registrations")(an_account)


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


async def _bought(school: School) -> Right:
    await _contract(school)
    return Right({"product": school.products["course"].id})


for _ending in ("", ".csv"):
    case(f"GET /contracts/v1/products/{{product}}/participants{_ending}")(_bought)
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
