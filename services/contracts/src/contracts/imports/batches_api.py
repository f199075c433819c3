"""Importing many families over HTTP: sent some at a time and looked at, then imported by a job (IMP-1, IMP-2)."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field
from starlette.responses import Response

from carnet.dates import Instant
from carnet.decisions import Context
from carnet.http import Body, Reply
from carnet.http import router as new_router
from carnet.http.jobs import JobView
from carnet.ids import Id
from carnet.jobs import JOBS, start_job
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.tolerance import Tolerant
from contracts.imports.api import Imports, Looks, LookView, look_at
from contracts.imports.bodies import FamilyIn
from contracts.imports.domain import family_id
from contracts.imports.family import Family
from contracts.imports.job import IMPORTING
from contracts.imports.staged import Import, begin, refuse_closed, run, stage, staged_id
from contracts.imports.store import FAMILIES, IMPORTS, STAGED, discard

router = new_router(tags=["imports"])

MOST_AT_ONCE = 100


class ImportView(Tolerant):
    """An import as it is now."""

    id: str
    by: str = Field(description="Who began it, as in the journal.")
    begun_at: Instant = Field(description="When it was begun, UTC.")
    families: int = Field(description="How many families wait in it, or waited when its job was started.")
    job: str | None = Field(description="The job that imports them (`/v1/jobs/...`); null until it is started.")
    discarded: bool = Field(
        description="Whether what waited was discarded, by somebody or since nobody ran it within a week."
    )

    @classmethod
    def of(cls, batch: Import, now: datetime) -> Self:
        """The view of an import."""
        fields = batch.model_dump(include=set(cls.model_fields))
        return cls(**{**fields, "discarded": batch.is_over(now)})


class FamiliesIn(Body):
    """Families to look at, and to keep until the import is run."""

    families: Annotated[tuple[FamilyIn, ...], Field(min_length=1, max_length=MOST_AT_ONCE)] = Field(
        description="As many as a body holds, a hundred at most. The same key again takes the place of the one before."
    )


class LookedView(Tolerant):
    """What was found of some families."""

    families: list[LookView] = Field(description="Each as it was looked at, in the order of the body.")
    waiting: int = Field(description="How many families wait in the import now.")


@router.post("/imports", status_code=201, response_model=ImportView)
async def begin_import(command: Imports) -> Response:
    """Begin an import of many families: send them, look at what is found, then run it."""

    async def work(unit: Unit, context: Context) -> Reply:
        begun = begin(context, command.organisation)
        unit.put(IMPORTS, begun)
        return Reply(ImportView.of(begun, context.now), location=f"/v1/imports/{begun.id}")

    return await command.run(work, status=201)


@router.get("/imports/{batch}", response_model=ImportView)
async def read_import(batch: Id, call: Looks) -> ImportView:
    """Read the status of an import."""

    async def work(unit: Unit, context: Context) -> ImportView:
        return ImportView.of(await unit.one(IMPORTS, batch, what="batch"), context.now)

    return await call.preview(work)


@router.post("/imports/{batch}/families", response_model=LookedView)
async def send_families(batch: Id, body: FamiliesIn, command: Imports) -> Response:
    """Send families to an import: each is looked at, and those that are new and have no problem wait in it.

    A family that was imported before as it is, that has changed since, or that has problems does not wait.
    """
    people = ((at, place, each) for at, family in enumerate(body.families) for place, each in enumerate(family.people))
    command.must_be_writable({f"families[{at}].people[{place}].email": each.email for at, place, each in people})

    async def work(unit: Unit, context: Context) -> Reply:
        found = await unit.one(IMPORTS, batch, what="batch")
        refuse_closed(found, context.now)
        currency = (await organisation_of(unit, command.organisation)).currency
        await unit.load(FAMILIES, [family_id(command.organisation, each.key) for each in body.families])
        await unit.load(STAGED, [staged_id(found.id, each.key) for each in body.families])
        looks, added = list[LookView](), 0
        for given in body.families:
            family = given.command(currency)
            known = unit.get(FAMILIES, family_id(command.organisation, family.key))
            looks.append(look_at(family, known, currency, context))
            added += _keep_waiting(unit, found, family, waits=looks[-1].standing == "new" and not looks[-1].problems)
        after = found.model_copy(update={"families": found.families + added})
        unit.put(IMPORTS, after)
        return Reply(LookedView(families=looks, waiting=after.families))

    return await command.run(work)


def _keep_waiting(unit: Unit, batch: Import, family: Family, *, waits: bool) -> int:
    """Have a family wait in an import, or wait no more; by how many more wait then."""
    id_ = staged_id(batch.id, family.key)
    before = unit.get(STAGED, id_)
    if waits:
        unit.put(STAGED, stage(batch, family, family_id(batch.organisation, family.key)))
    elif before is not None:
        unit.remove(STAGED, id_)
    return waits - (before is not None)


@router.post("/imports/{batch}/run", status_code=202, response_model=JobView)
async def run_import(batch: Id, command: Imports) -> Response:
    """Import the families that wait, as a bulk job: follow it at the Location. Each is imported once and whole."""

    async def work(unit: Unit, context: Context) -> Reply:
        found = await unit.one(IMPORTS, batch, what="batch")
        job = start_job(IMPORTING, {"import": found.id}, command.organisation, context)
        unit.put(IMPORTS, run(found, job.id, context.now))
        unit.put(JOBS, job)
        return Reply(JobView.of(job), location=f"/v1/jobs/{job.id}")

    return await command.run(work, status=202)


@router.post("/imports/{batch}/discarding", response_model=ImportView)
async def discard_import(batch: Id, command: Imports) -> Response:
    """Forget the families that still wait in an import. What is imported stays."""

    async def work(unit: Unit, context: Context) -> Reply:
        discarded = discard(unit, await unit.one(IMPORTS, batch, what="batch"))
        unit.put(IMPORTS, discarded)
        return Reply(ImportView.of(discarded, context.now))

    return await command.run(work)
