"""Every page, looked at by axe (WCAG 2.2 AA), in the light and in the dark, at a desk and on a phone."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Route

from tests.backoffice.people import session
from tests.backoffice.registry import Page, pages
from tests.backoffice.site import Site
from tests.browser.looking import Look, context_at, sign_in_by_cookie

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = [Look(), Look("en", phone=True), Look(dark=True)]


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.name)
async def test_a_page_is_accessible_fits_its_window_and_says_nothing_to_the_console(
    browser: Browser, site: Site, page: Page
) -> None:
    for look in LOOKS:
        context = await context_at(browser, site.address, look)
        async with context:
            if page.role is not None:
                await sign_in_by_cookie(context, site.office.shared.session, session(page.role), site.address)
            shown = await context.new_page()
            said: list[str] = []
            shown.on("console", lambda message, said=said: said.append(message.text))
            shown.on("pageerror", lambda error, said=said: said.append(str(error)))
            await shown.route(f"**{page.at()}", _still)
            await shown.goto(page.at())
            for menu in await shown.locator("main details").all():
                await menu.evaluate("menu => menu.open = true")
            found = await Axe().run(shown, options=RULES)
            wide = await shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert found.violations_count == 0, f"{look.name}: {found.generate_report()}"
            assert wide <= 0, f"{look.name}: {wide} px too wide"
            assert not [text for text in said if page.status < 400 or "status of" not in text], look.name


async def _still(route: Route) -> None:
    """Answer without having the page loaded again by itself: it would go away while axe looks at it."""
    answer = await route.fetch(max_redirects=0)
    await route.fulfill(response=answer, headers={name: v for name, v in answer.headers.items() if name != "refresh"})
