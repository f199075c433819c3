"""A payment provider played by hand: what it does is chosen by the token, and it keeps a book of what it did."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from payments.collection.domain.orders import Failed, Outcome, Pending, Succeeded
from payments.provider.interface import (
    BadWebhookError,
    Charge,
    Ended,
    Notice,
    Refund,
    UnansweredError,
)

UNANSWERED = {"charged_unanswered"}


@dataclass
class PlayedProvider:
    """Charges once per key, whatever it answers.

    Tokens: ``success``, ``refused``, ``pending``, ``charged_unanswered``, ``not_charged_unanswered``
    (both the first time), ``busy`` (refuses all the first time), ``broken`` (a fault of the client).
    """

    name: str = "sandbox"
    accepts: bool = True
    refunds: str = "success"
    """The token that its refunds play."""
    book: dict[str, Charge | Refund] = field(default_factory=dict)
    """What it has done, by key."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    """How often it was asked: ``charge <key>``, ``find <key>``."""
    clocks: dict[str, timedelta] = field(default_factory=dict)
    seconds: float = 0.0
    """How long each answer takes."""
    in_flight: int = 0
    most_in_flight: int = 0

    async def charge(self, charge: Charge) -> Outcome:
        return await self._order(charge, charge.token)

    async def refund(self, refund: Refund) -> Outcome:
        return await self._order(refund, self.refunds)

    async def find(self, order: Charge | Refund) -> Outcome | None:
        self.calls[f"find {order.key}"] += 1
        return self.outcomes.get(order.key)

    async def notices(self, body: bytes, headers: Mapping[str, str], _now: datetime) -> tuple[Notice, ...]:
        if headers.get("signature") != "good":
            raise BadWebhookError("The webhook is not signed by the provider.")
        if body == b"ask me":
            raise UnansweredError("the provider does not answer")
        webhook = orjson.loads(body)
        outcome = Succeeded(webhook["reference"]) if "reason" not in webhook else Failed(webhook["reason"], "late")
        return (Ended(webhook["key"], outcome),)

    async def send_clock(self, organisation: str, ahead: timedelta) -> None:
        self.clocks[organisation] = ahead

    async def close(self) -> None:
        pass

    async def _order(self, order: Charge | Refund, token: str) -> Outcome:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.seconds)
            return self._done(order, token)
        finally:
            self.in_flight -= 1

    def _done(self, order: Charge | Refund, token: str) -> Outcome:
        self.calls[f"charge {order.key}"] += 1
        match token, self.calls[f"charge {order.key}"]:
            case "broken", _:
                raise ZeroDivisionError
            case "busy", 1:
                raise UnansweredError("too many at once", refuses_all=True)
            case "not_charged_unanswered", 1:
                raise UnansweredError("no answer")
            case _:
                known = self.outcomes.get(order.key)
        if known is not None:
            assert self.book[order.key] == order, "the same key with another body"
            return known
        self.book[order.key] = order
        outcome = self.outcomes[order.key] = self._decided(order, token)
        if token in UNANSWERED:
            raise UnansweredError("no answer")
        return outcome

    def _decided(self, order: Charge | Refund, token: str) -> Outcome:
        match token:
            case "refused":
                return Failed("refused", "card_declined", f"ref-{order.key}")
            case "pending":
                return Pending(f"ref-{order.key}")
            case _:
                return Succeeded(f"ref-{order.key}")

    @property
    def charged(self) -> dict[str, int]:
        """What it holds of money, in minor units, by key."""
        return {key: order.amount for key, order in self.book.items() if isinstance(self.outcomes[key], Succeeded)}
