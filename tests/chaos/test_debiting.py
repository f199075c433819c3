"""Families are debited and refunded by files that clerks build at once, while workers and the API die (PAY-18)."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import pytest

from tests.chaos import debiting, refunding
from tests.chaos.breaking import killing
from tests.chaos.clerks import REFUNDS, Clerks
from tests.chaos.conftest import Broken
from tests.chaos.debiting import KEY, Debited
from tests.chaos.refunding import Refunded
from tests.chaos.size import SIZE
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

DEBITED = (
    "Verdict: each instalment was in one file that the bank had, none was forgotten, each family has paid\n"
    "what its bank has paid and not taken back, and `carnet verify` found nothing."
)

REFUNDED = (
    "Verdict: each refund was in one file that the bank had, to the account that was debited, none was\n"
    "forgotten; what came back is to be refunded again, nothing else, and `carnet verify` found nothing."
)

KILLED = ("payments-api", "payments-worker", "payments-worker-2", "payments-api")
WAVES = 6
"""Contracts are sold in so many parts, so that there is something to build at all times."""


async def test_pay_18_each_instalment_is_in_one_file_whatever_is_killed(suite: Broken) -> None:
    debited, clerks = Debited(suite.load), Clerks(suite.load, suite.crew, random.Random(18))
    await _open(suite, debited)
    waves = (partial(debited.sell, SIZE.debits // WAVES) for _ in range(WAVES))
    seconds = await _while_killed(suite, clerks, waves, random.Random(8))
    await debiting.hold(debited, clerks, suite.crew.databases)
    await suite.crew.stop()
    if SIZE.long:
        rows = {"families, one instalment each": len(debited.sold)}
        write("debiting", rows | _files(suite, clerks, "remittances", seconds), DEBITED)


async def test_pay_18_each_refund_is_in_one_file_whatever_is_killed(suite: Broken) -> None:
    debited, debiter = Debited(suite.load), Clerks(suite.load, suite.crew, random.Random(81))
    await _open(suite, debited)
    await debited.sell(SIZE.debits)
    debiter.closing.set()
    await debiter.work()
    await debiter.read_all()
    clerks = Clerks(suite.load, suite.crew, random.Random(19), REFUNDS)
    refunded = Refunded(suite.load, clerks)
    paid = [each for each in debited.sold if each.fine]
    waves = (partial(refunded.owe, paid[wave::WAVES]) for wave in range(WAVES))
    seconds = await _while_killed(suite, clerks, waves, random.Random(9))
    await refunding.hold(refunded, clerks, suite.crew.databases)
    await suite.crew.stop()
    if SIZE.long:
        back = sum(each.comes_back for each in refunded.owed)
        rows = {"refunds, one for each family": len(refunded.owed), "refunds that came back days later": back}
        write("refunding", rows | _files(suite, clerks, "files of refunds", seconds), REFUNDED)


def _files(suite: Broken, clerks: Clerks, built: str, seconds: float) -> dict[str, float]:
    """What was built and read, and what was killed meanwhile."""
    return {
        f"{built} that were sent": len(clerks.at_the_bank),
        f"{built} that were taken back": clerks.taken_back,
        "readings of files of the bank, each file twice": clerks.files_read,
        "APIs of payments killed (SIGKILL)": suite.crew.killed["payments-api"],
        "workers of payments killed (SIGKILL)": suite.crew.killed["payments"],
        "seconds": seconds,
    }


async def _while_killed(
    suite: Broken, clerks: Clerks, waves: Iterable[Callable[[], Awaitable[None]]], chance: random.Random
) -> float:
    """Three clerks build what comes in waves, and read what the bank answers, while processes die; the seconds."""
    started = time.monotonic()
    async with killing(suite.crew, KILLED, chance) as kill:
        building = [asyncio.create_task(clerks.work()) for _ in range(3)]
        for wave in waves:
            await wave()
            await kill("payments-api")
        clerks.closing.set()
        await asyncio.gather(*building)
        reading = asyncio.create_task(clerks.read_all())
        await kill("payments-worker")
        await reading
    seconds = time.monotonic() - started
    await suite.crew.ready()
    await suite.proof.agrees(SIZE.every)
    return seconds


async def _open(suite: Broken, debited: Debited) -> None:
    """The API and two workers of payments run, and the school has families and collects by its bank."""
    suite.crew.env["payments"] = {"CARNET_SEPA_KEYS": KEY}
    await suite.crew.launch_api("payments")
    await suite.crew.start(payments=2)
    await suite.load.prepare()
    await debited.prepare()
