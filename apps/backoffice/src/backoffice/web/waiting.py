"""Pages that load themselves again until something has ended, and how a bulk job stands, in words."""

from collections.abc import Mapping

from starlette.responses import Response

from backoffice.languages import N_

JOB_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("calm", N_("will begin in a moment")),
    "running": ("wait", N_("under way")),
    "cancelling": ("wait", N_("being stopped")),
    "done": ("ok", N_("ended")),
    "cancelled": ("calm", N_("stopped")),
}
"""How a bulk job stands: its colour and its words."""

MOVING = frozenset({"waiting", "running", "cancelling"})
"""The states of a bulk job that has not ended."""


def loads_again(page: Response, seconds: int = 3) -> Response:
    """The page, which its browser loads again after so many seconds, also without scripts."""
    page.headers["Refresh"] = str(seconds)
    return page
