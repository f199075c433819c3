"""The front of the suite: one address, a prefix per service.

``/contracts/v1/...`` is answered by the contracts service as ``/v1/...``. Bodies are streamed
both ways, headers are passed on, and nothing is kept: who may do what is decided by each service
from the token. A service that does not answer makes a problem document (502, 504). What is for
operators only (`/metrics`) is not passed on.

Run as ``python -m carnet_suite.gateway``; its settings are in the environment:
``CARNET_GATEWAY_HOST``, ``CARNET_GATEWAY_PORT``, and ``CARNET_GATEWAY_CATALOG`` with the address
of catalog, likewise for the other services.
"""

import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from carnet.ids import new_id
from carnet.observe import configure_logging, log
from carnet.settings import Settings
from carnet_operations.services import SERVICES
from carnet_suite.gateway_page import start_page
from carnet_suite.topology import gateway_variable

CONNECT_S, ANSWER_S = 2.0, 30.0
"""How long a service may take to accept a connection, and between two parts of its answer."""

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_REQUEST_ID = b"x-request-id"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_NOT_FOR_THE_PUBLIC = ("/metrics",)
_TIMEOUT = {"connect": CONNECT_S, "read": ANSWER_S, "write": ANSWER_S, "pool": CONNECT_S}

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes: the service, and the path as the service knows it."""

    service: str
    path: bytes


class Gateway:
    """The ASGI application; ``services`` gives the address of each service by its name."""

    def __init__(self, services: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._urls = {name: httpx.URL(url) for name, url in services.items()}
        # A service closes idle connections after 5 s: forgotten before, so that none is used while it closes.
        limits = httpx.Limits(max_connections=500, max_keepalive_connections=100, keepalive_expiry=3)
        self._transport = transport or httpx.AsyncHTTPTransport(limits=limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._transport.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, request = scope["path"], _request_id(scope["headers"])
        if path in ("/health/live", "/health/ready"):
            await _send(send, 200, b"application/json", b'{"status":"ok"}')
        elif path == "/":
            await _send(send, 200, b"text/html; charset=utf-8", start_page(self._urls).encode())
        elif (route := self._route(scope)) is None:
            detail = f"Nothing is here. The services are under {', '.join(f'/{name}' for name in self._urls)}."
            await _problem(send, request, Fault(404, "unknown-route", "Not found", detail))
        else:
            await self._pass_on(route, request, scope, receive, send)

    def _route(self, scope: Scope) -> Route | None:
        # The raw path keeps escapes as the client wrote them.
        raw: bytes = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
        _, _, rest = raw.partition(b"/")
        name, slash, inner = rest.partition(b"/")
        service = name.decode("ascii", errors="replace")
        if service not in self._urls:
            return None
        path = slash + inner or b"/"
        return None if path.decode("ascii", errors="replace") in _NOT_FOR_THE_PUBLIC else Route(service, path)

    async def _pass_on(self, route: Route, request: str, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        begun = False
        try:
            response = await self._transport.handle_async_request(self._request(route, request, scope, receive))
            try:
                headers = _end_to_end(response.headers.raw)
                await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
                begun = True
                async for part in response.aiter_raw():
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            finally:
                await response.aclose()
            await send({"type": "http.response.body"})
        except httpx.TransportError as error:
            log.warning(
                "a service did not answer",
                upstream=route.service,
                request=request,
                error=type(error).__name__,
                seconds=round(time.monotonic() - started, 3),
            )
            if begun:
                raise  # half an answer is out: only closing the connection can tell
            await _problem(send, request, _fault(route.service, error))

    def _request(self, route: Route, request: str, scope: Scope, receive: Receive) -> httpx.Request:
        query = scope["query_string"]
        target = route.path + (b"?" + query if query else b"")
        incoming: list[Header] = list(scope["headers"])
        url = self._urls[route.service].copy_with(raw_path=target)
        headers = [*_to_service(incoming), *_forwarded(scope, incoming), (_REQUEST_ID, request.encode())]
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in incoming)
        content = _body(receive) if has_body else None
        return httpx.Request(scope["method"], url, headers=headers, content=content, extensions={"timeout": _TIMEOUT})


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise httpx.ReadError("the client went away")
        more = message.get("more_body", False)
        if part := message.get("body", b""):
            yield part


def _end_to_end(headers: Iterable[Header]) -> list[Header]:
    """Without those that concern one connection only."""
    lowered = [(name.lower(), value) for name, value in headers]
    named = {part.strip().lower() for name, value in lowered if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in lowered if name not in _HOP_BY_HOP and name not in named]


def _to_service(headers: Iterable[Header]) -> list[Header]:
    # What a client says about being forwarded is not believed; the rest is said anew.
    said_anew = (b"host", _REQUEST_ID)
    return [
        (name, value)
        for name, value in _end_to_end(headers)
        if name not in said_anew and not name.startswith(b"x-forwarded-")
    ]


def _forwarded(scope: Scope, headers: Iterable[Header]) -> list[Header]:
    host = next((value for name, value in headers if name == b"host"), b"")
    return [
        (b"x-forwarded-host", host),
        (b"x-forwarded-proto", scope["scheme"].encode()),
    ]


def _request_id(headers: Iterable[Header]) -> str:
    """The id that the client gave, if it is one, or a new one: the same in every log."""
    given = next((value.decode("latin-1") for name, value in headers if name == _REQUEST_ID), "")
    return given if _ACCEPTED_ID.fullmatch(given) else new_id()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer of a service."""

    status: int
    slug: str
    title: str
    detail: str


def _fault(service: str, error: httpx.TransportError) -> Fault:
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        detail = (
            f"{service} did not answer in time, and may have done what was asked. "
            "Send the same request with the same Idempotency-Key again."
        )
        return Fault(504, "service-slow", "The service did not answer in time", detail)
    detail = f"{service} does not answer just now. Send the same request with the same Idempotency-Key again."
    return Fault(502, "service-unreachable", "The service does not answer", detail)


async def _problem(send: Send, request: str, fault: Fault) -> None:
    document: dict[str, Any] = {
        "type": f"urn:carnet:problem:{fault.slug}",
        "title": fault.title,
        "status": fault.status,
        "detail": fault.detail,
        "request": request,
    }
    again = [(b"retry-after", b"2")] if fault.status >= 500 else []
    headers = [(_REQUEST_ID, request.encode()), *again]
    await _send(send, fault.status, b"application/problem+json", orjson.dumps(document), headers)


async def _send(send: Send, status: int, kind: bytes, body: bytes, headers: Iterable[Header] = ()) -> None:
    all_headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})


def main() -> int:
    """Serve until told to stop; the exit code."""
    # Of the settings that services have, a process without a database has only these.
    configure_logging(Settings.model_construct(service="gateway", log_level="info"), "gateway")
    services = {name: os.environ[gateway_variable(name)] for name in SERVICES}
    uvicorn.run(
        Gateway(services),
        host=os.environ[gateway_variable("host")],
        port=int(os.environ[gateway_variable("port")]),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
