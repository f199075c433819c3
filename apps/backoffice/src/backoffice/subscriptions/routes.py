"""The pages of a subscription."""

from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Problem, ServiceAwayError, quoted
from backoffice.changes.confirming import Change, chosen_in, show_preview
from backoffice.contracts import purchases
from backoffice.contracts.calls import Dossier, dossier
from backoffice.contracts.routes import show_tab
from backoffice.languages import N_
from backoffice.subscriptions.periods import every, periods
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("contracts:read")]
Changes = Annotated[Visit, needs("contracts:write", "contracts:read", "payments:read")]

FEE = N_("Cancellation fee")
"""What the family reads as the name of the fee's line."""


@routes.get("/contracts/{contract}/subscription")
async def show_subscription(visit: Reads, contract: str) -> Response:
    """The subscription of a contract: its periods, the newest first, and what is billed next (CON-21)."""
    found = await dossier(visit, contract, then=lambda account: (purchases.of_account(visit.api, account),))
    subscription = found.contract["subscription"]
    if subscription is None:
        return visit.to(f"{found.path}/purchases")
    return await show_tab(
        visit,
        found,
        "subscriptions/subscription.html",
        subscription=subscription,
        every=every(subscription, visit.language),
        periods=list(periods(found.contract, str(await visit.today()))),
        payments=purchases.payment_states(found.more[0], contract),
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
    try:
        return await show_preview(visit, Change(contract, "unsubscribe", body, back, chosen_in(form)))
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, found.contract["currency"])
        return await _cancelling(visit, found, form)


async def _cancelling(visit: Visit, found: Dossier, form: Form) -> Response:
    if found.contract["subscription"] is None:
        raise Problem(404, "unknown-contract")
    return await visit.page(
        "subscriptions/cancel.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        subscription=found.contract["subscription"],
        form=form,
        today=await visit.today(),
    )
