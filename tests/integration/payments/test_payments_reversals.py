"""Payments that the bank took back, entered by staff over HTTP, and their previews (PAY-13)."""

import asyncio
from typing import Any

import httpx
import pytest

from carnet.events.contracts import Instalments, OnSite
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.receipts.store import PAYMENTS
from payments.refunds.store import REVERSAL_ORDER, REVERSALS
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.received_records import SALE_DAY, Family, Story
from tests.refused import problem

SUPPORT = "payments:read payments:correct"
AT_THE_DESK = "payments:read payments:collect"
BOUNCED: dict[str, Any] = {"reason": "bounced_cheque"}


async def paid_by_cheque(
    desk: Desk, payments: Payments, family: Family, mode: str = "online", amount: int = 900
) -> tuple[Story, str, int]:
    """A contract of 900 of which a cheque has paid that amount; the payment, and the version of the schedule."""
    story = Story(family)
    await payments.handles(story.opened(900, OnSite() if mode == "on_site" else Instalments(count=1), mode=mode))
    answer = await desk.pay(story.contract, amount, version=1, method="cheque")
    assert answer.status_code == 201, answer.text
    return story, answer.json()["payment"]["id"], (await payments.schedule(story.contract)).version


async def reverse(
    desk: Desk,
    story: Story,
    payment: str,
    body: dict[str, Any] = BOUNCED,
    *,
    version: int = 3,
    scopes: str = SUPPORT,
    tail: str = "",
    **more: Any,
) -> httpx.Response:
    path = f"/v1/schedules/{story.contract}/payments/{payment}/reversal{tail}"
    return await desk.post(path, body, version=version, scopes=scopes, **more)


def anonymous(moment: dict[str, Any]) -> dict[str, Any]:
    """A moment less the ids of its instalments, which a preview makes anew."""
    return {
        "balance": moment["balance"],
        "instalments": [each | {"id": None} for each in moment["instalments"]],
    }


@pytest.mark.parametrize("mode", ["online", "on_site"])
@pytest.mark.parametrize("body", [BOUNCED, {"reason": "other", "amount": euros(250)}])
async def test_con_3_a_reversal_does_what_its_preview_showed(
    desk: Desk, payments: Payments, family: Family, mode: str, body: dict[str, Any]
) -> None:
    story, payment, version = await paid_by_cheque(desk, payments, family, mode)
    scopes = SUPPORT if mode == "online" else AT_THE_DESK
    answer = await reverse(desk, story, payment, body, tail="/preview", scopes="payments:read")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["schedule_version"], shown["beyond"]) == (version, euros(0))
    assert (await payments.schedule(story.contract)).version == version
    assert await payments.database[REVERSALS.name].count_documents({}) == 0

    done = await reverse(desk, story, payment, body, version=version, scopes=scopes)
    assert done.status_code == 201, done.text
    assert anonymous(done.json()["schedule"]) == anonymous(shown["after"])
    amount = body.get("amount", euros(900))["amount"]
    after = await payments.schedule(story.contract)
    assert (after.paid, after.planned + after.unscheduled) == (900 - amount, amount)
    if mode == "online":
        (again,) = after.instalments
        assert (again.due, again.amount, again.on_request, again.collect_on) == (SALE_DAY, amount, True, None)
    else:
        assert (after.instalments, after.unscheduled) == ((), amount)
    assert done.json()["payment"]["reversed"] == euros(amount)
    assert await payments.names_published(story.contract) == [
        "ScheduleCreated",
        "PaymentCollected",
        "ContractPaid",
        "PaymentReversed",
        "ContractReopened",
    ]
    published = (await payments.published(story.contract))[3]["data"]
    assert (published["payment"], published["amount"], published["method"]) == (payment, amount, "cheque")
    assert (published["reason"], published["beyond"], published["balance"]["paid"]) == (body["reason"], 0, 900 - amount)
    (kept,) = (await desk.get(f"/v1/schedules/{story.contract}/reversals")).json()["items"]
    assert kept == done.json()["reversal"]
    assert (kept["payment"], kept["amount"], kept["beyond"]) == (payment, euros(amount), euros(0))
    assert (kept["reversed_on"], kept["recorded_by"]) == (SALE_DAY.isoformat(), "user:staff-1")
    row = await payments.row(story.contract)
    assert (row.paid, row.due, row.open) == (900 - amount, amount, True)


async def test_pay_13_a_refund_line_is_reduced_first(desk: Desk, payments: Payments, family: Family) -> None:
    story, payment, version = await paid_by_cheque(desk, payments, family, amount=1500)
    body = {"reason": "bounced_cheque", "amount": euros(800)}
    done = await reverse(desk, story, payment, body, version=version)
    balance = {name: money["amount"] for name, money in done.json()["schedule"]["balance"].items()}
    assert (balance["paid"], balance["refund_due"], balance["planned"]) == (700, 0, 200)
    assert (await payments.names_published(story.contract))[-3:] == [
        "PaymentReversed",
        "RefundLineDropped",
        "ContractReopened",
    ]
    assert (await payments.row(story.contract)).refund_since is None


