"""Looking at a page: as somebody, in a language, at a desk or on a phone, in the light or in the dark."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, FilePayload, Page

from backoffice.web.sealing import SealedCookie
from backoffice.web.sessions import Session
from carnet_suite.supervisor import Suite
from tests.backoffice.registry import Page as Registered
from tests.waits import BOUND

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
BOUND_MS = BOUND * 1_000


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    language: str = "fr"
    phone: bool = False
    dark: bool = False
    scripts: bool = True

    @property
    def options(self) -> dict[str, Any]:
        """As Playwright takes them."""
        return {
            "locale": LOCALES[self.language],
            "viewport": PHONE if self.phone else DESK,
            "has_touch": self.phone,
            "is_mobile": self.phone,
            "color_scheme": "dark" if self.dark else "light",
            "reduced_motion": "reduce",
            "java_script_enabled": self.scripts,
        }

    @property
    def name(self) -> str:
        """The end of a screenshot's name."""
        return f"{self.language}-{'phone' if self.phone else 'desk'}{'-dark' if self.dark else ''}"


async def context_at(browser: Browser, address: str, look: Look) -> BrowserContext:
    """A browser of its own at an address."""
    context = await browser.new_context(base_url=address, **look.options)
    context.set_default_timeout(BOUND_MS)
    return context


async def sign_in_by_cookie(context: BrowserContext, cookie: SealedCookie, session: Session, address: str) -> None:
    """Have a session in a browser without going to the provider."""
    pairs = [header.partition(";")[0].partition("=") for header in cookie.write(session.values, {})]
    await context.add_cookies([{"name": name, "value": value, "url": address} for name, _, value in pairs])


async def sign_in(page: Page, role: str, path: str = "/") -> None:
    """Sign in at the provider of the local suite, as somebody would."""
    await page.goto(path)
    await page.locator(f"button[value={role}]").click()
    await page.wait_for_url(lambda address: "/authorize" not in address and "/sign-in" not in address)


AT_THE_DESK = Look()


@asynccontextmanager
async def signed_in(browser: Browser, running: Suite, role: str, look: Look = AT_THE_DESK) -> AsyncIterator[Page]:
    """A page on which somebody has signed in at the provider; it shows the follow-up."""
    assert running.backoffice is not None
    async with await context_at(browser, running.backoffice, look) as context:
        page = await context.new_page()
        await sign_in(page, role, "/follow-up")
        yield page


async def go_to(shown: Page, page: Registered) -> None:
    """Have a page of the registry shown: by its address, and by the files that it is the answer to."""
    await shown.goto(page.at())
    if page.files:
        await choose_files(shown, page.files)
        async with shown.expect_navigation():
            await shown.locator("form[enctype='multipart/form-data'] button.main").click()


async def choose_files(shown: Page, files: Sequence[tuple[str, bytes]]) -> None:
    """Choose files, each with its name and content, in the form of a page."""
    chosen = [FilePayload(name=name, mimeType="application/octet-stream", buffer=content) for name, content in files]
    await shown.locator("input[type=file]").set_input_files(chosen)


async def shown_once(page: Page, path: str, text: str, *, gone: bool = False) -> None:
    """Look at a page until it shows a text, or shows it no more: other services follow in a moment."""
    async with asyncio.timeout(BOUND):
        while True:
            await page.goto(path)
            if (text in await page.locator("main").inner_text()) is not gone:
                return
            await asyncio.sleep(0.2)
