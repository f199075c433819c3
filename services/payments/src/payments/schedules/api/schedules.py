"""Schedules as they are, and what happened to them (ORG-4)."""

from starlette.responses import Response

from carnet.http import JournalEntry, Page, PageAsked, journal_page, router
from carnet.ids import Id
from payments.access import Reads, StaffReads, visible
from payments.schedules.api.views import ScheduleView

routes = router(tags=["schedules"])


@routes.get("/schedules/{contract}", response_model=ScheduleView)
async def show_schedule(contract: Id, call: Reads) -> Response:
    """The schedule of a contract; its ETag is what a payment names in If-Match."""
    schedule = await visible(call, contract)
    return call.show(ScheduleView.of(schedule), version=schedule.version)


@routes.get("/schedules/{contract}/journal")
async def schedule_journal(contract: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Everything that happened to a schedule, in order (ORG-4)."""
    await visible(call, contract)
    return await journal_page(call, contract, page)
