"""Client credits that pay a part of a contract, over HTTP and by the answers of credits (CRE-3, CRE-6)."""

import asyncio
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from carnet import parking
from carnet.ids import new_id
from carnet.requests.alarm import Alarm
from payments.credit_uses.store import UNANSWERED_USES
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Credit, Family, Story, organisation_record
from tests.refused import problem
from tests.waits import BOUND, patiently


@pytest.fixture
async def story(payments: Payments, family: Family) -> Story:
    """A contract of 900, paid by three instalments."""
    opened = Story(family)
    await payments.handles(opened.opened(900))
    return opened


@pytest.fixture
async def credit(payments: Payments, family: Family) -> Credit:
    """A credit of 500 that payments knows."""
    published = Credit(family)
    await payments.handles(published.issued())
    return published


async def post(
    desk: Desk, story: Story, credit: Credit, amount: int, *, version: int = 1, key: str | None = None, **claims: Any
) -> httpx.Response:
    body = {"credit": credit.credit, "amount": euros(amount)}
    return await desk.post(f"/v1/schedules/{story.contract}/credit-uses", body, version=version, key=key, **claims)


async def request_of(payments: Payments, contract: str) -> dict[str, Any]:
    """The newest request of a contract, once there is one."""
    async with asyncio.timeout(BOUND):
        while True:
            found = await payments.database["use_requests"].find({"contract": contract}).sort("_id", -1).to_list(1)
            if found:
                request: dict[str, Any] = found[0]
                return request
            await asyncio.sleep(0.01)


async def asked(desk: Desk, story: Story, credit: Credit, amount: int, answer: str | None = None) -> httpx.Response:
    """Ask for a use, and let credits answer while the request waits: use it, or refuse for the reason that is given."""
    going = asyncio.create_task(patiently(post(desk, story, credit, amount)))
    request = (await request_of(desk.payments, story.contract))["_id"]
    refused = (
        credit.refused(story.contract, request, amount, answer)
        if answer
        else credit.used(story.contract, request, amount)
    )
    await desk.payments.handles(refused)
    return await going


