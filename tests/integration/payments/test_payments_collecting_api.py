"""Payment methods, collecting by hand, attempts, the calendar and webhooks over HTTP (PAY-6, PAY-11, PAY-12)."""

import asyncio
import hashlib
import hmac
import time
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import orjson
import pytest

from carnet.decisions import Context
from carnet.events.contracts import Instalments
from carnet.ids import new_id
from carnet.journal import ROWS, SLOTS, Origin, coming_from
from carnet.mongo import Unit
from payments.collection.collector.run import Collector, Limits
from payments.collection.store.orders import ORDERS
from payments.payment_methods.store import PAYMENT_METHODS
from tests.integration.payments.conftest import SANDBOX_SECRET, Desk, Payments
from tests.integration.payments.received_records import SALE_DAY, Family, Story, clock_at, organisation_record
from tests.providers import PlayedProvider
from tests.refused import problem
from tests.waits import BOUND, patiently

NEXT_MONTH = date(2026, 12, 21)
CARD = {"provider": "sandbox", "kind": "card", "token": "tok_success", "label": "Visa •••• 4242"}


def of(account: str) -> str:
    return f"/v1/accounts/{account}/payment-methods"


@pytest.fixture
async def contract(payments: Payments, family: Family) -> str:
    """A contract in three instalments, the first due on the day of the sale, which is today."""
    story = Story(family)
    await payments.handles(story.opened(900, Instalments(count=3)))
    return story.contract


async def with_card(desk: Desk, family: Family, **changes: Any) -> dict[str, Any]:
    answer = await desk.post(of(family.account), {**CARD, **changes})
    assert answer.status_code == 201, answer.text
    method: dict[str, Any] = answer.json()["methods"][-1]
    return method


async def test_pay_12_methods_are_added_listed_preferred_and_removed(desk: Desk, family: Family, contract: str) -> None:
    first = await with_card(desk, family)
    second = await with_card(desk, family, token="tok_debit_success", kind="direct_debit", label=None)
    assert (first["default"], second["default"], first["label"]) == (True, False, "Visa •••• 4242")
    preferred = await desk.post(f"{of(family.account)}/{second['id']}/default", None)
    assert [each["default"] for each in preferred.json()["methods"]] == [False, True]
    removed = await desk.delete(f"{of(family.account)}/{second['id']}")
    assert [(each["id"], each["default"]) for each in removed.json()["methods"]] == [(first["id"], True)]
    problem(await desk.delete(f"{of(family.account)}/{second['id']}"), 404, "unknown-payment-method")
    listed = await desk.get(of(family.account))
    assert listed.json() == removed.json()
    assert listed.headers["etag"] == removed.headers["etag"] == '"4"'
    journal = await desk.get(f"{of(family.account)}/journal")
    assert [entry["type"] for entry in journal.json()["items"]] == [
        "PaymentMethodAdded",
        "PaymentMethodAdded",
        "PaymentMethodPreferred",
        "PaymentMethodRemoved",
    ]


async def test_pay_12_a_token_is_never_shown_nor_published(desk: Desk, family: Family, contract: str) -> None:
    await with_card(desk, family)
    for path in (of(family.account), f"{of(family.account)}/journal"):
        assert "tok_success" not in (await desk.get(path)).text
    assert "tok_success" not in str(await desk.payments.database[ROWS].find().to_list(None))
    assert "tok_success" not in str(await desk.payments.database["idempotency"].find().to_list(None))


@pytest.mark.parametrize("changes", [{"token": "4242424242424242"}, {"label": "Visa 4242 4242 4242 4242"}])
async def test_pay_12_card_data_is_refused(desk: Desk, family: Family, contract: str, changes: dict[str, str]) -> None:
    problem(await desk.post(of(family.account), {**CARD, **changes}), 422, "card-data-refused")
    assert await desk.payments.database[PAYMENT_METHODS.name].count_documents({}) == 0


