"""A school comes from other software while processes die: each family once and whole, and no mail (IMP-1 to IMP-3)."""

import time

import pytest

from tests.chaos.conftest import Broken
from tests.chaos.importing import Newcomers
from tests.chaos.size import SIZE
from tests.chaos.written import write

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SIZE.limit)]

VERDICT = (
    "Verdict: each family is here once, with the amounts that the dry run said of it, no mail was made, and\n"
    "`carnet verify` found nothing."
)


async def test_imp_2_an_import_that_is_killed_goes_on_by_itself_and_no_family_comes_twice(suite: Broken) -> None:
    school = Newcomers(suite.load, suite.crew, SIZE.families)
    await suite.crew.launch_api("contracts")
    await suite.crew.start()
    await suite.load.prepare()

    async def api_dies() -> None:
        await suite.crew.crash("contracts-api")

    found = await school.look(halfway=api_dies)
    assert (found.problems, found.waiting, await school.imported()) == ([], SIZE.families, 0)
    started = time.monotonic()
    job = await school.run(found)
    await school.some()
    await suite.crew.crash("contracts-worker")
    seen = await school.imported()
    assert 0 < seen < SIZE.families, "it was killed in the middle"
    for name in ("payments-worker", "credits-worker", "notifications-worker"):
        await suite.crew.crash(name)
    await suite.crew.ready()
    await school.all_here()
    seconds = time.monotonic() - started
    await suite.proof.agrees(SIZE.every)
    await school.hold(job)
    again = await school.look()
    assert {each.standing for each in school.looked} == {"unchanged"}
    assert (again.waiting, await school.imported()) == (0, SIZE.families)
    await suite.crew.stop()
    if SIZE.long:
        rows = {
            "families in the file": SIZE.families,
            "of them here when the worker that imports them was killed": seen,
            "processes killed (SIGKILL), of contracts, payments, credits and notifications": suite.crew.killed.total(),
            "seconds until all were here, in every service": seconds,
        }
        write("imports", rows, VERDICT)
