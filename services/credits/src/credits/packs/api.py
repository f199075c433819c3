"""HTTP in: session packs, their movements, and the sessions that are taken of them (CRE-10, CON-14)."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from starlette.responses import Response

from carnet.dates import Day, utc_now
from carnet.decisions import Context
from carnet.http import Body, Call, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.ids import Id
from carnet.mongo import Database, Unit, Wanted
from carnet.organisations import ORGANISATIONS
from carnet.refusals import invalid, unknown
from carnet.texts import Line
from credits.api.access import Adjusts, Reads, StaffReads, Uses
from credits.api.reading import known_account
from credits.domain.packs import Pack
from credits.packs.domain.using import (
    Attended,
    Session,
    SessionUse,
    adjust,
    attend,
    attended_id,
    choose,
    give_back,
    take,
)
from credits.packs.store import (
    ATTENDED,
    PACKS,
    SESSION_USES,
    entries_of_pack,
    is_suspended,
    issued_packs,
    load_packs,
    pack_of,
    packs_then_load,
    passes_of,
    remind_of_last,
    save_pack,
    suspended_packs,
    uses_of,
)
from credits.packs.views import PackEntryView, PackView, SessionUseView, TakenView
from credits.store import ACCOUNTS

routes = router(tags=["session packs"])


class UseBody(Body):
    """A session that a member of the account takes part in."""

    member: Id
    on: Day | None = Field(
        default=None, description="The day of the session: today, the organisation's, where it is left out."
    )
    pack: Id | None = Field(
        default=None, description="The pack of which it is taken: that which expires first, where it is left out."
    )
    occurrence: Id | None = Field(
        default=None,
        description="The occurrence of an activity for which it is taken, with its day as `on`: one session for each "
        "member. Without it, it is taken at the door.",
    )

    @model_validator(mode="after")
    def _occurrence_with_its_day(self) -> Self:
        if self.occurrence is not None and self.on is None:
            raise ValueError("an occurrence has a day of its own: send its day as on")
        return self

    async def packs(self, database: Database, organisation: str, account: str) -> Sequence[str]:
        """The ids of the packs of which it is taken: the one that is named, or those of which one is chosen."""
        return [self.pack] if self.pack is not None else await issued_packs(database, organisation, account)

    def loads(self, account: str, packs: Iterable[str]) -> Wanted:
        """What taking it of one of these packs reads."""
        attended = [] if self.occurrence is None else [(ATTENDED, attended_id(self.member, self.occurrence))]
        return [(ACCOUNTS, account), *((PACKS, pack) for pack in packs), *attended]


class SessionsBody(Body):
    """One session more or less, as staff says."""

    sessions: Annotated[int, Field(strict=True, ge=-1, le=1, description="1 adds a session, -1 takes one off.")]
    reason: Annotated[Line, Field(description="The reason, as staff says it: it is kept with the movement.")]

    @field_validator("sessions")
    @classmethod
    def _something(cls, sessions: int) -> int:
        if sessions == 0:
            raise ValueError("write 1 to add a session, or -1 to take one off")
        return sessions


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
    staff = call.principal.is_staff
    return page.of(
        found,
        place=lambda entry: (entry.version,),
        show=lambda entry: PackEntryView.of(entry, for_staff=staff),
    )


@routes.get("/session-packs/{pack}/journal")
async def pack_journal(pack: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a session pack, in order. Only staff may."""
    await seen(pack, call)
    return await journal_page(call, pack, page)


@routes.get("/accounts/{account}/session-packs")
async def list_passes(account: Id, call: Reads, page: PageAsked) -> Page[PackView]:
    """List the passes of a client in force today, the family's first: gone at 0 and after the last day (CON-14).

    A client reads its own.
    """
    await known_account(account, call)

    async def today(_unit: Unit, context: Context) -> Context:
        return context

    context = await call.preview(today)
    passes = await passes_of(call.database, call.organisation, account, context.today)
    place = page.after(int, str)
    following = [each for each in passes if place is None or _place(each) > place]
    since = await suspended_packs(call.database, call.organisation, following)
    return page.of(following[: page.fetch], place=_place, show=lambda each: PackView.of(each, since.get(each.id)))


def _place(pack: Pack) -> tuple[int, str]:
    return int(pack.member is not None), pack.id


@routes.get("/accounts/{account}/session-uses")
async def list_uses(account: Id, call: Reads, page: PageAsked) -> Page[SessionUseView]:
    """List the sessions that a client's members took of its packs, the newest first. A client reads its own."""
    await known_account(account, call)
    place = page.after(str)
    found = await uses_of(
        call.database, call.organisation, account, before=place[0] if place else None, limit=page.fetch
    )
    return page.of(found, place=lambda use: (use.id,), show=SessionUseView.of)