async def test_pay_12_only_providers_that_are_there_and_no_sandbox_for_a_live_organisation(
    desk: Desk, family: Family, contract: str
) -> None:
    problem(await desk.post(of(family.account), {**CARD, "provider": "stripe"}), 422, "unknown-provider")
    await desk.payments.handles(organisation_record(family.organisation, 2, mode="live"))
    problem(await desk.post(of(family.account), CARD), 422, "sandbox-not-live")


async def test_pay_12_a_client_keeps_the_methods_of_its_own_account(desk: Desk, family: Family, contract: str) -> None:
    client: dict[str, Any] = {"kind": "client", "account": family.account}
    added = await desk.post(of(family.account), CARD, **client)
    assert added.status_code == 201
    method = added.json()["methods"][0]["id"]
    other: dict[str, Any] = {"kind": "client", "account": new_id()}
    problem(await desk.post(of(family.account), CARD, **other), 404, "unknown-account")
    problem(await desk.delete(f"{of(family.account)}/{method}", **other), 404, "unknown-account")
    problem(await desk.get(of(family.account), desk.headers(**other)), 404, "unknown-account")
    problem(await desk.get(f"{of(family.account)}/journal", desk.headers(**client)), 403, "staff-only")
    assert (await desk.delete(f"{of(family.account)}/{method}", **client)).status_code == 200


async def test_pay_12_a_method_of_an_account_that_was_just_opened_is_added(desk: Desk, family: Family) -> None:
    opened = replace(family, account=new_id())
    adding = asyncio.create_task(patiently(desk.post(of(opened.account), CARD)))
    await asyncio.sleep(0.2)
    assert not adding.done()
    await desk.payments.handles(opened.changed())
    assert (await adding).status_code == 201


async def test_org_1_a_foreign_account_is_an_unknown_one(desk: Desk, family: Family, contract: str) -> None:
    for account, organisation in ((new_id(), family.organisation), (family.account, new_id())):
        await desk.payments.handles(organisation_record(organisation))
        headers: dict[str, Any] = {"organisation": organisation}
        problem(await desk.get(of(account), desk.headers(**headers)), 404, "unknown-account")
        problem(await desk.post(of(account), CARD, **headers), 404, "unknown-account")
        problem(await desk.post(f"{of(account)}/{new_id()}/default", None, **headers), 404, "unknown-account")


async def test_pay_12_adding_a_method_wakes_what_waited_for_one(desk: Desk, family: Family, contract: str) -> None:
    provider = PlayedProvider()
    collector = Collector(desk.payments.database, {"sandbox": provider}, Limits(calls=2, seconds=BOUND))
    await collect(collector)
    assert (await desk.payments.schedule(contract)).instalments[0].waits_for_method
    shown = (await desk.get(f"/v1/schedules/{contract}")).json()["instalments"][0]
    assert (shown["waits_for_method"], shown["gave_up"], shown["next_try"]) == (True, False, None)
    await with_card(desk, family)
    assert await desk.payments.names_published(contract) == [
        "ScheduleCreated",
        "PaymentMethodMissing",
        "ScheduleAdjusted",
    ]
    await collect(collector)
    assert (await desk.payments.schedule(contract)).paid == 300


async def collect(collector: Collector) -> None:
    while await collector.round(frozenset(range(SLOTS)), asyncio.Event()):
        pass


