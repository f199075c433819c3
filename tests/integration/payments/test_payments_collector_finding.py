"""How the run finds what is due and what waits, in its slots and until it is stopped (PAY-11)."""

import asyncio
from datetime import timedelta

import pytest

from carnet.dates import utc_now, write_instant
from carnet.due import in_slots
from carnet.ids import new_id
from carnet.journal import slot_of
from carnet.refusals import Kind, Refusal
from payments.collection.domain.orders import Succeeded
from payments.collection.outcomes import apply_notices
from payments.collection.store.orders import DUE_ORDERS, ORDERS, to_providers
from payments.collection.store.starting import due_query
from payments.provider.interface import Ended, Reversed
from payments.schedules.store import SCHEDULES, TO_COLLECT
from tests.integration.payments.collecting_office import ALL, FIRST_DUE, Office
from tests.integration.payments.conftest import Payments, stages
from tests.waits import BOUND


@pytest.fixture
async def office(payments: Payments) -> Office:
    made = Office(payments)
    await made.on(FIRST_DUE)
    return made


@pytest.mark.parametrize("groups", [1, 3])
async def test_pay_11_what_is_due_is_found_by_the_index_only(office: Office, groups: int) -> None:
    due = await office.family()
    later = await office.family()
    await office.database[SCHEDULES.name].update_one({"_id": later}, {"$set": {"collect_on": "2099-01-01"}})
    by_date = {FIRST_DUE + timedelta(days=n): [office.payments.organisation, new_id()] for n in range(groups)}
    query = due_query(by_date, frozenset({slot_of(due), slot_of(later), 1}), but=[new_id()])
    found = office.database[SCHEDULES.name].find(query, {"_id": 1}, hint=TO_COLLECT)
    plan = await found.explain()
    used, read = stages(plan["queryPlanner"]["winningPlan"]), plan["executionStats"]
    assert "IXSCAN" in used
    assert used.isdisjoint({"COLLSCAN", "FETCH"})
    assert (read["nReturned"], read["totalDocsExamined"]) == (1, 0)


async def test_pay_11_orders_that_wait_are_found_by_an_index(office: Office) -> None:
    query = {**DUE_ORDERS.query(utc_now(), to_providers(["sandbox"])), **in_slots(frozenset({1, 2}))}
    for found in (
        office.database[ORDERS.name].find(query, {"_id": 1}).sort("check_at", 1),
        office.database[ORDERS.name].find({"organisation": new_id(), "contract": new_id()}).sort("_id", -1),
    ):
        plan = await found.explain()
        assert stages(plan["queryPlanner"]["winningPlan"]).isdisjoint({"COLLSCAN", "SORT"})


async def test_an_order_of_a_kind_that_only_a_newer_release_has_is_left_to_that_release(office: Office) -> None:
    contract = await office.family("pending")
    await office.rounds()
    order = await office.order(contract)
    newer = {"kind": "payout", "check_at": write_instant(utc_now())}
    await office.database[ORDERS.name].update_one({"_id": order.id}, {"$set": newer})
    before = await office.order(contract)
    await office.rounds()
    for notice in (Ended(order.id, Succeeded("done")), Reversed("rev_1", order.id, 300, "chargeback")):
        with pytest.raises(Refusal) as refused:
            await apply_notices(office.database, "sandbox", [notice])
        assert refused.value.kind is Kind.UNAVAILABLE
    assert await office.order(contract) == before
    assert len(office.provider.book) == 1


async def test_the_timed_work_collects_in_its_slots_until_it_is_stopped(office: Office) -> None:
    contracts = [await office.family() for _ in range(4)]

    class Held:
        slots = ALL

    stopping = asyncio.Event()
    collector = office.collector()
    running = asyncio.create_task(collector.run(Held(), stopping))
    async with asyncio.timeout(BOUND):
        while len(office.provider.charged) < len(contracts):  # noqa: ASYNC110 # the provider is in this process
            await asyncio.sleep(0.02)
    stopping.set()
    await asyncio.wait_for(running, BOUND)
    assert {order.status for order in await office.orders()} == {"succeeded"}
