"""What axe asks of a page (WCAG 2.2 AA), and that it fits its window."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
VIOLATIONS = ["violations"]
"""What axe describes: to describe all that is right, too, takes it several times as long as to look."""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def violates_nothing(shown: Page, *rules: str) -> None:
    """Fail if the page violates one of these rules, by default of all, or is wider than its window.

    Axe is loaded into a page once. A frame has a mail, and is sandboxed: what looks at a page can't reach into it, and
    would say so to the console.
    """
    axe = Axe("0") if await shown.evaluate("'axe' in window") else Axe()
    options = {"runOnly": list(rules or RULES), "resultTypes": VIOLATIONS, "iframes": False}
    found = await axe.run(shown, options=options)
    assert found.violations_count == 0, found.generate_report()
    assert await shown.evaluate(TOO_WIDE) <= 0, "it is wider than its window"
