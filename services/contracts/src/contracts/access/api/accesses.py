"""Accesses over HTTP: those of an account, one, and what happened to it (CON-20)."""

from typing import Annotated

from starlette.responses import Response

from carnet.http import Call, JournalEntry, Page, PageAsked, journal_page, reads
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.refusals import unknown
from contracts.access.api.views import AccessView
from contracts.access.domain import Access, Given
from contracts.access.store import accesses_of, find_access
from contracts.accounts.store import find_account

Reads = Annotated[Call, reads("contracts:read")]
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