async def test_pay_6_staff_collects_an_instalment_by_hand_and_sees_the_attempt(
    desk: Desk, family: Family, contract: str
) -> None:
    method = await with_card(desk, family)
    schedule = (await desk.get(f"/v1/schedules/{contract}")).json()
    later = schedule["instalments"][1]["id"]
    path = f"/v1/schedules/{contract}/instalments/{later}/collection"
    problem(await desk.post(path, None, version=9), 412, "version-moved")
    started = await desk.post(path, None, version=1)
    assert started.status_code == 202, started.text
    assert started.headers["location"] == f"/v1/schedules/{contract}/attempts"
    (attempt,) = started.json()["attempts"]
    assert (attempt["status"], attempt["instalment"], attempt["method"]) == ("asked", later, method["id"])
    assert "token" not in attempt
    shown = started.json()["schedule"]
    assert shown["balance"]["processing"]["amount"] == 300
    assert [(each["id"], each["instalments"]) for each in shown["in_attempt"]] == [(attempt["id"], [later])]
    problem(await desk.post(path, None, version=2), 404, "unknown-instalment")
    assert (await desk.payments.row(contract)).processing == 300
    in_attempt = await desk.get("/v1/follow-up", status="in_attempt")
    assert [each["contract"] for each in in_attempt.json()["items"]] == [contract]
    entry = (await desk.payments.published(contract))[-1]
    assert (entry["type"], entry["actor"]) == ("carnet.payments.CollectionStarted.v1", "user:staff-1")
    provider = PlayedProvider()
    with coming_from(Origin()):  # a worker, which no request has reached
        await collect(Collector(desk.payments.database, {"sandbox": provider}, Limits(calls=2, seconds=BOUND)))
    page = (await desk.get(f"/v1/schedules/{contract}/attempts")).json()
    done = {each["id"]: each for each in page["items"]}[attempt["id"]]
    assert (done["status"], done["reference"]) == ("succeeded", f"ref-{attempt['id']}")
    assert provider.calls[f"find {attempt['id']}"] == 0, "asked by hand, sent at once"
    # What came later is traced by the request that asked for it; what the run collected has none.
    rows = await desk.payments.published(contract)
    asked, *outcomes = [row for row in rows if row["data"].get("attempt") == attempt["id"]]
    assert asked["request"] == started.headers["x-request-id"]
    assert [row["request"] for row in outcomes] == [asked["request"]]
    collected = [row for row in rows if row["type"] == "carnet.payments.PaymentCollected.v1"]
    assert {row["request"] for row in collected} == {asked["request"], None}
    second = (await desk.get(f"/v1/schedules/{contract}/attempts", limit=1)).json()
    assert len(second["items"]) == 1
    assert second["next"]
    problem(
        await desk.get(f"/v1/schedules/{contract}/attempts", desk.headers(kind="client", account=family.account)),
        403,
        "staff-only",
    )


async def test_pay_6_what_is_due_of_a_contract_is_collected_by_hand(desk: Desk, family: Family, contract: str) -> None:
    path = f"/v1/schedules/{contract}/collection"
    problem(await desk.post(path, None, version=1), 409, "payment-method-missing")
    await with_card(desk, family)
    started = await desk.post(path, None, version=1)
    assert [each["due"] for each in started.json()["attempts"]] == [SALE_DAY.isoformat()]
    problem(await desk.post(path, None, version=2), 409, "nothing-due")
    problem(await desk.post(f"/v1/schedules/{new_id()}/collection", None, version=1), 404, "unknown-schedule")
    problem(await desk.post(path, None, version=2, kind="client", account=family.account), 403, "staff-only")


async def test_pay_6_a_method_of_a_provider_that_is_gone_collects_nothing(
    desk: Desk, family: Family, contract: str
) -> None:
    await with_card(desk, family)
    await desk.payments.database[PAYMENT_METHODS.name].update_one({}, {"$set": {"methods.0.provider": "gone"}})
    problem(await desk.post(f"/v1/schedules/{contract}/collection", None, version=1), 409, "provider-not-configured")
    await collect(Collector(desk.payments.database, {"sandbox": PlayedProvider()}, Limits(calls=2, seconds=BOUND)))
    assert (await desk.payments.schedule(contract)).version == 1, "it is no failure, and no method is missing"


