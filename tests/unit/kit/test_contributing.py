"""docs/contributing/README.md shows the code as it is: a guide that drifts misleads."""

import pytest

from tests.pages import blocks, quoted

BLOCKS = blocks("contributing/README.md")


@pytest.mark.parametrize("title", BLOCKS)
def test_what_the_page_quotes_is_the_code(title: str) -> None:
    assert BLOCKS[title] == quoted(title)


def test_the_page_shows_a_reaction_and_a_route_whole() -> None:
    shown = " ".join(BLOCKS)
    for room in ("domain", "store.py", "reactions.py", "api", "tests/integration"):
        assert room in shown
