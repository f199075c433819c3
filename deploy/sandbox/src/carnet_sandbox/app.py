"""The sandbox over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Literal

import httpx
from fastapi import FastAPI, HTTPException, Path, Query, Request

from carnet.health import health_routes
from carnet.http.explorer import explorer_routes
from carnet.observe import log
from carnet_sandbox.bank.routes import routes as bank_routes
from carnet_sandbox.bodies import ChargeBody, EntryView, MerchantBody, OrderView, RefundBody, TokenView, WebhookView
from carnet_sandbox.book import Book, KeyReusedError, Merchant
from carnet_sandbox.config import SandboxSettings
from carnet_sandbox.courier import Courier
from carnet_sandbox.plays import CASES
from carnet_sandbox.till import Answer, Charge, Clock, Refund, Till

LOOK_SECONDS = 0.1
"""Seconds between two looks at the work that is due."""

_DESCRIPTION = (
    "A payment provider that moves no money. What a charge or a refund does is chosen by the token; `/tokens` "
    "lists them. The same key and body get the same answer, the same key with another body 409. A bank, "
    "which answers files of direct debits, is at `/bank`."
)

Key = Annotated[str, Path(min_length=1, max_length=100)]
After = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def create_app(
    settings: SandboxSettings, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = time.time
) -> FastAPI:
    """The sandbox; it works on its book while the app lives. ``transport`` carries its webhooks."""
    sandbox = _Sandbox(settings, transport, clock)

    app = FastAPI(
        title="Carnet sandbox",
        description=_DESCRIPTION,
        version="1",
        lifespan=sandbox.living,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.router.routes.extend(health_routes(sandbox.ready, sandbox.problem))
    app.router.routes.extend(explorer_routes(app))
    app.include_router(bank_routes)

    @app.post("/charges")
    async def charge(body: ChargeBody, request: Request) -> OrderView:
        """Charge a payment method."""
        asked = Charge(body.key, body.merchant, body.amount, body.currency, body.token, body.fingerprint)
        return await sandbox.answer(request, lambda: sandbox.till.charge(asked))

    @app.post("/refunds")
    async def refund(body: RefundBody, request: Request) -> OrderView:
        """Give back a charge, or a part of it."""
        asked = Refund(body.key, body.merchant, body.amount, body.currency, body.charge, body.fingerprint)
        return await sandbox.answer(request, lambda: sandbox.till.refund(asked))

    @app.get("/charges/by-key/{key}")
    async def find_charge(key: Key) -> OrderView:
        """The state of a charge; 404 if it was never made."""
        return await sandbox.find("charge", key)

    @app.get("/refunds/by-key/{key}")
    async def find_refund(key: Key) -> OrderView:
        """The state of a refund; 404 if it was never made."""
        return await sandbox.find("refund", key)

    @app.put("/merchants/{merchant}")
    async def describe(merchant: Key, body: MerchantBody) -> MerchantBody:
        """Set a merchant's clock, and the address of its webhooks."""
        sandbox.till.describe(Merchant(merchant, body.clock_ahead, body.webhook_url))
        sandbox.wake()
        return body

    @app.get("/book")
    async def book(after: After = 0, limit: Limit = 500) -> list[EntryView]:
        """Everything that the sandbox did, in its present state, after an entry."""
        return [EntryView.model_validate(entry) for entry in sandbox.book.entries(after, limit)]

    @app.get("/webhooks")
    async def webhooks(after: After = 0, limit: Limit = 500) -> list[WebhookView]:
        """The webhooks, after one of them."""
        return [WebhookView.of(each) for each in sandbox.book.webhooks(after, limit)]

    @app.get("/tokens")
    async def tokens() -> list[TokenView]:
        """The tokens that play something."""
        return [TokenView.of(name, case) for name, case in CASES.items()]

    return app


class _Sandbox:
    """What the routes share while the app lives."""

    book: Book
    till: Till

    def __init__(self, settings: SandboxSettings, transport: httpx.AsyncBaseTransport | None, clock: Clock) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._woken = asyncio.Event()
        self._working: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def living(self, _: FastAPI) -> AsyncIterator[None]:
        """Open the book, and let days pass and webhooks go, while the block lasts."""
        self.book = Book(self._settings.sandbox_file)
        self.till = Till(self.book, self._clock)
        try:
            async with httpx.AsyncClient(transport=self._transport) as client:
                courier = Courier(self.book, self._settings.sandbox_secret.get_secret_value(), client, self._clock)
                self._working = asyncio.create_task(self._work(courier), name="sandbox")
                try:
                    yield
                finally:
                    self._working.cancel()
                    await asyncio.gather(self._working, return_exceptions=True)
                    await courier.stop()
        finally:
            self.book.close()

    def wake(self) -> None:
        """Look at the work that is due at once."""
        self._woken.set()

    async def ready(self) -> bool:
        """Whether it works."""
        return self.problem() is None

    def problem(self) -> str | None:
        """Why it counts as dead."""
        return "days pass no more" if self._working is None or self._working.done() else None

    async def answer(self, request: Request, do: Callable[[], Answer]) -> OrderView:
        """Carry out a request, and answer it well or badly, as the token says."""
        try:
            answer = do()
        except KeyReusedError:
            raise HTTPException(409, "This key was used with another body.") from None
        await asyncio.sleep(self._settings.sandbox_latency)
        match answer.fault:
            case "error":
                raise HTTPException(500, "Something is wrong here.")
            case "limited":
                raise HTTPException(429, "Too many requests.", headers={"Retry-After": "1"})
            case "slow":
                await _away(request, answer.seconds)
            case "silence":
                await _away(request, self._settings.sandbox_silence)
                raise HTTPException(504, "This answer never comes.")
        if answer.entry is None:
            raise HTTPException(500, "Something is wrong here.")
        return OrderView.of(answer.entry)

    async def find(self, kind: Literal["charge", "refund"], key: str) -> OrderView:
        """The order of that key."""
        await asyncio.sleep(self._settings.sandbox_latency)
        entry = self.till.found(kind, key)
        if entry is None:
            raise HTTPException(404, f"No {kind} was made with this key.")
        return OrderView.of(entry)

    async def _work(self, courier: Courier) -> None:
        try:
            while True:
                self._woken.clear()
                self.till.pass_time()
                courier.send_due()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)
        except Exception:
            log.exception("the sandbox can't go on")
            raise


async def _away(request: Request, seconds: float) -> None:
    """Wait until the client has gone or the time is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            # The body has been read, so the next message is the disconnection.
            await request.receive()
