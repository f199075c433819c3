"""The pages of bank deposits: what waits for one, those that were made, their slips (PAY-7)."""

import asyncio
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.apis import Problem, ServiceAwayError, part, quoted
from backoffice.bank_deposits import calls
from backoffice.bank_deposits.calls import DEPOSITS, METHODS, MOST_AT_ONCE, PER_PAGE, TAKINGS, path_of
from backoffice.web import Form, Visit, needs, pages, pdf_shown

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]
HIGHEST = 10**9
By = Annotated[str, Query(max_length=20)]


@routes.get("/bank-deposits")
async def show_bank_deposits(visit: Reads, cursor: str | None = None) -> Response:
    """The bank deposits, the newest first, and how much waits for one."""
    found, cheques, cash = await asyncio.gather(
        part(visit.api.get(DEPOSITS, limit=PER_PAGE, cursor=cursor)),
        part(visit.api.get(f"{TAKINGS}/sum", method="cheque")),
        part(visit.api.get(f"{TAKINGS}/sum", method="cash")),
    )
    waiting = {"cheque": cheques, "cash": cash}
    return await visit.page(
        "bank_deposits/list.html", found=found, waiting=waiting, methods=METHODS, first=cursor is None
    )


@routes.get("/bank-deposits/new")
async def begin_bank_deposit(visit: Collects, method: By = "cheque", until: By = "") -> Response:
    """What waits, ticked; nothing is saved."""
    form = Form(visit.language, {"until": until} if until else {})
    return await _new_page(visit, form, _known(method))


@routes.post("/bank-deposits/new")
async def make_bank_deposit(visit: Collects) -> Response:
    """Hand to the bank what is ticked."""
    form = await visit.sent()
    body = calls.read_deposit(form)
    if not form.wrong:
        try:
            made = await visit.api.send(DEPOSITS, body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            text = visit.gettext("The bank deposit is made. Print its slip and hand it in with what is in it.")
            return visit.to(f"/bank-deposits/{quoted(made.body['id'])}", text)
    return await _new_page(visit, form, _known(form.value("method")), 422)


async def _new_page(visit: Visit, form: Form, method: str, status: int = 200) -> Response:
    until = form.day("until", required=False)
    waiting, latest = await asyncio.gather(
        visit.api.get(TAKINGS, method=method, until=until, limit=MOST_AT_ONCE),
        visit.api.get(DEPOSITS, limit=1),
    )
    account = next((each["bank_account"] for each in latest["items"]), "")
    return await visit.page(
        "bank_deposits/new.html",
        status,
        form=form,
        waiting=waiting["items"],
        more=waiting["next"] is not None,
        method=method,
        methods=METHODS,
        account=account,
        today=await visit.today(),
        labels=visit.translated(calls.DEPOSIT_LABELS),
    )


@routes.get("/bank-deposits/cheques/{taking}")
async def begin_cheque(visit: Collects, taking: str, number: By = "", bank: str = "", holder: str = "") -> Response:
    """The form of what a cheque says of itself; the address has what is known of it."""
    known = {"number": number, "bank": bank, "holder": holder}
    return await _cheque_page(visit, taking, Form(visit.language, {name: text for name, text in known.items() if text}))


@routes.post("/bank-deposits/cheques/{taking}")
async def note_cheque(visit: Collects, taking: str) -> Response:
    """Note it, for its slip."""
    form = await visit.sent()
    body = calls.read_cheque(form)
    if not form.wrong:
        try:
            await visit.api.send(f"{TAKINGS}/{quoted(taking)}/cheque", body, key=form.key, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            return visit.to("/bank-deposits/new?method=cheque", visit.gettext("The cheque is noted."))
    return await _cheque_page(visit, taking, form, 422)


async def _cheque_page(visit: Visit, taking: str, form: Form, status: int = 200) -> Response:
    labels = visit.translated(calls.CHEQUE_LABELS)
    return await visit.page("bank_deposits/cheque.html", status, taking=taking, form=form, labels=labels)


@routes.get("/bank-deposits/{deposit}")
async def show_bank_deposit(visit: Reads, deposit: str, cursor: str | None = None) -> Response:
    """A bank deposit with what is in it."""
    path = path_of(deposit)
    found, takings = await asyncio.gather(
        visit.api.read(path), visit.api.get(f"{path}/takings", limit=MOST_AT_ONCE, cursor=cursor)
    )
    return await visit.page(
        "bank_deposits/deposit.html",
        deposit=found.body,
        version=found.version,
        takings=takings,
        methods=METHODS,
        first=cursor is None,
    )


@routes.post("/bank-deposits/{deposit}")
async def undo_bank_deposit(visit: Collects, deposit: str) -> Response:
    """The bank did not get it: what is in it waits again."""
    form = await visit.sent()
    version = form.whole("version", least=0, most=HIGHEST)
    await visit.api.send(f"{path_of(deposit)}/undoing", key=form.key, version=version)
    text = visit.gettext("The bank deposit is undone: what was in it waits for another one.")
    return visit.to(f"/bank-deposits/{quoted(deposit)}", text)


@routes.get("/bank-deposits/{deposit}/slip.pdf")
async def print_slip(visit: Reads, deposit: str) -> Response:
    """Its slip, for the bank."""
    name = visit.gettext("bank-deposit")
    return await pdf_shown(visit, f"{path_of(deposit)}/slip.pdf", name, language=visit.language.code)


def _known(method: str) -> str:
    return method if method in METHODS else "cheque"
