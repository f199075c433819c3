"""Signing in and out, and what is shown instead of a page."""

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page

PAGES = [
    Page("signed-out", "/signed-out", role=None),
    Page("session-ended", "/sign-in?again=true", role=None),
    Page("sign-in-refused", "/sign-in/return?state=unknown&code=none", role=None, status=403),
    Page("signed-in", "/signed-in"),
    Page("nothing-here", "/nowhere", status=404),
]


def answers(front: FakeFront) -> None:
    """No API is asked for these pages."""
