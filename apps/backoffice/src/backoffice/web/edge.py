"""The outermost layer: request ids, traces, cookies and security headers of every answer, access log, metrics."""

import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.config import BackofficeSettings
from backoffice.web.cookies import COOKIES
from carnet.ids import new_id
from carnet.observe import HTTP_REQUESTS, HTTP_SECONDS, REQUEST_ID, log, span

SERVICE = "backoffice"
LARGEST_FORM = 256 * 1024
"""Bytes of a form: as large as the APIs take."""

FILES = {"/imports": 32 * 1024 * 1024, "/imports/columns": 32 * 1024 * 1024, "/bank-files": 2 * 1024 * 1024 + 16 * 1024}
"""The pages that take files which are read or compressed here, and how many bytes."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_UNSEEN = ("/health/", "/metrics")


def security_headers(settings: BackofficeSettings) -> dict[str, str]:
    """What browsers keep to on every page: nothing is loaded from elsewhere, nothing inline runs, nobody frames it.

    Forms go to this site, and to the provider when somebody signs in or out.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"frame-src 'self'; form-action 'self' {settings.provider_origin}; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "cache-control": "no-store",
    }
    return headers | ({"strict-transport-security": "max-age=31536000"} if settings.secure else {})


class Edge:
    """Around everything else of the application."""

    def __init__(self, app: ASGIApp, settings: BackofficeSettings) -> None:
        self._app = app
        self._headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(_UNSEEN):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = scope["carnet.request"] = given if _REQUEST_ID.fullmatch(given) else new_id()
        remembered = REQUEST_ID.set(request_id)
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._complete(MutableHeaders(scope=message), scope, request_id)
            await send(message)

        try:
            with span(f"{scope['method']} {SERVICE}", headers.get("traceparent")):
                await self._app(scope, _limited(receive, FILES.get(scope["path"], LARGEST_FORM)), answer)
        finally:
            _note(scope, status, time.perf_counter() - started)
            REQUEST_ID.reset(remembered)

    def _complete(self, headers: MutableHeaders, scope: Scope, request_id: str) -> None:
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = request_id
        for cookie in scope.get(COOKIES, ()):
            headers.append("set-cookie", cookie)


class FormTooLargeError(Exception):
    """A form has more bytes than anything that the APIs take."""


def _limited(receive: Receive, largest: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise FormTooLargeError
        return message

    return counted


def _note(scope: Scope, status: int, seconds: float) -> None:
    """Count and log, by the route's template: a path may hold anything that somebody typed."""
    route = getattr(scope.get("route"), "path", "unknown")
    method = scope["method"] if route != "unknown" else "any"
    HTTP_REQUESTS.labels(SERVICE, method, route, str(status)).inc()
    HTTP_SECONDS.labels(SERVICE, method, route).observe(seconds)
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
