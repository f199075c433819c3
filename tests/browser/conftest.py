"""One browser for the whole run; the pages over hand-written APIs, and one suite with a school for all procedures."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.backoffice.people import Office
from tests.backoffice.registry import answer_all
from tests.backoffice.site import Site, served
from tests.browser.chromium import browser as found
from tests.browser.looking import BOUND_MS


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; what is expected of a page is waited for as long as anything else."""
    expect.set_options(timeout=BOUND_MS)
    how = found()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=how.path, args=list(how.arguments), env=dict(how.environment) or None
        )
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The back office over hand-written APIs that answer what every page asks."""
    office = Office()
    answer_all(office.front)
    with served(office.app) as address:
        yield Site(address, office)
