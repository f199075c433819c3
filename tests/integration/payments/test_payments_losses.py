"""What the bank took back that contracts no longer had, over HTTP, until it is dealt with (PAY-9, PAY-13)."""

from typing import Any

import httpx

from carnet import parking
from carnet.events import credits
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.receipts.store import LOSSES, PAYMENTS
from payments.refunds.store import Losses
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.received_records import SALE_DAY, Credit, Family, Story, organisation_record
from tests.records import record
from tests.refused import problem

SUPPORT = "payments:read payments:correct"
DEALT: dict[str, Any] = {"reason": "The family paid it at the desk of Paul."}


async def lost(desk: Desk, payments: Payments, family: Family, amount: int = 900) -> tuple[Story, str, int]:
    """A contract that was paid by cheque and cancelled, the money made a credit, and the cheque bounced."""
    story = Story(family)
    await payments.handles(story.opened(amount))
    paid = await desk.pay(story.contract, amount, version=1, method="cheque")
    payment = paid.json()["payment"]["id"]
    await payments.handles(story.changed(0))
    path, version = f"/v1/schedules/{story.contract}", (await payments.schedule(story.contract)).version
    body = {"amount": euros(amount), "how": "converted"}
    settled = await desk.post(f"{path}/settlements", body, version=version)
    version = settled.json()["schedule"]["version"]
    bounced = {"reason": "bounced_cheque"}
    done = await desk.post(f"{path}/payments/{payment}/reversal", bounced, version=version)
    assert done.json()["reversal"]["beyond"] == euros(amount), done.text
    return story, payment, done.json()["schedule"]["version"]


async def resolve(
    desk: Desk, story: Story, payment: str, *, version: int, body: Any = DEALT, scopes: str = SUPPORT, **more: Any
) -> httpx.Response:
    path = f"/v1/schedules/{story.contract}/payments/{payment}/loss/resolution"
    return await desk.post(path, body, version=version, scopes=scopes, **more)


