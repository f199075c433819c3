"""Pages as somebody gets to them: by their address, or by files that are chosen and sent."""

import re

import httpx

from tests.backoffice.people import Office
from tests.backoffice.registry import Page
from tests.unit.backoffice.test_contract_changes import fields

FORM = re.compile(r'<form method="post" action="([^"]+)" enctype="multipart/form-data">')


async def reached(office: Office, browser: httpx.AsyncClient, page: Page) -> httpx.Response:
    """The page; what was asked of the APIs before it is forgotten."""
    shown = await browser.get(page.at())
    if not page.files:
        return shown
    (action,) = FORM.findall(shown.text)
    office.front.requests.clear()
    office.front.rounds = 0
    return await browser.post(action, data=fields(shown.text), files=[("files", each) for each in page.files])
