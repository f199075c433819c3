"""Requests to an API without a server and without a client: ASGI, called."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from carnet.auth import Principal, TokenRefusedError


@dataclass(frozen=True)
class Answer:
    """What an API answered."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.status < 300

    @property
    def version(self) -> int:
        """The version in the ETag."""
        return int(self.headers["etag"].strip('"'))

    @property
    def slug(self) -> str:
        """The stable name of the problem, where it is one."""
        return str(self.body["type"]).removeprefix("urn:carnet:problem:")


class Doorkeeper:
    """Knows tokens by heart: signatures are the business of other tests."""

    def __init__(self, principals: Mapping[str, Principal]) -> None:
        self.principals = principals

    async def verify(self, token: str) -> Principal:
        """The principal of a token."""
        if token not in self.principals:
            raise TokenRefusedError("token-malformed", "This is not a token.")
        return self.principals[token]


async def ask(
    app: FastAPI, method: str, path: str, *, headers: Mapping[str, str], body: Any = None, raw: bytes | None = None
) -> Answer:
    """One request and its answer."""
    content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (b"content-type", b"application/json"),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ],
        "server": ("carnet.test", 80),
        "client": ("127.0.0.1", 1),
        "state": {},
    }
    said: list[dict[str, Any]] = []
    given = iter([{"type": "http.request", "body": content, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(given, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    text = b"".join(message.get("body", b"") for message in said[1:])
    spoken = json.loads(text) if text and "json" in headers.get("content-type", "") else text
    return Answer(said[0]["status"], headers, spoken)
