"""The day in figures, and payments found by their reference (PAY-9)."""

from datetime import timedelta
from typing import Any

from carnet.events.contracts import AtOnce, Instalments, Later, OnSite
from carnet.ids import new_id
from payments.credit_uses.store import USE_REQUESTS
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.store import CHEQUES, PAYMENTS, REFERENCE_ORDER
from payments.schedules.store import SCHEDULES, TRIED
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.received_records import SALE_DAY, Credit, Family, Story, clock_at, organisation_record
from tests.refused import problem


def figure(count: int, amount: int) -> dict[str, Any]:
    return {"count": count, "amount": euros(amount)}


async def test_the_day_in_figures(desk: Desk, payments: Payments, family: Family) -> None:
    late, today, on_site, online, held, credited = (Story(family) for _ in range(6))
    await payments.handles(
        late.opened(900, Instalments(count=3)),
        today.opened(1000, Instalments(count=2, first_due=SALE_DAY + timedelta(days=40))),
        on_site.opened(500, OnSite(), mode="on_site"),
        online.opened(800, AtOnce()),
        held.opened(300, OnSite(), mode="on_site"),
        credited.opened(700, Later()),
    )
    await desk.pay(on_site.contract, 500, version=1)
    await desk.pay(online.contract, 800, version=1, method="transfer", received_on="2026-10-31")
    wrong = await desk.pay(late.contract, 50, version=1)
    path = f"/v1/schedules/{late.contract}/payments/{wrong.json()['payment']['id']}"
    assert (await desk.post(f"{path}/voiding", {"reason": "a slip"}, version=2)).status_code == 200
    back = await desk.pay(late.contract, 20, version=3, method="cheque")
    path = f"/v1/schedules/{late.contract}/payments/{back.json()['payment']['id']}"
    taken = {"amount": euros(20), "reason": "bounced_cheque"}
    assert (await desk.post(f"{path}/reversal", taken, version=4)).status_code == 201
    await payments.handles(on_site.changed(400), online.changed(500))
    cheque = {"due": "2026-12-31", "amount": euros(120), "bank": "Nord", "holder": "Inès Martin"}
    assert (await desk.post(f"/v1/schedules/{held.contract}/cheques", {"cheques": [cheque]}, version=1)).is_success
    credit = Credit(family)
    await payments.handles(credit.issued())
    used = {"credit": credit.credit, "amount": euros(150)}
    assert (await desk.post(f"/v1/schedules/{credited.contract}/credit-uses", used, version=1)).status_code == 202
    failed = {"$set": {"instalments.0.tries": 1}}
    await payments.database[SCHEDULES.name].update_one({"_id": late.contract}, failed)
    day = SALE_DAY + timedelta(days=40)
    await payments.handles(organisation_record(payments.organisation, 2, clock_ahead=clock_at(day)))

    shown = (await desk.get("/v1/figures", desk.headers("payments:read"))).json()
    months = {each.pop("month"): each for each in shown.pop("months")}
    assert shown == {
        "today": "2026-12-31",
        "due_today": figure(2, 620),
        "late": figure(3, 600),
        "failed": figure(1, 280),
        "to_refund": figure(1, 100),
        "awaiting_correction": figure(1, 300),
        "in_attempt": figure(1, 150),
        "awaiting_credits": figure(1, 150),
        "cheques_to_deposit": figure(1, 120),
        "to_remit": figure(0, 0),
        "lost": figure(0, 0),
    }
    assert (min(months), max(months), len(months)) == ("2026-07", "2027-06", 12)
    assert months["2026-10"] == {"planned": euros(0), "received": euros(800)}
    assert months["2026-11"]["received"] == euros(500)
    assert months["2027-01"]["planned"] == euros(800)
    assert sum(each["planned"]["amount"] for each in months.values()) == 900 + 1000 + 120


async def test_the_figures_are_the_organisations_and_for_staff(desk: Desk, payments: Payments, family: Family) -> None:
    await payments.handles(Story(Family(new_id())).opened(900, Instalments(count=3)))
    shown = (await desk.get("/v1/figures")).json()
    assert shown["due_today"] == shown["late"] == figure(0, 0)
    client = desk.headers("payments:read", kind="client", account=family.account)
    problem(await desk.get("/v1/figures", client), 403, "staff-only")
    problem(await desk.get("/v1/figures", desk.headers("payments:collect")), 403, "scope-missing")


async def test_every_figure_has_an_index(payments: Payments) -> None:
    organisation = {"organisation": payments.organisation}
    database = payments.database
    for collection, query, hint in (
        (FOLLOW_UPS.name, {**organisation, "next_due": {"$lt": "9999-12-31"}}, None),
        (FOLLOW_UPS.name, {**organisation, "refund_due": {"$gt": 0}}, None),
        (PAYMENTS.name, {**organisation, "received_on": {"$gte": "2026-07-01", "$lt": "2027-07-01"}}, None),
        (SCHEDULES.name, {**organisation, "instalments.tries": {"$gt": 0}}, TRIED),
        (USE_REQUESTS.name, {**organisation, "status": "requested"}, None),
        (CHEQUES.name, {**organisation, "due": {"$lte": "2026-12-31"}}, None),
        (PAYMENTS.name, {**organisation, "reference": {"$gte": "ch_", "$lt": "ch_\uffff"}}, None),
    ):
        cursor = database[collection].find(query)
        if hint:
            cursor = cursor.hint(hint)
        elif "reference" in query:
            cursor = cursor.sort(REFERENCE_ORDER)
        plan = stages((await cursor.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan, query
        assert not {"COLLSCAN", "SORT"} & set(plan), query


async def test_a_payment_is_found_by_the_providers_reference(desk: Desk, payments: Payments, family: Family) -> None:
    story, foreign = Story(family), Story(Family(new_id()))
    await payments.handles(story.opened(900))
    await payments.handles(foreign.opened(900))
    recorded = [(await desk.pay(story.contract, 10, version=version)).json()["payment"]["id"] for version in (1, 2, 3)]
    for payment, reference in zip(recorded, ("ch_12", "ch_1", "px_1"), strict=True):
        await payments.database[PAYMENTS.name].update_one({"_id": payment}, {"$set": {"reference": reference}})
    first = (await desk.get("/v1/payments", reference="ch_1", limit=1)).json()
    (shown,) = first["items"]
    assert (shown["id"], shown["reference"], shown["contract"]) == (recorded[1], "ch_1", story.contract)
    rest = (await desk.get("/v1/payments", reference="ch_1", limit=1, cursor=first["next"])).json()
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([recorded[0]], None)
    stranger = desk.headers("payments:read", organisation=new_id())
    assert (await desk.get("/v1/payments", stranger, reference="ch_1")).json()["items"] == []
    everything = (await desk.get("/v1/payments")).json()["items"]
    assert [each["reference"] for each in everything] == ["ch_1", "ch_12", "px_1"]
