"""Reading a paper by the link of a mail, without a token, until the link expires.

A person opens it in a browser, so a link that no longer serves is answered by a page in words; a program gets a
problem document.
"""

from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from carnet.http.link_page import School, page
from carnet.http.problems import MEDIA_TYPE, ProblemError
from carnet.http.routes import router
from carnet.links import BadLinkError, ExpiredLinkError, Links, Paper
from carnet.mongo import Database, Unit, look
from carnet.organisations import known_organisation

V = TypeVar("V", bound=BaseModel)

Reader = Callable[[Database, Paper], Awaitable[tuple[str, bytes] | None]]
"""Finds the file name and the PDF of a paper; None if there is none."""

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}

ANSWERS: dict[int | str, dict[str, Any]] = {
    404: {"description": "The link leads to nothing.", **_PROBLEM},
    410: {"description": "The link has expired.", **_PROBLEM},
    422: {"description": "The address can't be read.", **_PROBLEM},
    500: {"description": "A fault of the service: try again later.", **_PROBLEM},
    503: {"description": "Something that is needed does not answer: try again later.", **_PROBLEM},
}
"""The other answers of a route that reads links, in the API's description."""

_DETAILS = {
    "link-expired": "This link has expired. Ask the organisation to send the mail again.",
    "unknown-link": "This link leads to nothing. Copy it whole from the mail, or ask the organisation for the paper.",
}


def paper_routes(readers: Mapping[str, Reader]) -> APIRouter:
    """The route of a service that keeps papers; ``readers`` by kind of paper.

    The application keeps the ``Links`` of its settings as ``state.links``, from its start on.
    """
    routes = router(tags=["papers"])

    @routes.get(
        "/papers/{link}",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}, "description": "The PDF."}, **ANSWERS},
    )
    async def read_paper(link: str, request: Request) -> Response:
        """Read the paper that a link in a mail leads to, such as an invoice. The link itself is the permission."""
        paper = await linked(request, link, readers)
        if isinstance(paper, Response):
            return paper
        found = await readers[paper.kind](request.app.state.carnet.database, paper)
        return await gone(request, 404, "unknown-link", paper) if found is None else pdf_answer(*found)

    return routes


async def linked(request: Request, link: str, kinds: Container[str]) -> Paper | Response:
    """What a link of one of these kinds leads to, or the answer to one that leads to nothing."""
    links: Links = request.app.state.links
    try:
        found = links.read(link)
    except ExpiredLinkError as error:
        return await gone(request, 410, "link-expired", error.paper)
    except BadLinkError:
        return await gone(request, 404, "unknown-link", None)
    return found if found.kind in kinds else await gone(request, 404, "unknown-link", found)


async def seen_now(
    request: Request, link: str, kind: str, show: Callable[[Unit, Paper], Awaitable[V | None]]
) -> tuple[Paper, V] | Response:
    """A link of that kind with what it shows as things are now, or the answer if it leads to nothing.

    ``show`` reads it in a unit of the organisation; None if there is nothing to show.
    """
    found = await linked(request, link, (kind,))
    if isinstance(found, Response):
        return found

    async def work(unit: Unit) -> V | None:
        with unit.piece(found.organisation):
            return await show(unit, found)

    view = await look(request.app.state.carnet.database, work)
    return await gone(request, 404, "unknown-link", found) if view is None else (found, view)


async def shown_now(
    request: Request, link: str, kind: str, show: Callable[[Unit, Paper], Awaitable[BaseModel | None]]
) -> Response:
    """What a link of that kind shows as things are now, for the mail that reads it when it is sent."""
    seen = await seen_now(request, link, kind, show)
    return seen if isinstance(seen, Response) else view_answer(seen[1])


def view_answer(view: BaseModel) -> Response:
    """The answer to a program that reads a link: what may have changed a moment later, so nothing keeps it."""
    return Response(view.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


def pdf_answer(name: str, pdf: bytes) -> Response:
    """The answer that is a PDF, to be shown under a file name of plain ASCII, and kept by nobody on the way."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def is_browser(request: Request) -> bool:
    """Whether a person opens the link, and not a program."""
    return "text/html" in request.headers.get("Accept", "")


async def gone(request: Request, status: int, slug: str, paper: Paper | None) -> Response:
    """The answer of a link that does not serve: a page for a browser, a problem document for a program.

    ``paper`` is what it led to, if that is known: the page is in its reader's language, and says who the school is.
    """
    if not is_browser(request):
        raise ProblemError(status, slug, _DETAILS[slug])
    asked = "fr" if request.headers.get("Accept-Language", "").lower().startswith("fr") else "en"
    spoken = paper.language if paper else asked
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    school = await school_of(request, paper.organisation) if paper else None
    return HTMLResponse(page(slug, spoken, school), status, headers=headers)


async def school_of(request: Request, organisation: str) -> School | None:
    """Whom the reader of a link can ask; None if this service does not know the organisation."""
    database: Database = request.app.state.carnet.database
    known = await known_organisation(database, organisation)
    if known is None:
        return None
    return School(known.name, known.contact.email or known.support_email, known.contact.phone)
