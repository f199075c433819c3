"""The journals as pages."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Away, Json, Problem, part
from backoffice.catalogue.calls import names, path_of
from backoffice.catalogue.kinds import Known
from backoffice.journals import calls
from backoffice.journals.calls import JOURNALS, PER_PAGE, Journal
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("catalog:read")]


@routes.get("/catalog/{product}/journal")
async def show_product_journal(visit: Reads, product: str, cursor: str | None = None) -> Response:
    """Who changed a product, when and what."""
    found, page = await asyncio.gather(
        visit.api.get(path_of(product)),
        part(visit.api.get(calls.product_path(product), limit=PER_PAGE, cursor=cursor)),
    )
    shown: list[calls.Entry] = []
    if not isinstance(page, Away):
        known = Known(visit.language, await visit.currency(), await names(visit.api, calls.refers_to(page)))
        shown = calls.entries(page, visit, lambda data: calls.product_in_words(data, known), first=cursor is None)
    return await visit.page("journals/product.html", product=found, page=page, entries=shown)


@routes.get("/settings/journal")
async def show_settings_journal(visit: Reads) -> Response:
    """Who changed the settings, when and what."""
    asked = visit.request.query_params
    found = await asyncio.gather(*(_page(visit, journal, asked.get(journal.name)) for journal in JOURNALS))
    return await visit.page(
        "journals/settings.html",
        journals=[
            (journal, page, _entries(visit, journal, page, first=journal.name not in asked))
            for journal, page in zip(JOURNALS, found, strict=True)
        ],
    )


async def _page(visit: Visit, journal: Journal, cursor: str | None) -> Json | Away | None:
    """A page of a journal; None if the person may not see it, or the school is not set up."""
    if not visit.may(journal.needs):
        return None
    try:
        return await part(visit.api.get(journal.path, limit=PER_PAGE, cursor=cursor))
    except Problem as problem:
        if problem.status not in {404, 409}:
            raise
        return {"items": [], "next": None}


def _entries(visit: Visit, journal: Journal, page: Json | Away | None, *, first: bool) -> list[calls.Entry]:
    if not isinstance(page, dict):
        return []
    return calls.entries(page, visit, lambda data: journal.in_words(data, visit.language), first=first)
