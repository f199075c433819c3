"""``make screens``: every page in French and English, at a desk and on a phone, and some in the dark, as PNG.

They go to ``.carnet/screens``. With ``--readme``, the two of the README are made anew too.
"""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from carnet_operations.home import carnet_home
from tests.backoffice.people import Office, session
from tests.backoffice.registry import Page, answer_all, pages
from tests.backoffice.site import Site, served
from tests.browser.chromium import browser as found
from tests.browser.looking import Look, context_at, go_to, sign_in_by_cookie
from tests.pages import ROOT

LOOKS = [Look(language, phone) for language in ("fr", "en") for phone in (False, True)]
IN_README = {"follow-up": Look("en"), "contract-schedule": Look("en")}


async def shoot(browser: Browser, site: Site, page: Page, look: Look, path: Path, *, whole: bool = True) -> None:
    """Make the screenshot of a page."""
    async with await context_at(browser, site.address, look) as context:
        if page.role is not None:
            await sign_in_by_cookie(context, site.office.shared.session, session(page.role), site.address)
        shown = await context.new_page()
        await go_to(shown, page)
        await shown.screenshot(path=path, full_page=whole)


async def main(arguments: list[str]) -> int:
    """Make them all; the exit code."""
    office = Office()
    answer_all(office.front)
    folder = carnet_home() / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    how = found()
    with served(office.app) as address:
        site = Site(address, office)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=how.path, args=list(how.arguments), env=dict(how.environment) or None
            )
            for page in pages():
                for look in LOOKS + ([Look(dark=True), Look("fr", phone=True, dark=True)] if page.dark else []):
                    await shoot(browser, site, page, look, folder / f"{page.name}-{look.name}.png")
                if "--readme" in arguments and page.name in IN_README:
                    images = ROOT / "docs" / "images"
                    images.mkdir(exist_ok=True)
                    path = images / f"{page.name}.png"
                    await shoot(browser, site, page, IN_README[page.name], path, whole=False)
            await browser.close()
    print(f"The screenshots are in {folder}.")  # noqa: T201 # a command for developers
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
