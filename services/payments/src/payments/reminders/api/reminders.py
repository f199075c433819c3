"""The reminders of one account: what is due, what was sent, by hand, stopped and resumed (PAY-10)."""

from collections.abc import Callable
from typing import Annotated

from starlette.responses import Response

from carnet.decisions import Context, Decision
from carnet.http import Command, JournalEntry, Page, PageAsked, Reply, changes, journal_page, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import unknown
from payments.access import Demands, Reads, StaffReads, known_account
from payments.accounts.store import ACCOUNTS
from payments.reminders.api.views import (
    AccountRemindersView,
    DebtView,
    ReminderBody,
    ReminderStopView,
    ReminderView,
)
from payments.reminders.domain.debts import due_now, is_paused
from payments.reminders.domain.reminding import (
    AccountReminders,
    remind_by_hand,
    reminders_id,
    resume_reminders,
    stop_reminders,
)
from payments.reminders.store import (
    ACCOUNT_REMINDERS,
    calendar_in,
    list_reminders,
    load_reminders,
    save_reminded,
    schedules_of,
)

Wishes = Annotated[Command, changes("payments:methods", "payments:collect")]
"""The client itself, or staff."""

routes = router(tags=["reminders"])


@routes.get("/accounts/{account}/reminders")
async def show_reminders(account: Id, call: Reads, page: PageAsked) -> AccountRemindersView:
    """What is due of an account, what it was reminded of, and whether it wants no more (PAY-10)."""
    before = page.after(str)
    await known_account(call, account)
    sent = await list_reminders(
        call.database, call.organisation, account, before=before[0] if before else None, limit=page.fetch
    )
    reminders = page.of(sent, place=lambda each: (each.id,), show=ReminderView.of)

    async def work(unit: Unit, context: Context) -> AccountRemindersView:
        known = (await load_reminders(unit, call.organisation, [account]))[account]
        schedules = (await schedules_of(unit, [account])).get(account, [])
        currency = (await organisation_of(unit, call.organisation)).currency
        due = [DebtView.of(each, currency) for each in due_now(schedules, context.today)]
        staff, paused = call.principal.is_staff, is_paused(schedules)
        return AccountRemindersView.of(known, due, reminders, paused=paused, for_staff=staff)

    return await call.preview(work)


@routes.post("/accounts/{account}/reminders", status_code=201, response_model=ReminderView)
async def send_reminder(account: Id, body: ReminderBody, command: Demands) -> Response:
    """Remind an account by mail of all that is due, in own words (PAY-10); its calendar goes on.

    What is paid when the mail is sent is left out of it, and where nothing is left no mail goes.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        known = await _to_change(unit, command, account)
        schedules = (await schedules_of(unit, [account])).get(account, [])
        calendar = await calendar_in(unit, command.organisation)
        reminded = remind_by_hand(known, schedules, calendar, body.text, context)
        save_reminded(unit, reminded, context)
        if reminded.reminder is None:
            raise unknown("account", account)
        return Reply(ReminderView.of(reminded.reminder))

    return await command.run(work, status=201)


@routes.post("/accounts/{account}/reminders/stop", response_model=ReminderStopView)
async def stop_account_reminders(account: Id, command: Wishes) -> Response:
    """Send the account no more reminders by the calendar: the wish of the client, or of staff for it (PAY-10)."""
    return await _wished(command, account, stop_reminders)


@routes.post("/accounts/{account}/reminders/resume", response_model=ReminderStopView)
async def resume_account_reminders(account: Id, command: Wishes) -> Response:
    """Send the account reminders by the calendar again (PAY-10)."""
    return await _wished(command, account, resume_reminders)


@routes.get("/accounts/{account}/reminders/journal")
async def reminders_journal(account: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """What was recalled and who stopped or resumed the reminders of an account, in order (ORG-4)."""
    await known_account(call, account)
    return await journal_page(call, reminders_id(account), page)


async def _to_change(unit: Unit, command: Command, account: str) -> AccountReminders:
    if not command.principal.sees(account):
        raise unknown("account", account)
    await unit.one(ACCOUNTS, account, what="account")
    return (await load_reminders(unit, command.organisation, [account]))[account]


async def _wished(
    command: Command, account: str, decide: Callable[[AccountReminders, Context], Decision[AccountReminders]]
) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        known = await _to_change(unit, command, account)
        return Reply(ReminderStopView.of(unit.decide(ACCOUNT_REMINDERS, decide(known, context), context)))

    return await command.run(work)
