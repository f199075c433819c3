"""Payments and cheques over HTTP do what their previews showed; an amount far above the rest is confirmed (PAY-7)."""

from typing import Any

import pytest

from carnet.events.contracts import OnSite
from carnet.journal import ROWS
from payments.receipts.store import PAYMENTS
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Credit, Family, Story
from tests.refused import problem

CHEQUES = {"cheques": [{"due": "2026-12-05", "amount": euros(100), "bank": "Nord", "holder": "Inès"}]}


def anonymous(moment: dict[str, Any]) -> dict[str, Any]:
    """A moment less the ids of its instalments, which a preview makes anew."""
    return {"balance": moment["balance"], "instalments": [each | {"id": None} for each in moment["instalments"]]}


@pytest.mark.parametrize("amount", [100, 300, 750, 900, 1500])
async def test_con_3_a_payment_does_what_its_preview_showed(
    desk: Desk, payments: Payments, family: Family, amount: int
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    path, body = f"/v1/schedules/{story.contract}/payments", {"amount": euros(amount), "method": "transfer"}
    answer = await desk.post(f"{path}/preview", body, scopes="payments:read")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["schedule_version"], shown["given_back"]) == (1, [])
    assert (await payments.schedule(story.contract)).version == 1
    assert await payments.database[PAYMENTS.name].count_documents({}) == 0
    done = await desk.post(path, body, version=1)
    assert done.status_code == 201, done.text
    assert anonymous(done.json()["schedule"]) == anonymous(shown["after"])


async def test_cre_6_the_preview_of_an_overpayment_shows_what_goes_back_to_credits(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, credit = Story(family), Credit(family)
    await payments.handles(story.opened(900))
    await payments.handles(credit.issued())
    path = f"/v1/schedules/{story.contract}"
    used = await desk.post(f"{path}/credit-uses", {"credit": credit.credit, "amount": euros(500)}, version=1)
    await payments.handles(credit.used(story.contract, used.json()["id"], 500))
    body = {"amount": euros(1000), "method": "cash"}
    shown = (await desk.post(f"{path}/payments/preview", body)).json()
    assert shown["given_back"] == [{"credit": credit.credit, "amount": euros(500)}]
    done = await desk.post(f"{path}/payments", body, version=shown["schedule_version"])
    assert done.json()["schedule"]["balance"] == shown["after"]["balance"]
    back = [row["data"] for row in await payments.published(story.contract) if "CreditGivenBack" in row["type"]]
    assert [(each["credit"], each["amount"]) for each in back] == [(credit.credit, 500)]


async def test_con_3_holding_cheques_does_what_its_preview_showed(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    path = f"/v1/schedules/{story.contract}/cheques"
    shown = (await desk.post(f"{path}/preview", CHEQUES, scopes="payments:read")).json()
    assert (await payments.schedule(story.contract)).version == shown["schedule_version"] == 1
    done = await desk.post(path, CHEQUES, version=1)
    assert anonymous(done.json()) == anonymous(shown["after"])
    too_many = {"cheques": CHEQUES["cheques"] * 9}
    for tail in ("", "/preview"):
        problem(await desk.post(f"{path}{tail}", too_many, version=2), 409, "more-than-due")


@pytest.mark.parametrize("mode", ["online", "on_site"])
async def test_pay_7_an_amount_far_above_what_is_left_is_refused_until_it_is_confirmed(
    desk: Desk, payments: Payments, family: Family, mode: str
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900, OnSite() if mode == "on_site" else None, mode=mode))
    await desk.pay(story.contract, 300, version=1)
    path, body = f"/v1/schedules/{story.contract}/payments", {"amount": euros(1501), "method": "cash"}
    for tail in ("", "/preview"):
        refused = problem(await desk.post(f"{path}{tail}", body, version=2), 409, "far-above-due")
        assert (refused["rule"], refused["params"]) == ("PAY-7", {"amount": 1501, "due": 600, "most": 1500})
    assert await payments.database[ROWS].count_documents({"aggregate": story.contract}) == 2
    assert (await desk.post(f"{path}/preview", body | {"amount": euros(1500)})).status_code == 200, "the bound itself"
    confirmed = body | {"overpayment_confirmed": True}
    assert (await desk.post(f"{path}/preview", confirmed)).status_code == 200
    done = await desk.post(path, confirmed, version=2)
    assert done.json()["schedule"]["balance"]["refund_due"] == euros(901), done.text


async def test_org_3_on_site_what_leaves_the_till_as_a_credit_needs_the_right_to_adjust_credits(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900, OnSite(), mode="on_site"))
    await desk.pay(story.contract, 1000, version=1)
    path, body = f"/v1/schedules/{story.contract}/settlements", {"amount": euros(60), "how": "converted"}
    version = (await payments.schedule(story.contract)).version
    desk_alone = "payments:read payments:collect"
    refused = problem(await desk.post(path, body, version=version, scopes=desk_alone), 403, "scope-missing")
    assert refused["params"] == {"scope": "credits:adjust"}
    assert (await payments.schedule(story.contract)).version == version
    handed = await desk.post(path, body | {"how": "on_site"}, version=version, scopes=desk_alone)
    assert handed.status_code == 201, handed.text
    body = {"amount": euros(40), "how": "converted"}
    done = await desk.post(path, body, version=version + 1, scopes=f"{desk_alone} credits:adjust")
    assert done.status_code == 201, done.text
