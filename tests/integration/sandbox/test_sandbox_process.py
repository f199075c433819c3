"""The sandbox as a process: killed between a charge and its answer, it has charged once, and reports it (PAY-6)."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import httpx
import pytest

from carnet.ids import new_id
from payments.collection.domain.orders import Succeeded
from payments.provider.bounds import Bounds
from payments.provider.interface import Charge, Provider, Refund, UnansweredError
from payments.provider.sandbox import Sandbox
from tests.sandboxes import HUSH, SandboxProcess, sandbox_process
from tests.waits import BOUND

ORGANISATION = new_id()


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[SandboxProcess]:
    async with sandbox_process(tmp_path) as process:
        yield process


@pytest.fixture
async def provider(running: SandboxProcess) -> AsyncIterator[Provider]:
    bounds = Bounds("sandbox", calls=50, seconds=BOUND)
    made = Sandbox(running.url, secret=HUSH, webhooks="http://127.0.0.1:9/none", bounds=bounds)
    yield made
    await made.close()


def charge(token: str) -> Charge:
    return Charge(new_id(), ORGANISATION, 5000, "EUR", token, "card")


async def made(running: SandboxProcess, count: int) -> None:
    """Return once the book has so many entries."""
    async with asyncio.timeout(BOUND):
        while len(await running.book()) != count:  # noqa: ASYNC110 # another process does it
            await asyncio.sleep(0.02)


async def test_killed_between_the_charge_and_its_answer_it_gives_the_same_answer_after(
    running: SandboxProcess, provider: Provider
) -> None:
    order = charge("tok_timeout_charged")
    asking = asyncio.create_task(provider.charge(order))
    await made(running, 1)
    (before,) = await running.book()
    await running.kill()
    with pytest.raises(UnansweredError) as raised:
        await asking
    assert not raised.value.refuses_all
    await running.start()
    done = Succeeded(before["reference"])
    assert await provider.find(order) == await provider.charge(order) == done
    assert await running.book() == [before]


async def test_killed_before_it_has_charged_it_charges_once_when_asked_again(
    running: SandboxProcess, provider: Provider
) -> None:
    order = charge("tok_timeout_not_charged")
    asking = asyncio.create_task(provider.charge(order))
    await asyncio.sleep(0.3)
    await running.kill()
    with pytest.raises(UnansweredError):
        await asking
    await running.start()
    assert await provider.find(order) is None
    assert isinstance(await provider.charge(order), Succeeded)
    assert len(await running.book()) == 1


async def test_a_refund_is_made_once_however_the_process_ends(running: SandboxProcess, provider: Provider) -> None:
    charged = await provider.charge(charge("tok_refund_timeout_made"))
    assert isinstance(charged, Succeeded)
    order = Refund(new_id(), ORGANISATION, 3000, "EUR", charged.reference)
    asking = asyncio.create_task(provider.refund(order))
    await made(running, 2)
    await running.kill()
    with pytest.raises(UnansweredError):
        await asking
    await running.start()
    assert await provider.find(order) == await provider.refund(order)
    assert [entry["amount"] for entry in await running.book()] == [5000, 3000]


async def test_killed_in_the_middle_of_many_each_is_charged_once(running: SandboxProcess, provider: Provider) -> None:
    orders = [charge("tok_success") for _ in range(400)]

    async def ask(order: Charge) -> Succeeded | None:
        try:
            outcome = await provider.charge(order)
        except UnansweredError:
            return None
        assert isinstance(outcome, Succeeded)
        return outcome

    asking = [asyncio.create_task(ask(order)) for order in orders]
    for ended in islice(asyncio.as_completed(asking), 100):
        await ended
    await running.kill()
    answered = await asyncio.gather(*asking)
    assert answered.count(None) >= 1
    await running.start()
    bounds = Bounds("sandbox", calls=50, seconds=BOUND)
    after = Sandbox(running.url, secret=HUSH, webhooks="http://127.0.0.1:9/none", bounds=bounds)
    for order, env in zip(orders, answered, strict=True):
        known = await after.find(order)
        assert env is None or known == env
        assert isinstance(known or await after.charge(order), Succeeded)
    await after.close()
    book = await running.book()
    assert sorted(entry["key"] for entry in book) == sorted(order.key for order in orders)


async def test_days_that_passed_while_it_was_down_are_made_up_for(running: SandboxProcess, provider: Provider) -> None:
    order = charge("tok_debit_success:3")
    await provider.charge(order)
    await provider.send_clock(ORGANISATION, timedelta(days=3))
    await running.kill()
    await running.start()
    async with asyncio.timeout(BOUND):
        while not isinstance(await provider.find(order), Succeeded):  # noqa: ASYNC110 # another process does it
            await asyncio.sleep(0.02)
    assert [entry["status"] for entry in await running.book()] == ["succeeded"]


async def test_it_stops_in_order_while_somebody_waits_for_an_answer(
    running: SandboxProcess, provider: Provider
) -> None:
    asking = asyncio.create_task(provider.charge(charge("tok_timeout_charged")))
    await made(running, 1)
    await running.stop()
    assert running.child is not None
    assert running.child.exit_code != 128 + signal.SIGKILL, "it had to be killed"
    with pytest.raises(UnansweredError):
        await asking
    await running.start()
    assert len(await running.book()) == 1


async def test_a_book_serves_one_process(running: SandboxProcess) -> None:
    other = SandboxProcess(running.folder)
    with pytest.raises(Exception, match="locked"):
        await other.start()
    async with httpx.AsyncClient(timeout=BOUND) as client:
        assert (await client.get(f"{running.url}/health/ready")).status_code == 200
