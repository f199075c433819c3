"""HTTP in: one session pack, its movements and its journal (CRE-10)."""

from starlette.responses import Response

from carnet.http import Call, JournalEntry, Page, PageAsked, journal_page, router
from carnet.ids import Id
from carnet.refusals import unknown
from credits.api.access import Reads, StaffReads
from credits.packs.domain import Pack
from credits.packs.store import entries_of_pack, pack_of, suspended_packs
from credits.packs.views import PackEntryView, PackView

routes = router(tags=["session packs"])


@routes.get("/session-packs/{pack}", response_model=PackView)
async def show_pack(pack: Id, call: Reads) -> Response:
    """Read a session pack: what is left of it and until when. A client reads those that it bought."""
    found = await seen(pack, call)
    since = (await suspended_packs(call.database, call.organisation, [found])).get(pack)
    return call.show(PackView.of(found, since), version=found.version)


@routes.get("/session-packs/{pack}/entries")
async def list_pack_entries(pack: Id, call: Reads, page: PageAsked) -> Page[PackEntryView]:
    """List the movements of a session pack, in order. A client reads those of its own."""
    await seen(pack, call)
    place = page.after(int)
    found = await entries_of_pack(
        call.database, call.organisation, pack, after=place[0] if place else 0, limit=page.fetch
    )
    return page.of(found, place=lambda entry: (entry.version,), show=PackEntryView.of)


@routes.get("/session-packs/{pack}/journal")
async def pack_journal(pack: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a session pack, in order. Only staff may."""
    await seen(pack, call)
    return await journal_page(call, pack, page)


async def seen(pack: str, call: Call) -> Pack:
    """The pack, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await pack_of(call.database, call.organisation, pack)
    if found is None or not call.principal.sees(found.account):
        raise unknown("pack", pack)
    return found