async def test_pay_11_the_calendar_is_the_organisations_and_asking_goes_before_it(
    desk: Desk, family: Family, contract: str
) -> None:
    await with_card(desk, family)
    usual = await desk.get("/v1/collection-calendar")
    assert usual.json() == {"hour": 6, "retry_after": [3, 7], "asked_on": None}
    assert usual.headers["etag"] == '"0"'
    changed = await desk.put("/v1/collection-calendar", {"hour": 23, "retry_after": [1]}, version=0)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"1"')
    problem(await desk.put("/v1/collection-calendar", {"hour": 4, "retry_after": []}, version=0), 412, "version-moved")
    provider = PlayedProvider()
    collector = Collector(desk.payments.database, {"sandbox": provider}, Limits(calls=2, seconds=BOUND))
    await collect(collector)
    assert provider.book == {}
    asked = await desk.post("/v1/collections", None)
    assert (asked.status_code, asked.json()["asked_on"]) == (202, SALE_DAY.isoformat())
    again = await desk.post("/v1/collections", None)
    assert (again.status_code, again.headers["etag"]) == (202, '"2"')
    await collect(Collector(desk.payments.database, {"sandbox": provider}, Limits(calls=2, seconds=BOUND)))
    assert len(provider.book) == 1
    journal = await desk.get("/v1/collection-calendar/journal")
    assert [entry["type"] for entry in journal.json()["items"]] == ["CollectionCalendarChanged", "CollectionAsked"]
    client: dict[str, Any] = {"kind": "client", "account": family.account}
    problem(await desk.post("/v1/collections", None, **client), 403, "staff-only")
    problem(await desk.get("/v1/collection-calendar", desk.headers(**client)), 403, "staff-only")


async def test_pay_5_another_date_makes_a_late_instalment_one_to_collect_again(
    desk: Desk, family: Family, contract: str
) -> None:
    await with_card(desk, family, token="refused")
    await desk.put("/v1/collection-calendar", {"hour": 0, "retry_after": []}, version=0)
    provider = PlayedProvider()
    await collect(Collector(desk.payments.database, {"sandbox": provider}, Limits(calls=2, seconds=BOUND)))
    schedule = await desk.payments.schedule(contract)
    assert (schedule.instalments[0].gave_up, schedule.collect_on) == (True, NEXT_MONTH)
    late = await desk.get("/v1/follow-up", status="late")
    assert late.json()["items"] == []
    path = f"instalments/{schedule.instalments[0].id}/changes"
    moved = await desk.move(contract, path, {"due": "2026-11-25"}, version=schedule.version)
    assert moved.json()["instalments"][0]["gave_up"] is False
    assert (await desk.payments.schedule(contract)).collect_on == date(2026, 11, 25)


def signed(body: dict[str, Any], secret: str = SANDBOX_SECRET, at: int | None = None) -> tuple[bytes, dict[str, str]]:
    content, instant = orjson.dumps(body), at or int(time.time())
    digest = hmac.new(secret.encode(), f"{instant}.".encode() + content, hashlib.sha256).hexdigest()
    return content, {"Carnet-Sandbox-Signature": f"t={instant},v1={digest}"}


async def published(desk: Desk, content: bytes, headers: dict[str, str], provider: str = "sandbox") -> httpx.Response:
    return await desk.client.post(f"/v1/providers/{provider}/webhooks", content=content, headers=headers)


async def test_pay_6_a_webhook_may_report_the_outcome_several_times(desk: Desk, family: Family, contract: str) -> None:
    await with_card(desk, family)
    started = await desk.post(f"/v1/schedules/{contract}/collection", None, version=1)
    order = started.json()["attempts"][0]["id"]
    body = {"type": "charge.ended", "key": order, "reference": "ch_9", "status": "succeeded"}
    for _ in range(3):
        answer = await published(desk, *signed(body))
        assert (answer.status_code, answer.json()) == (200, {"heard": 1})
    other_way = {**body, "status": "failed", "code": "card_declined"}
    assert (await published(desk, *signed(other_way))).status_code == 200
    schedule = await desk.payments.schedule(contract)
    assert (schedule.paid, schedule.processing) == (300, 0)
    kept = await desk.payments.database[ORDERS.name].find_one({"_id": order})
    assert kept is not None
    assert (kept["status"], kept["reference"], kept["check_at"]) == ("succeeded", "ch_9", None)
    for nobodys in (new_id(), "not an id"):
        assert (await published(desk, *signed({**body, "key": nobodys}))).status_code == 200


