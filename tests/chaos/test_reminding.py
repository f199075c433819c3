"""Families are reminded day by day while workers die: each once a day, none forgotten (PAY-10)."""

import random
import time

import pytest

from tests.chaos.breaking import killing
from tests.chaos.conftest import Broken
from tests.chaos.reminding import DAYS, Debtors
from tests.chaos.size import SIZE
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: each family has one reminder and one mail for each day, none two, none was forgotten, and\n"
    "`carnet verify` found nothing."
)

KILLED = ("payments-worker", "payments-worker-2", "payments-worker-3", "notifications-worker")


async def test_pay_10_each_step_goes_once_to_each_family_whatever_is_killed(suite: Broken) -> None:
    debtors = Debtors(suite.load)
    api = await suite.crew.launch_api("payments")
    suite.crew.env["notifications"] = {"CARNET_PAYMENTS_URL": api.address}
    await suite.crew.start(payments=3)
    await api.ready()
    await suite.load.prepare()
    await debtors.owe(SIZE.reminded)
    started = time.monotonic()
    async with killing(suite.crew, KILLED, random.Random(10)) as kill:
        await debtors.begin()
        for day in range(DAYS):
            if day:
                await debtors.day_passes()
            await debtors.some(0.5)
            await kill(KILLED[day])
            await debtors.some(1.0)
        seconds = time.monotonic() - started
        await debtors.all_mailed()
    seconds_sent = time.monotonic() - started
    await suite.crew.ready()
    await suite.proof.agrees(SIZE.every)
    await debtors.hold()
    await suite.crew.stop()
    if SIZE.long:
        killed = suite.crew.killed
        rows = {
            "families that owe something": SIZE.reminded,
            "days, each with a step of the calendar": DAYS,
            "workers of payments": 3,
            "workers of payments killed (SIGKILL)": killed["payments"],
            "workers of notifications killed (SIGKILL)": killed["notifications"],
            "seconds until all reminders were decided": seconds,
            "seconds until all mails were sent": seconds_sent,
        }
        write("reminders", rows, VERDICT)
