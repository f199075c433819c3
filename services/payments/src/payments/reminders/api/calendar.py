"""The organisation's calendar of reminders, and who gets what today (PAY-10)."""

from collections.abc import Sequence

from starlette.responses import Response

from carnet.decisions import Context
from carnet.events import payments as published
from carnet.http import JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from payments.access import Collects, StaffReads
from payments.accounts.domain import Names
from payments.accounts.store import ACCOUNTS
from payments.reminders.api.views import DueReminderView, ReminderCalendarBody, ReminderCalendarView
from payments.reminders.domain.calendar import calendar_id, change_calendar
from payments.reminders.run import decided
from payments.reminders.store import REMINDER_CALENDARS, accounts_with_debts, calendar_in, calendar_of

routes = router(tags=["reminders"])

LOOKED_AT_ONCE = 200
"""How many accounts with something due the preview looks at in one go."""


@routes.get("/reminder-calendar", response_model=ReminderCalendarView)
async def show_reminder_calendar(call: StaffReads) -> Response:
    """When the organisation reminds of what is due. Until staff turns it on, nothing is sent automatically (PAY-10)."""
    calendar = await calendar_of(call.database, call.organisation)
    return call.show(ReminderCalendarView.of(calendar), version=calendar.version)


@routes.put("/reminder-calendar", response_model=ReminderCalendarView)
async def change_reminder_calendar(body: ReminderCalendarBody, command: Collects) -> Response:
    """Change the calendar. Steps that fell before the day on which it is turned on do not go (PAY-10, NOT-4)."""
    wanted = body.wanted()

    async def work(unit: Unit, context: Context) -> Reply:
        calendar = await calendar_in(unit, command.organisation)
        command.must_match(calendar.version)
        saved = unit.decide(REMINDER_CALENDARS, change_calendar(calendar, wanted, context), context)
        return Reply(ReminderCalendarView.of(saved), saved.version)

    return await command.run(work)


@routes.get("/reminder-calendar/journal")
async def reminder_calendar_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed the calendar of reminders, in order (ORG-4)."""
    return await journal_page(call, calendar_id(call.organisation), page)


@routes.get("/reminders/today")
async def preview_reminders(call: StaffReads, page: PageAsked) -> Page[DueReminderView]:
    """Who gets a reminder today that has not gone yet, and what it lists, by account (PAY-10).

    It is what the worker decides from the calendar's hour on; nothing is sent by looking.
    """
    after = page.after(str)

    async def work(unit: Unit, context: Context) -> list[DueReminderView]:
        position, found = after[0] if after else None, list[DueReminderView]()
        while len(found) < page.fetch:
            accounts = await accounts_with_debts(call.database, call.organisation, after=position, limit=LOOKED_AT_ONCE)
            if not accounts:
                break
            found += await _due(unit, accounts, context)
            position = accounts[-1]
        return found[: page.fetch]

    return page.of(await call.preview(work), place=lambda row: (row.account,), show=lambda row: row)


async def _due(unit: Unit, accounts: Sequence[str], context: Context) -> list[DueReminderView]:
    currency = (await organisation_of(unit, unit.organisation)).currency
    going = [each for each in await decided(unit, unit.organisation, accounts, context) if each.decision.events]
    await unit.load(ACCOUNTS, [each.decision.state.account for each in going])
    rows = list[DueReminderView]()
    for each in going:
        account = each.decision.state.account
        known = unit.get(ACCOUNTS, account)
        ended = [event for event in each.decision.events if isinstance(event, published.RemindersEnded)]
        rows.append(
            DueReminderView.of_account(
                account,
                known.names if known else Names(),
                currency,
                each.reminder.debts if each.reminder else (),
                ended[0].debts if ended else (),
            )
        )
    return rows
