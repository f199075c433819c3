"""The sandbox in this process, asked over HTTP, with a clock and a mailbox for its webhooks that the test holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from carnet.ids import new_id
from carnet_sandbox.app import create_app
from carnet_sandbox.config import SandboxSettings
from carnet_sandbox.till import DAY
from tests.waits import BOUND

HUSH = "a secret of the tests"
MERCHANT = "0199aaaa-0000-7000-8000-000000000001"
HOOK = "http://payments.example/v1/providers/sandbox/webhooks"

Answer = dict[str, Any]


@dataclass
class Mailbox(httpx.AsyncBaseTransport):
    """Takes webhooks, or refuses them as it was set to."""

    statuses: list[int] = field(default_factory=list)
    """What the next ones are answered; 0 is a broken line. After these, 200."""
    taken: list[Answer] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        webhooks = orjson.loads(request.content)
        (self.taken if status == 200 else self.refused).append(webhooks)
        if status == 0:
            raise httpx.ReadError("broken")
        return httpx.Response(status)


@dataclass
class Clock:
    now: float = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Played:
    """The running sandbox."""

    client: httpx.AsyncClient
    transport: httpx.AsyncBaseTransport
    mailbox: Mailbox
    clock: Clock
    ahead: int = 0

    async def meet(self, days: int = 0) -> None:
        """Set where webhooks go; and that days have passed on the merchant's clock."""
        self.ahead += days * DAY
        webhooks = {"clock_ahead": self.ahead, "webhook_url": HOOK}
        assert (await self.client.put(f"/merchants/{MERCHANT}", json=webhooks)).status_code == 200

    async def charge(self, token: str, key: str | None = None, **other: Any) -> httpx.Response:
        body = {"key": key or new_id(), "merchant": MERCHANT, "amount": 5000, "currency": "EUR", "token": token}
        return await self.client.post("/charges", json={**body, "kind": "card", **other})

    async def refund(self, charge: str, key: str | None = None, **other: Any) -> httpx.Response:
        body = {"key": key or new_id(), "merchant": MERCHANT, "amount": 2000, "currency": "EUR", "charge": charge}
        return await self.client.post("/refunds", json={**body, **other})

    async def charged(self, token: str, key: str | None = None, **other: Any) -> Answer:
        """What is answered, where it is."""
        return _answered(await self.charge(token, key, **other))

    async def refunded(self, charge: str, key: str | None = None, **other: Any) -> Answer:
        return _answered(await self.refund(charge, key, **other))

    async def found(self, key: str, kind: str = "charges") -> Answer | None:
        answer = await self.client.get(f"/{kind}/by-key/{key}")
        return None if answer.status_code == 404 else _answered(answer)

    async def book(self) -> list[Answer]:
        entries: list[Answer] = (await self.client.get("/book")).json()
        return entries

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(BOUND):
            while not condition():  # noqa: ASYNC110 # the sandbox does it unasked
                await asyncio.sleep(0.02)

    async def quiet(self) -> None:
        """Return once it has surely looked at what is due."""
        await asyncio.sleep(0.3)

    async def webhooks(self, count: int) -> list[Answer]:
        """The webhooks that were taken, once there are so many, and no more come."""
        await self.until(lambda: len(self.mailbox.taken) >= count)
        await self.quiet()
        assert len(self.mailbox.taken) == count
        return self.mailbox.taken


def _answered(answer: httpx.Response) -> Answer:
    assert answer.status_code == 200, answer.text
    shown: Answer = answer.json()
    return shown


@asynccontextmanager
async def playing(file: Path, mailbox: Mailbox, clock: Clock) -> AsyncIterator[Played]:
    settings = SandboxSettings(sandbox_file=file, sandbox_secret=HUSH, sandbox_silence=0.2)
    app = create_app(settings, transport=mailbox, clock=clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client,
    ):
        yield Played(client, transport, mailbox, clock)


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    async with playing(tmp_path / "made" / "book.sqlite", Mailbox(), Clock()) as running:
        yield running
