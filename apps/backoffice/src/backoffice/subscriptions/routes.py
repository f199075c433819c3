"""The pages of a subscription."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, quoted
from backoffice.changes.confirming import Change, chosen_in, show_preview
from backoffice.contracts import purchases
from backoffice.contracts.calls import Dossier, dossier
from backoffice.contracts.routes import show_tab
from backoffice.languages import N_
from backoffice.subscriptions.periods import every, pause_of, periods
from backoffice.web import Form, Visit, needs, pages
from carnet.dates import months_after

routes = pages()

Reads = Annotated[Visit, needs("contracts:read")]
Writes = Annotated[Visit, needs("contracts:write")]
Changes = Annotated[Visit, needs("contracts:write", "contracts:read", "payments:read")]

Again = Callable[[Visit, Dossier, Form], Awaitable[Response]]
"""The page on which something is chosen, once more."""

LONGEST = 24
"""How many months a pause with an end has at most."""

FEE = N_("Cancellation fee")
"""What the family reads as the name of the fee's line."""


@routes.get("/contracts/{contract}/subscription")
async def show_subscription(visit: Reads, contract: str) -> Response:
    """The subscription of a contract: its periods, the newest first, and what is billed next (CON-21)."""
    found = await dossier(visit, contract, then=lambda account: (purchases.of_account(visit.api, account),))
    subscription = found.contract["subscription"]
    if subscription is None:
        return visit.to(f"{found.path}/purchases")
    today = await visit.today()
    return await show_tab(
        visit,
        found,
        "subscriptions/subscription.html",
        subscription=subscription,
        every=every(subscription, visit.language),
        periods=list(periods(found.contract, today)),
        pause=pause_of(subscription, today),
        form=visit.form(),
        payments=purchases.payment_states(found.more[0], contract, purchases.PERIOD_PAID),
    )


@routes.get("/contracts/{contract}/subscription/cancellation")
async def choose_cancellation(visit: Changes, contract: str) -> Response:
    """Choose from which date the subscription is cancelled, and what that costs (CON-17)."""
    return await _cancelling(visit, await dossier(visit, contract), visit.form())


