"""Pages that reload themselves until something has ended, and the status of a bulk job, in words."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from backoffice.apis import Json
from backoffice.languages import N_
from backoffice.web.visits import Visit

JOB_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("calm", N_("will begin in a moment")),
    "running": ("wait", N_("under way")),
    "cancelling": ("wait", N_("being stopped")),
    "done": ("ok", N_("ended")),
    "cancelled": ("calm", N_("stopped")),
}
"""The status of a bulk job: its colour and its words."""

MOVING = frozenset({"waiting", "running", "cancelling"})
"""The states of a bulk job that has not ended."""


def loads_again(page: Response, seconds: int = 3) -> Response:
    """The page, which the browser reloads after so many seconds, also without scripts."""
    page.headers["Refresh"] = str(seconds)
    return page


async def job_page(visit: Visit, template: str, job: Json, *, moving: bool | None = None, **shown: Any) -> Response:
    """The page of a bulk job (``web/jobs.html``), which reloads itself while it is ``moving``.

    By default it moves until the job has ended.
    """
    moves = job["status"] in MOVING if moving is None else moving
    page = await visit.page(template, job=job, moving=moves, states=JOB_STATES, form=visit.form(), **shown)
    return loads_again(page) if moves else page
