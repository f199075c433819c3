"""The outermost layer of an API: ids, trace, limits, access log and metrics; faults become problems here.

Pure ASGI: it costs every request, so it makes nothing that the request does not need.
"""

import asyncio
import re
import time
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carnet.http.calls import ORGANISATION, TODAY
from carnet.http.problems import BodyTooLargeError, fault, problem_of
from carnet.ids import new_id
from carnet.observe import HTTP_REQUESTS, HTTP_SECONDS, REQUEST_ID, log, span

LARGEST_REQUEST_BODY = 256 * 1024
"""Bytes that a request body may have."""

MOST_DRAINED, DRAINED_FOR = 8 * 1024 * 1024, 2.0
"""How many bytes of a body that is too large are read on, and for how many seconds, before it is refused."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSEEN = ("/health/", "/metrics")


class Edge:
    """Around everything else of an API."""

    def __init__(self, app: ASGIApp, service: str, root_path: str = "") -> None:
        self._app = app
        self._service = service
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(_UNSEEN):
            await self._app(scope, receive, send)
            return
        if self._root_path:
            scope["root_path"] = self._root_path
        headers = Headers(scope=scope)
        given = headers.get("x-request-id")
        request_id = given if given and _REQUEST_ID.fullmatch(given) else new_id()
        set_before = REQUEST_ID.set(request_id)
        answer = _Answering(send, scope, request_id)
        started = time.perf_counter()
        try:
            with span(f"{scope['method']} {self._service}", headers.get("traceparent")):
                try:
                    await self._app(scope, _limited(headers, receive), answer.send)
                except Exception as error:
                    await self._answer_failure(error, answer, scope, receive)
                finally:
                    self._record(scope, answer.status, time.perf_counter() - started)
        finally:
            REQUEST_ID.reset(set_before)

    async def _answer_failure(self, error: Exception, answer: "_Answering", scope: Scope, receive: Receive) -> None:
        if isinstance(error, ClientDisconnect):
            return  # nobody is left to answer
        problem = problem_of(error)
        if problem is None:
            log.error("a request failed", exc_info=error)
            problem = fault()
        if answer.status is not None:
            raise error  # the answer is on its way: only the end of the connection can still show it
        await problem.response()(scope, receive, answer.send)

    def _record(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Count and log, by the route's template: a path may hold anything that somebody typed."""
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if route != "unknown" else "any"
        HTTP_REQUESTS.labels(self._service, method, route, str(status or 0)).inc()
        HTTP_SECONDS.labels(self._service, method, route).observe(seconds)
        objects = [value for value in _parameters(scope).values() if _UUID.fullmatch(str(value))]
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            organisation=scope.get(ORGANISATION),
            objects=objects,
        )


def _parameters(scope: Scope) -> dict[str, Any]:
    parameters: dict[str, Any] = scope.get("path_params") or {}
    return parameters


class _Answering:
    """Sends the answer, with the request's id and the organisation's date, and remembers its status."""

    def __init__(self, send: Send, scope: Scope, request_id: str) -> None:
        self._send = send
        self._scope = scope
        self._request_id = request_id.encode()
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), (b"x-request-id", self._request_id)]
            if (today := self._scope.get(TODAY)) is not None:
                headers.append((b"carnet-today", today.isoformat().encode()))
            if generation := _generation(self._scope):
                headers.append((b"carnet-generation", str(generation).encode()))
            message["headers"] = headers
        await self._send(message)


def _generation(scope: Scope) -> int:
    """The generation that the versions in an answer belong to; 0 before the first restore."""
    wiring = getattr(getattr(scope.get("app"), "state", None), "carnet", None)
    return wiring.database.generation if wiring is not None else 0


def _limited(headers: Headers, receive: Receive) -> Receive:
    """``receive`` that refuses to read more than a body may have; a declared length is trusted no further than that."""
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > LARGEST_REQUEST_BODY:

        async def refuse() -> Message:
            await _drain(receive)
            raise BodyTooLargeError(LARGEST_REQUEST_BODY)

        return refuse
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_REQUEST_BODY:
            await _drain(receive)
            raise BodyTooLargeError(LARGEST_REQUEST_BODY)
        return message

    return counted


async def _drain(receive: Receive) -> None:
    """Read on for a while: a connection that is closed with bytes unread is reset, and the answer lost with it."""
    drained = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_FOR):
            while drained < MOST_DRAINED:
                message = await receive()
                drained += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
