"""The search box proposes what it finds while somebody types, by keyboard too; without scripts it searches as ever."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.backoffice.people import session
from tests.backoffice.registry import NAMES
from tests.backoffice.site import Site
from tests.browser.looking import Look, context_at, sign_in_by_cookie
from tests.browser.rules import violates_nothing


@pytest.fixture
async def shown(browser: Browser, site: Site, look: Look) -> AsyncIterator[Page]:
    """A page with the box, of somebody who may see everything."""
    async with await context_at(browser, site.address, look) as context:
        await sign_in_by_cookie(context, site.office.shared.session, session("director"), site.address)
        page = await context.new_page()
        await page.goto("/settings")
        yield page


@pytest.mark.parametrize("look", [Look("fr"), Look("en", phone=True)], ids=["fr", "en-phone"])
async def test_what_is_found_is_proposed_chosen_by_arrows_and_opened_by_enter(shown: Page, look: Look) -> None:
    box, found = shown.locator("#find"), shown.locator("#proposals")
    await box.fill("m")
    await expect(found).to_be_hidden()
    await box.press_sequentially("art")
    await expect(found.get_by_role("option").first).to_be_visible()
    await expect(box).to_have_attribute("aria-expanded", "true")
    await expect(shown.locator("#proposals-count")).to_contain_text("résultats" if look.language == "fr" else "results")
    await violates_nothing(shown)

    await box.press("ArrowUp")
    await expect(box).to_have_attribute("aria-activedescendant", "proposal-all")
    await box.press("ArrowDown")
    first = found.get_by_role("option").first
    await expect(first).to_have_attribute("aria-selected", "true")
    await expect(box).to_have_attribute("aria-activedescendant", await first.get_attribute("id") or "")
    await box.press("Escape")
    await expect(found).to_be_hidden()
    await expect(box).to_be_focused()
    await expect(box).to_have_value("mart")
    await box.press("ArrowDown")
    await expect(first).to_be_visible()
    await box.press("ArrowDown")
    await box.press("Enter")
    await shown.wait_for_url(f"**/accounts/{NAMES['account']}")


@pytest.mark.parametrize("look", [Look("fr", scripts=False)], ids=["no-scripts"])
@pytest.mark.usefixtures("look")
async def test_without_scripts_the_box_searches_on_a_page(shown: Page) -> None:
    box = shown.locator("#find")
    assert await box.get_attribute("role") is None
    await expect(shown.locator("#proposals")).to_be_hidden()
    await box.fill("mart")
    await box.press("Enter")
    await shown.wait_for_url("**/search?q=mart")
    await expect(shown.locator("main .hits").first).to_be_visible()
