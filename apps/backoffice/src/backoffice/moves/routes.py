"""The pages on which staff moves a schedule."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Problem, ServiceAwayError, quoted
from backoffice.changes import meantime, previews
from backoffice.changes.confirming import ask_again
from backoffice.changes.seeing import asked_by, previewed, refuse_moved
from backoffice.contracts.amounts import METHODS, RECEIVED
from backoffice.contracts.calls import dossier
from backoffice.moves.kinds import MOVES, REVERSALS, Move
from backoffice.web import Visit, needs, pages
from backoffice.web.forms import Form

routes = pages()

Moves = Annotated[Visit, needs("contracts:read", "payments:read", "payments:collect")]


@dataclass(frozen=True, slots=True)
class Place:
    """A move of one contract's schedule, and the instalment or payment that it is about."""

    contract: str
    move: Move
    about: str

    @property
    def address(self) -> str:
        """Where the API does it."""
        return self.move.address(self.contract, self.about)


@routes.get("/contracts/{contract}/moves/{name}")
async def begin_move(visit: Moves, contract: str, name: str, about: str = "") -> Response:
    """The form of a move; ``about`` is the instalment or payment that it concerns."""
    return await _page(visit, Place(contract, _move(name), about), visit.form())


@routes.post("/contracts/{contract}/moves/{name}")
async def go_on(visit: Moves, contract: str, name: str) -> Response:
    """Show what a move would do; do it once it was seen as it is asked for now."""
    form, move = await visit.sent(), _move(name)
    place = Place(contract, move, form.value("about"))
    body = move.body(form, await visit.currency())
    if form.wrong:
        return await _page(visit, place, form)
    asked, confirmed = asked_by(form, body)
    if not confirmed:
        return await _page(visit, place, form, asked)
    version = form.whole("schedule_version", least=0, most=10**9)
    try:
        await visit.api.send(place.address, body or None, key=form.key, version=version)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        await refuse_moved(visit, form, fault, move.fields)
        return await _page(visit, place, form, asked)
    return visit.to(f"/contracts/{quoted(contract)}/schedule", visit.gettext(move.done))


@routes.post("/contracts/{contract}/collection")
async def collect_now(visit: Moves, contract: str) -> Response:
    """Collect what is due, also what all attempts failed for."""
    form = await visit.sent()
    back = f"/contracts/{quoted(contract)}/schedule"
    version = form.whole("schedule_version", least=0, most=10**9)
    path = f"/payments/v1/schedules/{quoted(contract)}/collection"
    started = await visit.api.send(path, key=form.key, version=version)
    if not started.body["attempts"]:
        return visit.to(back, visit.gettext("It is in the next remittance of direct debits."))
    return visit.to(back, visit.gettext("The payment is asked for; its outcome appears here within seconds."))


def _move(name: str) -> Move:
    if name not in MOVES:
        raise Problem(404, "unknown-object")
    return MOVES[name]


async def _page(visit: Visit, place: Place, form: Form, asked: str | None = None) -> Response:
    """The form, and below it what was asked for would do."""
    found, preview = await asyncio.gather(
        dossier(visit, place.contract), previewed(visit, form, f"{place.address}/preview", asked, place.move.fields)
    )
    schedule = found.known_schedule
    if schedule is None:
        return visit.to(f"{found.path}/schedule")
    return await visit.page(
        "moves/move.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        schedule=schedule,
        move=place.move,
        form=form,
        about=place.about,
        known=next((each for each in schedule["instalments"] if each["id"] == place.about), None),
        today=await visit.today(),
        methods={name: visit.gettext(METHODS[name]) for name in RECEIVED},
        reversals=visit.translated(REVERSALS),
        asked=asked,
        preview=preview,
        seen_before=meantime.seen(preview["before"]) if preview else "",
        meantime=meantime.moved(form.value(meantime.SEEN), preview["before"]) if preview and form.wrong else None,
        rows=previews.rows(preview) if preview else [],
    )
