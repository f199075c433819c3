"""The calendar by which an organisation collects: reading and changing it (PAY-11)."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Body, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.mongo import Unit
from payments.access import Collects, StaffReads
from payments.collection.domain.calendars import CollectionCalendar, change_calendar
from payments.collection.store.calendars import CALENDARS, calendar_of, calendar_to_change

routes = router(tags=["collecting"])


class CalendarBody(Body):
    """When an organisation's instalments are collected."""

    hour: Annotated[int, Field(ge=0, le=23)] | None = Field(
        description="The hour of the day, on the organisation's clock, from which what is due is collected; null where "
        "nothing is to be collected unless staff asks for it."
    )
    retry_after: Annotated[tuple[Annotated[int, Field(ge=1, le=90)], ...], Field(max_length=10)] = Field(
        description="Days after each failed attempt until the next one; after the last of them there is none."
    )


class CalendarView(BaseModel):
    """The calendar by which an organisation collects."""

    hour: int | None
    retry_after: tuple[int, ...]
    asked_on: date | None = Field(description="The date on which staff last asked to collect what is due.")

    @classmethod
    def of(cls, calendar: CollectionCalendar) -> Self:
        """A calendar as it is."""
        return cls(**calendar.model_dump(include=set(cls.model_fields)))


@routes.get("/collection-calendar", response_model=CalendarView)
async def show_collection_calendar(call: StaffReads) -> Response:
    """The calendar of the organisation; until it is changed, from 6 o'clock, and again after 3 and 7 days."""
    calendar = await calendar_of(call.database, call.organisation)
    return call.show(CalendarView.of(calendar), version=calendar.version)


@routes.put("/collection-calendar", response_model=CalendarView)
async def change_collection_calendar(body: CalendarBody, command: Collects) -> Response:
    """Change the calendar. Instalments that wait for their next attempt keep its date."""

    async def work(unit: Unit, context: Context) -> Reply:
        calendar = await calendar_to_change(unit)
        command.must_match(calendar.version)
        saved = unit.decide(CALENDARS, change_calendar(calendar, body.hour, body.retry_after), context)
        return Reply(CalendarView.of(saved), saved.version)

    return await command.run(work)


@routes.get("/collection-calendar/journal")
async def collection_calendar_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed the calendar and who asked to collect, in order (ORG-4)."""
    return await journal_page(call, call.organisation, page)
