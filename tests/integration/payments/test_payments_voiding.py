"""Wrong entries over HTTP: payments that staff recorded, settlements on site or waived, are voided (PAY-19)."""

import asyncio
from typing import Any

import httpx
import pytest

from carnet.events.contracts import Instalments, OnSite
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.receipts.store import PAYMENTS
from payments.refunds.store import SETTLEMENTS
from payments.schedules.store import SCHEDULES
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Credit, Family, Story, organisation_record
from tests.refused import problem

SUPPORT = "payments:read payments:correct"
AT_THE_DESK = "payments:read payments:collect"
SLIP: dict[str, Any] = {"reason": "Typed 500 for 50, says Paul."}


async def entered(
    desk: Desk, payments: Payments, family: Family, amount: int = 500, *, mode: str = "online"
) -> tuple[Story, str, int]:
    """A contract of 600 on which staff entered an amount; the payment, and the version of the schedule."""
    story = Story(family)
    await payments.handles(story.opened(600, OnSite() if mode == "on_site" else Instalments(count=5), mode=mode))
    done = await desk.pay(story.contract, amount, version=1)
    assert done.status_code == 201, done.text
    return story, done.json()["payment"]["id"], (await payments.schedule(story.contract)).version


async def void(
    desk: Desk, story: Story, what: str, *, version: int, scopes: str = SUPPORT, tail: str = "", **more: Any
) -> httpx.Response:
    path = f"/v1/schedules/{story.contract}/{what}/voiding{tail}"
    return await desk.post(path, more.pop("body", SLIP), version=version, scopes=scopes, **more)


@pytest.mark.parametrize("mode", ["online", "on_site"])
@pytest.mark.parametrize("amount", [50, 500, 900])
async def test_pay_19_what_an_entry_took_is_back_as_its_preview_showed(
    desk: Desk, payments: Payments, family: Family, mode: str, amount: int
) -> None:
    story, payment, version = await entered(desk, payments, family, amount, mode=mode)
    scopes = SUPPORT if mode == "online" else AT_THE_DESK
    what = f"payments/{payment}"
    answer = await void(desk, story, what, version=version, tail="/preview", scopes="payments:read")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (await payments.schedule(story.contract)).version == shown["schedule_version"] == version

    done = await void(desk, story, what, version=version, scopes=scopes)
    assert done.status_code == 200, done.text
    after = done.json()["schedule"]
    assert (after["balance"], after["instalments"]) == (shown["after"]["balance"], shown["after"]["instalments"])
    schedule = await payments.schedule(story.contract)
    assert (schedule.paid, schedule.refund_due, schedule.left) == (0, 0, 600)
    if mode == "online":
        assert [each.amount for each in schedule.instalments] == [120] * 5
    else:
        assert schedule.unscheduled == 600
    voided = done.json()["payment"]["voided"]
    assert (voided["reason"], done.headers["etag"]) == (SLIP["reason"], f'"{schedule.version}"')
    (listed,) = (await desk.get(f"/v1/schedules/{story.contract}/payments")).json()["items"]
    assert listed["voided"] == voided
    client = desk.headers("payments:read", kind="client", account=family.account)
    (seen,) = (await desk.get(f"/v1/schedules/{story.contract}/payments", client)).json()["items"]
    assert seen["voided"] == voided | {"reason": None}
    for row in await payments.published(story.contract):
        assert "Paul" not in str(row)
    problem(await void(desk, story, what, version=schedule.version, scopes=scopes), 409, "already-voided")


@pytest.mark.parametrize("how", ["on_site", "waived"])
async def test_pay_19_a_settlement_that_never_was_is_to_be_refunded_again(
    desk: Desk, payments: Payments, family: Family, how: str
) -> None:
    story, _, version = await entered(desk, payments, family, 600)
    await payments.handles(story.changed(200))
    path = f"/v1/schedules/{story.contract}/settlements"
    body = {"amount": euros(300), "how": how, "reason": "agreed"}
    settled = await desk.post(path, body, version=version + 2, scopes=SUPPORT)
    assert settled.status_code == 201, settled.text
    version, what = settled.json()["schedule"]["version"], f"settlements/{settled.json()['settlement']['id']}"
    shown = (await void(desk, story, what, version=version, tail="/preview")).json()
    done = await void(desk, story, what, version=version)
    assert done.status_code == 200, done.text
    assert done.json()["schedule"]["balance"] == shown["after"]["balance"]
    schedule = await payments.schedule(story.contract)
    assert (schedule.paid, schedule.refund_due) == (600, 400)
    assert done.json()["settlement"]["voided"]["reason"] == SLIP["reason"]
    assert (await payments.names_published(story.contract))[-2:] == ["SettlementVoided", "RefundLineChanged"]
    problem(await void(desk, story, what, version=schedule.version), 409, "already-voided")


