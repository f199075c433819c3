"""What is printed: the purchases and the schedule of an ordinary contract are one page of A4."""

from collections.abc import AsyncIterator
from io import BytesIO

import pikepdf
import pytest
from playwright.async_api import Browser, Page

from tests.backoffice.people import Office, session
from tests.backoffice.registry import answer_all
from tests.backoffice.site import Site, served
from tests.backoffice.subjects.contracts import BALLET, CONTRACT, CONTRACT_VIEW, SCHEDULE, euros, instalment, line
from tests.browser.looking import Look, context_at, sign_in_by_cookie

PURCHASES, INSTALMENTS = 9, 12
"""What the contract of a large family has."""

A4 = (595, 842)
"""Points."""


@pytest.fixture
async def printed(browser: Browser, look: Look) -> AsyncIterator[Page]:
    """The sheet of such a contract."""
    office = Office()
    answer_all(office.front)
    more = [line(f"{BALLET[:-2]}{n:02}", "course", f"Atelier du samedi {n}", 9000, 9000) for n in range(PURCHASES - 5)]
    office.front.answers[f"GET /contracts/v1/contracts/{CONTRACT}"] = {
        **CONTRACT_VIEW,
        "lines": [*more, *CONTRACT_VIEW["lines"]],
    }
    due = [instalment(n, f"2027-{10 + n // 9}-{n + 1:02}", 4050) for n in range(INSTALMENTS)]
    office.front.answers[f"GET /payments/v1/schedules/{CONTRACT}"] = {
        **SCHEDULE,
        "instalments": due,
        "balance": {**SCHEDULE["balance"], "total": euros(84600)},
    }
    with served(office.app) as address:
        site = Site(address, office)
        async with await context_at(browser, site.address, look) as context:
            await sign_in_by_cookie(context, office.shared.session, session("secretary"), site.address)
            shown = await context.new_page()
            await shown.goto(f"/contracts/{CONTRACT}/sheet")
            yield shown


@pytest.mark.parametrize("look", [Look("fr"), Look("en", dark=True)], ids=["fr", "en-dark"])
async def test_purchases_and_schedule_of_a_contract_are_one_page_of_a4(printed: Page, look: Look) -> None:
    assert await printed.locator("[data-print]").is_visible()
    with pikepdf.open(BytesIO(await printed.pdf(prefer_css_page_size=True))) as document:
        [page] = document.pages
        assert [round(float(each)) for each in page.mediabox[2:]] == list(A4)
    await printed.emulate_media(media="print", color_scheme="dark" if look.dark else "light")
    assert not await printed.locator("[data-print]").is_visible()
    assert not await printed.locator("nav:visible").count()
    paper = await printed.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = await printed.evaluate("getComputedStyle(document.body).color")
    assert (paper, ink) == ("rgb(255, 255, 255)", "rgb(29, 33, 38)")
