"""The pages on which a contract is changed."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.changes import adding, cancelling, fees, plans
from backoffice.changes.basket import Basket
from backoffice.changes.confirming import Change, chosen_in, confirm, show_preview
from backoffice.contracts.calls import Dossier, dossier
from backoffice.contracts.purchases import KINDS
from backoffice.contracts.waiting import asked_about, why_refused
from backoffice.scholarships.using import scholarship_of
from backoffice.web import Visit, loads_again, needs, pages
from backoffice.web.forms import Form

routes = pages()

Changes = Annotated[Visit, needs("contracts:write", "contracts:read", "payments:read")]


Follows = Annotated[Visit, needs("contracts:read")]
IDS_OF_A_CHOICE, LONGEST_CHOICE = 3, 120
Along = Annotated[Sequence[str], Query()]
Lines = Annotated[Sequence[str], Query()]


def _path(contract: str) -> str:
    return f"/contracts/{quoted(contract)}"


@routes.post("/contracts/{contract}/changes")
async def confirm_change(visit: Changes, contract: str) -> Response:
    """Confirm what a preview showed; a fee that was typed since is previewed first."""
    form = await visit.sent()
    if form.value("kind") == "end" and not fees.is_carried(form):
        return await _end_with_fee(visit, contract, form)
    return await confirm(visit, contract, form)


@routes.get("/contracts/{contract}/asked/{change}")
async def follow_change(visit: Follows, contract: str, change: str, *, opening: bool = False) -> Response:
    """A change, or an opening, that waits for other services: reloaded automatically until it is made or refused."""
    found = await visit.api.get(f"/contracts/v1/contracts/{quoted(contract)}/changes/{quoted(change)}")
    if found["status"] == "made":
        done = visit.gettext("The contract is opened.") if opening else visit.gettext("The change is made.")
        return visit.to(f"{_path(contract)}/purchases", done)
    page = await visit.page(
        "changes/asked.html",
        path=_path(contract),
        change=found,
        opening=opening,
        asked_about=asked_about(visit, found["requests"]),
        refusals=await why_refused(visit, found["refusals"]),
    )
    return loads_again(page, seconds=2) if found["status"] == "pending" else page


# Add


@routes.get("/contracts/{contract}/changes/add")
async def choose_additions(visit: Changes, contract: str) -> Response:
    """Choose products, fees and discounts."""
    return await _adding(visit, contract, visit.form(), Basket())


@routes.post("/contracts/{contract}/changes/add")
async def add(visit: Changes, contract: str) -> Response:
    """Search, put something on the list, take it off again, or go on to the preview."""
    form = await visit.sent()
    basket = adding.basket_of(form)
    step, _, what = form.value("do").partition(" ")
    if step == "preview" and basket.items:
        return await _previewed(visit, contract, basket, form)
    if step == "off" and what.isdecimal():
        basket = basket.without(int(what))
    return await _adding(visit, contract, form, basket, put=what if step == "put" else "")


async def _previewed(visit: Visit, contract: str, basket: Basket, form: Form) -> Response:
    try:
        return await show_preview(
            visit, Change(contract, "add", basket.body, f"{_path(contract)}/changes/add", [("basket", basket.write())])
        )
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _adding(visit, contract, form, basket)


async def _adding(visit: Visit, contract: str, form: Form, basket: Basket, *, put: str = "") -> Response:
    found = await dossier(
        visit, contract, *adding.asked(visit, form, put), then=lambda account: [adding.scholarships(visit, account)]
    )
    products, product, families, untaxed, scholarships = found.more
    currency, lines = found.contract["currency"], found.contract["lines"]
    offered = adding.labelled(visit, scholarships, found.names)
    chosen = adding.Chosen(products, product, families, untaxed, found.names, currency, lines, offered)
    shown = adding.choosing(visit, form, basket, chosen, put)
    status = 422 if form.wrong else 200
    return await visit.page("changes/add.html", status, found=found, contract=found.contract, **shown)


# Cancel


@routes.get("/contracts/{contract}/changes/cancel")
async def choose_cancellations(visit: Changes, contract: str, line: str = "") -> Response:
    """Choose lines; the discounts on them are chosen along (CON-6)."""
    found = await dossier(visit, contract, fees.untaxed(visit))
    along = cancelling.discounts_on(found.contract, {line})
    again = {each["id"] for each in along if cancelling.stay(each, {line})}
    return await _cancelling(visit, found, visit.form(), {line, *(each["id"] for each in along)}, again)


@routes.post("/contracts/{contract}/changes/cancel")
async def cancel(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    chosen, again = set(form.values("line")), set(form.values("again"))
    found = await dossier(visit, contract, fees.untaxed(visit))
    if form.value("do") == "back":
        return await _cancelling(visit, found, form, chosen, again)
    if not chosen:
        form.refusal = visit.gettext("Choose what is cancelled.")
        return await _cancelling(visit, found, form, chosen, again)
    fee = fees.fee_of(form, found.contract["currency"], untaxed=found.more[0])
    if form.wrong:
        return await _cancelling(visit, found, form, chosen, again)
    try:
        body = cancelling.body_of(found.contract, chosen, again, fee)
        change = Change(contract, "cancel", body, f"{_path(contract)}/changes/cancel", chosen_in(form))
        return await show_preview(visit, change)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        missing = [each for each in cancelling.discounts_on(found.contract, chosen) if each["id"] not in chosen]
        along = {each["id"] for each in missing}
        useful = {each["id"] for each in missing if cancelling.stay(each, chosen)}
        return await _cancelling(visit, found, form, chosen | along, again | useful)


async def _cancelling(visit: Visit, found: Dossier, form: Form, chosen: set[str], again: set[str]) -> Response:
    return await visit.page(
        "changes/cancel.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        lines=cancelling.live(found.contract),
        kinds=KINDS,
        form=form,
        chosen=chosen,
        again=again,
        rates=fees.proposed(found.contract, visit, untaxed=found.more[0] is True),
        fee_fields=fees.labels(visit),
    )


@routes.get("/contracts/{contract}/changes/delete")
async def preview_deletion(visit: Changes, contract: str, line: Lines, along: Along = ()) -> Response:
    """What deleting purchases entered by mistake would do, and the discounts on them ``along`` (CON-6, CON-12).

    Several are the periods of a subscription whose contract is cancelled.
    """
    body: Json = {"delete": list(line), **({"cancel": list(along)} if along else {})}
    return await _shown_at_once(visit, contract, "delete", body)


@routes.get("/contracts/{contract}/cancellation")
async def preview_end(visit: Changes, contract: str) -> Response:
    """What cancelling the whole contract would do (CON-22)."""
    return await _shown_at_once(visit, contract, "end", {})


@routes.post("/contracts/{contract}/cancellation")
async def preview_end_with_fee(visit: Changes, contract: str) -> Response:
    """The same with a fee, or without the one that was taken away again (CON-8)."""
    return await _end_with_fee(visit, contract, await visit.sent())


async def _end_with_fee(visit: Visit, contract: str, form: Form) -> Response:
    found, untaxed = await asyncio.gather(
        visit.api.get(f"/contracts/v1/contracts/{quoted(contract)}"), part(fees.untaxed(visit))
    )
    fee = fees.fee_of(form, found["currency"], untaxed=untaxed)
    back = f"{_path(contract)}/purchases"
    try:
        change = Change(contract, "end", {} if fee is None else {"free": [fee]}, back)
        return await show_preview(visit, change, form)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return visit.to(back, form.refusal)


async def _shown_at_once(visit: Visit, contract: str, kind: str, body: Json) -> Response:
    """The preview of a change of which nothing is chosen; back to the purchases with the reason if it is refused."""
    back = f"{_path(contract)}/purchases"
    try:
        return await show_preview(visit, Change(contract, kind, body, back))
    except Problem as problem:
        if problem.status == 404:
            raise
        form = visit.form()
        form.refuse(problem, await visit.currency())
        return visit.to(back, form.refusal)


# Edit


@routes.get("/contracts/{contract}/changes/edit")
async def choose_edit(visit: Changes, contract: str, line: str = "") -> Response:
    """Edit a line: its price, its last day, its notes (CON-11)."""
    return await _editing(visit, await dossier(visit, contract), visit.form(), line)


@routes.post("/contracts/{contract}/changes/edit")
async def edit(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    found = await dossier(visit, contract)
    line = form.value("line")
    if form.value("do") == "back":
        return await _editing(visit, found, form, line)
    price = form.money("price", found.contract["currency"])
    until, notes = form.day("until", required=False), form.text("notes", required=False)
    if form.wrong:
        return await _editing(visit, found, form, line)
    body = {"edit": [{"line": line, "price": price, "expires_on": until, "notes": notes or None}]}
    try:
        change = Change(contract, "edit", body, f"{_path(contract)}/changes/edit", chosen_in(form))
        return await show_preview(visit, change)
    except (Problem, ServiceAwayError) as fault:
        fields = {"edit.0.price": "price", "edit.0.expires_on": "until", "edit.0.notes": "notes"}
        form.refuse(fault, found.contract["currency"], fields)
        return await _editing(visit, found, form, line)


async def _editing(visit: Visit, found: Dossier, form: Form, line: str) -> Response:
    edited = next((each for each in cancelling.live(found.contract) if each["id"] == line), None)
    if edited is None:
        raise Problem(404, "unknown-line")
    return await visit.page(
        "changes/edit.html", 422 if form.wrong else 200, found=found, contract=found.contract, line=edited, form=form
    )


# Change a plan


@routes.get("/contracts/{contract}/changes/plan")
async def choose_plan(visit: Changes, contract: str, line: str = "") -> Response:
    """Choose the plan that takes the place of another one (CON-19)."""
    return await _planning(visit, contract, visit.form(), line)


@routes.post("/contracts/{contract}/changes/plan")
async def change_plan(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    line = form.value("line")
    if form.value("do") in {"back", "find"}:
        return await _planning(visit, contract, form, line)
    chosen = form.text("to", most=LONGEST_CHOICE)
    if chosen.count("/") != IDS_OF_A_CHOICE - 1:
        form.error("to", visit.gettext("Choose a plan."))
    found = await visit.api.get(f"/contracts/v1/contracts/{quoted(contract)}")
    theirs = [each["id"] for each in await adding.scholarships(visit, found["account"])]
    aid = scholarship_of(form, "plan", theirs, found["currency"])
    if form.wrong:
        return await _planning(visit, contract, form, line)
    body = plans.change_of(found, line, chosen, form.values("again"), aid)
    try:
        change = Change(contract, "plan", body, f"{_path(contract)}/changes/plan", chosen_in(form))
        return await show_preview(visit, change)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _planning(visit, contract, form, line)


async def _planning(visit: Visit, contract: str, form: Form, line_id: str) -> Response:
    words = form.value("search").strip()[:200]
    found = await dossier(
        visit,
        contract,
        adding.on_sale(visit.api, words, plans.KIND),
        then=lambda account: [adding.scholarships(visit, account)],
    )
    line = next((each for each in cancelling.live(found.contract) if each["id"] == line_id), None)
    if line is None or line["kind"] != plans.KIND:
        return visit.to(f"{_path(contract)}/purchases", visit.gettext("This purchase is not an online plan in force."))
    products, scholarships = found.more
    back = line["scholarship"]["id"] if line.get("scholarship") else ""
    return await visit.page(
        "changes/plan.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        line=line,
        products=products,
        offered=plans.offered(products["items"], line, visit.language) if isinstance(products, dict) else (),
        discounts=cancelling.discounts_on(found.contract, {line_id}),
        scholarships=adding.labelled(visit, scholarships, found.names, back),
        form=form,
    )
