"""HTTP in: when families are reminded of session packs, and what such a mail reads when it is sent (CRE-10)."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from carnet.decisions import Actor, Context
from carnet.http import Body, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.http.papers import ANSWERS, shown_now
from carnet.links import Paper
from carnet.mongo import Unit
from carnet.organisations import context_for
from credits.api.access import Adjusts, StaffReads
from credits.packs.domain.reminding import change_reminders, is_needed, settings_id
from credits.packs.store import PACK_REMINDER_SETTINGS, PACK_REMINDERS, PACKS, is_suspended, reminders_in
from credits.packs.views import PackRemindersView
from credits.store import SELLING

KIND = "pack_reminder"
"""The kind of link, about a reminder."""

MOST_DAYS = 60

routes = router(tags=["session packs"])


class PackRemindersBody(Body):
    """When families are reminded of the last day of session packs."""

    days_before: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = Field(
        description="How many days before it; null to send no such mail."
    )
    hour: Annotated[int, Field(ge=0, le=23, description="The hour of the organisation's day from which they go.")]


class LinkedPackReminderView(BaseModel):
    """What a reminder of a session pack says now."""

    needed: bool = Field(description="Whether its mail is still to go: what it says is still so.")
    left: int | None = Field(description="How many sessions are left now; null if they are unlimited.")
    expires_on: date | None = Field(description="The last day of the pack now; null if it has none.")


@routes.get("/pack-reminders", response_model=PackRemindersView)
async def show_pack_reminders(call: StaffReads) -> Response:
    """When families are reminded of the last day of session packs (CRE-10). Only staff may."""

    async def work(unit: Unit, _context: Context) -> PackRemindersView:
        return PackRemindersView.of(await reminders_in(unit, call.organisation))

    view = await call.preview(work)
    return call.show(view, version=view.version)


@routes.put("/pack-reminders", response_model=PackRemindersView)
async def change_pack_reminders(body: PackRemindersBody, command: Adjusts) -> Response:
    """Change when families are reminded; what went does not go again (CRE-10). Only staff may.

    A mail that one session is left goes in any case, once a day for each pack.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        settings = await reminders_in(unit, command.organisation)
        command.must_match(settings.version)
        changed = change_reminders(settings, body.days_before, body.hour)
        saved = unit.decide(PACK_REMINDER_SETTINGS, changed, context)
        return Reply(PackRemindersView.of(saved), saved.version)

    return await command.run(work)


@routes.get("/pack-reminders/journal")
async def pack_reminders_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed when families are reminded of session packs, in order (ORG-4). Only staff may."""
    return await journal_page(call, settings_id(call.organisation), page)


@routes.get("/pack-reminder-links/{link}", response_model=LinkedPackReminderView, responses=ANSWERS)
async def read_pack_reminder(link: str, request: Request) -> Response:
    """What a reminder of a session pack says now: read when its mail is sent. The link itself is the permission."""
    return await shown_now(request, link, KIND, _now)


async def _now(unit: Unit, link: Paper) -> LinkedPackReminderView | None:
    (id_,) = link.about
    await unit.load(PACK_REMINDERS, [id_])
    reminder = unit.get(PACK_REMINDERS, id_)
    if reminder is None:
        return None
    pack = await unit.one(PACKS, reminder.pack, what="pack")
    await unit.load(SELLING, [pack.contract])
    context = await context_for(unit, link.organisation, Actor("client", pack.account))
    needed = is_needed(pack, reminder, context.today, suspended=is_suspended(unit, pack))
    return LinkedPackReminderView(needed=needed, left=pack.left, expires_on=pack.expires_on)
