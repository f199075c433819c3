"""The interface of a payment provider. Card data never passes here: only the provider's tokens do (PAY-12)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from carnet.events.payments import OnlineMethod, ReversalReason
from payments.collection.domain.orders import Failed, Outcome, Succeeded


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount to collect, in minor units. Asked again under the same ``key``, it must be the very same."""

    key: str
    organisation: str
    amount: int
    currency: str
    token: str = field(repr=False)
    kind: OnlineMethod


@dataclass(frozen=True, slots=True)
class Refund:
    """An amount of an earlier charge to give back, in minor units; ``charge`` is the provider's reference of that."""

    key: str
    organisation: str
    amount: int
    currency: str
    charge: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A webhook that reports what became of an order: ``key`` is the order's id."""

    key: str
    outcome: Succeeded | Failed


@dataclass(frozen=True, slots=True)
class Reversed:
    """A webhook that reports that the bank took money back (PAY-13).

    ``id`` is the provider's id of the reversal, the same with each redelivery; ``key`` the id of the
    charge's order.
    """

    id: str
    key: str
    amount: int
    reason: ReversalReason


Notice = Ended | Reversed


class UnansweredError(Exception):
    """The provider did not answer, or its answer does not give the outcome of the order: it may have done it.

    ``refuses_all`` is true where this call surely did nothing: the provider takes nothing at the moment (a rate limit),
    or was not even asked (the circuit breaker, no connection). The same order can be sent again.
    """

    def __init__(self, why: str, *, refuses_all: bool = False) -> None:
        super().__init__(why)
        self.refuses_all = refuses_all


class BadWebhookError(Exception):
    """A webhook that is not signed by the provider, too old, or can't be read. The message says which."""


OLDEST_WEBHOOK = timedelta(minutes=5)
"""How old a webhook's signature may be: one that was overheard cannot be sent again later."""


def signed_lately(signed_at: str, now: datetime) -> bool:
    """Whether a signature's time, whole seconds since 1970 as a text of digits, is near enough to ``now``."""
    if not re.fullmatch(r"[0-9]{1,15}", signed_at):
        return False
    return abs(int(now.timestamp()) - int(signed_at)) <= OLDEST_WEBHOOK.total_seconds()


class Provider(Protocol):
    """A payment provider. Every call ends within the provider's time limit, with ``UnansweredError`` where it must."""

    @property
    def name(self) -> str:
        """How payment methods and orders name it: ``sandbox``, ``stripe``."""

    @property
    def accepts(self) -> bool:
        """Whether orders may be made for it now: false while its circuit breaker is open (PAY-11)."""

    async def charge(self, charge: Charge) -> Outcome:
        """Collect an amount, at most once per key. Raises ``UnansweredError``."""

    async def refund(self, refund: Refund) -> Outcome:
        """Give back an amount of a charge, at most once per key. Raises ``UnansweredError``."""

    async def find(self, order: Charge | Refund) -> Outcome | None:
        """What became of an order that was sent; None if it never arrived. Raises ``UnansweredError``."""

    async def notices(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[Notice, ...]:
        """What a webhook reports, its signature checked; empty if nothing of it matters here.

        ``headers`` are in lower case. Raises ``BadWebhookError``; and ``UnansweredError`` where the
        provider had to be asked more and did not answer: it has to send the webhook again.
        """

    async def send_clock(self, organisation: str, ahead: timedelta) -> None:
        """Send how far an organisation's clock is ahead (ORG-5), for what takes days there. Raises ``UnansweredError``.

        Called again, it changes nothing; a provider whose days can't be moved ignores it.
        """

    async def close(self) -> None:
        """Close the connections."""
