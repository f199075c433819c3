"""The account statement of 200 movements (PAY-16): read, and as a PDF."""

import time
from datetime import timedelta

from carnet.ids import new_id
from carnet.mongo import Unit, look
from carnet_play.bench.owing import Families
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import PRICE, Stage
from payments.statements.api.asked import Period, Read, statement_in
from payments.statements.api.printing import printed

CONTRACTS, PAYMENTS = 20, 9
"""Each contract has a charge, and is paid in so many parts."""

TIMES, PRINTS = 100, 10


async def measure(stage: Stage) -> tuple[Reading]:
    """Read the statement of a family again and again, then print it."""
    database, account = stage.database("payments"), new_id()
    school = await stage.school(stage.database("contracts"))
    families = Families(database, school)
    bought = await families.buy(CONTRACTS, account)
    for _ in range(PAYMENTS):
        await families.pay(bought, PRICE // PAYMENTS)
    today = school.context().today

    async def work(unit: Unit) -> Read:
        with unit.piece(school.organisation):
            return await statement_in(unit, account, Period(None, today + timedelta(days=1)), today)

    reads = list[float]()
    for _ in range(TIMES):
        started = time.perf_counter()
        read = await look(database, work)
        reads.append((time.perf_counter() - started) * 1_000)
    entries = len(read.statement.lines)
    started = time.perf_counter()
    for _ in range(PRINTS):
        pdf = await printed(database, read, "fr")
    print_ms = (time.perf_counter() - started) * 1_000 / PRINTS
    database.close()
    reads.sort()
    middle, late = reads[TIMES // 2], reads[TIMES * 95 // 100]
    reading = Reading(
        name=f"An account statement of {entries} movements on {CONTRACTS} contracts",
        read=f"read p50 {middle:.0f} ms, p95 {late:.0f} ms; as a PDF {print_ms:.0f} ms more, {len(pdf) / 1024:.0f} KB",
        goal="read p95 < 200 ms",
        reached=late < 200,
    )
    return (reading,)
