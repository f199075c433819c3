"""The organisation's profile over HTTP: that of the caller's token."""

from starlette.responses import Response

from carnet.dates import today_in, utc_now
from carnet.decisions import Context
from carnet.http import JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.mongo import Unit
from catalog.api.access import Describes, Edits, Reads, StaffReads, profile_of, refuse_unset
from catalog.api.bodies import ClockBody, OrganisationBody
from catalog.api.views import OrganisationView
from catalog.domain.organisations import Organisation, move_clock, write_organisation
from catalog.store import ORGANISATIONS, find_organisation

routes = router(tags=["organisation"])


@routes.get("/organisation", response_model=OrganisationView)
async def show_organisation(call: Reads) -> Response:
    """Read the organisation's profile."""
    found = refuse_unset(await find_organisation(call.database, call.organisation), call.organisation)
    return call.show(_view(found), version=found.version)


@routes.put(
    "/organisation",
    response_model=OrganisationView,
    responses={201: {"model": OrganisationView, "description": "The organisation was set up."}},
)
async def write_profile(body: OrganisationBody, command: Describes) -> Response:
    """Set the organisation up (201, without If-Match), or change its profile.

    The currency and the mode can never be changed (MON-1, ORG-5).
    """
    command.must_be_writable({"contact.email": body.contact.email, "support_email": body.support_email})

    async def work(unit: Unit, context: Context) -> Reply:
        before = unit.get(ORGANISATIONS, command.organisation)
        if before is not None:
            command.must_match(before.version)
        decision = write_organisation(before, body, command.organisation)
        saved = unit.decide(ORGANISATIONS, decision, context)
        return Reply(_view(saved), saved.version, status=None if before else 201)

    return await command.run(work)


@routes.post("/organisation/clock", response_model=OrganisationView)
async def move_test_clock(body: ClockBody, command: Edits) -> Response:
    """Move the clock of a test organisation forward; it continues from there (ORG-5, MON-5)."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await profile_of(unit, command.organisation)
        command.must_match(before.version)
        saved = unit.decide(ORGANISATIONS, move_clock(before, body.now, context), context)
        return Reply(_view(saved), saved.version)

    return await command.run(work)


@routes.get("/organisation/journal")
async def organisation_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read who changed the profile and the clock, and when (ORG-4)."""
    refuse_unset(await find_organisation(call.database, call.organisation), call.organisation)
    return await journal_page(call, call.organisation, page)


def _view(organisation: Organisation) -> OrganisationView:
    today = today_in(organisation.time_zone, utc_now(), organisation.clock_ahead)
    return OrganisationView.of(organisation, today)
