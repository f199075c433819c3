"""Schedules, payments and cheques over HTTP (PAY-7, ORG-1, ORG-2), with good input."""

import asyncio
from datetime import date

from carnet.events.contracts import Instalments, OnSite
from carnet.ids import new_id
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Family, Story, organisation_record
from tests.refused import problem


async def test_a_schedule_is_shown_with_its_version(desk: Desk, payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(10001, Instalments(count=2)), story.changed(9001))
    answer = await desk.get(f"/v1/schedules/{story.contract}")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    shown = answer.json()
    assert (shown["version"], shown["covers"], shown["fully_paid"], shown["mode"]) == (2, 2, False, "online")
    assert shown["balance"] == {
        "total": euros(9001),
        "paid": euros(0),
        "processing": euros(0),
        "planned": euros(9001),
        "unscheduled": euros(0),
        "refund_due": euros(0),
    }
    assert [(each["due"], each["amount"]) for each in shown["instalments"]] == [
        ("2026-11-21", euros(4501)),
        ("2026-12-21", euros(4500)),
    ]


async def test_pay_7_a_payment_moves_the_schedule_and_is_listed(desk: Desk, payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    answer = await desk.pay(story.contract, 400, version=1)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"')
    recorded = answer.json()
    assert recorded["schedule"]["balance"]["paid"] == euros(400)
    assert recorded["payment"]["received_on"] == "2026-11-21"
    assert recorded["payment"]["recorded_by"] == "user:staff-1"
    named = recorded["schedule"]["instalments"][1]["id"]
    answer = await desk.pay(story.contract, 300, version=2, instalment=named, method="cheque", received_on="2026-11-19")
    assert [each["amount"]["amount"] for each in answer.json()["schedule"]["instalments"]] == [200]
    listed = (await desk.get(f"/v1/schedules/{story.contract}/payments", limit=1)).json()
    (first,) = listed["items"]
    assert first == recorded["payment"]
    rest = (await desk.get(f"/v1/schedules/{story.contract}/payments", limit=1, cursor=listed["next"])).json()
    assert (rest["items"][0]["instalment"], rest["items"][0]["method"], rest["next"]) == (named, "cheque", None)
    assert await payments.names_published(story.contract) == ["ScheduleCreated", "PaymentCollected", "PaymentCollected"]
    assert (await payments.row(story.contract)).paid == 700


async def test_the_same_key_records_a_payment_once(desk: Desk, payments: Payments, family: Family) -> None:
    story, key = Story(family), new_id()
    await payments.handles(story.opened(900))
    answers = await asyncio.gather(*(desk.pay(story.contract, 400, version=1, key=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    problem(await desk.pay(story.contract, 500, version=1, key=key), 422, "idempotency-key-reused")
    assert (await payments.schedule(story.contract)).paid == 400
    assert len((await desk.get(f"/v1/schedules/{story.contract}/payments")).json()["items"]) == 1


async def test_two_desks_that_saw_the_same_schedule_record_one_payment(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    answers = await asyncio.gather(*(desk.pay(story.contract, 400, version=1) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412, 412]
    assert (await payments.schedule(story.contract)).paid == 400


async def test_a_payment_and_a_change_at_the_same_time_both_count(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    paid, _ = await asyncio.gather(desk.pay(story.contract, 400, version=1), payments.handles(story.changed(1200)))
    schedule = await payments.schedule(story.contract)
    assert schedule.total == 1200
    assert schedule.paid == (400 if paid.status_code == 201 else 0)
    assert schedule.planned == schedule.total - schedule.paid


async def test_pay_7_cheques_are_held_and_one_is_cashed(desk: Desk, payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(900, OnSite(), mode="on_site"))
    cheques = [
        {"due": due, "amount": euros(300), "bank": "Banque du Nord", "holder": "Inès Martin"}
        for due in ("2026-12-05", "2027-01-05")
    ]
    answer = await desk.post(f"/v1/schedules/{story.contract}/cheques", {"cheques": cheques}, version=1)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"')
    shown = answer.json()
    assert shown["balance"]["unscheduled"] == euros(300)
    assert [(each["held"], each["cheque"]) for each in shown["instalments"]] == [
        (True, {"bank": "Banque du Nord", "holder": "Inès Martin"})
    ] * 2
    first = shown["instalments"][0]["id"]
    problem(await desk.pay(story.contract, 299, version=2, instalment=first), 409, "held-cheque-amount")
    cashed = await desk.pay(story.contract, 300, version=2, instalment=first, method="cheque")
    assert cashed.json()["schedule"]["balance"]["planned"] == euros(300)
    published = await payments.published(story.contract)
    assert [row["type"].split(".")[2] for row in published] == [
        "ScheduleCreated",
        "ScheduleAdjusted",
        "PaymentCollected",
    ]
    assert "Martin" not in str(published)


async def test_org_4_the_journal_says_who_did_what(desk: Desk, payments: Payments, family: Family) -> None:
    story, change = Story(family), new_id()
    await payments.handles(story.opened(900, change=change))
    paid = await desk.pay(story.contract, 900, version=1)
    entries = (await desk.get(f"/v1/schedules/{story.contract}/journal")).json()["items"]
    assert [(each["sequence"], each["type"], each["actor"]) for each in entries] == [
        (1, "ScheduleCreated", "service:payments"),
        (2, "PaymentCollected", "user:staff-1"),
        (3, "ContractPaid", "user:staff-1"),
    ]
    assert entries[0]["change"] == change
    assert entries[1]["change"] == entries[2]["change"] != change
    assert entries[1]["request"] == paid.headers["x-request-id"]


async def test_org_2_a_client_reads_its_own_schedules_and_nothing_else(
    desk: Desk, payments: Payments, family: Family
) -> None:
    own, other = Story(family), Story(Family(payments.organisation))
    await payments.handles(own.opened(900), other.opened(900))
    client = desk.headers(kind="client", account=family.account)
    for path in ("", "/payments"):
        assert (await desk.get(f"/v1/schedules/{own.contract}{path}", client)).status_code == 200
        problem(await desk.get(f"/v1/schedules/{other.contract}{path}", client), 404, "unknown-schedule")
    for path in (f"/v1/schedules/{own.contract}/journal", "/v1/follow-up", "/v1/follow-up.csv"):
        problem(await desk.get(path, client), 403, "staff-only")
    claims = {"kind": "client", "account": family.account}
    body = {"amount": euros(1), "method": "cash"}
    answer = await desk.post(f"/v1/schedules/{own.contract}/payments", body, version=1, **claims)
    problem(answer, 403, "staff-only")
    change = {"contract_version": 1, "total": euros(1), "live_lines": 1, "effective_on": "2026-11-21"}
    answer = await desk.post(f"/v1/schedules/{other.contract}/preview", change, **claims)
    problem(answer, 409, "schedule-behind")  # as an unknown contract is answered


async def test_mon_5_today_is_the_organisations(desk: Desk, payments: Payments, family: Family) -> None:
    story = Story(family)
    await payments.handles(story.opened(900))
    tomorrow = date(2026, 11, 22).isoformat()
    refused = await desk.pay(story.contract, 1, version=1, received_on=tomorrow)
    assert problem(refused, 422, "received-in-future")["params"]["today"] == "2026-11-21"
    await payments.handles(organisation_record(payments.organisation, 2, clock_ahead=24 * 3600 * 400))
    assert (await desk.pay(story.contract, 1, version=1, received_on=tomorrow)).status_code == 201


async def test_pay_17_every_amount_is_explained_by_its_moves(desk: Desk, payments: Payments, family: Family) -> None:
    story, change = Story(family), new_id()
    await payments.handles(story.opened(90000, Instalments(count=3)))
    await desk.pay(story.contract, 10000, version=1)
    await payments.handles(story.changed(102000, change=change))
    path = f"/v1/schedules/{story.contract}/explanation"
    answer = await desk.get(path)
    assert (answer.status_code, answer.headers["etag"], answer.json()["version"]) == (200, '"3"', 3)
    amounts = answer.json()["amounts"]
    assert [(each["place"], each["due"], each["amount"]) for each in amounts] == [
        ("instalment", "2026-11-21", euros(23000)),
        ("instalment", "2026-12-21", euros(34500)),
        ("instalment", "2027-01-21", euros(34500)),
    ]
    moves = amounts[0]["moves"]
    assert [(each["cause"], each["share"], each["after"], each["moved"]) for each in moves] == [
        ("opened", euros(30000), euros(30000), None),
        ("paid", euros(-10000), euros(20000), euros(10000)),
        ("contract_changed", euros(3000), euros(23000), None),
    ]
    assert (moves[1]["actor"], moves[1]["method"], moves[1]["change"]) == ("user:staff-1", "cash", None)
    assert (moves[2]["change"], moves[2]["total_before"], moves[2]["total_after"]) == (
        change,
        euros(90000),
        euros(102000),
    )
    own = desk.headers("payments:read", kind="client", account=family.account)
    assert {move["actor"] for each in (await desk.get(path, own)).json()["amounts"] for move in each["moves"]} == {None}
    for stranger in (
        desk.headers("payments:read", organisation=new_id()),
        desk.headers("payments:read", kind="client", account=new_id()),
    ):
        problem(await desk.get(path, stranger), 404, "unknown-schedule")
    problem(await desk.get(path, desk.headers("payments:collect")), 403, "scope-missing")
