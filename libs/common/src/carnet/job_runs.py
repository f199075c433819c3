"""The worker's part of bulk jobs: claims a job and does its items, chunk by chunk (see ``carnet.jobs``)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from carnet.dates import utc_now
from carnet.due import rounds
from carnet.ids import new_id
from carnet.jobs import DUE_JOBS, JOBS, REPORTS, Job, JobKind, ReportLine, Status
from carnet.journal import Origin, coming_from
from carnet.leases import Leases
from carnet.mongo import Database, Unit, is_transient, may_be_too_much, transact
from carnet.observe import log
from carnet.organisations import context_for
from carnet.refusals import Refusal

CHUNK = 50
"""How many items one transaction does."""

CLAIM_SECONDS = 20.0
"""How long a job stays with a worker that was killed; every chunk, which takes a second or two, renews it."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found no job."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What came of the items of one chunk."""

    done: int = 0
    lines: tuple[ReportLine, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A job that this worker holds by ``claim``, and how many items it has in all."""

    kind: JobKind
    job: Job
    claim: str
    expected: int


class Jobs:
    """The timed work of a worker that does the jobs of these kinds."""

    def __init__(self, database: Database, kinds: Sequence[JobKind], *, chunk: int = CHUNK) -> None:
        self._database = database
        self._kinds = {kind.name: kind for kind in kinds}
        self._chunk = chunk

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Do the jobs of the slots held, until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots, stopping),
            what="the work on jobs",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(JOBS.name),
            due_in=lambda: DUE_JOBS.due_in(self._database, leases.slots, {"kind": {"$in": sorted(self._kinds)}}),
        )

    async def round(self, slots: frozenset[int], stopping: asyncio.Event) -> int:
        """Claim one job and do it until it has ended, or ``stopping`` is set; returns how many were claimed."""
        if not slots:
            return 0
        now, claim = utc_now(), new_id()
        until = now + timedelta(seconds=CLAIM_SECONDS)
        jobs = await DUE_JOBS.claim(
            self._database,
            slots,
            claim=claim,
            now=now,
            until=until,
            limit=1,
            # A kind that a newer release knows waits for a worker of that release.
            where={"kind": {"$in": sorted(self._kinds)}},
        )
        for job in jobs:
            with coming_from(Origin(request=job.request)):
                await self._do(job, claim, stopping)
        return len(jobs)

    async def _do(self, job: Job, claim: str, stopping: asyncio.Event) -> None:
        kind = self._kinds[job.kind]
        expected = job.expected if job.expected is not None else await kind.count(self._database, job)
        claimed = _Claimed(kind, job, claim, expected)
        position, going_on = job.position, True
        while going_on:
            if stopping.is_set():
                await DUE_JOBS.put_off(self._database, claim, [job.id], utc_now())
                return
            items = await kind.items(self._database, job, position, self._chunk)
            going_on = await self._step(claimed, items)
            position = items[-1] if items else position

    async def _step(self, claimed: _Claimed, items: Sequence[str]) -> bool:
        """Do the items of one chunk; whether the job goes on."""
        try:
            return await self._commit(claimed, items)
        except Exception as error:
            # What is too much for one transaction is not waited for: fewer items at a time may be done at once.
            if is_transient(error) and not (may_be_too_much(error) and len(items) > 1):
                raise
            log.exception(
                "items of a job failed together", job=claimed.job.id, kind=claimed.kind.name, items=len(items)
            )
        going_on = True
        for item in items:
            if going_on:
                going_on = await self._alone(claimed, item)
        return going_on

    async def _alone(self, claimed: _Claimed, item: str) -> bool:
        try:
            return await self._commit(claimed, [item])
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("an item of a job failed", job=claimed.job.id, kind=claimed.kind.name, item=item)
            return await self._commit(claimed, [item], fault=error)

    async def _commit(self, claimed: _Claimed, items: Sequence[str], fault: Exception | None = None) -> bool:
        """Do these items and move the job on, in one transaction; with a ``fault``, only name it for the item."""
        job = claimed.job

        async def work(unit: Unit) -> bool:
            with unit.piece(job.organisation):
                return await self._in_unit(unit, claimed, items, fault)

        return await transact(self._database, work)

    async def _in_unit(self, unit: Unit, claimed: _Claimed, items: Sequence[str], fault: Exception | None) -> bool:
        job = claimed.job
        await unit.load(JOBS, [job.id])
        known = unit.get(JOBS, job.id)
        if known is None or known.claim != claimed.claim:
            return False  # the claim ran out, and another worker has the job
        ended: Status | None = "cancelled" if known.status == "cancelling" else None if items else "done"
        if ended:
            unit.put(JOBS, _ended(known, ended))
            return False
        chunk = _Chunk(lines=(_line(job, items[0], fault),)) if fault else await _done(unit, claimed.kind, known, items)
        for line in chunk.lines:
            unit.put(REPORTS, line)
        unit.put(JOBS, _moved(known, chunk, items[-1], claimed.expected))
        return True


async def _done(unit: Unit, kind: JobKind, job: Job, items: Sequence[str]) -> _Chunk:
    await kind.load(unit, job, items)
    context = await context_for(unit, job.organisation, job.actor)
    done, lines = 0, []
    for item in items:
        try:
            with unit.piece(job.organisation):
                kind.do(unit, job, item, replace(context, change=new_id()))
            done += 1
        except Refusal as refusal:
            lines.append(_line(job, item, refusal))
    return _Chunk(done=done, lines=tuple(lines))


def _line(job: Job, item: str, fault: Exception) -> ReportLine:
    known = {"job": job.id, "item": item, "id": f"{job.id}/{item}", "organisation": job.organisation}
    if isinstance(fault, Refusal):
        return ReportLine(**known, outcome="refused", problem=fault.slug, detail=fault.detail)
    detail = "Carnet could not do this one, through a fault of its own. Those who operate it find the job in the logs."
    return ReportLine(**known, outcome="failed", problem="internal", detail=detail)


def _moved(job: Job, chunk: _Chunk, position: str, expected: int) -> Job:
    refused = sum(line.outcome == "refused" for line in chunk.lines)
    return job.model_copy(
        update={
            "status": "running",
            "due": utc_now() + timedelta(seconds=CLAIM_SECONDS),
            "position": position,
            "expected": expected,
            "done": job.done + chunk.done,
            "refused": job.refused + refused,
            "failed": job.failed + len(chunk.lines) - refused,
        }
    )


def _ended(job: Job, status: Status) -> Job:
    now = utc_now()
    expected = job.done + job.refused + job.failed if status == "done" else job.expected
    return job.model_copy(update={"status": status, "due": None, "claim": None, "ended_at": now, "expected": expected})
