"""The start page: the one with which a day begins."""

from starlette.responses import Response

from backoffice.web import AnyVisit, pages

routes = pages()


@routes.get("/")
async def show_home(visit: AnyVisit) -> Response:
    """Go on to the page with which a day begins."""
    return visit.to(visit.home())
