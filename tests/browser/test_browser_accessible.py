"""Every page, looked at by axe (WCAG 2.2 AA), in the light and in the dark, at a desk and on a phone.

A page is loaded once. Its words and its structure are the same in each look, so all rules are tried at a desk, and
then those alone whose outcome depends on the look: contrast in the dark, the size of what is touched on a phone.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Route
from playwright.async_api import Page as Shown

from tests.backoffice.people import session
from tests.backoffice.registry import Page, pages
from tests.backoffice.site import Site
from tests.browser.looking import DESK, PHONE, Look, context_at, go_to, sign_in_by_cookie
from tests.browser.rules import violates_nothing


class Visitors:
    """A browser of its own for each role, signed in once, with one page: to open one takes as long as to load one."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._pages: dict[str | None, Shown] = {}

    @asynccontextmanager
    async def page(self, role: str | None) -> AsyncIterator[Shown]:
        """The page of somebody, at a desk and in the light, and left so."""
        if role not in self._pages:
            site = self._site
            context = await context_at(self._browser, site.address, Look())
            if role is not None:
                await sign_in_by_cookie(context, site.office.shared.session, session(role), site.address)
            self._pages[role] = await context.new_page()
        shown = self._pages[role]
        try:
            yield shown
        finally:
            await shown.unroute_all()
            await shown.set_viewport_size(DESK)
            await shown.emulate_media(color_scheme="light")

    async def close(self) -> None:
        """Close all of them."""
        for page in self._pages.values():
            await page.context.close()


@pytest.fixture(scope="module")
async def visitors(browser: Browser, site: Site) -> AsyncIterator[Visitors]:
    them = Visitors(browser, site)
    yield them
    await them.close()


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.name)
async def test_a_page_is_accessible_fits_its_window_and_says_nothing_to_the_console(
    visitors: Visitors, page: Page
) -> None:
    said: list[str] = []

    def noted(said_there: ConsoleMessage | Error) -> None:
        said.append(said_there.text if isinstance(said_there, ConsoleMessage) else str(said_there))

    async with visitors.page(page.role) as shown:
        with listening(shown, noted):
            await shown.route(f"**{page.at()}", _still)
            await go_to(shown, page)
            for menu in await shown.locator("main details").all():
                await menu.evaluate("menu => menu.open = true")
            await violates_nothing(shown)
            await shown.emulate_media(color_scheme="dark")
            await violates_nothing(shown, "color-contrast")
            await shown.set_viewport_size(PHONE)
            await violates_nothing(shown, "target-size", "scrollable-region-focusable")
    assert not [text for text in said if page.status < 400 or "status of" not in text]


@contextmanager
def listening(shown: Shown, noted: Callable[[ConsoleMessage | Error], None]) -> Iterator[None]:
    """In the block, note what the page says to the console, and its errors."""
    shown.on("console", noted)
    shown.on("pageerror", noted)
    try:
        yield
    finally:
        shown.remove_listener("console", noted)
        shown.remove_listener("pageerror", noted)


async def _still(route: Route) -> None:
    """Answer without having the page reloaded: it would go away while axe looks at it."""
    if route.request.method != "GET":
        await route.continue_()
        return
    answer = await route.fetch(max_redirects=0)
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    await route.fulfill(response=answer, headers=headers)  # codespell:ignore fulfill # Playwright's name


async def test_a_phone_lays_a_page_out_for_its_width(visitors: Visitors) -> None:
    async with visitors.page("secretary") as shown:
        await shown.goto("/follow-up")
        assert shown.viewport_size == DESK
        await shown.set_viewport_size(PHONE)
        assert await shown.locator("summary", has_text="Menu").is_visible()