@routes.post("/contracts/{contract}/subscription/cancellation")
async def preview_cancellation(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    found = await dossier(visit, contract)
    on, fee = form.day("on"), form.money("fee", found.contract["currency"])
    if form.value("do") == "back" or form.wrong:
        return await _cancelling(visit, found, form)
    body = {"on": on, "by_days": form.ticked("by_days"), "fee": fee, "fee_name": visit.gettext(FEE)}
    back = f"/contracts/{quoted(contract)}/subscription/cancellation"
    return await _preview(visit, found, form, Change(contract, "unsubscribe", body, back), _cancelling)


async def _cancelling(visit: Visit, found: Dossier, form: Form) -> Response:
    if found.contract["subscription"] is None:
        raise Problem(404, "unknown-contract")
    return await _form(visit, "cancel", found, form)


@routes.post("/contracts/{contract}/subscription/decline")
async def decline_request(visit: Writes, contract: str) -> Response:
    """Decline the cancellation that the family asks for (CON-17)."""
    form = await visit.sent()
    version = form.whole("version", least=0, most=10**9)
    path = f"/contracts/{quoted(contract)}/subscription"
    api = f"/contracts/v1{path}/cancellation/request/decline"
    try:
        await visit.api.send(api, key=form.key, version=version)
    except Problem as fault:
        if fault.status not in (409, 412):
            raise
        return visit.to(path, visit.gettext("Something has moved since you looked. Nothing is declined: look again."))
    return visit.to(path, visit.gettext("The request is declined. The family gets a mail."))


@routes.get("/contracts/{contract}/subscription/pause")
async def choose_pause(visit: Changes, contract: str) -> Response:
    """Choose from which day the subscription is paused, and for how long (CON-18)."""
    return await _pausing(visit, await dossier(visit, contract), visit.form())


@routes.post("/contracts/{contract}/subscription/pause")
async def preview_pause(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    found = await dossier(visit, contract)
    pause = await _pause(visit, found)
    today = await visit.today()
    on = max(pause["on"], today) if pause else form.day("on")
    months = None if form.ticked("open") else form.whole("months", least=1, most=LONGEST)
    if form.value("do") == "back" or form.wrong:
        return await _pausing(visit, found, form)
    back = f"/contracts/{quoted(contract)}/subscription/pause"
    return await _preview(visit, found, form, Change(contract, "pause", {"on": on, "months": months}, back), _pausing)


@routes.get("/contracts/{contract}/subscription/pause/lifting")
async def choose_lifting(visit: Changes, contract: str) -> Response:
    """Choose the day on which the next period begins (CON-18)."""
    return await _lifting(visit, await dossier(visit, contract), visit.form())


@routes.post("/contracts/{contract}/subscription/pause/lifting")
async def preview_lifting(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    found = await dossier(visit, contract)
    on = None if form.ticked("take_back") else form.day("on")
    if form.value("do") == "back" or form.wrong:
        return await _lifting(visit, found, form)
    back = f"/contracts/{quoted(contract)}/subscription/pause/lifting"
    return await _preview(visit, found, form, Change(contract, "lift", {"on": on}, back), _lifting)


@routes.get("/contracts/{contract}/subscription/price")
async def choose_price(visit: Changes, contract: str) -> Response:
    """Choose what the subscription costs from a period on (CON-21)."""
    return await _pricing(visit, await dossier(visit, contract), visit.form())


@routes.post("/contracts/{contract}/subscription/price")
async def preview_price(visit: Changes, contract: str) -> Response:
    """Go on to the preview."""
    form = await visit.sent()
    found = await dossier(visit, contract)
    body = {"on": form.day("on"), "price": form.money("price", found.contract["currency"])}
    if form.value("do") == "back" or form.wrong:
        return await _pricing(visit, found, form)
    back = f"/contracts/{quoted(contract)}/subscription/price"
    return await _preview(visit, found, form, Change(contract, "price", body, back), _pricing)


async def _pricing(visit: Visit, found: Dossier, form: Form) -> Response:
    await _pause(visit, found)
    return await _form(visit, "price", found, form)


async def _preview(visit: Visit, found: Dossier, form: Form, change: Change, again: Again) -> Response:
    """The preview of what was chosen, or the page on which it was, with what is wrong."""
    try:
        return await show_preview(visit, replace(change, chosen=chosen_in(form)))
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, found.contract["currency"])
        return await again(visit, found, form)


async def _pause(visit: Visit, found: Dossier) -> Json | None:
    """The pause that is to come or under way."""
    if found.contract["subscription"] is None:
        raise Problem(404, "unknown-contract")
    return pause_of(found.contract["subscription"], await visit.today())


async def _pausing(visit: Visit, found: Dossier, form: Form) -> Response:
    pause = await _pause(visit, found)
    if pause and (pause["lifted_on"] or not pause["resumes_on"]):
        return visit.to(f"{found.path}/subscription")  # an open pause, or one that is lifted, is not made longer
    return await _form(visit, "pause", found, form, pause=pause)


async def _lifting(visit: Visit, found: Dossier, form: Form) -> Response:
    pause = await _pause(visit, found)
    if pause is None:
        return visit.to(f"{found.path}/subscription")
    begun = date.fromisoformat(pause["on"])
    earliest = max(months_after(begun, 1, begun.day).isoformat(), await visit.today())
    return await _form(visit, "lift", found, form, pause=pause, earliest=earliest)


async def _form(visit: Visit, name: str, found: Dossier, form: Form, **more: object) -> Response:
    return await visit.page(
        f"subscriptions/{name}.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        subscription=found.contract["subscription"],
        asked=found.contract["subscription"]["cancellation_request"],
        form=form,
        today=await visit.today(),
        **more,
    )
