"""One credit used by two contracts at the same instant, many times, while workers die (CRE-3)."""

import random
import time

import pytest

from tests.chaos.breaking import killing
from tests.chaos.conftest import Broken
from tests.chaos.size import SIZE
from tests.chaos.using import Shares, Users
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: the entries of every credit are what schedules say they used of it, none was ever below zero,\n"
    "every request was answered once, and `carnet verify` found nothing."
)

AT_A_TIME = 250 if SIZE.long else 30
"""Credits that are granted together, then used one after the other by each family."""


async def test_cre_3_two_contracts_use_one_credit_at_the_same_instant(suite: Broken) -> None:
    users = Users(suite.load)
    await suite.crew.start(payments=2)
    await suite.load.prepare()
    await users.open()
    started = time.monotonic()
    async with killing(suite.crew, ("payments-worker", "payments-worker-2", "credits-worker"), random.Random(4)):
        while len(users.used) < SIZE.uses or not _both_killed(suite):
            await users.use(AT_A_TIME)
        await users.all_answered()
    seconds = time.monotonic() - started
    await suite.crew.ready()
    await suite.proof.agrees(SIZE.every)
    shares = Shares(suite.crew.databases)
    await shares.hold(users)
    await suite.crew.stop()
    if SIZE.long:
        killed, statuses = suite.crew.killed, shares.statuses
        rows = {
            "credits, each used by two contracts at the same instant": SIZE.uses,
            "uses that paid": statuses["completed"],
            "uses that were refused": statuses["returned"],
            "workers of payments killed (SIGKILL)": killed["payments"],
            "workers of credits killed (SIGKILL)": killed["credits"],
            "seconds": seconds,
        }
        write("credits", rows, VERDICT)


def _both_killed(suite: Broken) -> bool:
    return suite.crew.killed.keys() >= {"payments", "credits"}
