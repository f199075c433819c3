"""The pages of payment reminders: who gets one today, the calendar, and those of a family (PAY-10, NOT-4)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of
from backoffice.apis import Answer, Problem, ServiceAwayError, part
from backoffice.contracts.calls import account_of
from backoffice.reminders import calls
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.meanwhile import Difference, differences, is_stale

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]
HIGHEST = 10**9


@routes.get("/reminders")
async def show_reminders(visit: Reads, cursor: str | None = None) -> Response:
    """Who gets a reminder today that has not gone yet, and by which calendar."""
    found, calendar = await asyncio.gather(
        part(visit.api.get(calls.TODAY, limit=calls.PER_PAGE, cursor=cursor)),
        part(visit.api.get(calls.CALENDAR)),
    )
    return await visit.page(
        "reminders/today.html",
        found=found,
        calendar=calendar,
        in_words=calls.in_words(calendar, visit.language) if isinstance(calendar, dict) else {},
        debts=calls.DEBTS,
        first=cursor is None,
    )


@routes.get("/reminders/settings")
async def begin_calendar(visit: Collects) -> Response:
    """The form of the calendar."""
    return await _calendar(visit, visit.form(), await visit.api.read(calls.CALENDAR))


@routes.post("/reminders/settings")
async def save_calendar(visit: Collects) -> Response:
    """Save the calendar."""
    form = await visit.sent()
    body = calls.read_calendar(form)
    version = form.whole("version", least=0, most=HIGHEST)
    moved = None
    if not form.wrong:
        try:
            await visit.api.send(calls.CALENDAR, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
            if is_stale(fault):
                now = await visit.api.read(calls.CALENDAR)
                moved = differences(calls.in_words(now.body, visit.language), calls.in_words(body, visit.language))
                return await _calendar(visit, form, now, moved, 422)
        else:
            return visit.to("/reminders", visit.gettext("The calendar of reminders is saved."))
    return await _calendar(visit, form, await visit.api.read(calls.CALENDAR), moved, 422)


async def _calendar(
    visit: Visit, form: Form, saved: Answer, moved: list[Difference] | None = None, status: int = 200
) -> Response:
    return await visit.page(
        "reminders/settings.html",
        status,
        form=form,
        calendar=saved.body,
        version=saved.version,
        rows=calls.rows_of(form, saved.body),
        parts=calls.PARTS,
        moved=moved,
    )


@routes.get("/accounts/{account}/reminders")
async def show_family_reminders(visit: Reads, account: str, cursor: str | None = None) -> Response:
    """What a family was reminded of, what is due, and whether it wants no more."""
    return await _family(visit, account, visit.form(), cursor)


@routes.post("/accounts/{account}/reminders")
async def send_reminder(visit: Collects, account: str) -> Response:
    """Remind a family by mail of all that is due, in own words."""
    form = await visit.sent()
    text = form.text("text", required=False, most=calls.LONGEST)
    if not form.wrong:
        try:
            await visit.api.send(calls.path_of(account), {"text": text}, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            return visit.to(visit.request.url.path, visit.gettext("The reminder is on its way by mail."))
    return await _family(visit, account, form, status=422)


@routes.post("/accounts/{account}/reminders/stop")
async def stop_reminders(visit: Collects, account: str) -> Response:
    """Send the family no more reminders by the calendar."""
    return await _wished(visit, account, "stop", visit.gettext("This family gets no more reminders by the calendar."))


@routes.post("/accounts/{account}/reminders/resume")
async def resume_reminders(visit: Collects, account: str) -> Response:
    """Send the family reminders by the calendar again."""
    return await _wished(visit, account, "resume", visit.gettext("This family gets reminders by the calendar again."))


async def _wished(visit: Visit, account: str, what: str, done: str) -> Response:
    form = await visit.sent()
    try:
        await visit.api.send(f"{calls.path_of(account)}/{what}", key=form.key)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _family(visit, account, form, status=422)
    return visit.to(visit.request.url.path.rpartition("/")[0], done)


async def _family(visit: Visit, account: str, form: Form, cursor: str | None = None, status: int = 200) -> Response:
    family, found = await asyncio.gather(
        account_of(visit, account),
        part(visit.api.get(calls.path_of(account), limit=calls.PER_PAGE, cursor=cursor)),
    )
    return await visit.page(
        "reminders/family.html",
        status,
        account=account,
        family_name=name_of(owner_of(family)) if isinstance(family, dict) else None,
        found=found,
        form=form,
        debts=calls.DEBTS,
        first=cursor is None,
    )
