"""The run on a real database, with a provider played by hand: what is due is collected once (PAY-6, PAY-11, PAY-12)."""

import asyncio
from datetime import date, timedelta

import pytest

from carnet.dates import utc_now
from carnet.generation import hold_collecting, resume_collecting
from carnet.ids import new_id
from carnet.refusals import Kind, Refusal
from payments.collection.domain.orders import Failed, Succeeded
from payments.collection.outcomes import FAULT_WAIT, UNANSWERED_WAITS, apply_notices
from payments.provider.interface import Ended
from payments.receipts.store import PAYMENTS
from payments.schedules.store import SCHEDULES
from tests.integration.payments.collecting_office import ALL, FIRST_DUE, GOING_ON, Office
from tests.integration.payments.conftest import Payments
from tests.integration.payments.received_records import Family, Story, clock_at


@pytest.fixture
async def office(payments: Payments) -> Office:
    made = Office(payments)
    await made.on(FIRST_DUE)
    return made


async def test_pay_6_what_is_due_is_collected_and_paid(office: Office) -> None:
    contract = await office.family()
    await office.rounds()
    schedule = await office.payments.schedule(contract)
    assert (schedule.paid, schedule.processing, schedule.planned) == (300, 0, 600)
    order = await office.order(contract)
    assert (order.status, order.reference, order.check_at, order.claim) == ("succeeded", f"ref-{order.id}", None, None)
    assert office.provider.charged == {order.id: 300}
    payment = await office.database[PAYMENTS.name].find_one({"_id": order.id})
    assert payment is not None
    assert (payment["provider"], payment["reference"], payment["amount"]) == ("sandbox", order.reference, 300)
    assert await office.names(contract) == ["CollectionStarted", "PaymentCollected"]
    assert (await office.payments.row(contract)).paid == 300


async def test_pay_11_it_is_collected_from_the_hour_of_the_organisation_on(office: Office) -> None:
    contract = await office.family()
    await office.on(FIRST_DUE, hour=4)  # five in Paris
    await office.rounds()
    assert await office.orders(contract) == []
    await office.on(FIRST_DUE, hour=6)
    await office.rounds()
    assert len(await office.orders(contract)) == 1


async def test_pay_6_nothing_is_started_while_collecting_is_held_and_orders_under_way_are_seen_to_their_end(
    office: Office,
) -> None:
    under_way = await office.family("not_charged_unanswered")
    await office.rounds()
    await hold_collecting(office.database)
    due = await office.family()
    await office.time_passes()
    await office.rounds()
    assert await office.orders(due) == []
    assert (await office.order(under_way)).status == "succeeded"
    await resume_collecting(office.database)
    await office.rounds()
    assert len(await office.orders(due)) == 1


async def test_pay_6_a_failure_is_published_and_tried_again_by_the_calendar_until_the_last(office: Office) -> None:
    contract = await office.family("refused")
    for day in (FIRST_DUE, date(2026, 12, 8), date(2026, 12, 15), date(2026, 12, 30)):
        await office.on(day)
        await office.rounds()
    schedule = await office.payments.schedule(contract)
    first = schedule.instalments[0]
    assert (first.due, first.gave_up, first.tries, schedule.collect_on) == (FIRST_DUE, True, 3, date(2027, 1, 5))
    assert [order.number for order in await office.orders(contract)] == [1, 2, 3]
    assert await office.names(contract) == ["CollectionStarted", "PaymentFailed"] * 3
    published = [
        row["data"] for row in await office.payments.published(contract) if row["type"].endswith("PaymentFailed.v1")
    ]
    assert [each["next_try"] for each in published] == ["2026-12-08", "2026-12-15", None]
    assert {each["effective_on"] for each in published} == {"2026-12-05", "2026-12-08", "2026-12-15"}


async def test_pay_12_without_a_method_it_waits_and_the_family_is_informed_once(office: Office) -> None:
    contract = await office.family(None)
    await office.rounds()
    await office.rounds()
    assert await office.names(contract) == ["PaymentMethodMissing"]
    assert office.provider.book == {}
    schedule = await office.payments.schedule(contract)
    assert (schedule.instalments[0].waits_for_method, schedule.collect_on) == (True, date(2027, 1, 5))


