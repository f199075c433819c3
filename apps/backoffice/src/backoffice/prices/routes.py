"""The pages of another price for all subscriptions of a product: its preview, and the bulk job (CON-21)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, quoted
from backoffice.catalogue.calls import path_of
from backoffice.changes.confirming import ask_again
from backoffice.changes.seeing import asked_by, previewed
from backoffice.problems import sentence
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.waiting import job_page

routes = pages()

Reads = Annotated[Visit, needs("catalog:read", "contracts:read")]
Writes = Annotated[Visit, needs("catalog:read", "contracts:read", "contracts:write")]

PRICE, JOBS = "/contracts/v1/subscriptions/price", "/contracts/v1/jobs"
PER_PAGE, LONGEST_REPORT = 50, 100
FIELDS = {"price.amount": "price", "price.currency": "price"}
"""The form's names of the fields of the request, where they differ."""


@routes.get("/catalog/{product}/price")
async def choose_prices(visit: Writes, product: str) -> Response:
    """Choose what all subscriptions of a product cost from a day on."""
    return await _page(visit, product, visit.form())


@routes.post("/catalog/{product}/price")
async def change_prices(visit: Writes, product: str) -> Response:
    """Show what the new price does to each; begin once that was seen as it is asked for now."""
    form = await visit.sent()
    body: Json = {"product": product, "on": form.day("on"), "price": form.money("price", await visit.currency())}
    if form.value("do") == "back" or form.wrong:
        return await _page(visit, product, form)
    asked, confirmed = asked_by(form, body)
    if not confirmed:
        return await _page(visit, product, form, asked)
    body["subscriptions"] = form.whole("subscriptions", least=1, most=1_000_000)
    try:
        started = await visit.api.send(PRICE, body, key=form.key)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, await visit.currency(), FIELDS)
        return await _page(visit, product, form)
    return visit.to(f"/catalog/{quoted(product)}/price/{quoted(started.body['id'])}")


async def _page(visit: Visit, product: str, form: Form, asked: str | None = None) -> Response:
    cursor = form.value("cursor")
    path = f"{PRICE}/preview?limit={PER_PAGE}" + (f"&cursor={quoted(cursor)}" if cursor else "")
    found, seen = await asyncio.gather(visit.api.get(path_of(product)), previewed(visit, form, path, asked, FIELDS))
    if found["details"]["kind"] != "subscription":
        raise Problem(404, "unknown-product")
    currency = await visit.currency()
    return await visit.page(
        "prices/price.html",
        422 if form.wrong else 200,
        product=found,
        form=form,
        asked=asked,
        preview=seen,
        first=not cursor,
        today=await visit.today(),
        why=lambda refused: sentence(Problem(409, refused["problem"], refused["params"]), visit.language, currency),
    )


@routes.get("/catalog/{product}/price/{job}")
async def show_prices_job(visit: Reads, product: str, job: str) -> Response:
    """How far the new price is, and which subscriptions keep theirs. The page reloads itself until it has ended."""
    path = f"{JOBS}/{quoted(job)}"
    found, report, sold = await asyncio.gather(
        visit.api.get(path), visit.api.get(f"{path}/report", limit=LONGEST_REPORT), visit.api.get(path_of(product))
    )
    currency = await visit.currency()
    return await job_page(
        visit,
        "prices/job.html",
        found,
        report=report,
        product=sold,
        price={"amount": found["parameters"]["price"], "currency": currency},
        why=lambda line: sentence(Problem(409, line["problem"]), visit.language, currency),
    )


@routes.post("/catalog/{product}/price/{job}/cancel")
async def cancel_prices_job(visit: Writes, product: str, job: str) -> Response:
    """Stop it: what has the new price keeps it."""
    form = await visit.sent()
    await visit.api.send(f"{JOBS}/{quoted(job)}/cancel", {}, key=form.key)
    return visit.to(f"/catalog/{quoted(product)}/price/{quoted(job)}")
