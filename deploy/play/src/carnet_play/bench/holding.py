"""How long the list of what a family holds takes among 100,000 accounts: credits, gifts and session packs (CRE-8)."""

import random
import time
from collections.abc import Sequence

import orjson

from carnet.mongo import Database
from carnet_play.bench.client import Connection
from carnet_play.bench.finding import Looked
from carnet_play.bench.holders import Documents, copies, keep, opened
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import Process
from credits.packs.store import PACKS
from credits.store import VOUCHERS, bought_by, credits_of

ACCOUNTS = 100_000
PAGE = 1_000
ROUNDS = 2_000
HELD = ["credit", "gift_card", "pack", "voucher"]
"""What each family has, one of each."""
MOST_MS = 20.0


async def measure(stage: Stage, accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> tuple[Reading]:
    """Ask over HTTP for families by chance, one after the other, beside the queries of what they have alone."""
    school = await stage.school(stage.database("contracts"))
    database = stage.database("credits")
    await opened(database, school)
    families = await _fill(database, school, accounts)
    chosen = random.Random(1).choices(families, k=rounds)  # which families are asked for
    with stage.running(Process("credits", "api")):
        await _over_http(stage, school, chosen[: rounds // 10])
        asked = await _over_http(stage, school, chosen)
    bare = await _bare(database, school, chosen)
    database.close()
    return (
        Reading(
            name=f"What a family holds, one of each kind, asked over HTTP, {accounts:,} accounts",
            read=f"p50 {asked.at(0.50):.1f} ms, p95 {asked.at(0.95):.1f} ms; the queries of the four kinds alone p50 "
            f"{bare.at(0.50):.1f} ms, p95 {bare.at(0.95):.1f} ms",
            goal=f"p95 < {MOST_MS:.0f} ms",
            reached=asked.at(0.95) < MOST_MS,
        ),
    )


async def _fill(database: Database, school: School, count: int) -> list[str]:
    families: list[str] = []
    page: list[Documents] = []
    for account, documents in copies(school, count):
        families.append(account)
        page.append(documents)
        if len(page) == PAGE:
            await keep(database, page)
            page = []
    if page:
        await keep(database, page)
    return families


async def _over_http(stage: Stage, school: School, families: Sequence[str]) -> Looked:
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}"}
    connection = await Connection.open(stage.places.apis["credits"])
    taken = []
    for account in families:
        started = time.perf_counter()
        answer = await connection.get(f"/v1/accounts/{account}/holdings", headers)
        taken.append((time.perf_counter() - started) * 1000)
        if sorted(each["kind"] for each in orjson.loads(answer.body_of(200))["items"]) != HELD:
            raise RuntimeError(f"not all that {account} has was answered")
    await connection.close()
    return Looked(sorted(taken))


async def _bare(database: Database, school: School, families: Sequence[str]) -> Looked:
    taken = []
    for account in families:
        started = time.perf_counter()
        await credits_of(database, school.organisation, account, status=None, after=None, limit=51, cards=True)
        await bought_by(database, VOUCHERS, school.organisation, account, after=None, limit=51)
        await bought_by(database, PACKS, school.organisation, account, after=None, limit=51)
        taken.append((time.perf_counter() - started) * 1000)
    return Looked(sorted(taken))