@pytest.mark.parametrize("token", ["charged_unanswered", "not_charged_unanswered"])
async def test_pay_6_what_was_not_answered_is_found_or_sent_again_with_the_same_key(office: Office, token: str) -> None:
    contract = await office.family(token)
    asked = utc_now()
    await office.collector().round(ALL, GOING_ON)
    order = await office.order(contract)
    assert (order.status, order.claim) == ("asked", None)
    assert order.check_at is not None
    soonest, latest = (timedelta(seconds=UNANSWERED_WAITS[0] * part) for part in (0.8, 1.2))
    assert asked + soonest <= order.check_at <= utc_now() + latest
    assert (await office.payments.schedule(contract)).processing == 300
    await office.time_passes()
    await office.rounds()
    assert (await office.order(contract)).status == "succeeded"
    assert (await office.payments.schedule(contract)).paid == 300
    assert office.provider.charged == {order.id: 300}
    sent = office.provider.calls[f"charge {order.id}"]
    assert (sent, office.provider.calls[f"find {order.id}"]) == (1 if token == "charged_unanswered" else 2, 1)  # noqa: S105 # a card


async def test_pay_6_an_order_that_was_surely_not_taken_is_sent_again_without_looking(office: Office) -> None:
    contract = await office.family("busy")
    await office.rounds()
    await office.time_passes()
    await office.rounds()
    order = await office.order(contract)
    assert (order.status, office.provider.calls[f"find {order.id}"]) == ("succeeded", 0)


async def test_pay_6_what_the_provider_is_at_ends_by_its_webhook(office: Office) -> None:
    paid, bounced = await office.family("pending"), await office.family("pending")
    await office.rounds()
    orders = {contract: await office.order(contract) for contract in (paid, bounced)}
    assert {order.status for order in orders.values()} == {"pending"}
    published = [
        Ended(orders[paid].id, Succeeded("late-1")),
        Ended(orders[bounced].id, Failed("insufficient_funds", "bounced")),
        Ended(new_id(), Succeeded("of nobody")),
    ]
    for _ in range(2):
        await apply_notices(office.database, "sandbox", published)
        await apply_notices(office.database, "stripe", [Ended(orders[bounced].id, Succeeded("of another provider"))])
    assert (await office.payments.schedule(paid)).paid == 300
    back = (await office.payments.schedule(bounced)).instalments[0]
    assert (back.amount, back.tries) == (300, 1)
    assert await office.names(paid) == ["CollectionStarted", "PaymentCollected"]
    assert await office.names(bounced) == ["CollectionStarted", "PaymentFailed"]
    assert (await office.order(paid)).reference == "late-1"


async def test_pay_6_a_webhook_that_is_lost_is_made_up_for_by_asking(office: Office) -> None:
    contract = await office.family("pending")
    await office.rounds()
    order = await office.order(contract)
    office.provider.outcomes[order.id] = Succeeded("at last")
    await office.time_passes()
    await office.rounds()
    assert (await office.order(contract)).status == "succeeded"
    assert office.provider.calls[f"charge {order.id}"] == 1


async def test_pay_6_money_that_comes_after_a_failure_is_taken_once(office: Office) -> None:
    contract = await office.family("refused")
    await office.rounds()
    order = await office.order(contract)
    for _ in range(3):
        await apply_notices(office.database, "sandbox", [Ended(order.id, Succeeded("after all"))])
    await apply_notices(office.database, "sandbox", [Ended(order.id, Failed("refused", "again"))])
    schedule = await office.payments.schedule(contract)
    assert (schedule.paid, schedule.planned) == (300, 600)
    assert await office.names(contract) == ["CollectionStarted", "PaymentFailed", "PaymentCollected"]


async def test_pay_11_a_provider_that_takes_nothing_fails_no_instalment(office: Office) -> None:
    contract = await office.family()
    office.provider.accepts = False
    await office.rounds()
    assert await office.orders(contract) == []
    assert (await office.payments.schedule(contract)).version == 1
    office.provider.accepts = True
    await office.rounds()
    assert (await office.payments.schedule(contract)).paid == 300


async def test_pay_11_two_workers_never_start_the_same_instalment(office: Office) -> None:
    contracts = [await office.family() for _ in range(30)]
    office.provider.seconds = 0.01
    first, second = office.collector(), office.collector()
    await asyncio.gather(office.rounds(first), office.rounds(second), office.rounds(first))
    orders = await office.orders()
    assert sorted(order.contract for order in orders) == sorted(contracts)
    assert office.provider.charged == {order.id: 300 for order in orders}


async def test_pay_11_what_a_dead_worker_left_is_looked_up_before_it_is_sent(office: Office) -> None:
    contracts = [await office.family() for _ in range(20)]
    office.provider.seconds = 0.05
    dying = asyncio.create_task(office.collector(calls=2).round(ALL, GOING_ON))
    while len(office.provider.book) < 5:  # noqa: ASYNC110 # the provider is in this process
        await asyncio.sleep(0.005)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    left = [order for order in await office.orders() if not order.over]
    assert len(left) > 10
    office.provider.seconds = 0
    await office.rounds()
    assert len([order for order in await office.orders() if not order.over]) == len(left), "the claims still hold"
    await office.time_passes()
    await office.rounds()
    assert {order.status for order in await office.orders()} == {"succeeded"}
    assert len(office.provider.book) == len(contracts)
    sent = [count for call, count in office.provider.calls.items() if call.startswith("charge")]
    assert sum(sent) == len(contracts), "what had arrived was found, not sent again"


