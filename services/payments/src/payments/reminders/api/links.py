"""The link of a reminder's mail: what is due of it now, and the page on which the client stops reminders (PAY-10).

Notifications reads it when it sends the mail, so that nothing goes for what was paid meanwhile. A person opens it in a
browser: a page with a button, since programs that look through mails open links, but send no forms.
"""

from datetime import date

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from carnet.decisions import Actor, Context
from carnet.http import router
from carnet.http.link_page import page
from carnet.http.papers import ANSWERS, is_browser, linked, school_of, seen_now, view_answer
from carnet.links import Paper
from carnet.mongo import Unit, transact
from carnet.organisations import context_for
from payments.reminders.api.views import DebtView
from payments.reminders.domain.debts import is_paused
from payments.reminders.domain.reminding import still_due, stop_reminders
from payments.reminders.store import ACCOUNT_REMINDERS, load_reminders, reminder_of, schedules_of

KIND = "reminder"
"""The kind of link, about an account and a reminder."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}

routes = router(tags=["reminders"])


class LinkedReminderView(BaseModel):
    """What is still due of a reminder."""

    on: date = Field(description="Today, the organisation's.")
    stopped: bool = Field(description="Whether the account wants no more reminders by the calendar.")
    needed: bool = Field(description="Whether its mail is still to go: something of it is due, and nobody stopped it.")
    text_en: str = Field(description="The school's own words; empty if there are none.")
    text_fr: str = Field(description="The same in French.")
    code: str = Field(description="The code of a voucher or a discount that comes with it; empty if none does.")
    debts: list[DebtView] = Field(description="What is due of it now.")


@routes.get("/reminder-links/{link}", response_model=LinkedReminderView, responses=ANSWERS)
async def read_reminder(link: str, request: Request) -> Response:
    """What is still due of a reminder (PAY-10); in a browser, the page on which reminders are stopped."""
    seen = await seen_now(request, link, KIND, _due_now)
    if isinstance(seen, Response):
        return seen
    found, view = seen
    if is_browser(request):
        return await _page(request, "reminders-stopped" if view.stopped else "stop-reminders", found)
    return view_answer(view)


@routes.post("/reminder-links/{link}", response_class=HTMLResponse, responses=ANSWERS)
async def stop_by_link(link: str, request: Request) -> Response:
    """Send the account no more reminders by the calendar, as its client wishes (PAY-10)."""
    found = await linked(request, link, (KIND,))
    if isinstance(found, Response):
        return found
    account, _ = found.about

    async def work(unit: Unit) -> None:
        with unit.piece(found.organisation):
            context = await context_for(unit, found.organisation, Actor("client", account))
            known = (await load_reminders(unit, found.organisation, [account]))[account]
            unit.decide(ACCOUNT_REMINDERS, stop_reminders(known, context), context)

    await transact(request.app.state.carnet.database, work)
    return await _page(request, "reminders-stopped", found)


async def _due_now(unit: Unit, link: Paper) -> LinkedReminderView | None:
    account, id_ = link.about
    reminder = await reminder_of(unit, account, id_)
    if reminder is None:
        return None
    context: Context = await context_for(unit, link.organisation, Actor("client", account))
    known = (await load_reminders(unit, link.organisation, [account]))[account]
    schedules = (await schedules_of(unit, [account])).get(account, [])
    debts = still_due(reminder, schedules, context.today)
    stopped = known.stopped_by is not None
    kept_back = not reminder.by_hand and (stopped or is_paused(schedules))
    return LinkedReminderView(
        on=context.today,
        stopped=stopped,
        needed=bool(debts) and not kept_back,
        text_en=reminder.text_en,
        text_fr=reminder.text_fr,
        code=reminder.code,
        debts=[DebtView.of(each, reminder.currency) for each in debts],
    )


async def _page(request: Request, slug: str, link: Paper) -> HTMLResponse:
    school = await school_of(request, link.organisation)
    return HTMLResponse(page(slug, link.language, school), headers=_HEADERS)