async def test_pay_19_what_a_rule_refuses_is_refused_by_command_and_preview_alike(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await entered(desk, payments, family, 900)
    _, of_another, _ = await entered(desk, payments, family)
    path = f"/v1/schedules/{story.contract}/settlements"
    settled = await desk.post(path, {"amount": euros(200), "how": "converted"}, version=version, scopes=SUPPORT)
    version, settlement = settled.json()["schedule"]["version"], settled.json()["settlement"]["id"]
    cases: list[tuple[str, Any, int, str]] = [
        (f"payments/{payment}", SLIP, 409, "left-again"),
        (f"payments/{payment}", {"reason": ""}, 422, "request-invalid"),
        (f"payments/{payment}", {}, 422, "request-invalid"),
        (f"payments/{new_id()}", SLIP, 404, "unknown-payment"),
        (f"payments/{of_another}", SLIP, 404, "unknown-payment"),
        (f"settlements/{settlement}", SLIP, 409, "settlement-handed-over"),
        (f"settlements/{settlement}", {"reason": " "}, 422, "request-invalid"),
        (f"settlements/{new_id()}", SLIP, 404, "unknown-settlement"),
    ]
    for what, body, status, slug in cases:
        for tail in ("", "/preview"):
            problem(await void(desk, story, what, version=version, body=body, tail=tail), status, slug)
    collected = {"provider": "sandbox", "reference": "ch_1", "payment_method": new_id()}
    await payments.database[PAYMENTS.name].update_one({"_id": payment}, {"$set": collected})
    for tail in ("", "/preview"):
        answer = await void(desk, story, f"payments/{payment}", version=version, tail=tail)
        problem(answer, 409, "not-recorded-by-staff")
    foreign = {"organisation": new_id()}
    await payments.handles(organisation_record(foreign["organisation"]))
    for what, slug in ((f"payments/{payment}", "unknown-schedule"), (f"settlements/{settlement}", "unknown-schedule")):
        for tail in ("", "/preview"):
            problem(await void(desk, story, what, version=version, tail=tail, **foreign), 404, slug)
    assert (await payments.schedule(story.contract)).version == version
    assert await payments.database[ROWS].count_documents({"aggregate": story.contract}) == version
    for collection in (PAYMENTS, SETTLEMENTS):
        assert await payments.database[collection.name].count_documents({"voided": {"$ne": None}}) == 0


async def test_org_3_online_only_support_and_on_site_only_the_desk(
    desk: Desk, payments: Payments, family: Family
) -> None:
    for mode, allowed, other in (("online", "correct", "collect"), ("on_site", "collect", "correct")):
        story, payment, version = await entered(desk, payments, family, mode=mode)
        what = f"payments/{payment}"
        answer = await void(desk, story, what, version=version, scopes=f"payments:read payments:{other}")
        assert problem(answer, 403, "scope-missing")["params"] == {"scope": f"payments:{allowed}"}
        client = {"kind": "client", "account": family.account, "scopes": f"{SUPPORT} {AT_THE_DESK}"}
        for tail in ("", "/preview"):
            problem(await void(desk, story, what, version=version, tail=tail, **client), 403, "staff-only")
        problem(await void(desk, story, what, version=version - 1, scopes=f"payments:{allowed}"), 412, "version-moved")
        assert (await void(desk, story, what, version=version, scopes=f"payments:{allowed}")).status_code == 200


async def test_a_double_click_voids_once(desk: Desk, payments: Payments, family: Family) -> None:
    story, payment, version = await entered(desk, payments, family)
    key = new_id()
    answers = await asyncio.gather(
        *(void(desk, story, f"payments/{payment}", version=version, key=key) for _ in range(3)),
        *(void(desk, story, f"payments/{payment}", version=version) for _ in range(2)),
    )
    assert {answer.status_code for answer in answers} <= {200, 412}
    assert (await payments.names_published(story.contract)).count("PaymentVoided") == 1


async def test_pay_19_the_payment_of_a_credit_that_pays_elsewhere_is_not_voided(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, payment, version = await entered(desk, payments, family, 600)
    credit, course = Credit(family), Story(family)
    await payments.handles(credit.sold_by(story.contract))
    await payments.handles(course.opened(900))
    what = f"payments/{payment}"
    assert (await void(desk, story, what, version=version, tail="/preview")).status_code == 200, "it is not used yet"
    body = {"credit": credit.credit, "amount": euros(100)}
    asked = await desk.post(f"/v1/schedules/{course.contract}/credit-uses", body, version=1)
    assert asked.status_code == 202, asked.text
    for tail in ("", "/preview"):
        refused = problem(await void(desk, story, what, version=version, tail=tail), 409, "credit-spent")
        assert refused["params"] == {"payment": payment, "credit": credit.credit}
    await payments.handles(credit.used(course.contract, asked.json()["id"], 100))
    problem(await void(desk, story, what, version=version), 409, "credit-spent")
    await payments.handles(course.changed(0))  # what the credit paid goes back to it
    assert (await void(desk, story, what, version=version)).status_code == 200


async def test_org_4_where_a_person_is_erased_so_is_what_staff_wrote_and_whose_cheque_it_was(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed(1))
    story = Story(family)
    await payments.handles(story.opened(600))
    cheque = {"due": "2026-12-05", "amount": euros(100), "bank": "Nord", "holder": "Inès Martin"}
    held = await desk.post(f"/v1/schedules/{story.contract}/cheques", {"cheques": [cheque]}, version=1)
    instalment = next(each["id"] for each in held.json()["instalments"] if each["held"])
    paid = await desk.pay(story.contract, 100, version=2, method="cheque", instalment=instalment)
    payment = paid.json()["payment"]["id"]
    version = paid.json()["schedule"]["version"]
    assert (await void(desk, story, f"payments/{payment}", version=version)).status_code == 200
    kept = await payments.database[PAYMENTS.name].find_one({"_id": payment})
    assert "Martin" in str(kept)
    await payments.handles(family.changed(2, erased=[family.child]))
    for collection in (PAYMENTS, SCHEDULES):
        for document in await payments.database[collection.name].find({}).to_list(None):
            assert "Martin" not in str(document)
            assert "Paul" not in str(document)
    (shown,) = (await desk.get(f"/v1/schedules/{story.contract}/payments")).json()["items"]
    assert shown["voided"]["reason"] is None
