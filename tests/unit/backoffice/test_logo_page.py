"""The logo of the school: sent as a file, removed, and refused with a reason (INV-1)."""

import json
from base64 import b64encode

import httpx

from tests.backoffice.people import Office
from tests.backoffice.subjects.invoices import GIVEN, SETTINGS
from tests.unit.backoffice.test_contract_changes import fields

PAGE = "/invoices/settings"
IMAGE = b"\x89PNG\r\n\x1a\n and the rest"


def kept(office: Office, logo: str | None) -> None:
    saved = {"given": GIVEN, "logo": logo, "automatic_since": None}
    office.front.answers[f"GET {SETTINGS}"] = lambda _: httpx.Response(200, json=saved, headers={"ETag": '"4"'})
    office.front.answers[f"PUT {SETTINGS}/logo"] = saved


async def test_inv_1_a_logo_is_sent_as_a_file_and_removed(office: Office) -> None:
    kept(office, "a digest")
    async with office.browser("director", "en") as browser:
        marks = fields((await browser.get(PAGE)).text) | {"version": "4", "remove": ""}
        sent = await browser.post(f"{PAGE}/logo", data=marks, files={"image": ("logo.png", IMAGE, "image/png")})
        assert sent.headers["location"] == PAGE
        removed = await browser.post(f"{PAGE}/logo", data=marks | {"remove": "yes"})
        assert removed.headers["location"] == PAGE
    given, none = [one for one in office.front.requests if one.method == "PUT"]
    assert given.headers["if-match"] == '"4"'
    assert json.loads(given.content) == {"image": b64encode(IMAGE).decode()}
    assert json.loads(none.content) == {"image": None}


async def test_inv_1_without_an_image_nothing_is_sent_and_what_the_api_refuses_is_shown(office: Office) -> None:
    kept(office, None)
    async with office.browser("director", "en") as browser:
        marks = fields((await browser.get(PAGE)).text) | {"version": "4"}
        nothing = await browser.post(f"{PAGE}/logo", data=marks, files={"image": ("", b"", "image/png")})
        assert (nothing.status_code, "Choose an image first." in nothing.text) == (422, True)
        assert not [one for one in office.front.requests if one.method == "PUT"]
        office.front.answers[f"PUT {SETTINGS}/logo"] = lambda _: httpx.Response(
            422, json={"type": "urn:carnet:problem:logo-invalid", "title": "x", "status": 422, "detail": "x"}
        )
        refused = await browser.post(f"{PAGE}/logo", data=marks, files={"image": ("a.gif", b"GIF89a", "image/gif")})
    assert refused.status_code == 422
    assert "Send a PNG or JPEG image" in refused.text
