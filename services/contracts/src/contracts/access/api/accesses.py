"""Accesses over HTTP: those of an account or of a member, one, its changes, and what happened to it (CON-20)."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet.dates import utc_now
from carnet.decisions import Context
from carnet.events.access import CourseId
from carnet.http import Call, Command, JournalEntry, Page, PageAsked, Reply, changes, journal_page, reads
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import clock_of, not_known
from carnet.refusals import unknown
from contracts.access.api.views import AccessBody, AccessView, OpenAccessView
from contracts.access.domain import Access, Given, as_of, change
from contracts.access.store import ACCESSES, accesses_of, find_access, open_accesses, save
from contracts.accounts.store import account_of_member, find_account

Reads = Annotated[Call, reads("contracts:read")]
Writes = Annotated[Command, changes("contracts:write", if_match=True, staff=True)]
Asks = Annotated[Call, reads("access:read", "contracts:read")]
"""A platform asks with a token that allows nothing else."""
StaffReads = Annotated[Call, reads("contracts:read", staff=True)]

router = new_router(tags=["access"])


@router.get("/accounts/{account}/accesses")
async def list_accesses(account: Id, call: Reads, page: PageAsked) -> Page[AccessView]:
    """List the accesses of an account's members to courses, also those that are over."""
    if not call.principal.sees(account) or await find_account(call.database, call.organisation, account) is None:
        raise unknown("account", account)
    shown = page.after(str)
    found = await accesses_of(call.database, call.organisation, account, after=shown and shown[0], limit=page.fetch)
    return page.of(found, place=lambda access: (access.id,), show=_view)


@router.get("/members/{member}/accesses")
async def list_member_accesses(
    member: Id,
    call: Asks,
    page: PageAsked,
    course: Annotated[CourseId | None, Query(description="Only this course, as the platform names it.")] = None,
) -> Page[OpenAccessView]:
    """List the courses that a member may enter today, with what each access is: for platforms that ask (CON-20).

    Empty if there is none. A page may hold fewer than `limit` while another one follows. A client reads those of the
    members of its account.
    """
    shown = page.after(str)
    asked = open_accesses(
        call.database, call.organisation, member, course=course, after=shown and shown[0], limit=page.fetch
    )
    clock, found = await asyncio.gather(clock_of(call.database, call.organisation), asked)
    account = found[0].account if found else await account_of_member(call.database, call.organisation, member)
    if account is None or not call.principal.sees(account):
        raise unknown("member", member)
    if clock is None:
        raise not_known(call.organisation)
    today = clock.local(utc_now()).date()
    accesses = page.of(found, place=lambda access: (access.id,), show=lambda access: access)
    return Page(items=[view for access in accesses.items for view in _open_on(access, today)], next=accesses.next)


@router.get("/accesses/{access}", response_model=AccessView)
async def read_access(access: Id, call: Reads) -> Response:
    """Read the access of a member to a course. A client reads those of its account."""
    found = await _visible(call, access)
    return call.show(_view(found), version=found.version)


@router.put("/accesses/{access}", response_model=AccessView)
async def change_access(access: Id, body: AccessBody, command: Writes) -> Response:
    """Change the access of one member within its plan, whole: its settings and its end (CON-20).

    One that has expired is open again if its plan is live and the last day is not over.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(ACCESSES, access, what="access")
        command.must_match(before.version)
        decided = change(before, body.settings.written(), body.last_day, body.reason, context)
        saved = save(unit, before, decided, context)
        return Reply(_view(saved), saved.version)

    return await command.run(work, loads=((ACCESSES, access),))


@router.get("/accesses/{access}/journal")
async def read_access_journal(access: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read what happened to an access, who did it and when, in order (ORG-4). For staff."""
    await _visible(call, access)
    return await journal_page(call, access, page)


async def _visible(call: Call, access: str) -> Access:
    found = await find_access(call.database, call.organisation, access)
    if found is None or found.given is None or not call.principal.sees(found.account):
        raise unknown("access", access)
    return found


def _view(access: Access) -> AccessView:
    return AccessView.of(access, _given(access))


def _given(access: Access) -> Given:
    if access.given is None:  # which the lists leave out
        raise unknown("access", access.id)
    return access.given


def _open_on(access: Access, today: date) -> list[OpenAccessView]:
    """The view of an access, or none if its last day is over and the worker has not closed it yet."""
    now = as_of(access, today)
    return [OpenAccessView.on(now, _given(now), today)] if now.open else []
