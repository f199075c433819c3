"""Requests to the APIs: one pool of connections for all, each request with the token of its person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from backoffice.apis.faults import Problem, ServiceAwayError
from carnet.observe import traceparent

Json = dict[str, Any]

_AWAY = {502, 503, 504}
_CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2.0)
"""Kept for less time than the front keeps them, so that no request meets a connection that is just closed."""


def quoted(value: str) -> str:
    """A value as one part of a path, whatever somebody typed in it."""
    return quote(value, safe="")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API answered: the body, and the version that its ETag names (for If-Match)."""

    body: Json
    version: int | None = None
    status: int = 200


_FILE = httpx.Timeout(150.0, connect=2.0)
"""A file may take long: the export of a period just closed waits until nothing of it can change (INV-7)."""


class Apis:
    """The pool. ``front`` is the front address; paths begin with the service: ``/payments/v1/follow-up``."""

    def __init__(self, front: str, timeout: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        limit = httpx.Timeout(timeout, connect=2.0)
        self._client = httpx.AsyncClient(base_url=front, timeout=limit, limits=_CONNECTIONS, transport=transport)

    def for_person(self, token: str, language: str, request_id: str) -> "Api":
        """The APIs with the token of a person, and the language in which they are answered."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language, "X-Request-Id": request_id}
        return Api(self._client, headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class Api:
    """What one person may do, in one request of theirs.

    Every method raises ``Problem`` if it is refused and ``ServiceAwayError`` if the service does not answer.
    """

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def get(self, path: str, **query: Any) -> Json:
        """Read the body of what is at ``path``; queries that are None are left out."""
        return (await self.read(path, **query)).body

    async def read(self, path: str, **query: Any) -> Answer:
        """Read what is at ``path``, with its version."""
        return await self._ask("GET", path, params=_given(query))

    async def preview(self, path: str, body: Json | None) -> Json:
        """Ask what a change would do; nothing is saved. ``body`` is None if the request has none."""
        return (await self._ask("POST", path, json=body)).body

    async def send(
        self, path: str, body: Json | None = None, *, key: str, version: int | None = None, method: str = "POST"
    ) -> Answer:
        """Send a change. ``key`` is that of the form (`Form.key`): sent twice, it is done once.

        ``version`` is the one that the person has seen (If-Match).
        """
        headers = {"Idempotency-Key": key}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self._ask(method, path, json=body, headers=headers)

    @asynccontextmanager
    async def stream(self, path: str, **query: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        """Read what is at ``path`` in pieces, while the block lasts."""
        service = _service(path)
        headers = {**self._headers, **_trace()}
        try:
            async with self._client.stream(
                "GET", path, params=_given(query), headers=headers, timeout=_FILE
            ) as response:
                if response.status_code >= httpx.codes.BAD_REQUEST:
                    await response.aread()
                    raise _fault(service, response, sent=False)
                yield response.aiter_bytes()
        except httpx.TransportError as error:
            raise ServiceAwayError(service) from error

    async def _ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **request: Any) -> Answer:
        service = _service(path)
        sent = method != "GET"
        try:
            response = await self._client.request(
                method, path, headers={**self._headers, **_trace(), **(headers or {})}, **request
            )
        except httpx.ConnectError as error:
            raise ServiceAwayError(service) from error
        except httpx.TransportError as error:
            raise ServiceAwayError(service, sent=sent) from error
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise _fault(service, response, sent=sent)
        body = response.json() if response.content else {}
        return Answer(body, _version(response), response.status_code)


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _trace() -> dict[str, str]:
    trace = traceparent()
    return {} if trace is None else {"traceparent": trace}


def _service(path: str) -> str:
    return path.split("/", 2)[1]


def _version(response: httpx.Response) -> int | None:
    tag = response.headers.get("etag", "").strip('"')
    return int(tag) if tag.isdecimal() else None


def _fault(service: str, response: httpx.Response, *, sent: bool) -> Problem | ServiceAwayError:
    """Why a request was not answered: a service that is away, or a refusal."""
    if response.status_code in _AWAY:
        return ServiceAwayError(service, sent=sent)
    try:
        body = response.json()
    except ValueError:
        body = {}
    return Problem.of(response.status_code, body)