@routes.post("/accounts/{account}/session-uses", status_code=201, response_model=TakenView)
async def take_session(account: Id, body: UseBody, command: Uses) -> Response:
    """Take a session of a pack of the account, at the door or for a session of another day (CRE-10). Only staff may.

    The pack that expires first serves, unless one is named. It is valid by the day of the session, that of the
    occurrence for which it is taken.
    """
    packs = await body.packs(command.database, command.organisation, account)

    async def work(unit: Unit, context: Context) -> Reply:
        use, saved = await taken(unit, account, body, packs, context)
        return Reply(TakenView(use=SessionUseView.of(use), pack=PackView.of(saved)), saved.version)

    def then_loads(unit: Unit) -> Wanted:
        profile = unit.get(ORGANISATIONS, command.organisation)
        return () if profile is None else packs_then_load(unit, packs, profile.today(utc_now()))

    return await command.run(work, status=201, loads=body.loads(account, packs), then_loads=then_loads)


async def taken(
    unit: Unit, account: str, body: UseBody, packs: Sequence[str], context: Context
) -> tuple[SessionUse, Pack]:
    """Take a session of one of these packs as it is asked for: the use, and the pack as it then is.

    Raises:
        Refusal: ``member-not-of-account``, an unknown account or pack, or as ``choose``, ``take`` and ``attend``.
    """
    owner = await unit.one(ACCOUNTS, account, what="account")
    if owner.members is not None and body.member not in owner.members:
        raise invalid(
            "member-not-of-account",
            "The account has no such member. Name one of its people.",
            rule="CRE-10",
            member=body.member,
        )
    session = Session(body.member, body.on or context.today, body.occurrence)
    if body.pack is not None and (await unit.one(PACKS, body.pack, what="pack")).account != account:
        raise unknown("pack", body.pack)
    found = await load_packs(unit, packs)
    suspended = {pack.id for pack in found if is_suspended(unit, pack)}
    pack = found[0] if body.pack is not None else choose(found, session, suspended)
    decision, use = take(pack, session, context.new_id(), context.today, suspended=pack.id in suspended)
    if body.occurrence is not None:
        attended = attended_id(body.member, body.occurrence)
        await unit.load(ATTENDED, [attended])
        unit.put(ATTENDED, attend(unit.get(ATTENDED, attended), use, body.occurrence))
    saved = save_pack(unit, pack, decision, context)
    await remind_of_last(unit, pack, saved, context)
    unit.put(SESSION_USES, use)
    return use, saved


@routes.post("/session-uses/{use}/cancellation", response_model=TakenView)
async def cancel_use(use: Id, command: Uses) -> Response:
    """Cancel a use: its session goes back to the pack that paid, which starts later if it started by it (CRE-10).

    Only staff may.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(SESSION_USES, use, what="use")
        pack = await unit.one(PACKS, before.pack, what="pack")
        decision, cancelled = give_back(pack, before, context.today)
        saved = save_pack(unit, pack, decision, context)
        if before.occurrence is not None:
            id_ = attended_id(before.member, before.occurrence)
            unit.put(ATTENDED, Attended(id=id_, organisation=before.organisation, use=None))
        unit.put(SESSION_USES, cancelled)
        return Reply(TakenView(use=SessionUseView.of(cancelled), pack=PackView.of(saved)), saved.version)

    def then_loads(unit: Unit) -> Wanted:
        found = unit.get(SESSION_USES, use)
        return () if found is None else ((PACKS, found.pack),)

    return await command.run(work, loads=((SESSION_USES, use),), then_loads=then_loads)


@routes.post("/session-packs/{pack}/adjustments", response_model=PackView)
async def adjust_pack(pack: Id, body: SessionsBody, command: Adjusts) -> Response:
    """Add a session to a pack, or take one off: never below zero, never after its last day (CRE-10). Only staff may."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(PACKS, pack, what="pack")
        command.must_match(before.version)
        decision = adjust(before, body.sessions, context.today)
        saved = save_pack(unit, before, decision, context, note=body.reason)
        await remind_of_last(unit, before, saved, context)
        since = (await suspended_packs(command.database, command.organisation, [saved])).get(pack)
        return Reply(PackView.of(saved, since), saved.version)

    return await command.run(work)


async def seen(pack: str, call: Call) -> Pack:
    """The pack, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await pack_of(call.database, call.organisation, pack)
    if found is None or not call.principal.sees(found.account):
        raise unknown("pack", pack)
    return found
