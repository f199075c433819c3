"""One browser for the whole run; the pages over hand-written APIs, and one suite with a school for all procedures."""

from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
from playwright.async_api import Browser, async_playwright, expect

from carnet.ids import new_id
from carnet_suite.servers import Servers
from carnet_suite.supervisor import Suite, suite
from tests.backoffice.people import Office
from tests.backoffice.registry import answer_all
from tests.backoffice.site import Site, served
from tests.browser.chromium import browser as found
from tests.browser.looking import BOUND_MS
from tests.browser.school import founded
from tests.forked import forked


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; what is expected of a page is waited for as long as anything else."""
    expect.set_options(timeout=BOUND_MS)
    how = found()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=how.path,
            args=list(how.arguments),
            env=dict(how.environment) or None,
            timeout=BOUND_MS,
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


@pytest.fixture(scope="session")
def running(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite with its pages, started once."""
    folder = tmp_path_factory.mktemp("school")
    with suite(folder, servers=servers, namespace=f"web{new_id()[-6:]}", pages=True, start=forked) as started:
        yield started


@pytest.fixture(scope="session")
async def school(running: Suite) -> Mapping[str, str]:
    """The contracts of the demo school by the family's name."""
    return await founded(running)
