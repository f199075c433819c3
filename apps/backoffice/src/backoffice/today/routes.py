"""The page with which a day begins."""

from starlette.responses import Response

from backoffice.today.calls import chart, read, received_now, tasks
from backoffice.web import AnyVisit, pages

routes = pages()


@routes.get("/today")
async def show_today(visit: AnyVisit) -> Response:
    """What waits for somebody, what is due, and what was planned and received by month."""
    figures, *waiting = await read(visit)
    return await visit.page(
        "today/today.html",
        figures=figures,
        tasks=tasks(visit, figures, *waiting),
        others=[answer for answer in waiting if getattr(answer, "is_away", False)],
        received=received_now(figures) if isinstance(figures, dict) else None,
        chart=chart(figures, visit.language) if isinstance(figures, dict) else None,
    )
