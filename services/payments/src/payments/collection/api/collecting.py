"""Collecting by hand, the attempts of a contract, the calendar by which an organisation collects (PAY-6, PAY-11)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Body, Command, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.ids import Id
from carnet.journal import slot_of
from carnet.mongo import Unit
from carnet.refusals import conflict
from payments.access import Collects, Configured, Demands, StaffReads, not_configured, visible
from payments.collection.api.attempts import AttemptView
from payments.collection.domain.calendars import CollectionCalendar, ask_to_collect, change_calendar
from payments.collection.domain.collecting import Claim, by_hand, start
from payments.collection.store.collecting import CALENDARS, calendar_in, calendar_of, load_to_start, save_started
from payments.collection.store.orders import orders_of
from payments.payment_methods.domain import PaymentMethod
from payments.payment_methods.store import methods_in
from payments.schedules.api.views import ScheduleView
from payments.schedules.domain.decisions import run_again
from payments.schedules.domain.schedule import Instalment, Schedule
from payments.schedules.store import save, schedule_to_change
from payments.sepa.domain.mandates import SEPA

Choose = Callable[[Schedule, Context], Sequence[Instalment]]

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


class StartedView(BaseModel):
    """What was started, and the schedule as it then is. A worker asks the provider within a second or two.

    Nothing was started of what is paid by SEPA direct debit: it is in the next remittance (PAY-18).
    """

    attempts: list[AttemptView]
    schedule: ScheduleView


@routes.post("/schedules/{contract}/instalments/{instalment}/collection", status_code=202, response_model=StartedView)
async def collect_instalment(contract: Id, instalment: Id, command: Collects, providers: Configured) -> Response:
    """Collect an online instalment now, also one whose attempts have all failed or that is not due yet."""
    return await _started(command, contract, providers, lambda schedule, _: [schedule.instalment(instalment)])


@routes.post("/schedules/{contract}/collection", status_code=202, response_model=StartedView)
async def collect_due(contract: Id, command: Collects, providers: Configured) -> Response:
    """Collect now what is due of a contract, also what was tried in vain, but for what is paid another way."""
    return await _started(command, contract, providers, lambda schedule, context: by_hand(schedule, context.today))


@routes.post("/collections", status_code=202, response_model=CalendarView)
async def collect_all(command: Demands, providers: Configured) -> Response:
    """Have the run collect what is due in the organisation today, whatever the hour."""
    if not providers:
        raise not_configured(None)

    async def work(unit: Unit, context: Context) -> Reply:
        calendar = await _calendar(unit, command)
        saved = unit.decide(CALENDARS, ask_to_collect(calendar, context), context)
        return Reply(CalendarView.of(saved), saved.version)

    return await command.run(work, status=202)


@routes.get("/schedules/{contract}/attempts")
async def list_attempts(contract: Id, call: StaffReads, page: PageAsked) -> Page[AttemptView]:
    """What was asked of payment providers for a contract, and what became of it, the newest first."""
    before = page.after(str)
    await visible(call, contract)
    found = await orders_of(
        call.database, call.organisation, contract, before=before[0] if before else None, limit=page.fetch
    )
    return page.of(found, place=lambda order: (order.id,), show=AttemptView.of)


@routes.get("/collection-calendar", response_model=CalendarView)
async def show_collection_calendar(call: StaffReads) -> Response:
    """The calendar of the organisation; until it is changed, from 6 o'clock, and again after 3 and 7 days."""
    calendar = await calendar_of(call.database, call.organisation)
    return call.show(CalendarView.of(calendar), version=calendar.version)


@routes.put("/collection-calendar", response_model=CalendarView)
async def change_collection_calendar(body: CalendarBody, command: Collects) -> Response:
    """Change the calendar. Instalments that wait for their next attempt keep its date."""

    async def work(unit: Unit, context: Context) -> Reply:
        calendar = await _calendar(unit, command)
        command.must_match(calendar.version)
        saved = unit.decide(CALENDARS, change_calendar(calendar, body.hour, body.retry_after), context)
        return Reply(CalendarView.of(saved), saved.version)

    return await command.run(work)


@routes.get("/collection-calendar/journal")
async def collection_calendar_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed the calendar and who asked to collect, in order (ORG-4)."""
    return await journal_page(call, call.organisation, page)


async def _calendar(unit: Unit, command: Command) -> CollectionCalendar:
    await unit.load(CALENDARS, [command.organisation])
    return calendar_in(unit, command.organisation)


async def _started(command: Command, contract: str, providers: Configured, choose: Choose) -> Response:
    """Save the intents: the orders are anybody's from now on, so a worker takes them up at once."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        chosen = choose(schedule, context)
        if not chosen:
            raise conflict("nothing-due", "Nothing of this contract is due to be collected.", rule="PAY-6")
        await load_to_start(unit, [contract])
        method = _usable(methods_in(unit, schedule).preferred, providers)
        if method.provider == SEPA:
            return _for_the_next_remittance(unit, schedule, chosen, context)
        started = start(schedule, chosen, method, Claim(None, context.now, slot_of(contract)), context)
        saved = save_started(unit, started, context)
        view = StartedView(attempts=[AttemptView.of(each) for each in started.orders], schedule=ScheduleView.of(saved))
        return Reply(view, saved.version, f"/v1/schedules/{contract}/attempts")

    return await command.run(work, status=202)


def _for_the_next_remittance(unit: Unit, schedule: Schedule, chosen: Sequence[Instalment], context: Context) -> Reply:
    """Instalments paid by direct debit are in no attempt before a remittance has them (PAY-18)."""
    decision = run_again(schedule, {each.id for each in chosen}, context)
    if not decision.events:
        raise conflict(
            "collected-by-remittance",
            "This account pays by SEPA direct debit: what is due is collected by the next remittance. Build one.",
            rule="PAY-18",
        )
    saved = save(unit, decision, context)
    return Reply(StartedView(attempts=[], schedule=ScheduleView.of(saved)), saved.version)


def _usable(method: PaymentMethod | None, providers: Configured) -> PaymentMethod:
    if method is None:
        raise conflict(
            "payment-method-missing", "The account has no payment method. Add one to it first.", rule="PAY-12"
        )
    if method.provider != SEPA and method.provider not in providers:
        raise not_configured(method.provider)
    return method
