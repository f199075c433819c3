"""HTML that is not ours, such as a mail, shown in a frame of a page."""

from starlette.responses import HTMLResponse

POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""It runs nothing, loads nothing, goes nowhere, and has the style that it brings."""


def framed(html: str) -> HTMLResponse:
    """The answer for ``<iframe sandbox src=...>``: the HTML, unable to do anything."""
    return HTMLResponse(html, headers={"content-security-policy": POLICY})
