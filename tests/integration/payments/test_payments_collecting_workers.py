"""Workers and the sandbox as the processes that they are: killed in the middle, all is collected once (PAY-11)."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from carnet.dates import utc_now, write_instant
from carnet.events.contracts import Instalments
from carnet.ids import new_id
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from carnet_suite.servers.ports import HOST
from payments.collection.domain.orders import Order
from payments.collection.store.orders import ORDERS
from payments.payment_methods.domain import PaymentMethod, PaymentMethods, add_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES
from tests.integration.payments.conftest import Payments
from tests.integration.payments.received_records import Family, Story, clock_at, organisation_record
from tests.sandboxes import HUSH, SandboxProcess, sandbox_process
from tests.waits import BOUND
from tests.workers import working

GOOD = ("tok_success", "tok_timeout_charged", "tok_timeout_not_charged", "tok_error_500", "tok_error_500_charged")
TOKENS = (*GOOD, "tok_rate_limited", "tok_insufficient_funds")
EACH = 8
TOTAL = 900
DUE = utc_now().date() + timedelta(days=10)
"""The school's today: its clock can only be ahead."""


def at(sandbox: SandboxProcess, **more: str) -> dict[str, str]:
    """What a worker knows of that sandbox; it is not waited for long."""
    nowhere = f"http://{HOST}:9"
    known = {"CARNET_SANDBOX_URL": sandbox.url, "CARNET_SANDBOX_SECRET": HUSH, "CARNET_WEBHOOK_URL": nowhere}
    return {**known, "CARNET_PROVIDER_TIMEOUT": "1.0", **more}


async def families(payments: Payments) -> dict[str, str]:
    """Contracts whose first instalment is due, each with a payment method; the token of each."""
    tokens: dict[str, str] = {}
    records, methods = [], []
    for token in TOKENS * EACH:
        family = Family(payments.organisation)
        story = Story(family)
        records.append(story.opened(TOTAL, Instalments(count=3, first_due=DUE)))
        kept = PaymentMethods(id=family.account, organisation=family.organisation)
        card = PaymentMethod(
            id=new_id(),
            provider="sandbox",
            kind="card",
            token=f"{token}/{family.account}",
            label=None,
            added_at=utc_now(),
        )
        methods.append(PAYMENT_METHODS.write(add_method(kept, card, prefer=True).state))
        tokens[story.contract] = token
    await payments.database[PAYMENT_METHODS.name].insert_many(methods)
    await payments.handles(*records)
    await payments.handles(organisation_record(payments.organisation, clock_ahead=clock_at(DUE)))
    return tokens


async def orders(payments: Payments) -> list[Order]:
    return [ORDERS.read(document) for document in await payments.database[ORDERS.name].find().to_list(None)]


async def until(payments: Payments, over: int) -> None:
    """Return once so many orders are over."""
    async with asyncio.timeout(BOUND):
        while sum(order.over for order in await orders(payments)) < over:  # noqa: ASYNC110 # other processes do it
            await asyncio.sleep(0.05)


async def claims_run_out(payments: Payments) -> None:
    """What dead workers have left can be taken up: here at once rather than after a minute."""
    past = {"$set": {"check_at": write_instant(utc_now())}}
    await payments.database[ORDERS.name].update_many({"check_at": {"$gt": ""}}, past)


def charged(book: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the sandbox says that it did, by key: a key is in its book once."""
    counted = Counter(entry["key"] for entry in book)
    assert set(counted.values()) <= {1}
    return {entry["key"]: entry for entry in book}


async def agree(payments: Payments, sandbox: SandboxProcess, tokens: dict[str, str]) -> None:
    """The sandbox's book and the schedules show the same of every attempt, and nothing is forgotten."""
    book, made = charged(await sandbox.book()), await orders(payments)
    assert {order.id for order in made} == set(book)
    assert sorted(order.contract for order in made) == sorted(tokens)
    for order in made:
        entry = book[order.id]
        assert (order.status, order.reference) == (entry["status"], entry["reference"]), tokens[order.contract]
        assert (order.amount, order.status == "succeeded") == (entry["amount"], tokens[order.contract] in TOKENS[:-1])
    paid = {order.contract: order.amount for order in made if order.status == "succeeded"}
    for document in await payments.database[SCHEDULES.name].find().to_list(None):
        schedule: Schedule = SCHEDULES.read(document)
        assert (schedule.paid, schedule.processing) == (paid.get(schedule.id, 0), 0)
        assert schedule.planned == TOTAL - schedule.paid
    assert await payments.database[PAYMENTS.name].count_documents({}) == len(paid)
    env = await payments.database["journal"].find({"aggregate": {"$in": list(tokens)}}).to_list(None)
    names = Counter(row["type"].split(".")[2] for row in env)
    assert names["CollectionStarted"] == len(tokens)
    assert (names["PaymentCollected"], names["PaymentFailed"]) == (len(paid), EACH)


@pytest.mark.chaos
async def test_pay_11_workers_and_the_provider_killed_in_the_middle_collect_everything_once(
    servers: Servers, namespace: str, payments: Payments, tmp_path: Path
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    tokens = await families(payments)
    async with sandbox_process(tmp_path) as sandbox:
        env = at(sandbox, CARNET_PROVIDER_CALLS="4")
        async with (
            working(servers, namespace, tmp_path, "payments", env=env) as first,
            working(servers, namespace, tmp_path, "payments", 2, env=env) as second,
        ):
            await until(payments, 10)
            await first.kill()
            await until(payments, 20)
            await sandbox.kill()
            await second.kill()
        left = [order for order in await orders(payments) if not order.over]
        assert left, "they were killed too late to leave anything"
        await sandbox.start()
        await claims_run_out(payments)
        async with (
            working(servers, namespace, tmp_path, "payments", 3, env=at(sandbox)) as third,
            working(servers, namespace, tmp_path, "payments", 4, env=at(sandbox)) as fourth,
        ):
            await until(payments, len(tokens))
            await third.stop()
            await fourth.stop()
        await agree(payments, sandbox, tokens)


async def test_pay_11_a_worker_that_is_stopped_leaves_nothing_claimed(
    servers: Servers, namespace: str, payments: Payments, tmp_path: Path
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    tokens = await families(payments)
    async with sandbox_process(tmp_path, CARNET_SANDBOX_LATENCY="0.2") as sandbox:
        env = at(sandbox, CARNET_PROVIDER_CALLS="2")
        async with working(servers, namespace, tmp_path, "payments", env=env) as worker:
            await worker.ready()
            await until(payments, 5)
            await worker.stop()
        left = [order for order in await orders(payments) if not order.over]
        assert left
        assert {order.claim for order in left} == {None}
        async with working(servers, namespace, tmp_path, "payments", 2, env=at(sandbox)) as worker:
            await until(payments, len(tokens))
            await worker.ready()
            await worker.stop()
        await agree(payments, sandbox, tokens)
