"""Refund lines as pages: the oldest first, and one with what each way of settling it would do (PAY-3, PAY-4)."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.apis import Problem, ServiceAwayError, part
from backoffice.contracts.amounts import METHODS
from backoffice.refunds.calls import ADDRESS, CAUSES, GIVEN_BACK, PER_PAGE, WAYS, Line, line_of, options, settle
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
MODES = ("online", "on_site")
LONGEST_REASON = 2_000


@routes.get("/refunds")
async def show_refunds(visit: Reads, mode: Annotated[str, Query()] = "online", cursor: str | None = None) -> Response:
    """The refund lines of contracts paid online, or on site, the oldest first."""
    wanted = mode if mode in MODES else "online"
    found = await part(visit.api.get(ADDRESS, mode=wanted, limit=PER_PAGE, cursor=cursor))
    return await visit.page(
        "refunds/list.html",
        found=found,
        mode=wanted,
        causes=CAUSES,
        scope="payments:correct" if wanted == "online" else "payments:collect",
        first=cursor is None,
    )


@routes.get("/refunds/{contract}")
async def show_refund(visit: Reads, contract: str) -> Response:
    """One refund line, with what each way of settling the amount would do; nothing is saved."""
    line = await line_of(visit, contract)
    form = Form(visit.language, dict(visit.request.query_params))
    return await _settling(visit, contract, line, form)


@routes.post("/refunds/{contract}")
async def settle_refund(visit: Reads, contract: str) -> Response:
    """Settle the line, or a part of it, in the way that was chosen."""
    form = await visit.sent()
    currency = await visit.currency()
    how = form.choice("how", WAYS)
    amount = form.money("amount", currency)
    version = form.whole("version", least=0, most=10**9)
    method = form.choice("method", GIVEN_BACK, required=False) if how == "on_site" else None
    reason = form.text("reason", required=how == "waived", most=LONGEST_REASON)
    if amount and version is not None and not form.wrong:
        by = {"method": method} if method else {}
        settling = {"amount": amount, "how": how, **by, **({"reason": reason} if reason else {})}
        try:
            done = await settle(visit, contract, settling, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, {"amount.amount": "amount"})
        else:
            left = done.body["schedule"]["balance"]["refund_due"]
            shown = visit.language.money(amount)
            text = visit.gettext("{amount} is settled.").format(amount=shown)
            return visit.to(f"/refunds/{contract}" if left["amount"] else "/refunds", text)
    line = await line_of(visit, contract)
    return await _settling(visit, contract, line, form, status=422)


async def _settling(visit: Visit, contract: str, line: Line, form: Form, status: int = 200) -> Response:
    amount = line.most
    if form.value("amount"):
        amount = form.money("amount", str(line.due["currency"])) or line.most
    found, owner = await options(visit, contract, line, amount) if amount["amount"] > 0 else ([], None)
    return await visit.page(
        "refunds/settle.html",
        status,
        contract=contract,
        line=line,
        amount_asked=amount,
        ways=found,
        owner=owner,
        form=form,
        labels=WAYS,
        methods={name: visit.gettext(METHODS[name]) for name in GIVEN_BACK},
    )
