"""The APIs, written by hand: answers by method and path, what was asked, and in how many rounds."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

Answer = Callable[[httpx.Request], httpx.Response]

STEPS = 60
"""Turns of the loop that an answer takes: requests that go out together meet, one that waits for another does not."""


def problem(status: int, slug: str, **params: Any) -> httpx.Response:
    """A problem document."""
    document = {"type": f"urn:carnet:problem:{slug}", "title": slug, "status": status, "detail": "An English sentence."}
    return httpx.Response(status, json={**document, "params": params, "request": "r-1"})


class FakeFront(httpx.AsyncBaseTransport):
    """The front address. ``answers`` are bodies, or functions, by ``GET /payments/v1/follow-up``.

    Attributes:
        requests: What was asked.
        rounds: How many times requests went out after others had been answered.
        away: The services that do not answer.
        altered: What becomes of each answer on its way.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[httpx.Request] = []
        self.rounds = 0
        self.away: set[str] = set()
        self.altered: Callable[[httpx.Response], httpx.Response] = lambda answer: answer
        self._busy = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, after a while."""
        await request.aread()
        self.requests.append(request)
        self.rounds += not self._busy
        self._busy += 1
        try:
            for _ in range(STEPS):
                await asyncio.sleep(0)
            return self.altered(self._answer(request))
        finally:
            self._busy -= 1

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.split("/")[1] in self.away:
            return problem(503, "service-unreachable")
        found = self.answers.get(f"{request.method} {request.url.path}")
        if found is None:
            return problem(404, "unknown-object")
        return found(request) if callable(found) else httpx.Response(200, json=found)

    def sent(self, path: str, method: str = "POST") -> list[dict[str, Any]]:
        """The bodies that were sent to a path."""
        return [json.loads(one.content) for one in self.requests if (one.method, one.url.path) == (method, path)]
