"""Bulk jobs over HTTP: their progress, their report, and cancelling one. What starts one is the service's own route."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http.calls import Call, Command, Reply, changes, reads
from carnet.http.pages import Page, PageAsked
from carnet.http.routes import router
from carnet.ids import Id
from carnet.jobs import (
    JOBS,
    Job,
    JobKind,
    Parameters,
    ReportLine,
    Status,
    cancel_job,
    job_of,
    jobs_of,
    report_of,
    start_job,
)
from carnet.mongo import Unit
from carnet.refusals import unknown
from carnet.tolerance import Tolerant


class JobView(Tolerant):
    """A bulk job as it is now."""

    id: str = Field(description="The job's id.")
    kind: str = Field(description="What it does to each of its items.")
    status: Status = Field(
        description="`waiting` until a worker begins it, `running`, `cancelling`, then `done` or `cancelled`."
    )
    by: str = Field(description="Who started it: `user:...`, `support:...`.")
    asked_at: datetime = Field(description="When it was started, UTC.")
    parameters: Parameters = Field(description="What it was started with.")
    expected: int | None = Field(description="How many items it has; null until it begins.")
    done: int = Field(description="How many items are done.")
    refused: int = Field(description="How many items were refused by a rule; the report names them.")
    failed: int = Field(description="How many items failed by a fault of Carnet's own; the report names them.")
    ended_at: datetime | None = Field(description="When it ended, UTC; null before.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """The view of a job."""
        return cls(**job.model_dump(include=set(cls.model_fields) - {"by"}), by=str(job.actor))


class ReportLineView(Tolerant):
    """An item that a job could not do."""

    item: str = Field(description="The id of the item.")
    outcome: Literal["refused", "failed"] = Field(description="Refused by a rule, or failed by a fault of Carnet.")
    problem: str = Field(description="The type of the problem.")
    detail: str = Field(description="What is the matter and what to do, in English.")

    @classmethod
    def of(cls, line: ReportLine) -> Self:
        """The view of a line of the report."""
        return cls(item=line.item, outcome=line.outcome, problem=line.problem, detail=line.detail)


def started(kind: JobKind, parameters: Parameters, command: Command, unit: Unit, context: Context) -> Reply:
    """Start a job in the unit of a command; the answer (202) says where its progress is."""
    job = start_job(kind, parameters, command.organisation, context)
    unit.put(JOBS, job)
    return Reply(JobView.of(job), status=202, location=f"/v1/jobs/{job.id}")


def job_routes(read_scope: str, write_scope: str) -> APIRouter:
    """The routes of a service's jobs, for staff with these scopes."""
    routes = router(tags=["jobs"])
    Reads = Annotated[Call, reads(read_scope, staff=True)]  # noqa: N806 # a type that depends on the scopes
    Writes = Annotated[Command, changes(write_scope, staff=True)]  # noqa: N806 # likewise

    @routes.get("/jobs")
    async def list_jobs(call: Reads, page: PageAsked) -> Page[JobView]:
        """List the bulk jobs of the organisation, the newest first."""
        after = page.after(str)
        found = await jobs_of(call.database, call.organisation, before=after[0] if after else None, limit=page.fetch)
        return page.of(found, place=lambda job: (job.id,), show=JobView.of)

    @routes.get("/jobs/{job}", response_model=JobView)
    async def read_job(job: Id, call: Reads) -> Response:
        """Read how far a bulk job is."""
        found = await job_of(call.database, call.organisation, job)
        if found is None:
            raise unknown("job", job)
        return call.show(JobView.of(found))

    @routes.get("/jobs/{job}/report")
    async def read_report(job: Id, call: Reads, page: PageAsked) -> Page[ReportLineView]:
        """Read what a bulk job could not do, item by item, and why."""
        if await job_of(call.database, call.organisation, job) is None:
            raise unknown("job", job)
        after = page.after(str)
        lines = await report_of(
            call.database, call.organisation, job, after=after[0] if after else None, limit=page.fetch
        )
        return page.of(lines, place=lambda line: (line.id,), show=ReportLineView.of)

    @routes.post("/jobs/{job}/cancel", response_model=JobView)
    async def cancel_a_job(job: Id, command: Writes) -> Response:
        """Cancel a bulk job: what is done stays done, the rest is left alone. One that has ended stays as it is."""

        async def work(unit: Unit, _: Context) -> Reply:
            cancelled = cancel_job(await unit.one(JOBS, job, what="job"))
            unit.put(JOBS, cancelled)
            return Reply(JobView.of(cancelled))

        return await command.run(work)

    return routes
