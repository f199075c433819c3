"""Deposit invoices: of what is paid in advance (INV-1)."""

from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, quoted
from backoffice.changes.confirming import ask_again
from backoffice.contracts import purchases
from backoffice.contracts.calls import dossier
from backoffice.invoices import calls
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Issues = Annotated[Visit, needs("contracts:read", "payments:read", "payments:collect")]


@routes.get("/contracts/{contract}/deposit-invoice")
async def begin_deposit_invoice(visit: Issues, contract: str) -> Response:
    """What a deposit invoice would be of."""
    return await _page(visit, contract, visit.form())


@routes.post("/contracts/{contract}/deposit-invoice")
async def issue_deposit_invoice(visit: Issues, contract: str) -> Response:
    """Issue it, if it is still of the amount that was seen."""
    form = await visit.sent()
    amount = form.whole("amount", least=1, most=10**15)
    body: Json = {"amount": {"amount": amount, "currency": await visit.currency()}}
    if form.ticked("company"):
        body["buyer"] = calls.company(form)
    if form.wrong:
        return await _page(visit, contract, form, 422)
    path = f"/payments/v1/schedules/{quoted(contract)}/deposit-invoices"
    try:
        done = await visit.api.send(path, body, key=form.key)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, await visit.currency(), {"buyer.name": "name", "buyer.siren": "siren"})
        return await _page(visit, contract, form, 422)
    if done.status != 201:
        text = visit.gettext("The invoice is asked for: it is here as soon as the purchases are marked.")
        return visit.to(f"/contracts/{quoted(contract)}/purchases", text)
    return visit.to(f"/invoices/{quoted(done.body['invoices'][0])}", visit.gettext("The deposit invoice is issued."))


async def _page(visit: Visit, contract: str, form: Form, status: int = 200) -> Response:
    found = await dossier(visit, contract, then=lambda account: (purchases.of_account(visit.api, account),))
    advance = purchases.advance(found.more[0], contract)
    return await visit.page("invoices/deposit.html", status, contract=found.contract, advance=advance, form=form)
