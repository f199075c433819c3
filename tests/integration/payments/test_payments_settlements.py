"""Refund lines settled over HTTP, listed until they are, and their previews (PAY-3, PAY-4)."""

import asyncio
from typing import Any

import httpx
import pytest

from carnet.events.contracts import AtOnce, OnSite
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.collection.store.orders import ORDERS
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.store import PAYMENTS
from payments.refunds.store import REFUND_LINE_ORDER, SETTLEMENTS, refund_line_query
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.received_records import SALE_DAY, Family, Story, clock_at, organisation_record
from tests.refused import problem

SUPPORT = "payments:read payments:correct"
AT_THE_DESK = "payments:read payments:collect"


async def collected_online(payments: Payments, *ids: str) -> None:
    """Let these payments be ones that a provider collected."""
    for id_ in ids:
        collected = {"provider": "sandbox", "reference": f"ch_{id_[-6:]}", "payment_method": new_id()}
        await payments.database[PAYMENTS.name].update_one({"_id": id_}, {"$set": collected})


@pytest.fixture
async def owing(desk: Desk, payments: Payments, family: Family) -> Story:
    """An online contract of 900, paid in three collected payments of 300, that has fallen to 400: at version 6."""
    story = Story(family)
    await payments.handles(family.changed(1))
    await payments.handles(story.opened(900))
    paid = [await desk.pay(story.contract, 300, version=version) for version in (1, 2, 3)]
    await collected_online(payments, *(answer.json()["payment"]["id"] for answer in paid))
    await payments.handles(story.changed(400, change=CHANGE))
    return story


CHANGE = new_id()
VERSION = 7
"""Of the schedule: created, three payments, paid, adjusted, refund line created."""


async def settle(
    desk: Desk, story: Story, body: dict[str, Any], *, version: int = VERSION, scopes: str = SUPPORT, **more: Any
) -> httpx.Response:
    path = f"/v1/schedules/{story.contract}/settlements"
    return await desk.post(path, body, version=version, scopes=scopes, **more)


