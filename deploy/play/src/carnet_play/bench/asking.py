"""How long a platform waits that asks what a member may enter now, among the members of 100,000 accounts (CON-20)."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import orjson

from carnet.dates import utc_now
from carnet.events.access import AccessSettings, ReleaseCalendar
from carnet.ids import new_id
from carnet.mongo import Database, Document
from carnet_play.bench.client import Connection
from carnet_play.bench.finding import Looked
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import School, Stage
from carnet_suite.topology import Process
from contracts.access.domain import Access, Given, PlanLine, access_id
from contracts.access.store import ACCESSES, open_accesses

ACCOUNTS = 100_000
COURSES = 2
PAGE = 1_000
ROUNDS = 2_000
MOST_MS = 20.0


@dataclass(frozen=True, slots=True)
class Learner:
    """A member, and the courses that their plan opens."""

    account: str
    member: str


async def measure(stage: Stage, accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> tuple[Reading]:
    """Ask over HTTP for members by chance, one after the other, beside the same query alone."""
    database = stage.database("contracts")
    school = await stage.school(database)
    await database.prepare([ACCESSES])
    learners = [Learner(new_id(), new_id()) for _ in range(accounts)]
    await _fill(database, school, learners)
    chosen = random.Random(1).choices(learners, k=rounds)  # which members are asked for
    with stage.running(Process("contracts", "api")):
        await _over_http(stage, school, chosen[: rounds // 10])
        asked = await _over_http(stage, school, chosen)
    bare = await _bare(database, school, chosen)
    database.close()
    return (
        Reading(
            name=f"What may a member enter now, asked over HTTP, {accounts:,} accounts, {COURSES} courses each",
            read=f"p50 {asked.at(0.50):.1f} ms, p95 {asked.at(0.95):.1f} ms; the same query alone p50 "
            f"{bare.at(0.50):.1f} ms, p95 {bare.at(0.95):.1f} ms",
            goal=f"p95 < {MOST_MS:.0f} ms",
            reached=asked.at(0.95) < MOST_MS,
        ),
    )


async def _fill(database: Database, school: School, learners: Sequence[Learner]) -> None:
    for start in range(0, len(learners), PAGE):
        documents = [each for learner in learners[start : start + PAGE] for each in _documents(school, learner)]
        await database[ACCESSES.name].insert_many(documents, ordered=False)


def _documents(school: School, learner: Learner) -> Iterator[Document]:
    today = utc_now().date()
    settings = AccessSettings(lessons=40, release=ReleaseCalendar(lessons=2, every_days=7), exercises="teacher")
    plan, contract = school.product, new_id()
    for number in range(COURSES):
        line, course = str(uuid4()), f"course-{number}"
        bought = PlanLine(
            line=line, contract=contract, product=plan.id, name=plan.name, bought_on=today, settings=settings
        )
        given = Given(
            contract=contract, line=line, product=plan.id, name=plan.name, settings=settings, first_day=today
        )  # fmt: skip
        access = Access(
            id=access_id(learner.member, course),
            organisation=school.organisation,
            version=1,
            account=learner.account,
            member=learner.member,
            course=course,
            lines=(bought,),
            given=given,
            open=True,
        )
        yield ACCESSES.write(access)


async def _over_http(stage: Stage, school: School, learners: Sequence[Learner]) -> Looked:
    headers = {"Authorization": f"Bearer {stage.token(school.organisation)}"}
    connection = await Connection.open(stage.places.apis["contracts"])
    taken = []
    for learner in learners:
        started = time.perf_counter()
        answer = await connection.get(f"/v1/members/{learner.member}/accesses", headers)
        taken.append((time.perf_counter() - started) * 1000)
        if len(orjson.loads(answer.body_of(200))["items"]) != COURSES:
            raise RuntimeError(f"not all courses of {learner.member} were answered")
    await connection.close()
    return Looked(sorted(taken))


async def _bare(database: Database, school: School, learners: Sequence[Learner]) -> Looked:
    taken = []
    for learner in learners:
        started = time.perf_counter()
        await open_accesses(database, school.organisation, learner.member, course=None, after=None, limit=51)
        taken.append((time.perf_counter() - started) * 1000)
    return Looked(sorted(taken))