async def listed(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    answer = await desk.get("/v1/losses", desk.headers("payments:read"), **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_pay_9_a_loss_is_listed_and_filtered_until_it_is_dealt_with(
    desk: Desk, payments: Payments, family: Family
) -> None:
    other = Family(payments.organisation, owner_name=("Ada", "Bernard"))
    await payments.handles(family.changed(1), other.changed(1))
    story, payment, version = await lost(desk, payments, family)
    await lost(desk, payments, other, 400)
    await payments.handles(Story(family).opened(100))
    first, second = await listed(desk)
    assert first | {"received_on": None} == {
        "payment": payment,
        "contract": story.contract,
        "number": None,
        "account": family.account,
        "account_number": None,
        "owner": "Inès Martin",
        "lost": euros(900),
        "beyond": euros(900),
        "method": "cheque",
        "received_on": None,
        "schedule_version": version,
    }
    assert (second["owner"], second["lost"]) == ("Ada Bernard", euros(400))
    assert [each["payment"] for each in await listed(desk, account=family.account)] == [payment]
    page = (await desk.get("/v1/losses", limit=1)).json()
    rest = (await desk.get("/v1/losses", limit=1, cursor=page["next"])).json()
    assert [each["lost"] for each in (*page["items"], *rest["items"])] == [euros(900), euros(400)]
    rows = (await desk.get("/v1/follow-up", status="lost", sort="paid")).json()["items"]
    assert sorted(row["lost"]["amount"] for row in rows) == [400, 900]
    of_account = (await desk.get(f"/v1/accounts/{family.account}/losses")).json()
    assert of_account == {"account": family.account, "lost": euros(900), "payments": 1}
    assert (await desk.get(f"/v1/schedules/{story.contract}")).json()["lost"] == euros(900)

    before = await payments.schedule(story.contract)
    done = await resolve(desk, story, payment, version=version)
    assert done.status_code == 200, done.text
    assert (done.json()["resolution"]["amount"], done.json()["resolution"]["reason"]) == (euros(900), DEALT["reason"])
    after = await payments.schedule(story.contract)
    assert (after.balance, after.lost, after.version) == (before.balance, 0, version + 1)
    (row,) = (await payments.published(story.contract))[-1:]
    assert (row["type"].split(".")[2], row["data"]["amount"], row["data"]["left"]) == ("LossResolved", 900, 0)
    assert "Paul" not in str(row)
    assert [each["lost"] for each in await listed(desk)] == [euros(400)]
    assert [row["lost"] for row in (await desk.get("/v1/follow-up", status="lost")).json()["items"]] == [euros(400)]
    of_account = (await desk.get(f"/v1/accounts/{family.account}/losses")).json()
    assert of_account == {"account": family.account, "lost": euros(0), "payments": 0}
    problem(await resolve(desk, story, payment, version=version + 1), 409, "nothing-lost")
    (paid,) = (await desk.get(f"/v1/schedules/{story.contract}/payments")).json()["items"]
    assert (paid["beyond"], paid["lost"]) == (euros(900), euros(0))

    await payments.handles(family.changed(2, erased=[family.child]))
    assert "Paul" not in str(await payments.database[PAYMENTS.name].find_one({"_id": payment}))


async def test_pay_9_what_is_refused_changes_nothing(desk: Desk, payments: Payments, family: Family) -> None:
    await payments.handles(family.changed(1))
    story, payment, version = await lost(desk, payments, family)
    _, of_another, _ = await lost(desk, payments, family)
    neighbour = new_id()
    await payments.handles(organisation_record(neighbour))
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"payment": new_id()}, 404, "unknown-payment"),
        ({"payment": of_another}, 404, "unknown-payment"),
        ({"organisation": neighbour}, 404, "unknown-schedule"),
        ({"body": {"reason": ""}}, 422, "request-invalid"),
        ({"body": {"reason": "x", "amount": euros(1)}}, 422, "request-invalid"),
        ({"version": version - 1}, 412, "version-moved"),
        ({"scopes": "payments:read payments:collect"}, 403, "scope-missing"),
        ({"kind": "client", "account": family.account}, 403, "staff-only"),
    ]
    for fields, status, slug in cases:
        usual: dict[str, Any] = {"payment": payment, "version": version}
        problem(await resolve(desk, story, **(usual | fields)), status, slug)
    assert (await payments.schedule(story.contract)).version == version
    assert await payments.database[ROWS].count_documents({"aggregate": story.contract}) == version

    nobody = desk.headers("payments:read", organisation=neighbour)
    assert (await desk.get("/v1/losses", nobody)).json()["items"] == []
    problem(await desk.get(f"/v1/accounts/{family.account}/losses", nobody), 404, "unknown-account")
    problem(await desk.get(f"/v1/accounts/{new_id()}/losses"), 404, "unknown-account")
    client = desk.headers("payments:read", kind="client", account=family.account)
    problem(await desk.get("/v1/losses", client), 403, "staff-only")
    problem(await desk.get(f"/v1/accounts/{family.account}/losses", client), 403, "staff-only")


async def test_losses_are_found_by_their_index_and_those_of_before_too(
    desk: Desk, payments: Payments, family: Family
) -> None:
    _, payment, _ = await lost(desk, payments, family)
    await payments.database[PAYMENTS.name].update_one({"_id": payment}, {"$unset": {"lost": 1, "resolved": 1}})
    assert [each["lost"] for each in await listed(desk)] == [euros(900)]
    query = Losses(payments.organisation).query()
    found = payments.database[PAYMENTS.name].find(query).sort("_id", 1).hint(LOSSES)
    plan = stages((await found.explain())["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert not {"COLLSCAN", "SORT"} & plan


async def test_pay_13_what_credits_took_from_the_credit_that_it_became_is_lost_no_more(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await lost(desk, payments, family)
    credit = Credit(family, amount=900)
    taken = credits.CreditTakenBack(
        credit=credit.credit,
        account=family.account,
        amount=600,
        left=0,
        due=0,
        currency="EUR",
        contract=story.contract,
        payment=payment,
        effective_on=SALE_DAY,
    )
    published = record(taken, aggregate=credit.credit, sequence=1, organisation=family.organisation)
    await payments.handles(published, published)
    (row,) = await listed(desk)
    assert (row["lost"], row["schedule_version"]) == (euros(300), version + 1)
    schedule = await payments.schedule(story.contract)
    assert (schedule.lost, (await payments.row(story.contract)).lost) == (300, 300)
    done = await resolve(desk, story, payment, version=version + 1)
    assert done.json()["resolution"]["amount"] == euros(300)
    assert await parking.listing(payments.database) == []
