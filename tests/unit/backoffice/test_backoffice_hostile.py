"""What somebody typed anywhere is shown as text on every page; forms of other sites change nothing."""

import re
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from tests.backoffice.people import Office
from tests.backoffice.registry import NAMES, Page, pages
from tests.unit.backoffice.reaching import reached

TYPED = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"
FREE = {
    *("name", "first_name", "last_name", "owner", "client", "members", "notes", "reason", "description", "subject"),
    *("text", "label", "bank", "holder", "reference", "tags", "email", "phone", "address", "website", "city", "street"),
    *("detail", "body", "courses", "federation", "recipient", "signer", "proof", "exemption", "trade_name", "lines"),
}
"""The fields of the APIs that hold what somebody typed."""

SHOW_IT = {"follow-up", "contract-purchases", "contract-sheet", "account", "product-journal", "search", "cheques"}
"""Some pages that show what was typed: the attack has to reach them."""

NO_FORMS = {"/language"}
"""It changes nothing but the language in which this browser is answered."""


def hostile(value: Any, *, free: bool = False) -> Any:
    """An answer in which everything that somebody may have typed is an attack."""
    if isinstance(value, dict):
        return {name: hostile(each, free=name in FREE) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, free=free) for each in value]
    is_id = isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", value)
    return TYPED if free and isinstance(value, str) and value and not is_id else value


@pytest.mark.parametrize("page", [page for page in pages() if page.status == 200], ids=lambda page: page.name)
async def test_what_was_typed_is_text_on_every_page(office: Office, page: Page) -> None:
    def attacked(given: httpx.Response) -> httpx.Response:
        if "json" not in given.headers.get("content-type", "") or given.status_code >= 400:
            return given
        kept = {name: each for name, each in given.headers.items() if name == "etag"}
        return httpx.Response(given.status_code, json=hostile(given.json()), headers=kept)

    office.front.altered = attacked
    async with office.browser(page.role) as browser:
        shown = await reached(office, browser, page)
    assert shown.status_code == 200, shown.text[-500:]
    assert "<script>alert" not in shown.text
    assert "<img src=x" not in shown.text
    assert "onerror=alert(1)&gt;49" not in shown.text
    if page.name in SHOW_IT:
        assert "&lt;script&gt;alert" in shown.text


async def test_no_form_is_taken_that_is_not_of_our_pages(office: Office) -> None:
    routes = [route for route in office.app.routes if isinstance(route, Route) and "POST" in (route.methods or ())]
    known = {**NAMES, "language": "fr"}
    places = {
        name: known.get(name, NAMES["contract"]) for route in routes for name in re.findall(r"\{(\w+)\}", route.path)
    }
    tried = 0
    async with office.browser("director") as browser:
        for route in routes:
            if route.path in NO_FORMS:
                continue
            for forged in ({}, {"_token": "0123456789abcdef.0123456789abcdef"}):
                answer = await browser.post(route.path.format_map(places), data={**forged, "do": "confirm"})
                assert answer.status_code == 403, route.path
                tried += 1
    assert tried > 100
    assert not [request for request in office.front.requests if request.method != "GET"]
