"""Bulk jobs: work over many items that a person starts, watches and may cancel, with a report that stays.

A job goes through its items in the order of their ids. A chunk of items, what is said of them and the job's new
position are one transaction, so each item is done once: a worker that takes over after a kill goes on at the position.
One item that is refused or fails is named in the report and stops no other.

    waiting ──claimed──▶ running ──all items done──▶ done
                           └──── cancelling ───────▶ cancelled
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field
from pymongo import IndexModel

from carnet.dates import Instant
from carnet.decisions import Actor, ActorKind, Context, State
from carnet.due import Due
from carnet.journal import ORIGIN, slot_of
from carnet.mongo import Collection, Database, Document, Unit

Parameters = dict[str, str | int | bool | None]
"""What a job was started with, by name."""

Status = Literal["waiting", "running", "cancelling", "done", "cancelled"]
ENDED: tuple[Status, ...] = ("done", "cancelled")


class Job(State):
    """One job. ``position`` is the id of the last item that was dealt with; ``due`` is none once it has ended."""

    kind: str
    by_kind: ActorKind
    by: str
    """The id of who started it."""
    request: str | None = None
    """The id of the request that started it; the journal rows of its items name it."""
    asked_at: Instant
    parameters: Parameters = Field(default_factory=dict)
    slot: int
    status: Status = "waiting"
    due: Instant | None
    claim: str | None = None
    claims: int = 0
    position: str | None = None
    expected: int | None = None
    """How many items there were when it began; none before."""
    done: int = 0
    refused: int = 0
    failed: int = 0
    ended_at: Instant | None = None

    @property
    def actor(self) -> Actor:
        """Who started it, and acts in each of its items (ORG-4)."""
        return Actor(self.by_kind, self.by)


class ReportLine(State):
    """An item that a job could not do, and why; its id is the job's and the item's."""

    job: str
    item: str
    outcome: Literal["refused", "failed"]
    """Refused by a rule, or failed by a fault that those who operate Carnet find in the logs."""
    problem: str
    """The type of the problem."""
    detail: str


JOBS = Collection(
    "jobs",
    Job,
    indexes=[
        IndexModel([("due", 1), ("slot", 1)], name="due", partialFilterExpression={"due": {"$gt": ""}}),
        IndexModel([("organisation", 1), ("_id", -1)], name="newest"),
    ],
)
REPORTS = Collection(
    "job_reports",
    ReportLine,
    indexes=[IndexModel([("organisation", 1), ("job", 1), ("_id", 1)], name="of_job")],
)
COLLECTIONS = (JOBS, REPORTS)
DUE_JOBS = Due(JOBS, instant="due", claims="claims")


@dataclass(frozen=True)
class JobKind:
    """What jobs of one kind do.

    ``items`` gives the ids of up to so many items that come after an id, in order; ``count`` how many there are.
    ``load`` loads what the items of a chunk need; ``do`` does one, or raises the refusal that the report names.
    """

    name: str
    items: Callable[[Database, Job, str | None, int], Awaitable[Sequence[str]]]
    count: Callable[[Database, Job], Awaitable[int]]
    load: Callable[[Unit, Job, Sequence[str]], Awaitable[None]]
    do: Callable[[Unit, Job, str, Context], None]


def start_job(kind: JobKind, parameters: Parameters, organisation: str, context: Context) -> Job:
    """A job that a worker begins as soon as it sees it; the caller puts it into its unit."""
    id_ = context.new_id()
    return Job(
        id=id_,
        organisation=organisation,
        kind=kind.name,
        by_kind=context.actor.kind,
        by=context.actor.id,
        request=ORIGIN.get().request,
        asked_at=context.now,
        parameters=parameters,
        slot=slot_of(id_),
        due=context.now,
    )


def cancel_job(job: Job) -> Job:
    """The job, to end after the chunk under way; what is done stays done. One that has ended stays as it is."""
    return job if job.status in ENDED else job.model_copy(update={"status": "cancelling"})


async def job_of(database: Database, organisation: str, job: str) -> Job | None:
    """The job of that id in the organisation."""
    return await database.state_of(JOBS, organisation, job)


async def jobs_of(database: Database, organisation: str, *, before: str | None, limit: int) -> Sequence[Job]:
    """The jobs of an organisation, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation, **({"_id": {"$lt": before}} if before else {})}
    found = await database[JOBS.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return [JOBS.read(document) for document in found]


async def report_of(
    database: Database, organisation: str, job: str, *, after: str | None, limit: int
) -> Sequence[ReportLine]:
    """What a job could not do, in the order of its items, those after the line ``after``."""
    query: Document = {"organisation": organisation, "job": job, **({"_id": {"$gt": after}} if after else {})}
    found = await database[REPORTS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [REPORTS.read(document) for document in found]
