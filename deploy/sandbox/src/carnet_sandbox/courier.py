"""Delivers webhooks, signed, each again and again until it is answered by a 2xx."""

import asyncio
import hashlib
import hmac
import time

import httpx

from carnet.observe import log
from carnet_sandbox.book import Book, Webhook
from carnet_sandbox.till import Clock

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between the tries; the last one for ever."""

PATIENCE = 10.0
"""Seconds within which a webhook is to be answered."""

IN_FLIGHT = 16


def signature(secret: bytes, body: bytes, at: float) -> str:
    """The header that proves who sent ``body``, and when."""
    moment = int(at)
    signed = hmac.new(secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


class Courier:
    """Has several webhooks under way at once, and forgets none when it is killed: what was not answered goes again."""

    def __init__(self, book: Book, secret: str, client: httpx.AsyncClient, clock: Clock = time.time) -> None:
        self._book = book
        self._secret = secret.encode()
        self._client = client
        self._clock = clock
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def send_due(self) -> None:
        """Start on what is due; returns at once."""
        # Those under way are still due in the book, and the oldest: as many more are looked at.
        for webhook in self._book.due_webhooks(self._clock(), 2 * IN_FLIGHT):
            if len(self._under_way) >= IN_FLIGHT:
                return
            if webhook.seq not in self._under_way:
                task = asyncio.create_task(self._deliver(webhook))
                self._under_way[webhook.seq] = task

    async def stop(self) -> None:
        """Give up what is under way."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _deliver(self, webhook: Webhook) -> None:
        try:
            answer, taken = await self._sent(webhook)
            wait = WAITS[min(webhook.tries, len(WAITS) - 1)]
            with self._book.transaction() as book:
                book.tried(webhook, answer, again=None if taken else self._clock() + wait)
            if not taken:
                log.info("a webhook was not taken", merchant=webhook.merchant, webhook=webhook.seq, answer=answer)
        finally:
            del self._under_way[webhook.seq]

    async def _sent(self, webhook: Webhook) -> tuple[str, bool]:
        body = webhook.body.encode()
        headers = {
            "Content-Type": "application/json",
            "Carnet-Sandbox-Signature": signature(self._secret, body, self._clock()),
        }
        try:
            answer = await self._client.post(webhook.url or "", content=body, headers=headers, timeout=PATIENCE)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, False
        return str(answer.status_code), answer.is_success
