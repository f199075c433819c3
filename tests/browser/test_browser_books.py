"""The accountant's export in a browser on a real suite: downloaded, closed, and the same file for good (INV-7)."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from carnet.dates import utc_now
from carnet_suite.supervisor import Suite
from tests.browser.looking import Look, shown_once, signed_in

UNTIL = utc_now().date() - timedelta(days=30)
SINCE = UNTIL - timedelta(days=20)
PERIOD = f"/books?from={SINCE}&until={UNTIL}"


async def received(page: Page, contract: str, amount: str, on: date) -> None:
    """Record cash that was received on a day."""
    await page.goto(f"/contracts/{contract}/moves/payment")
    await page.locator("#field-amount").fill(amount)
    await page.locator("#field-method").select_option("cash")
    await page.locator("#field-received_on").fill(on.isoformat())
    await page.locator("button[value=preview]").first.click()
    await page.locator("button[value=confirm]").click()
    await expect(page.locator(".notice")).to_be_visible()


async def downloaded(page: Page, path: str) -> bytes:
    """The file that a link of the page of the books is of."""
    await page.goto(PERIOD)
    async with page.expect_download() as waited:
        await page.locator(f"a[href^='{path}']").click()
    file = await (await waited.value).path()
    return await asyncio.to_thread(Path(file).read_bytes)


async def test_inv_7_a_closed_period_is_the_same_file_whatever_is_entered_for_it_later(
    browser: Browser, running: Suite, school: Mapping[str, str]
) -> None:
    contract = school["<script>alert(1)</script>"]
    async with signed_in(browser, running, "director", Look("en")) as page:
        await received(page, contract, "50", UNTIL - timedelta(days=5))
        await shown_once(page, PERIOD, "€50.00")
        open_still = await downloaded(page, "/books/fec.txt")
        assert open_still.count(b"\n") >= 3, "a heading, and an entry of two lines"
        assert b"50,00" in open_still

        await page.locator("#field-close_until").fill(UNTIL.isoformat())
        await page.get_by_role("button", name="Close the period").click()
        await expect(page.locator(".errors")).to_contain_text("Confirm that this is for good.")
        await page.locator("#field-close_until").fill(UNTIL.isoformat())
        await page.locator("#field-sure").check()
        await page.get_by_role("button", name="Close the period").click()
        await expect(page.locator(".notice")).to_contain_text("Closed")
        await expect(page.locator(".away")).to_have_count(0)
        closed = await downloaded(page, "/books/fec.txt")
        table = await downloaded(page, "/books/entries.csv")

        await received(page, contract, "70", UNTIL - timedelta(days=4))
        await shown_once(page, f"/books?from={UNTIL + timedelta(days=1)}&until={UNTIL + timedelta(days=1)}", "€70.00")
        assert await downloaded(page, "/books/fec.txt") == closed
        assert await downloaded(page, "/books/entries.csv") == table
        assert b"70,00" not in closed
        workbook = await downloaded(page, "/books/entries.xlsx")
        assert workbook.startswith(b"PK")
