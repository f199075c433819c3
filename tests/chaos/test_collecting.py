"""What is due is collected while workers, provider and database are broken: nobody pays twice, nothing is forgotten.

The provider's own book is held against what Carnet says of every attempt (PAY-6, PAY-11).
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carnet_suite.servers.mongodb import step_down
from tests.chaos.book import Agreement
from tests.chaos.breaking import killing
from tests.chaos.collected import Collected
from tests.chaos.collecting import Families, comes_to_nothing
from tests.chaos.conftest import Broken
from tests.chaos.size import SIZE
from tests.chaos.tokens import dealt
from tests.chaos.written import write
from tests.sandboxes import HUSH, SandboxProcess, sandbox_process

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: the book and Carnet agree on every attempt. No instalment was charged twice, none was\n"
    "forgotten, every schedule balances, one mail per event due, and `carnet verify` found nothing."
)

WORKERS = ("payments-worker", "payments-worker-2", "payments-worker-3")
SECONDS_TO_ANSWER = 4


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProcess]:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    async with sandbox_process(folder) as running:
        yield running


async def test_pay_6_all_that_is_due_is_collected_once_whatever_breaks(suite: Broken, sandbox: SandboxProcess) -> None:
    tokens = dealt(SIZE.contracts, SIZE.each)
    collected = Collected(instalments=SIZE.contracts * SIZE.each, contracts=SIZE.contracts)
    families = Families(suite.load)
    await _start(suite, sandbox)
    await suite.load.prepare()
    await families.open(tokens, SIZE.each)
    started = time.monotonic()
    async with killing(suite.crew, WORKERS, random.Random(6)):
        await families.days_pass(0)
        await families.started(0.2)
        await _killed(sandbox, collected)
        await families.started(0.4)
        await asyncio.to_thread(step_down, suite.servers.mongo_url)
        collected.step_downs += 1
        await families.started(0.7)
        await _killed(sandbox, collected)
        await families.all_asked()
        collected.seconds_asked = time.monotonic() - started
        await families.days_pass(2)
        await families.all_reported()
        await families.days_pass(6)
        await families.all_asked()
        await families.days_pass(10)
        await families.all_over()
    await suite.crew.ready()
    await comes_to_nothing(lambda: _undelivered(sandbox))
    collected.seconds = time.monotonic() - started
    await suite.proof.agrees(SIZE.every, sandbox=sandbox.url)
    agreement = Agreement(await sandbox.book(), suite.crew.databases)
    await agreement.holds(families.tokens, SIZE.each)
    await suite.crew.stop()
    collected.kills = suite.crew.killed["payments"]
    collected.count(agreement)
    if SIZE.long:
        write("collecting", collected.rows, VERDICT, *collected.misbehaved)


async def _start(suite: Broken, sandbox: SandboxProcess) -> None:
    """All workers, three of payments, and the API that takes webhooks; the provider knows where."""
    suite.crew.patient = SIZE.long
    env = {
        "CARNET_SANDBOX_URL": sandbox.url,
        "CARNET_SANDBOX_SECRET": HUSH,
        "CARNET_WEBHOOK_URL": sandbox.url,
        "CARNET_PROVIDER_TIMEOUT": str(SECONDS_TO_ANSWER),
    }
    suite.crew.env["payments"] = env
    api = await suite.crew.launch_api("payments")
    suite.crew.env["payments"] = {**env, "CARNET_WEBHOOK_URL": api.address}
    await suite.crew.start(payments=len(WORKERS))
    await api.ready()


async def _killed(sandbox: SandboxProcess, collected: Collected) -> None:
    """The provider dies and comes back."""
    await sandbox.kill()
    await asyncio.sleep(1)
    await sandbox.start()
    collected.restarts += 1


async def _undelivered(sandbox: SandboxProcess) -> dict[str, int]:
    return {"webhooks not delivered": sum(not webhook["delivered"] for webhook in await sandbox.webhooks())}
