"""Everything of the school in one file."""

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page

PAGES = [Page("export", "/export", role="director", dark=True)]


def answers(front: FakeFront) -> None:
    """The page asks nothing; its download is looked at by a test of its own."""
