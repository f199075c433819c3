"""Bulk jobs on a real MongoDB: each item once, whatever is killed, with a report of what could not be done."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from carnet.dates import utc_now
from carnet.decisions import Actor, Context, State
from carnet.ids import new_id
from carnet.job_runs import Jobs
from carnet.jobs import COLLECTIONS, DUE_JOBS, JOBS, Job, JobKind, cancel_job, job_of, report_of, start_job
from carnet.journal import ORIGIN, SLOTS, Origin, coming_from
from carnet.mongo import BusyError, Collection, Database, Unit, transact
from carnet.observe import REQUEST_ID
from carnet.organisations import ORGANISATIONS, Organisation, context_for
from carnet.refusals import conflict
from carnet_suite.servers import Servers

ALL = frozenset(range(SLOTS))
STAFF = Actor("user", "01900000-0000-7000-8000-0000000000aa")


class Card(State):
    """Something to be stamped."""

    stamps: int = 0


CARDS = Collection("cards", Card)


class KilledError(BaseException):
    """The worker dies here."""


@dataclass
class School:
    """An organisation with numbered cards, and the kind of job that stamps each of them."""

    database: Database
    organisation: str
    refused: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    killed_at: str | None = None
    cancelled_after: str | None = None
    most: int = 1_000
    """More items than these are too much for one transaction of the server."""
    requests: set[tuple[str | None, str | None]] = field(default_factory=set)
    """The requests of the journal and of the log while items were done."""

    @property
    def kind(self) -> JobKind:
        return JobKind("stamp", items=self._items, count=self._count, load=self._load, do=self._do)

    def card(self, number: int) -> str:
        return f"{self.organisation}-{number:04}"

    async def _items(self, database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
        if after is not None and after == self.cancelled_after:
            await self._cancel(job.id)
        query = {"organisation": job.organisation, **({"_id": {"$gt": after}} if after else {})}
        found = await database["cards"].find(query, {"_id": 1}).sort("_id", 1).limit(limit).to_list(None)
        return [document["_id"] for document in found]

    async def _cancel(self, job: str) -> None:
        async def cancel(unit: Unit) -> None:
            with unit.piece(self.organisation):
                unit.put(JOBS, cancel_job(await unit.one(JOBS, job, what="job")))

        await transact(self.database, cancel)

    async def _count(self, database: Database, job: Job) -> int:
        return await database["cards"].count_documents({"organisation": job.organisation})

    async def _load(self, unit: Unit, _: Job, items: Sequence[str]) -> None:
        if len(items) > self.most:
            raise BusyError
        await unit.load(CARDS, items)

    def _do(self, unit: Unit, _: Job, item: str, context: Context) -> None:
        assert context.actor == STAFF
        self.requests.add((ORIGIN.get().request, REQUEST_ID.get()))
        card = unit.get(CARDS, item)
        assert card is not None
        unit.put(CARDS, card.model_copy(update={"stamps": card.stamps + 1}))
        if item in self.refused:
            raise conflict("card-full", "The card is full. Give another one.")
        if item in self.broken:
            raise ZeroDivisionError
        if item == self.killed_at:
            self.killed_at = None
            raise KilledError

    async def start(self, cards: int) -> str:
        made = [
            {"_id": self.card(n), "organisation": self.organisation, "schema": 1, "stamps": 0} for n in range(cards)
        ]
        await self.database["cards"].insert_many([{**card, "version": 0} for card in made])
        return await self.start_more()

    async def start_more(self) -> str:
        """Start a job over the cards that are there."""

        async def work(unit: Unit) -> str:
            with unit.piece(self.organisation):
                context = await context_for(unit, self.organisation, STAFF)
                job = start_job(self.kind, {"colour": "red"}, self.organisation, context)
                unit.put(JOBS, job)
                return job.id

        return await transact(self.database, work)

    async def job(self, job: str) -> Job:
        found = await job_of(self.database, self.organisation, job)
        assert found is not None
        return found

    async def stamps(self) -> list[int]:
        found = await self.database["cards"].find({"organisation": self.organisation}).sort("_id", 1).to_list(None)
        return [document["stamps"] for document in found]


@pytest.fixture
async def school(servers: Servers, namespace: str) -> AsyncIterator[School]:
    database = Database.open(servers.mongo_url, f"{namespace}carnet_jobs")
    await database.prepare([CARDS, ORGANISATIONS, *COLLECTIONS])
    id_ = new_id()
    profile = Organisation(
        id=id_,
        organisation=id_,
        name="École",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact={"email": "bureau@ecole.example"},
        support_email="support@ecole.example",
        mode="live",
    )

    async def keep(unit: Unit) -> None:
        unit.put(ORGANISATIONS, profile)

    await transact(database, keep)
    yield School(database, id_)
    database.close()


async def run(school: School, chunk: int = 10) -> int:
    return await Jobs(school.database, [school.kind], chunk=chunk).round(ALL, asyncio.Event())


async def test_a_job_does_every_item_once_and_says_how_many(school: School) -> None:
    job = await school.start(25)
    assert await run(school) == 1
    ended = await school.job(job)
    assert (ended.status, ended.done, ended.expected, ended.due) == ("done", 25, 25, None)
    assert await school.stamps() == [1] * 25
    assert await run(school) == 0


async def test_what_a_job_does_and_logs_bears_the_request_that_started_it(school: School) -> None:
    for request in ("shop-1", "shop-2"):
        with coming_from(Origin(request=request)):
            await (school.start(1) if request == "shop-1" else school.start_more())
        assert await run(school) == 1
    assert school.requests == {("shop-1", "shop-1"), ("shop-2", "shop-2")}
    assert (ORIGIN.get().request, REQUEST_ID.get()) == (None, None)


async def test_a_worker_that_is_killed_in_the_middle_leaves_the_rest_to_the_next_and_nothing_is_done_twice(
    school: School,
) -> None:
    job = await school.start(35)
    school.killed_at = school.card(17)
    with pytest.raises(KilledError):
        await run(school)
    held = await school.job(job)
    assert (held.status, held.done, held.position) == ("running", 10, school.card(9))
    assert await run(school) == 0, "the claim of the killed worker has not run out"
    await school.database["jobs"].update_one({"_id": job}, {"$set": {"due": "2026-01-01T00:00:00.000000Z"}})
    assert await run(school) == 1
    assert (await school.job(job)).status == "done"
    assert await school.stamps() == [1] * 35


async def test_two_workers_never_do_the_same_item(school: School) -> None:
    job = await school.start(60)
    await asyncio.gather(run(school, 3), run(school, 3), run(school, 3))
    assert (await school.job(job)).done == 60
    assert await school.stamps() == [1] * 60


async def test_what_is_refused_or_fails_is_named_in_the_report_and_stops_no_other(school: School) -> None:
    job = await school.start(12)
    school.refused, school.broken = {school.card(3)}, {school.card(7)}
    await run(school, 5)
    ended = await school.job(job)
    assert (ended.status, ended.done, ended.refused, ended.failed) == ("done", 10, 1, 1)
    assert await school.stamps() == [0 if number in (3, 7) else 1 for number in range(12)]
    lines = await report_of(school.database, school.organisation, job, after=None, limit=10)
    assert [(line.item, line.outcome, line.problem) for line in lines] == [
        (school.card(3), "refused", "card-full"),
        (school.card(7), "failed", "internal"),
    ]


async def test_items_that_are_too_much_together_are_done_one_by_one_at_once(school: School) -> None:
    school.most = 3
    job = await school.start(25)
    assert await run(school) == 1
    done = await school.job(job)
    assert (done.status, done.done, done.failed) == ("done", 25, 0)
    assert await school.stamps() == [1] * 25


async def test_a_job_that_is_cancelled_stops_after_the_chunk_under_way(school: School) -> None:
    job = await school.start(30)
    school.cancelled_after = school.card(9)
    await run(school)
    ended = await school.job(job)
    assert (ended.status, ended.done, ended.expected) == ("cancelled", 10, 30)
    assert await school.stamps() == [1] * 10 + [0] * 20
    assert cancel_job(ended) == ended


async def test_a_worker_that_stops_gives_its_job_back_at_once(school: School) -> None:
    job = await school.start(30)
    stopping = asyncio.Event()
    stopping.set()
    await Jobs(school.database, [school.kind]).round(ALL, stopping)
    held = await school.job(job)
    assert (held.claim, held.claims, held.done) == (None, 0, 0)
    assert await run(school) == 1
    assert await school.stamps() == [1] * 30


async def test_a_kind_that_this_release_does_not_know_waits(school: School) -> None:
    job = await school.start(3)
    other = JobKind("other", items=school._items, count=school._count, load=school._load, do=school._do)
    assert await Jobs(school.database, [other]).round(ALL, asyncio.Event()) == 0
    assert (await school.job(job)).status == "waiting"


async def test_looking_for_jobs_uses_an_index(school: School) -> None:
    await school.start(1)
    jobs = school.database["jobs"]
    plan = await jobs.find({**DUE_JOBS.query(utc_now()), "kind": {"$in": ["stamp"]}}).sort("due", 1).explain()
    assert "'stage': 'IXSCAN'" in str(plan["queryPlanner"]["winningPlan"])
