"""The credits of a client, one of them with its movements, and its journal (CRE-7, CRE-8).

A gift card is none of them here: what is left of it is shown only to the person who presents its code.
"""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet.http import Call, JournalEntry, Page, PageAsked, journal_page, router
from carnet.ids import Id
from carnet.refusals import unknown
from credits.api.access import Reads, StaffReads
from credits.api.views import CreditView, CreditWithEntries, EntryView
from credits.domain.credit import Credit, Status
from credits.store import (
    credit_of,
    credits_due,
    credits_of,
    deleted_sales,
    entries_of,
    entries_of_account,
    knows_account,
    suspended_since,
    suspensions,
)

routes = router(tags=["credits"])


@routes.get("/accounts/{account}/credits")
async def list_credits(
    account: Id,
    call: Reads,
    page: PageAsked,
    status: Annotated[Status | None, Query(description="Only credits of this status.")] = None,
) -> Page[CreditView]:
    """List the credits of a client, oldest first, with what is left of each and which contracts it pays.

    A client reads its own. What was sold by mistake is left out (CON-12).
    """
    await known_account(account, call)
    place = page.after(str)
    after = place[0] if place else None
    but = await deleted_sales(call.database, call.organisation, account)
    found = await credits_of(
        call.database, call.organisation, account, status=status, after=after, limit=page.fetch, but=but
    )
    since = await suspensions(call.database, call.organisation, found)
    staff = call.principal.is_staff
    return page.of(
        found,
        place=lambda credit: (credit.id,),
        show=lambda credit: CreditView.of(credit, since.get(credit.id), for_staff=staff),
    )


@routes.get("/credits/due")
async def list_due(call: StaffReads, page: PageAsked) -> Page[CreditView]:
    """List the credits of deposits that the bank took back and of which something is due from the account (CRE-2).

    Only staff may.
    """
    after = page.after(str)
    found = await credits_due(call.database, call.organisation, after=after[0] if after else None, limit=page.fetch)
    return page.of(found, place=lambda credit: (credit.id,), show=CreditView.of)


@routes.get("/accounts/{account}/credit-entries")
async def list_entries(account: Id, call: Reads, page: PageAsked) -> Page[EntryView]:
    """List every movement of a client's credits, credit by credit, each in order. A client reads its own."""
    await known_account(account, call)
    staff = call.principal.is_staff
    found = await entries_of_account(
        call.database, call.organisation, account, after=page.after(str, int), limit=page.fetch
    )
    return page.of(
        found,
        place=lambda entry: (entry.credit, entry.version),
        show=lambda entry: EntryView.of(entry, for_staff=staff),
    )


@routes.get("/credits/{credit}", response_model=CreditWithEntries)
async def show_credit(credit: Id, call: Reads) -> Response:
    """Read a credit with its movements. A client reads its own."""
    found = await _seen(credit, call)
    entries = await entries_of(call.database, call.organisation, credit)
    since = await suspended_since(call.database, found)
    body = CreditWithEntries.made_of(found, entries, since, for_staff=call.principal.is_staff)
    return call.show(body, version=found.version)


@routes.get("/credits/{credit}/journal")
async def credit_journal(credit: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a credit, in order. Only staff may."""
    await _seen(credit, call)
    return await journal_page(call, credit, page)


async def _seen(credit: str, call: Call) -> Credit:
    """The credit, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2).

    So is a gift card, which has routes of its own (CRE-8).
    """
    found = await credit_of(call.database, call.organisation, credit)
    if found is None or found.card is not None or not call.principal.sees(found.account):
        raise unknown("credit", credit)
    return found


async def known_account(account: str, call: Call) -> None:
    """Refuse an account that is unknown or foreign, or another client's (ORG-1, ORG-2)."""
    if not call.principal.sees(account) or not await knows_account(call.database, call.organisation, account):
        raise unknown("account", account)