async def test_pay_6_a_webhook_that_is_not_the_providers_changes_nothing(
    desk: Desk, family: Family, contract: str
) -> None:
    await with_card(desk, family)
    started = await desk.post(f"/v1/schedules/{contract}/collection", None, version=1)
    body = {"type": "charge.ended", "key": started.json()["attempts"][0]["id"], "reference": "x", "status": "succeeded"}
    content, headers = signed(body)
    for wrong in (
        (content, {}),
        signed(body, secret="another secret"),
        signed(body, at=int(time.time()) - 3600),
        (content + b" ", headers),
        signed({"type": "charge.ended"}),
    ):
        problem(await published(desk, *wrong), 400, "webhook-refused")
    problem(await published(desk, content, headers, "stripe"), 404, "unknown-provider")
    assert (await desk.payments.schedule(contract)).processing == 300
    assert (await published(desk, *signed({"type": "something.else"}))).json() == {"heard": 0}


async def test_org_4_the_methods_of_an_account_that_is_erased_are_gone(
    desk: Desk, family: Family, contract: str
) -> None:
    await desk.payments.handles(family.changed())
    await with_card(desk, family)
    await desk.payments.handles(family.erased(2))
    assert (await desk.get(of(family.account))).json()["methods"] == []
    kept = await desk.payments.database[PAYMENT_METHODS.name].find_one({"_id": family.account})
    assert "tok_success" not in str(kept)
    assert "4242" not in str(kept)
    journal = await desk.payments.published(family.account)
    assert [row["type"].split(".")[2] for row in journal] == ["PaymentMethodAdded", "PaymentMethodRemoved"]


async def test_mon_5_the_methods_of_an_erased_account_go_on_the_day_of_its_organisation(
    desk: Desk, family: Family, contract: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []
    decide = Unit.decide

    def noted(unit: Unit, collection: Any, decision: Any, context: Context) -> Any:
        days.append(context.today)
        return decide(unit, collection, decision, context)

    await desk.payments.handles(family.changed())
    await with_card(desk, family)
    day = date(2031, 5, 4)
    await desk.payments.handles(organisation_record(family.organisation, 9, clock_ahead=clock_at(day)))
    monkeypatch.setattr(Unit, "decide", noted)
    await desk.payments.handles(family.erased(2))
    assert days == [day]


@pytest.mark.parametrize("who", ["the account", "a member"])
async def test_org_4_the_answers_kept_for_a_client_forget_with_the_account(
    desk: Desk, family: Family, contract: str, who: str
) -> None:
    await desk.payments.handles(family.changed())
    key, other_key = new_id(), new_id()
    await desk.post(of(family.account), CARD, key=key)
    await desk.post(f"/v1/schedules/{contract}/collection", None, version=1, key=other_key)
    neighbour = Family(family.organisation)
    await desk.payments.handles(neighbour.changed())
    neighbours = new_id()
    added = await desk.post(of(neighbour.account), CARD, key=neighbours)
    erased = family.erased(2) if who == "the account" else family.changed(2, erased=[family.child])
    await desk.payments.handles(erased)

    answers = desk.payments.database["idempotency"]
    kept = {answer["_id"].rpartition("|")[2]: answer["body"] async for answer in answers.find({})}
    assert kept[key] is kept[other_key] is None
    assert "4242" in kept[neighbours]
    before = await desk.payments.published(family.account)
    for path, body, again in (
        (of(family.account), CARD, key),
        (f"/v1/schedules/{contract}/collection", None, other_key),
    ):
        refused = await desk.post(path, body, version=1 if body is None else None, key=again)
        assert problem(refused, 410, "answer-erased")["rule"] == "ORG-4"
    assert await desk.payments.published(family.account) == before, "it is not applied again"
    assert (await desk.post(of(neighbour.account), CARD, key=neighbours)).content == added.content