async def test_pay_13_what_was_settled_before_stays_visible_and_leaves_the_balance_alone(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await paid_by_cheque(desk, payments, family)
    await payments.handles(story.changed(0))
    settlement = {"amount": euros(600), "how": "converted"}
    path = f"/v1/schedules/{story.contract}/settlements"
    settled = await desk.post(path, settlement, version=version + 2, scopes=SUPPORT)
    assert settled.status_code == 201, settled.text
    version = settled.json()["schedule"]["version"]
    shown = (await reverse(desk, story, payment, tail="/preview", scopes="payments:read")).json()
    assert (shown["beyond"], shown["after"]["balance"]["paid"]) == (euros(600), euros(0))
    done = (await reverse(desk, story, payment, version=version)).json()
    assert (done["reversal"]["amount"], done["reversal"]["beyond"]) == (euros(900), euros(600))
    assert {name for name, money in done["schedule"]["balance"].items() if money["amount"]} == set()
    assert (done["payment"]["reversed"], done["payment"]["beyond"]) == (euros(300), euros(600))
    assert (await payments.published(story.contract))[-2]["data"]["beyond"] == 600
    problem(await reverse(desk, story, payment, version=version + 2), 409, "more-than-payment")


async def test_pay_13_what_a_rule_refuses_is_refused_by_command_and_preview_alike(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await paid_by_cheque(desk, payments, family)
    other, of_another, _ = await paid_by_cheque(desk, payments, family)
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        (payment, {**BOUNCED, "amount": euros(901)}, 409, "more-than-payment"),
        (payment, {**BOUNCED, "amount": {"amount": 1, "currency": "CHF"}}, 422, "other-currency"),
        (new_id(), BOUNCED, 404, "unknown-payment"),
        (of_another, BOUNCED, 404, "unknown-payment"),
    ]
    for named, body, status, slug in cases:
        for tail in ("", "/preview"):
            problem(await reverse(desk, story, named, body, version=version, tail=tail), status, slug)
    for contract in (story.contract, other.contract):
        assert (await payments.schedule(contract)).version == version
        assert await payments.database[ROWS].count_documents({"aggregate": contract}) == version
    assert await payments.database[REVERSALS.name].count_documents({}) == 0
    assert await payments.database[PAYMENTS.name].count_documents({"reversed": {"$gt": 0}}) == 0


async def test_org_3_online_only_support_and_on_site_only_the_desk(
    desk: Desk, payments: Payments, family: Family
) -> None:
    for mode, allowed, other in (("online", "correct", "collect"), ("on_site", "collect", "correct")):
        story, payment, version = await paid_by_cheque(desk, payments, family, mode)
        answer = await reverse(desk, story, payment, version=version, scopes=f"payments:read payments:{other}")
        assert problem(answer, 403, "scope-missing")["params"] == {"scope": f"payments:{allowed}"}
        client = {"kind": "client", "account": family.account, "scopes": f"{SUPPORT} {AT_THE_DESK}"}
        for tail in ("", "/preview"):
            problem(await reverse(desk, story, payment, version=version, tail=tail, **client), 403, "staff-only")
        assert (await payments.schedule(story.contract)).version == version
        done = await reverse(desk, story, payment, version=version, scopes=f"payments:{allowed}")
        assert done.status_code == 201, done.text
        seen = await desk.get(
            f"/v1/schedules/{story.contract}/reversals",
            desk.headers("payments:read", kind="client", account=family.account),
        )
        assert len(seen.json()["items"]) == 1


async def test_a_double_click_reverses_once_and_an_older_version_nothing(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await paid_by_cheque(desk, payments, family)
    key, body = new_id(), {"reason": "chargeback", "amount": euros(300)}
    answers = await asyncio.gather(
        *(reverse(desk, story, payment, body, version=version, key=key) for _ in range(3)),
        *(reverse(desk, story, payment, body, version=version) for _ in range(2)),
    )
    assert {answer.status_code for answer in answers} <= {201, 412}
    assert (await payments.schedule(story.contract)).paid == 600
    assert await payments.database[REVERSALS.name].count_documents({}) == 1


async def test_reversals_are_listed_in_order_page_by_page_and_by_their_index(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await paid_by_cheque(desk, payments, family)
    for amount in (100, 200, 300):
        body = {"reason": "other", "amount": euros(amount), "another": amount > 100}
        done = await reverse(desk, story, payment, body, version=version)
        assert done.status_code == 201, done.text
        version = done.json()["schedule"]["version"]
    path = f"/v1/schedules/{story.contract}/reversals"
    first = (await desk.get(path, limit=2)).json()
    rest = (await desk.get(path, limit=2, cursor=first["next"])).json()
    amounts = [each["amount"]["amount"] for each in (*first["items"], *rest["items"])]
    assert (amounts, rest["next"]) == ([100, 200, 300], None)
    query = {"organisation": payments.organisation, "contract": story.contract}
    plan = (await payments.database[REVERSALS.name].find(query).sort(REVERSAL_ORDER).explain())["queryPlanner"]
    assert not {"COLLSCAN", "SORT"} & stages(plan["winningPlan"])
