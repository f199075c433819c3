"""The search as a page; it searches again while one types in its box."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.searching.calls import PROPOSED, found
from backoffice.web import AnyVisit, pages

routes = pages()


@routes.get("/search/proposals")
async def propose(visit: AnyVisit, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What the words find, as the search box shows it while somebody types: a part of a page."""
    words = q.strip()
    kinds = await found(visit, words, most=PROPOSED) if words else []
    return visit.fragment("searching/proposals.html", words=words, kinds=kinds)


@routes.get("/search")
async def show_search(visit: AnyVisit, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What the words find."""
    words = q.strip()
    kinds = await found(visit, words) if words else []
    return await visit.page(
        "searching/search.html",
        words=words,
        kinds=kinds,
        nothing=bool(words) and not any(kind.hits or kind.away for kind in kinds),
    )
