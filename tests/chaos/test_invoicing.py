"""All that is paid is invoiced by one bulk job while workers die in the middle of it (INV-2, INV-5)."""

import random
import time

import pytest

from tests.chaos.breaking import killing
from tests.chaos.conftest import Broken
from tests.chaos.invoicing import PaidContracts
from tests.chaos.size import SIZE
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: the numbers are 1 to the last without a gap, each once, on days that never go back; every\n"
    "contract has one invoice with its PDF and one mail, the job is done, and `carnet verify` found nothing."
)

KILLED = ("payments-worker", "payments-worker-2", "payments-worker-3", "contracts-worker")


async def test_inv_2_no_number_is_missing_or_given_twice_whatever_is_killed_in_a_bulk_job(suite: Broken) -> None:
    contracts = PaidContracts(suite.load)
    api = await suite.crew.launch_api("payments")
    suite.crew.env["notifications"] = {"CARNET_PAYMENTS_URL": api.address}
    await suite.crew.start(payments=3)
    await api.ready()
    await suite.load.prepare()
    await contracts.open(SIZE.invoices)
    started = time.monotonic()
    async with killing(suite.crew, KILLED, random.Random(2)) as kill:
        job = await contracts.begin()
        await contracts.some(0.5)
        await kill("payments-worker")
        await contracts.some(1.0)
        seconds_issued = time.monotonic() - started
        await contracts.all_printed()
    seconds = time.monotonic() - started
    await suite.crew.ready()
    await suite.proof.agrees(SIZE.every)
    await contracts.hold(job)
    await suite.crew.stop()
    if SIZE.long:
        killed = suite.crew.killed
        rows = {
            "paid contracts, invoiced by one bulk job": SIZE.invoices,
            "workers of payments": 3,
            "workers of payments killed (SIGKILL)": killed["payments"],
            "workers of contracts killed (SIGKILL)": killed["contracts"],
            "seconds until all were issued": seconds_issued,
            "seconds until all had their PDF": seconds,
        }
        write("invoices", rows, VERDICT)
