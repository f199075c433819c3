"""Months of subscriptions are billed while workers are killed and the broker crashes: each period once, on its day.

Read back from the documents and the journal: CON-21, PAY-15.
"""

import asyncio
import random
import time

import pytest

from tests.chaos.billing import Subscribers
from tests.chaos.breaking import killing
from tests.chaos.conftest import Broken
from tests.chaos.size import SIZE
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: every period was billed once, on its day, and is a charge of its schedule; the periods of each\n"
    "subscription leave out no day, and `carnet verify` found nothing."
)

WORKERS = ("contracts-worker", "contracts-worker-2", "payments-worker")
BROKER_CRASHES_IN = (4, 9)
"""The months during which the broker crashes."""


async def test_con_21_each_period_is_billed_once_on_its_day(suite: Broken) -> None:
    kafka, dice = suite.servers.kafka, random.Random(21)
    assert kafka is not None
    subscribers = Subscribers(suite.load, SIZE.subscriptions)
    await suite.crew.launch("contracts", 2)
    await suite.crew.start()
    await suite.load.prepare()
    await subscribers.open()
    started = time.monotonic()
    for month in range(1, SIZE.months + 1):
        await subscribers.month_passes(month)
        if month in BROKER_CRASHES_IN:
            async with suite.crew.supervised():
                await asyncio.to_thread(kafka.kill)
                await asyncio.to_thread(kafka.start)
                await subscribers.all_billed()
                await suite.crew.ready()
        else:
            await suite.crew.crash(dice.choice(WORKERS))
            await suite.crew.ready()
            async with killing(suite.crew, WORKERS, dice):
                await subscribers.all_billed()
    seconds = time.monotonic() - started
    await suite.crew.ready()
    await suite.proof.agrees(SIZE.every, mails=False)
    periods = await subscribers.hold()
    await suite.crew.stop()
    killed = suite.crew.killed
    assert killed["contracts"]
    if SIZE.long:
        crashes = len(BROKER_CRASHES_IN)
        rows = {
            "subscriptions by the month": SIZE.subscriptions,
            "periods that were billed": periods,
            "workers of contracts killed (SIGKILL)": killed["contracts"],
            "workers of payments killed (SIGKILL)": killed["payments"],
            "crashes of the broker": crashes,
            "seconds for the year": seconds,
        }
        write("billing", rows, VERDICT)