async def listed(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    answer = await desk.get("/v1/refund-lines", desk.headers("payments:read"), **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


BODIES: dict[str, dict[str, Any]] = {
    "refunded": {"amount": euros(400), "how": "refunded"},
    "converted": {"amount": euros(500), "how": "converted", "reason": "The family stays."},
    "on_site": {"amount": euros(1), "how": "on_site"},
    "waived": {"amount": euros(500), "how": "waived", "reason": "Given to the school."},
}


@pytest.mark.parametrize("how", BODIES)
async def test_con_3_a_settlement_does_what_its_preview_showed(
    desk: Desk, payments: Payments, owing: Story, how: str
) -> None:
    body, before = BODIES[how], await payments.schedule(owing.contract)
    assert (before.version, before.refund_due) == (VERSION, 500)
    path = f"/v1/schedules/{owing.contract}/settlements/preview"
    answer = await desk.client.post(path, json=body, headers=desk.headers("payments:read"))
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["schedule_version"] == VERSION
    assert await payments.schedule(owing.contract) == before
    assert await payments.database[SETTLEMENTS.name].count_documents({}) == 0
    assert await payments.database[PAYMENTS.name].count_documents({"refunded": {"$gt": 0}}) == 0

    done = await settle(desk, owing, body)
    assert (done.status_code, done.headers["etag"]) == (201, f'"{VERSION + 1}"'), done.text
    settled = done.json()
    assert settled["schedule"]["balance"] == shown["after"]["balance"]
    assert settled["settlement"]["payments"] == shown["payments"]
    amount = body["amount"]["amount"]
    after = await payments.schedule(owing.contract)
    assert (after.paid, after.refund_due, after.version) == (900 - amount, 500 - amount, VERSION + 1)
    assert settled["settlement"] | {"id": None, "credit": None, "settled_at": None} == {
        "id": None,
        "contract": owing.contract,
        "amount": body["amount"],
        "how": how,
        "method": None,
        "reason": body.get("reason"),
        "credit": None,
        "payments": shown["payments"],
        "failed": euros(0),
        "voided": None,
        "settled_on": SALE_DAY.isoformat(),
        "settled_at": None,
        "settled_by": "user:staff-1",
    }
    (kept,) = (await desk.get(f"/v1/schedules/{owing.contract}/settlements")).json()["items"]
    assert kept == settled["settlement"]
    published = (await payments.published(owing.contract))[-1]
    assert published["type"].split(".")[2] == "RefundLineSettled"
    assert (published["data"]["settlement"], published["data"]["how"]) == (kept["id"], how)
    assert (published["data"]["amount"], published["data"]["left"]) == (amount, 500 - amount)
    assert published["data"]["credit"] == kept["credit"]
    assert (kept["credit"] is not None) == (how == "converted")


async def test_pay_4_the_latest_payments_are_refunded_first_and_none_more_than_it_brought(
    desk: Desk, payments: Payments, owing: Story
) -> None:
    paid = (await desk.get(f"/v1/schedules/{owing.contract}/payments")).json()["items"]
    first = (await settle(desk, owing, {"amount": euros(400), "how": "refunded"})).json()
    expected = [(paid[2]["id"], 300), (paid[1]["id"], 100)]
    assert [(each["payment"], each["amount"]["amount"]) for each in first["settlement"]["payments"]] == expected
    orders = await payments.database[ORDERS.name].find({"contract": owing.contract}).sort("_id", 1).to_list(None)
    assert [(each["kind"], each["payment"], each["amount"], each["status"]) for each in orders] == [
        ("refund", paid[2]["id"], 300, "asked"),
        ("refund", paid[1]["id"], 100, "asked"),
    ]
    assert [each["charge"] for each in orders] == [paid[2]["reference"], paid[1]["reference"]]
    second = await settle(desk, owing, {"amount": euros(100), "how": "refunded"}, version=VERSION + 1)
    assert [each["payment"] for each in second.json()["settlement"]["payments"]] == [paid[1]["id"]]
    now = (await desk.get(f"/v1/schedules/{owing.contract}/payments")).json()["items"]
    assert [each["refunded"]["amount"] for each in now] == [0, 200, 300]
    settled = (await desk.get(f"/v1/schedules/{owing.contract}/settlements", limit=1)).json()
    assert settled["items"] == [first["settlement"]]
    rest = (await desk.get(f"/v1/schedules/{owing.contract}/settlements", cursor=settled["next"])).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)


async def test_pay_4_what_was_not_collected_online_is_not_refunded_to_the_payment_method(
    desk: Desk, payments: Payments, owing: Story
) -> None:
    paid = (await desk.get(f"/v1/schedules/{owing.contract}/payments")).json()["items"]
    await payments.database[PAYMENTS.name].update_many(
        {"_id": {"$in": [paid[0]["id"], paid[2]["id"]]}}, {"$set": {"provider": None}}
    )
    for tail in ("", "/preview"):
        path = f"/v1/schedules/{owing.contract}/settlements{tail}"
        body = {"amount": euros(301), "how": "refunded"}
        answer = await desk.post(path, body, version=VERSION, scopes=SUPPORT)
        refused = problem(answer, 409, "not-refundable-online")
        assert refused["params"] == {"amount": 301, "most": 300}
    await nothing_settled(payments, owing)


async def nothing_settled(payments: Payments, story: Story) -> None:
    assert (await payments.schedule(story.contract)).version == VERSION
    assert await payments.database[SETTLEMENTS.name].count_documents({}) == 0
    assert await payments.database[PAYMENTS.name].count_documents({"refunded": {"$gt": 0}}) == 0
    assert await payments.database[ROWS].count_documents({"aggregate": story.contract}) == VERSION


async def test_pay_4_what_a_rule_refuses_is_refused_by_command_and_preview_alike(
    desk: Desk, payments: Payments, owing: Story
) -> None:
    for body, status, slug, params in (
        (
            {"amount": euros(501), "how": "on_site"},
            409,
            "more-than-to-refund",
            {"amount": 501, "most": 500, "processing": 0},
        ),
        ({"amount": euros(500), "how": "waived"}, 422, "reason-missing", {}),
        ({"amount": euros(400), "how": "refunded", "method": "cash"}, 422, "method-not-on-site", {"field": "method"}),
        ({"amount": euros(500), "how": "waived", "reason": "  "}, 422, "reason-missing", {}),
        (
            {"amount": {"amount": 5, "currency": "CHF"}, "how": "on_site"},
            422,
            "other-currency",
            {"currency": "CHF", "expected": "EUR"},
        ),
    ):
        for tail in ("", "/preview"):
            path = f"/v1/schedules/{owing.contract}/settlements{tail}"
            answer = await desk.post(path, body, version=VERSION, scopes=SUPPORT)
            assert problem(answer, status, slug).get("params", {}) == params, body
    await nothing_settled(payments, owing)


async def test_org_3_online_only_support_settles_and_on_site_only_the_desk(
    desk: Desk, payments: Payments, owing: Story, family: Family
) -> None:
    body = {"amount": euros(100), "how": "on_site"}
    refused = problem(await settle(desk, owing, body, scopes=AT_THE_DESK), 403, "scope-missing")
    assert refused["params"] == {"scope": "payments:correct"}
    await nothing_settled(payments, owing)
    on_site = Story(family)
    await payments.handles(on_site.opened(900, OnSite(), mode="on_site"))
    await desk.pay(on_site.contract, 1000, version=1)
    version = (await payments.schedule(on_site.contract)).version
    refused = problem(await settle(desk, on_site, body, version=version, scopes=SUPPORT), 403, "scope-missing")
    assert refused["params"] == {"scope": "payments:collect"}
    done = await settle(desk, on_site, body, version=version, scopes="payments:collect")
    assert done.status_code == 201, done.text
    assert done.json()["schedule"]["balance"]["refund_due"] == euros(0)
    supported = await settle(desk, owing, body, scopes="payments:correct", kind="support", sub="helpdesk-3")
    assert supported.json()["settlement"]["settled_by"] == "support:helpdesk-3"
    assert (await payments.published(owing.contract))[-1]["actor"] == "support:helpdesk-3"


async def test_org_2_a_client_settles_nothing_and_sees_its_settlements_without_what_staff_wrote(
    desk: Desk, payments: Payments, owing: Story, family: Family
) -> None:
    client = {"kind": "client", "account": family.account}
    for tail in ("", "/preview"):
        path = f"/v1/schedules/{owing.contract}/settlements{tail}"
        scopes = f"{SUPPORT} payments:collect"
        answer = await desk.post(path, BODIES["waived"], version=VERSION, scopes=scopes, **client)
        problem(answer, 403, "staff-only")
    problem(await desk.get("/v1/refund-lines", desk.headers(SUPPORT, **client)), 403, "staff-only")
    await nothing_settled(payments, owing)
    await settle(desk, owing, BODIES["waived"])
    path = f"/v1/schedules/{owing.contract}/settlements"
    (seen,) = (await desk.get(path, desk.headers("payments:read", **client))).json()["items"]
    assert (seen["amount"], seen["how"], seen["reason"]) == (euros(500), "waived", None)
    other = desk.headers("payments:read", kind="client", account=new_id())
    problem(await desk.get(path, other), 404, "unknown-schedule")


async def test_a_double_click_settles_once(desk: Desk, payments: Payments, owing: Story) -> None:
    key, body = new_id(), BODIES["refunded"]
    answers = await asyncio.gather(*(settle(desk, owing, body, key=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (await payments.schedule(owing.contract)).paid == 500
    assert await payments.database[SETTLEMENTS.name].count_documents({}) == 1


async def test_con_3_what_was_decided_on_an_older_schedule_is_refused(
    desk: Desk, payments: Payments, owing: Story
) -> None:
    answers = await asyncio.gather(*(settle(desk, owing, BODIES["refunded"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]
    refunded = [each["refunded"] async for each in payments.database[PAYMENTS.name].find({})]
    assert sum(refunded) == 400


async def test_pay_4_a_supplement_first_reduces_a_line_not_yet_settled(
    desk: Desk, payments: Payments, owing: Story
) -> None:
    await settle(desk, owing, {"amount": euros(100), "how": "on_site"})
    await payments.handles(owing.changed(700))
    after = await payments.schedule(owing.contract)
    assert (after.refund_due, after.paid, after.planned) == (100, 800, 0)
    await payments.handles(owing.changed(1000))
    after = await payments.schedule(owing.contract)
    assert (after.refund_due, after.paid, after.planned) == (0, 800, 200)


# The list of what awaits correction


async def test_pay_3_a_line_is_listed_with_its_cause_until_it_is_settled(
    desk: Desk, payments: Payments, owing: Story, family: Family
) -> None:
    (line,) = await listed(desk)
    assert line == {
        "contract": owing.contract,
        "number": None,
        "account": family.account,
        "account_number": None,
        "owner": "Inès Martin",
        "mode": "online",
        "amount": euros(500),
        "settleable": euros(500),
        "processing": euros(0),
        "since": SALE_DAY.isoformat(),
        "cause": {"kind": "change", "id": CHANGE},
        "schedule_version": VERSION,
    }
    (row,) = (await desk.get("/v1/follow-up", status="awaiting_correction")).json()["items"]
    assert (row["awaiting_correction"], row["to_refund_since"]) == (euros(500), SALE_DAY.isoformat())
    await payments.handles(organisation_record(payments.organisation, 2, clock_ahead=clock_at(SALE_DAY) + 9 * 86_400))
    await settle(desk, owing, {"amount": euros(200), "how": "on_site"})
    (line,) = await listed(desk)
    assert (line["amount"], line["since"]) == (euros(300), SALE_DAY.isoformat())
    assert (line["cause"]["id"], line["schedule_version"]) == (CHANGE, VERSION + 1)
    await settle(desk, owing, {"amount": euros(300), "how": "converted"}, version=VERSION + 1)
    assert await listed(desk) == []
    assert (await desk.get("/v1/follow-up", status="awaiting_correction")).json()["items"] == []


@pytest.fixture
async def many(desk: Desk, payments: Payments, family: Family) -> list[str]:
    """Contracts with refund lines, in the order in which these were made, every third on site."""
    stories = [Story(family) for _ in range(7)]
    await payments.handles(family.changed(1))
    for number, story in enumerate(stories):
        mode, sale = ("on_site", OnSite()) if number % 3 == 0 else ("online", AtOnce())
        await payments.handles(story.opened(100, sale, mode=mode))
    made = [stories[number] for number in (3, 0, 6, 1, 5, 2, 4)]
    for story in made:
        await desk.pay(story.contract, 150, version=1)
    return [story.contract for story in made]


async def test_the_oldest_line_is_listed_first_page_by_page(desk: Desk, many: list[str]) -> None:
    seen: list[str] = []
    answer = (await desk.get("/v1/refund-lines", limit=3)).json()
    while answer["next"]:
        seen += [line["contract"] for line in answer["items"]]
        answer = (await desk.get("/v1/refund-lines", limit=3, cursor=answer["next"])).json()
    assert seen + [line["contract"] for line in answer["items"]] == many
    online = await listed(desk, mode="online")
    on_site = await listed(desk, mode="on_site")
    assert (len(online), len(on_site)) == (4, 3)
    assert {line["mode"] for line in online} == {"online"}
    assert [line["contract"] for line in on_site] == [each for each in many if each in many[:3]]
    assert {line["cause"]["kind"] for line in online} == {"payment"}


async def test_lines_from_before_their_day_was_kept_are_listed_first(
    desk: Desk, payments: Payments, many: list[str]
) -> None:
    old = sorted(many[4:6])
    rows = payments.database[FOLLOW_UPS.name]
    await rows.update_many(
        {"_id": {"$in": old}}, {"$unset": {"refund_since": "", "refund_noted_at": "", "refund_cause": ""}}
    )
    seen: list[dict[str, Any]] = []
    answer = (await desk.get("/v1/refund-lines", limit=1)).json()
    while answer["next"]:
        seen += answer["items"]
        answer = (await desk.get("/v1/refund-lines", limit=1, cursor=answer["next"])).json()
    seen += answer["items"]
    assert [line["contract"] for line in seen] == [*old, *(each for each in many if each not in old)]
    assert [(line["since"], line["cause"]) for line in seen[:2]] == [(None, None)] * 2


async def test_org_1_the_lines_of_another_organisation_are_not_listed(
    desk: Desk, payments: Payments, many: list[str]
) -> None:
    neighbour = new_id()
    await payments.handles(organisation_record(neighbour))
    answer = await desk.get("/v1/refund-lines", desk.headers(organisation=neighbour))
    assert answer.json() == {"items": [], "next": None}


async def test_the_list_is_read_by_its_index(payments: Payments, many: list[str]) -> None:
    for mode, after in ((None, None), ("online", None), (None, ("2026-11-21T00:00:00.000000Z", new_id()))):
        query = refund_line_query(payments.organisation, mode, after)
        cursor = payments.database[FOLLOW_UPS.name].find(query).sort(REFUND_LINE_ORDER).limit(51)
        plan = stages((await cursor.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert not {"COLLSCAN", "SORT"} & plan, (mode, after, plan)


async def test_a_line_that_waits_on_a_collection_says_how_little_can_be_settled(
    desk: Desk, payments: Payments, owing: Story
) -> None:
    await payments.database[FOLLOW_UPS.name].update_one({"_id": owing.contract}, {"$set": {"processing": 380}})
    (line,) = await listed(desk)
    assert (line["amount"], line["processing"], line["settleable"]) == (euros(500), euros(380), euros(120))


async def test_org_4_where_a_person_is_erased_so_is_what_staff_wrote(
    desk: Desk, payments: Payments, owing: Story, family: Family
) -> None:
    await settle(desk, owing, BODIES["waived"])
    await payments.handles(family.changed(2, erased=[family.child]))
    (kept,) = (await desk.get(f"/v1/schedules/{owing.contract}/settlements")).json()["items"]
    assert (kept["reason"], kept["amount"]) == (None, euros(500))
