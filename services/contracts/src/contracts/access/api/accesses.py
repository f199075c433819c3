"""Accesses over HTTP: those of an account, one, its changes by staff, and what happened to it (CON-20)."""

from typing import Annotated

from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Call, Command, JournalEntry, Page, PageAsked, Reply, changes, journal_page, reads
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.refusals import unknown
from contracts.access.api.views import AccessBody, AccessView
from contracts.access.domain import Access, Given, change
from contracts.access.store import ACCESSES, accesses_of, find_access, save
from contracts.accounts.store import find_account

Reads = Annotated[Call, reads("contracts:read")]
Writes = Annotated[Command, changes("contracts:write", if_match=True, staff=True)]
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