async def test_pay_11_a_worker_that_stops_gives_back_what_it_has_not_sent(office: Office) -> None:
    for _ in range(12):
        await office.family()
    stopping = asyncio.Event()
    office.provider.seconds = 0.1
    running = asyncio.create_task(office.collector(calls=2).round(ALL, stopping))
    while not office.provider.in_flight:  # noqa: ASYNC110 # the provider is in this process
        await asyncio.sleep(0.005)
    stopping.set()
    await running
    orders = await office.orders()
    assert sum(order.over for order in orders) == 2
    assert {(order.claim, order.asks) for order in orders if not order.over} == {(None, 0)}
    await office.rounds()
    assert {order.status for order in await office.orders()} == {"succeeded"}
    assert sum(count for call, count in office.provider.calls.items() if call.startswith("find")) == 0


async def test_pay_11_calls_in_flight_are_bounded(office: Office) -> None:
    for _ in range(20):
        await office.family()
    office.provider.seconds = 0.01
    await office.rounds(office.collector(calls=3))
    assert office.provider.most_in_flight == 3
    assert len(office.provider.charged) == 20


async def test_pay_11_one_bad_order_or_schedule_never_blocks_the_others(office: Office) -> None:
    broken, unbalanced, good = await office.family("broken"), await office.family(), await office.family()
    await office.database[SCHEDULES.name].update_one(
        {"_id": unbalanced}, {"$set": {"credit_uses": [{"credit": "x", "amount": 10**9}]}}
    )
    await office.rounds()
    assert (await office.payments.schedule(good)).paid == 300
    assert (await office.order(broken)).status == "asked"
    assert await office.orders(unbalanced) == []


async def test_pay_11_an_outcome_that_can_not_be_saved_is_put_off_alone(office: Office) -> None:
    bad, good = await office.family("pending"), await office.family("pending")
    await office.rounds()
    orders = [await office.order(contract) for contract in (bad, good)]
    await office.database[SCHEDULES.name].update_one({"_id": bad}, {"$set": {"attempts": []}})
    reported = utc_now()
    await apply_notices(office.database, "sandbox", [Ended(order.id, Succeeded("done")) for order in orders])
    assert (await office.payments.schedule(good)).paid == 300
    after = await office.order(bad)
    assert (after.status, after.claim) == ("pending", None)
    assert after.check_at is not None
    assert after.check_at >= reported + timedelta(seconds=FAULT_WAIT)


async def test_pay_6_money_that_comes_late_and_can_not_be_saved_is_to_be_reported_again(office: Office) -> None:
    contract = await office.family("refused")
    await office.rounds()
    order = await office.order(contract)
    assert order.status == "failed"
    late = Ended(order.id, Succeeded("after all"))
    await office.database[SCHEDULES.name].update_one(
        {"_id": contract}, {"$set": {"credit_uses": [{"credit": "x", "amount": 10**9}]}}
    )
    with pytest.raises(Refusal) as refused:
        await apply_notices(office.database, "sandbox", [late])
    assert (refused.value.kind, refused.value.params["orders"]) == (Kind.UNAVAILABLE, [order.id])
    await office.database[SCHEDULES.name].update_one({"_id": contract}, {"$set": {"credit_uses": []}})
    await apply_notices(office.database, "sandbox", [late])
    assert (await office.payments.schedule(contract)).paid == 300
    assert (await office.order(contract)).status == "succeeded"


async def test_pay_6_the_sandbox_knows_the_clock_before_it_is_asked(office: Office) -> None:
    await office.family()
    await office.rounds()
    ahead = office.provider.clocks[office.payments.organisation].total_seconds()
    assert abs(ahead - clock_at(FIRST_DUE)) < 5


async def test_pay_6_a_change_of_the_contract_while_it_is_at_the_provider_is_never_lost(office: Office) -> None:
    contract = await office.family("pending")
    await office.rounds()
    story = Story(Family(office.payments.organisation), contract=contract, sequence=1, total=900)
    await office.payments.handles(story.changed(450))
    order = await office.order(contract)
    await apply_notices(office.database, "sandbox", [Ended(order.id, Failed("refused", "declined"))])
    schedule = await office.payments.schedule(contract)
    assert (schedule.total, schedule.processing, schedule.planned) == (450, 0, 450)
