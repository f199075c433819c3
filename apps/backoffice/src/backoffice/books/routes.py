"""The pages of the books (INV-7)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from backoffice.apis import Json, Problem, ServiceAwayError, part
from backoffice.books import calls
from backoffice.books.calls import BOOKS
from backoffice.contracts.purchases import KINDS
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.periods import Period, WantedPeriod
from backoffice.web.spreadsheets import Source, as_csv, as_xlsx

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Keeps = Annotated[Visit, needs("payments:read", "payments:books")]
SOLD = {kind: words for kind, words in KINDS.items() if kind not in {"discount", "client_credit"}}
"""The kinds of product that are invoiced."""


@routes.get("/books")
async def show_books(visit: Reads, wanted: WantedPeriod) -> Response:
    """The sums of a period account by account, its export, and what is closed."""
    return await _page(visit, *wanted)


async def _page(visit: Visit, period: Period, form: Form, status: int = 200) -> Response:
    balance, books, today = await asyncio.gather(
        part(_balance(visit, period, form)), part(visit.api.read(BOOKS)), visit.today()
    )
    return await visit.page(
        "books/books.html",
        status,
        balance=balance,
        books=books,
        period=period,
        offered=list(calls.offered(date.fromisoformat(today))),
        form=form,
    )


async def _balance(visit: Visit, period: Period, form: Form) -> Json | None:
    """The sums; None if the period is refused, which the form then says."""
    try:
        return await visit.api.get(f"{BOOKS}/balance", **period.query)
    except Problem as fault:
        form.refuse(fault, await visit.currency())
        return None


@routes.post("/books/closings")
async def close_period(visit: Keeps) -> Response:
    """Close all days until one, for good."""
    form = await visit.sent()
    until = form.day("close_until")
    version = form.whole("version", least=0, most=10**9)
    if not form.ticked("sure"):
        form.error("sure", visit.gettext("Confirm that this is for good."))
    if not form.wrong:
        try:
            await visit.api.send(f"{BOOKS}/closings", {"until": until}, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency(), {"until": "close_until"})
        else:
            text = visit.gettext("Closed: the export of this period stays as it is from now on.")
            return visit.to(f"/books?{urlencode({'until': until})}", text)
    return await _page(visit, Period(), form, 422)


@routes.get("/books/settings")
async def begin_accounts(visit: Keeps) -> Response:
    """The accounts that the export names."""
    saved = await visit.api.read(BOOKS)
    return await _settings(visit, saved.body, saved.version, Form(visit.language, calls.values_of(saved.body)))


@routes.post("/books/settings")
async def save_accounts(visit: Keeps) -> Response:
    """Save them, if they are still as they were seen."""
    form = await visit.sent()
    saved = await visit.api.read(BOOKS)
    body = calls.body_of(form, saved.body, SOLD)
    version = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        try:
            await visit.api.send(BOOKS, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency(), _fields(body))
        else:
            return visit.to("/books", visit.gettext("The accounts are saved."))
    return await _settings(visit, saved.body, version, form, 422)


def _fields(body: Json) -> dict[str, str]:
    """The fields of the form by those of the API."""
    named = {
        **{f"accounts.{role}": role for role in calls.ROLES},
        **{f"sales.{at}.account": f"sales_{each['kind']}" for at, each in enumerate(body["sales"])},
        **{f"vat.{at}.account": f"vat_{each['rate']}" for at, each in enumerate(body["vat"])},
    }
    return {f"{path}.{last}": f"{name}_{last}" for path, name in named.items() for last in ("number", "name")}


async def _settings(visit: Visit, saved: Json, version: int | None, form: Form, status: int = 200) -> Response:
    labels = calls.labels_of(saved, SOLD, visit.language)
    return await visit.page(
        "books/settings.html",
        status,
        version=version,
        form=form,
        labels=labels,
        field_labels={f"{name}_{last}": words for name, words in labels.items() for last in ("number", "name")},
        roles=calls.ROLES,
        kinds=[f"sales_{kind}" for kind in SOLD],
        rates=[f"vat_{rate}" for rate in calls.rates_of(saved)],
    )


@routes.get("/books/entries.xlsx")
async def export_xlsx(visit: Reads, wanted: WantedPeriod) -> Response:
    """The entries of the period as XLSX."""
    name, title = visit.gettext("accounting-entries"), visit.gettext("Accounting entries")
    return await as_xlsx(visit, _entries(visit, wanted[0]), name, title, totals=True)


@routes.get("/books/entries.csv")
async def export_csv(visit: Reads, wanted: WantedPeriod) -> Response:
    """The entries of the period as CSV."""
    return await as_csv(visit, _entries(visit, wanted[0]), visit.gettext("accounting-entries"))


def _entries(visit: Visit, period: Period) -> Source:
    return visit.api.stream(f"{BOOKS}/entries.csv", **period.query, language=visit.language.code)


@routes.get("/books/fec.txt")
async def export_fec(visit: Reads, wanted: WantedPeriod) -> Response:
    """The entries of the period in the FEC format, sent on as they come, under the name that the format asks for."""
    period = wanted[0]
    source = visit.api.stream(f"{BOOKS}/fec.txt", **period.query)
    pieces, settings = await asyncio.gather(source.__aenter__(), part(visit.api.get("/payments/v1/invoice-settings")))
    given = settings.get("given") if isinstance(settings, dict) else None
    siren = ((given or {}).get("seller") or {}).get("siren") or ""
    until = (period.until or await visit.today()).replace("-", "")

    async def sent() -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        finally:
            await source.__aexit__(None, None, None)

    headers = {"content-disposition": f'attachment; filename="{siren}FEC{until}.txt"'}
    return StreamingResponse(sent(), media_type="text/plain; charset=iso-8859-15", headers=headers)