async def test_cre_3_a_use_is_answered_with_the_schedule_that_it_paid(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    answer = await asked(desk, story, credit, 400)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"3"'), answer.text
    body = answer.json()
    assert body["use"] | {"id": 0, "asked_at": 0, "answered_at": 0} == {
        "id": 0,
        "contract": story.contract,
        "credit": credit.credit,
        "amount": euros(400),
        "status": "completed",
        "reason": None,
        "suspended": False,
        "card": False,
        "asked_at": 0,
        "asked_by": "user:staff-1",
        "answered_at": 0,
    }
    assert body["schedule"]["balance"]["paid"] == euros(400)
    assert [each["amount"]["amount"] for each in body["schedule"]["instalments"]] == [200, 300]
    assert await payments.names_published(story.contract) == [
        "ScheduleCreated",
        "CreditUseRequested",
        "CreditUseCompleted",
    ]
    row = await payments.row(story.contract)
    assert (row.version, row.paid, row.due, row.processing, row.credit_used) == (3, 400, 500, 0, 400)


async def test_cre_3_a_preview_shows_what_a_use_leads_to_and_saves_nothing(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    path = f"/v1/schedules/{story.contract}/credit-uses/preview"
    answer = await desk.post(path, {"credit": credit.credit, "amount": euros(400)})
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    assert preview["schedule_version"] == 1
    assert (await payments.schedule(story.contract)).version == 1
    assert await payments.names_published(story.contract) == ["ScheduleCreated"]
    assert await payments.database["use_requests"].count_documents({}) == 0

    used = (await asked(desk, story, credit, 400)).json()["schedule"]
    assert preview["after"]["balance"] == used["balance"]
    assert preview["after"]["instalments"] == used["instalments"]
    client = await desk.post(
        path, {"credit": credit.credit, "amount": euros(1)}, kind="client", account=story.family.account
    )
    problem(client, 403, "staff-only")


async def test_cre_3_without_an_answer_it_says_where_to_look(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    answer = await post(desk, story, credit, 400)
    assert answer.status_code == 202, answer.text
    waiting = answer.json()
    assert (waiting["status"], waiting["reason"], waiting["answered_at"]) == ("requested", None, None)
    where = answer.headers["location"]
    assert where == f"/v1/schedules/{story.contract}/credit-uses/{waiting['id']}"
    assert (await payments.schedule(story.contract)).processing == 400
    assert (await desk.get(where)).json() == waiting

    await payments.handles(credit.used(story.contract, waiting["id"], 400))
    done = (await desk.get(where)).json()
    assert (done["status"], done["amount"]) == ("completed", euros(400))
    listed = (await desk.get(f"/v1/schedules/{story.contract}/credit-uses")).json()
    assert listed == {"items": [done], "next": None}


@pytest.mark.parametrize("reason", ["more-than-left", "removed", "other-account", "unknown-credit"])
async def test_cre_3_a_use_that_credits_refuses_is_back_where_it_was(
    desk: Desk, payments: Payments, story: Story, credit: Credit, reason: str
) -> None:
    before = await payments.schedule(story.contract)
    answer = await asked(desk, story, credit, 400, reason)
    status, slug = (404, reason) if reason == "unknown-credit" else (409, f"credit-{reason}")
    problem(answer, status, slug)
    after = await payments.schedule(story.contract)
    assert after == before.model_copy(update={"version": 3})
    assert await payments.names_published(story.contract) == [
        "ScheduleCreated",
        "CreditUseRequested",
        "CreditUseReturned",
    ]
    request = await request_of(payments, story.contract)
    seen = (await desk.get(f"/v1/schedules/{story.contract}/credit-uses/{request['_id']}")).json()
    assert (seen["status"], seen["reason"]) == ("returned", reason)


async def test_cre_3_it_may_be_asked_right_after_the_opening(
    desk: Desk, payments: Payments, family: Family, credit: Credit
) -> None:
    opening = Story(family)
    going = asyncio.create_task(patiently(post(desk, opening, credit, 900)))
    await asyncio.sleep(0.2)
    await payments.handles(opening.opened(900))
    request = (await request_of(payments, opening.contract))["_id"]
    await payments.handles(credit.used(opening.contract, request, 900))
    answer = await going
    assert (answer.status_code, answer.json()["schedule"]["fully_paid"]) == (201, True), answer.text
    assert (await payments.names_published(opening.contract))[-2:] == ["CreditUseCompleted", "ContractPaid"]


async def test_cre_3_it_may_be_asked_right_after_the_grant(
    desk: Desk, payments: Payments, family: Family, story: Story
) -> None:
    credit = Credit(family)
    going = asyncio.create_task(patiently(post(desk, story, credit, 1)))
    await asyncio.sleep(0.2)
    await payments.handles(credit.issued())
    request = (await request_of(payments, story.contract))["_id"]
    await payments.handles(credit.used(story.contract, request, 1))
    assert (await going).status_code == 201


async def test_cre_3_a_contract_is_not_paid_with_the_credit_that_it_sells(
    desk: Desk, payments: Payments, family: Family, story: Story
) -> None:
    own = Credit(family)
    await payments.handles(own.sold_by(story.contract))
    refused = problem(await post(desk, story, own, 1), 409, "credit-sold-by-this-contract")
    assert (refused["rule"], refused["params"]) == ("CRE-3", {"credit": own.credit})
    other = Credit(Family(payments.organisation))
    await payments.handles(other.issued())
    problem(await post(desk, story, other, 1), 409, "credit-other-account")
    swiss = Credit(family)
    await payments.handles(swiss.issued(currency="CHF"))
    problem(await post(desk, story, swiss, 1), 409, "credit-other-currency")
    assert (await payments.schedule(story.contract)).version == 1


async def test_org_1_a_foreign_credit_is_answered_as_an_unknown_one(
    desk: Desk, payments: Payments, story: Story
) -> None:
    neighbour = Family(new_id())
    await payments.handles(organisation_record(neighbour.organisation))
    foreign = Credit(neighbour)
    await payments.handles(foreign.issued())
    for credit in (foreign, Credit(story.family)):
        refused = problem(await post(desk, story, credit, 1), 404, "unknown-credit")
        assert refused["params"] == {"what": "credit", "id": credit.credit}
    assert (await payments.schedule(story.contract)).version == 1


async def test_org_1_a_request_is_shown_with_its_own_contract_only(
    desk: Desk, payments: Payments, family: Family, story: Story, credit: Credit
) -> None:
    other = Story(family)
    await payments.handles(other.opened(100))
    request = (await post(desk, story, credit, 1)).json()["id"]
    problem(await desk.get(f"/v1/schedules/{other.contract}/credit-uses/{request}"), 404, "unknown-request")
    assert (await desk.get(f"/v1/schedules/{other.contract}/credit-uses")).json()["items"] == []
    owner = desk.headers("payments:read", kind="client", account=family.account)
    path = f"/v1/schedules/{story.contract}/credit-uses"
    assert (await desk.get(f"{path}/{request}", owner)).json()["id"] == request
    neighbour = desk.headers("payments:read", kind="client", account=new_id())
    problem(await desk.get(path, neighbour), 404, "unknown-schedule")


async def test_org_2_a_client_does_not_use_its_credit_itself(desk: Desk, story: Story, credit: Credit) -> None:
    answer = await post(desk, story, credit, 1, kind="client", account=story.family.account)
    problem(answer, 403, "staff-only")


async def test_a_double_click_uses_it_once_and_finds_the_outcome(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    key = new_id()
    first = await post(desk, story, credit, 100, key=key)
    assert first.status_code == 202
    await payments.handles(credit.used(story.contract, first.json()["id"], 100))
    again = await asyncio.gather(*(post(desk, story, credit, 100, key=key) for _ in range(3)))
    assert {answer.status_code for answer in again} == {201}
    assert {answer.json()["use"]["id"] for answer in again} == {first.json()["id"]}
    assert await payments.database["use_requests"].count_documents({}) == 1
    problem(await post(desk, story, credit, 200, key=key), 422, "idempotency-key-reused")


async def test_cre_3_two_uses_on_one_version_are_one(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    answers = await asyncio.gather(*(post(desk, story, credit, 100) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 412, 412, 412]
    assert (await payments.schedule(story.contract)).processing == 100


async def test_cre_6_a_fall_below_what_a_credit_paid_gives_it_back(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    await asked(desk, story, credit, 500)
    change = new_id()
    await payments.handles(story.changed(300, change=change))
    published = await payments.published(story.contract)
    assert [row["type"].split(".")[2] for row in published[-3:]] == [
        "ScheduleAdjusted",
        "CreditGivenBack",
        "ContractPaid",
    ]
    assert (published[-2]["data"]["credit"], published[-2]["data"]["amount"]) == (credit.credit, 200)
    assert published[-2]["data"]["change"] == change
    assert (await payments.row(story.contract)).credit_used == 300


async def test_cre_6_a_fall_while_it_is_asked_gives_back_what_is_too_much(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    request = (await post(desk, story, credit, 500)).json()["id"]
    await payments.handles(story.changed(300))
    assert (await payments.schedule(story.contract)).refund_due == 200
    await payments.handles(credit.used(story.contract, request, 500))
    schedule = await payments.schedule(story.contract)
    assert (schedule.paid, schedule.refund_due, schedule.fully_paid) == (300, 0, True)
    assert (await payments.names_published(story.contract))[-4:] == [
        "CreditUseCompleted",
        "CreditGivenBack",
        "RefundLineDropped",
        "ContractPaid",
    ]


async def test_each_answer_twice_in_one_batch_or_two_is_applied_once(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    request = (await post(desk, story, credit, 400)).json()["id"]
    answer = credit.used(story.contract, request, 400)
    await payments.handles(answer, answer)
    await payments.handles(answer)
    assert (await payments.schedule(story.contract)).paid == 400
    assert await parking.listing(payments.database) == []


async def test_an_answer_to_nothing_and_a_foreign_one_are_parked(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    request = (await post(desk, story, credit, 400)).json()["id"]
    stranger = Credit(Family(new_id()))
    await payments.handles(credit.used(story.contract, new_id(), 1))
    await payments.handles(stranger.used(story.contract, request, 400))
    assert (await payments.schedule(story.contract)).paid == 0
    reasons = sorted(parked.reason for parked in await parking.listing(payments.database))
    assert len(reasons) == 2
    assert "another organisation" in reasons[0]
    assert "no request" in reasons[1]


async def test_how_long_the_oldest_request_waits_is_shown(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    request = (await post(desk, story, credit, 400)).json()["id"]
    requests = payments.database["use_requests"]
    await requests.update_one({}, {"$set": {"asked_at": "2020-01-01T00:00:00.000000Z"}})
    (kept,) = await requests.find().to_list(None)
    newer = {**kept, "_id": new_id(), "asked_at": "2020-01-02T00:00:00.000000Z"}
    await requests.insert_one(newer)
    alarm = Alarm("watched-uses", payments.database, (UNANSWERED_USES,))

    def shown() -> float:
        return REGISTRY.get_sample_value("carnet_request_oldest_seconds", {"service": "watched-uses"}) or 0.0

    with capture_logs() as logged:
        await alarm.look()
        await alarm.look()
    assert shown() > 5 * 365 * 86400
    [late] = [entry for entry in logged if entry["event"] == "a request waits too long"]
    assert (late["waiting"], late["cause"], late["asked_of"]) == (request, "credit-use", "credits")
    assert (late["about"], late["others"], late["todo"]) == (story.contract, 1, "carnet requests")
    await requests.delete_one({"_id": newer["_id"]})
    await payments.handles(credit.used(story.contract, request, 400))
    await alarm.look()
    assert shown() == 0


async def test_cre_2_a_suspended_credit_is_refused_for_its_own_reason_and_the_amount_is_back(
    desk: Desk, payments: Payments, story: Story, credit: Credit
) -> None:
    before = await payments.schedule(story.contract)
    going = asyncio.create_task(patiently(post(desk, story, credit, 400)))
    request = (await request_of(payments, story.contract))["_id"]
    await payments.handles(credit.suspended(story.contract, request, 400))
    assert problem(await going, 409, "credit-suspended")["rule"] == "CRE-2"
    assert await payments.schedule(story.contract) == before.model_copy(update={"version": 3})
    seen = (await desk.get(f"/v1/schedules/{story.contract}/credit-uses/{request}")).json()
    assert (seen["status"], seen["reason"], seen["suspended"]) == ("returned", "more-than-left", True)
    published = (await payments.published(story.contract))[-1]
    assert (published["data"]["reason"], published["data"]["suspended"]) == ("more-than-left", True)
