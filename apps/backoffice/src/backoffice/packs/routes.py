"""The pages of session packs: at the door, and one with its movements."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.accounts.calls import ADDRESS as FAMILIES
from backoffice.accounts.calls import name_of, owner_of
from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.languages import N_
from backoffice.packs.calls import ACCOUNTS, MOVEMENTS, PACKS, USES, door_of, pack_found
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("credits:read")]
AtDoor = Annotated[Visit, needs("accounts:read", "credits:read")]
Takes = Annotated[Visit, needs("accounts:read", "credits:read", "credits:use")]
Adjusts = Annotated[Visit, needs("credits:read", "credits:adjust")]
Words = Annotated[str, Query(max_length=100)]
PER_PAGE = 20
LONGEST_REASON = 200

STEPS = {"1": N_("one session more"), "-1": N_("one session less")}


@routes.get("/door")
async def show_door(visit: AtDoor, q: Words = "") -> Response:
    """Find the family of the person at the door."""
    words = q.strip()
    found = await part(visit.api.get(FAMILIES, q=words, limit=PER_PAGE)) if words else None
    return await visit.page("packs/door.html", words=words, found=found, name_of=name_of, owner_of=owner_of)


@routes.get("/accounts/{account}/door")
async def show_passes(visit: AtDoor, account: str, on: Words = "") -> Response:
    """The passes of a family with what is left of each, and the sessions taken last (CON-14, CRE-10)."""
    form = visit.form().replaced("", {"on": on or await visit.today()})
    form.day("on")
    return await _door(visit, account, form)


@routes.post("/accounts/{account}/door")
async def take_session(visit: Takes, account: str) -> Response:
    """Take a session, at the door or for an occurrence of that day: of the pack that expires first, or of one."""
    form = await visit.sent()
    member, pack = form.text("member", most=36), form.text("pack", required=False, most=36)
    occurrence = form.text("occurrence", required=False, most=36)
    body: Json = {"member": member, "on": form.day("on"), "pack": pack or None, "occurrence": occurrence or None}
    if not form.wrong:
        try:
            await visit.api.send(f"{ACCOUNTS}/{quoted(account)}/session-uses", body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            return visit.to(f"/accounts/{quoted(account)}/door", visit.gettext("The session is taken."))
    return await _door(visit, account, form, 422)


@routes.post("/accounts/{account}/door/undo")
async def undo(visit: Takes, account: str) -> Response:
    """Give a session back to the pack that paid."""
    form = await visit.sent()
    use = form.text("use", most=36)
    try:
        await visit.api.send(f"{USES}/{quoted(use)}/cancellation", None, key=form.key)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _door(visit, account, form, 422)
    return visit.to(f"/accounts/{quoted(account)}/door", visit.gettext("The session is given back."))


async def _door(visit: Visit, account: str, form: Form, status: int = 200) -> Response:
    today = await visit.today()
    day = today if "on" in form.errors else form.value("on", today)
    return await visit.page(
        "packs/family.html",
        status,
        door=await door_of(visit, account, day),
        day=day,
        form=form,
        today=today,
        name_of=name_of,
        owner_of=owner_of,
    )


@routes.get("/packs/{pack}")
async def show_pack(visit: Reads, pack: str) -> Response:
    """A session pack: what is left of it, until when, and its movements (CRE-10)."""
    return await _pack(visit, pack, visit.form())


@routes.post("/packs/{pack}")
async def adjust_pack(visit: Adjusts, pack: str) -> Response:
    """Add a session, or take one off, with a reason."""
    form = await visit.sent()
    version = form.whole("version", least=0, most=10**9)
    step, reason = form.choice("sessions", STEPS), form.text("reason", most=LONGEST_REASON)
    if not form.wrong:
        body: Json = {"sessions": int(step), "reason": reason}
        try:
            await visit.api.send(f"{PACKS}/{quoted(pack)}/adjustments", body, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            return visit.to(f"/packs/{quoted(pack)}", visit.gettext("The pack is adjusted."))
    return await _pack(visit, pack, form, 422)


async def _pack(visit: Visit, pack: str, form: Form, status: int = 200) -> Response:
    found = await pack_found(visit, pack)
    return await visit.page(
        "packs/pack.html",
        status,
        found=found,
        pack=found.pack,
        form=form,
        steps=visit.translated(STEPS),
        today=await visit.today(),
        movements=MOVEMENTS,
        name_of=name_of,
        owner_of=owner_of,
    )
