"""Reading a paper by the link of a mail, without a token, until the link expires (INV-5).

A person opens it in a browser, so a link that no longer serves is answered by a page in words; a program gets a
problem document.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from carnet.http import ProblemError, router
from carnet.http.problems import MEDIA_TYPE
from carnet.links import BadLinkError, ExpiredLinkError, Links, Paper
from carnet.mongo import Database
from payments.invoices.store import invoice_of, paper_of
from payments.papers.page import page

routes = router(tags=["papers"])

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}


async def _invoice(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    """The file name and PDF of an invoice or a credit note."""
    (id_,) = paper.about
    invoice = await invoice_of(database, paper.organisation, id_)
    pdf = await paper_of(database, paper.organisation, id_) if invoice else None
    return None if invoice is None or pdf is None else (f"{invoice.number}.pdf", pdf)


READERS: Mapping[str, Callable[[Database, Paper], Awaitable[tuple[str, bytes] | None]]] = {"invoice": _invoice}
"""The kinds of paper: each with what finds its file name and its PDF, or None if there is none."""


@routes.get(
    "/papers/{link}",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "The PDF, as it was made."},
        404: {"description": "The link leads to nothing.", **_PROBLEM},
        410: {"description": "The link has expired.", **_PROBLEM},
        422: {"description": "The address can't be read.", **_PROBLEM},
        500: {"description": "A fault of the service: try again later.", **_PROBLEM},
        503: {"description": "Something that is needed does not answer: try again later.", **_PROBLEM},
    },
)
async def read_paper(link: str, request: Request) -> Response:
    """Read the paper that a link in a mail leads to, such as an invoice. The link itself is the permission."""
    links: Links = request.app.state.links
    try:
        paper = links.read(link)
    except ExpiredLinkError as error:
        return _away(request, 410, "link-expired", error.paper.language)
    except BadLinkError:
        return _away(request, 404, "unknown-link", None)
    reader = READERS.get(paper.kind)
    found = await reader(request.app.state.carnet.database, paper) if reader else None
    if found is None:
        return _away(request, 404, "unknown-link", paper.language)
    name, pdf = found
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


_DETAILS = {
    "link-expired": "This link has expired. Ask the organisation to send the mail again.",
    "unknown-link": "This link leads to nothing. Copy it whole from the mail, or ask the organisation for the paper.",
}


def _away(request: Request, status: int, slug: str, language: str | None) -> Response:
    """The answer instead of the paper: a page for a browser, a problem document for a program."""
    if "text/html" not in request.headers.get("Accept", ""):
        raise ProblemError(status, slug, _DETAILS[slug], rule="INV-5")
    spoken = language or ("fr" if request.headers.get("Accept-Language", "").lower().startswith("fr") else "en")
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(page(slug, spoken), status, headers=headers)
