"""The pages of participants: the list, its workbook, and a credit for all of their families (CRE-2)."""

import asyncio
import json
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.catalogue.calls import path_of as product_at
from backoffice.changes.confirming import ask_again
from backoffice.participants.calls import (
    BULK,
    FIELDS,
    JOBS,
    LONGEST_REPORT,
    MOST_FAMILIES,
    PAID,
    PER_PAGE,
    families_of,
    known_by,
    path_of,
)
from backoffice.problems import sentence
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.spreadsheets import Source, as_csv, as_xlsx
from backoffice.web.waiting import job_page

routes = pages()

Reads = Annotated[Visit, needs("catalog:read", "contracts:read")]
Grants = Annotated[Visit, needs("catalog:read", "contracts:read", "credits:adjust")]
ReadsJobs = Annotated[Visit, needs("catalog:read", "credits:read")]
LONGEST_REASON = 120


@routes.get("/catalog/{product}/participants")
async def show_participants(visit: Reads, product: str, cursor: str | None = None) -> Response:
    """Who takes part, and what is paid."""
    sold, found = await asyncio.gather(
        visit.api.get(product_at(product)), part(visit.api.get(path_of(product), limit=PER_PAGE, cursor=cursor))
    )
    return await visit.page("participants/list.html", product=sold, found=found, paid=PAID, first=cursor is None)


@routes.get("/catalog/{product}/participants.xlsx")
async def export_xlsx(visit: Reads, product: str) -> Response:
    """All of them as XLSX."""
    return await as_xlsx(visit, _exported(visit, product), visit.gettext("participants"), visit.gettext("Participants"))


@routes.get("/catalog/{product}/participants.csv")
async def export_csv(visit: Reads, product: str) -> Response:
    """All of them as CSV."""
    return await as_csv(visit, _exported(visit, product), visit.gettext("participants"))


def _exported(visit: Visit, product: str) -> Source:
    return visit.api.stream(f"{path_of(product)}.csv", language=visit.language.code)


@routes.get("/catalog/{product}/credit")
async def begin_grant(visit: Grants, product: str) -> Response:
    """Choose what each of the families gets."""
    sold, families = await asyncio.gather(visit.api.get(product_at(product)), families_of(visit, product))
    return await _page(visit, sold, families, visit.form())


@routes.post("/catalog/{product}/credit")
async def grant(visit: Grants, product: str) -> Response:
    """Show how many families get how much; begin once that was seen as it is asked for now."""
    form = await visit.sent()
    currency = await visit.currency()
    body: Json = {"amount": form.money("amount", currency), "reason": form.text("reason", most=LONGEST_REASON)}
    sold, families = await asyncio.gather(visit.api.get(product_at(product)), families_of(visit, product))
    if form.wrong or form.value("do") == "back" or not 0 < len(families) <= MOST_FAMILIES:
        return await _page(visit, sold, families, form)
    asked = json.dumps({**body, "families": known_by(families)}, sort_keys=True)
    body["accounts"] = families
    try:
        if form.value("do") == "confirm" and form.value("seen") == asked:
            started = await visit.api.send(BULK, body, key=form.key)
            return visit.to(f"/catalog/{quoted(product)}/credit/{quoted(started.body['id'])}")
        preview = await visit.api.preview(f"{BULK}/preview", body)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, currency, FIELDS)
        return await _page(visit, sold, families, form)
    return await _page(visit, sold, families, form, (asked, preview))


async def _page(
    visit: Visit, sold: Json, families: list[str], form: Form, seen: tuple[str, Json] | None = None
) -> Response:
    """The form; ``seen`` is what it asks for as its page carries it, and what that would do."""
    return await visit.page(
        "participants/credit.html",
        422 if form.wrong else 200,
        product=sold,
        families=len(families),
        most=MOST_FAMILIES,
        form=form,
        asked=seen[0] if seen else None,
        preview=seen[1] if seen else None,
    )


@routes.get("/catalog/{product}/credit/{job}")
async def show_grant(visit: ReadsJobs, product: str, job: str) -> Response:
    """How far the credits are, and which families have none. The page reloads itself until it has ended."""
    path = f"{JOBS}/{quoted(job)}"
    found, report, sold = await asyncio.gather(
        visit.api.get(path), visit.api.get(f"{path}/report", limit=LONGEST_REPORT), visit.api.get(product_at(product))
    )
    currency = await visit.currency()
    return await job_page(
        visit,
        "participants/job.html",
        found,
        report=report,
        product=sold,
        each={"amount": found["parameters"]["amount"], "currency": currency},
        why=lambda line: sentence(Problem(409, line["problem"]), visit.language, currency),
    )


@routes.post("/catalog/{product}/credit/{job}/cancel")
async def stop_grant(visit: Grants, product: str, job: str) -> Response:
    """Stop it: the credits that are granted stay."""
    form = await visit.sent()
    await visit.api.send(f"{JOBS}/{quoted(job)}/cancel", {}, key=form.key)
    return visit.to(f"/catalog/{quoted(product)}/credit/{quoted(job)}")
