"""Gift vouchers, gift cards and session packs, each wanted twice at the same instant, while processes die.

None is redeemed or used twice, and none that was answered is lost (CRE-8 to CRE-10).
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.chaos.breaking import killing
from tests.chaos.conftest import Broken
from tests.chaos.gifts import Doors, Payers, Redeemers, Shop
from tests.chaos.size import SIZE
from tests.chaos.taken import Rights
from tests.chaos.using import Shares
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: none was redeemed or used twice, none that was answered is lost, every request was answered\n"
    "once, what is left of each is the sum of its movements, and `carnet verify` found nothing."
)

KILLED = ("credits-worker", "contracts-worker", "credits-api", "payments-worker")
EACH = 33 if SIZE.long else 2
"""Of each kind that a family has at a time: all of them are wanted at the same instant."""


async def test_cre_9_what_two_present_at_the_same_instant_is_redeemed_and_used_once(suite: Broken) -> None:
    await suite.crew.launch_api("credits")
    await suite.crew.start()
    await suite.load.prepare()
    shop, redeemers, payers = Shop(suite.load), Redeemers(suite.load), Payers(suite.load)
    doors = Doors(suite.load, suite.crew)
    await shop.opens()
    await payers.users.open("residency")
    started = time.monotonic()
    async with killing(suite.crew, KILLED, random.Random(9)) as kill:
        each_was_killed = asyncio.create_task(_each(kill))
        while len(redeemers.presented) < SIZE.gifts or not each_was_killed.done():
            for stock in (stocks := await shop.sell(EACH)):
                assert (len(stock.vouchers), len(stock.cards), len(stock.packs)) == (EACH, EACH, EACH)
            await asyncio.gather(
                *(wanted(stock) for stock in stocks for wanted in (redeemers.use, payers.use, doors.use))
            )
        await each_was_killed
        await redeemers.all_answered()
        await payers.users.all_answered()
    seconds = time.monotonic() - started
    await suite.crew.ready()
    await suite.proof.agrees(SIZE.every)
    rights, shares = Rights(suite.crew.databases), Shares(suite.crew.databases)
    await rights.were_redeemed_once(redeemers)
    await rights.were_taken_once(doors)
    await shares.hold(payers.users)
    await suite.crew.stop()
    if SIZE.long:
        each, paid, killed = len(redeemers.presented), shares.statuses["completed"], suite.crew.killed
        rows = {
            "redemptions and uses that were asked for": 6 * each,
            "gift vouchers, each presented twice and redeemed once": each,
            "session packs, the last session taken at two doors and used once": each,
            "gift cards, each presented for two contracts": each,
            "uses of gift cards that paid": paid,
            "uses of gift cards that were refused": 2 * each - paid,
            "workers of credits killed (SIGKILL)": killed["credits"],
            "APIs of credits killed (SIGKILL)": killed["credits-api"],
            "workers of contracts killed (SIGKILL)": killed["contracts"],
            "workers of payments killed (SIGKILL)": killed["payments"],
            "seconds": seconds,
        }
        write("gifts", rows, VERDICT)


async def _each(kill: Callable[[str], Awaitable[None]]) -> None:
    for name in KILLED:
        await kill(name)
