"""The bounds of what is asked of a provider: calls in flight, time limits, and a circuit breaker (PAY-11).

closed ──most calls unanswered──▶ open ──pause over──▶ half open ──answered──▶ closed
                                   ▲                       │
                                   └───────unanswered──────┘

One process has one of these per provider; nothing is shared between processes.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from carnet.observe import log
from payments.provider.interface import UnansweredError
from payments.provider.measures import PROVIDER_CALLS, PROVIDER_PAUSED, PROVIDER_SECONDS

LOOKED_AT = 40
"""How many of the latest calls the breaker judges by."""

FEWEST = 10
"""With fewer calls than that it judges nothing."""

SHARE = 0.6
"""The share of unanswered ones that opens it: a few orders that time out never do."""

PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Seconds that nothing is sent: the first time, doubled each time the provider still does not answer, and at most."""

Clock = Callable[[], float]


class Breaker:
    """Stops asking a provider that does not answer, and tries it with one call after a pause.

    Own code, since the libraries for it count failures in a row (calls that time out end together,
    behind the answered ones), let all callers through at once when they try again, and can't be
    asked before an order is made.
    """

    def __init__(self, provider: str, clock: Clock = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._latest: deque[bool] = deque(maxlen=LOOKED_AT)
        self._era = 0
        self._open_until: float | None = None
        self._pause = PAUSE
        self._trying: asyncio.Event | None = None

    @property
    def accepts(self) -> bool:
        """Whether a call would be sent now."""
        return self._open_until is None or (self._trying is None and self._clock() >= self._open_until)

    async def enter(self) -> int:
        """Return once a call may be sent; the number is handed back with its end.

        While one call tries whether the provider is back, others wait for what it finds.
        Raises ``UnansweredError`` while the breaker is open.
        """
        while self._open_until is not None:
            if self._trying is not None:
                await self._trying.wait()
                continue
            if self._clock() < self._open_until:
                raise UnansweredError(f"{self._provider} does not answer just now and is not asked", refuses_all=True)
            self._trying = asyncio.Event()
            self._era += 1
            break
        return self._era

    def leave(self, era: int, *, answered: bool | None) -> None:
        """A call has ended: answered or not; None if that is not known.

        A call that was sent before the breaker opened or closed says nothing about the present.
        """
        if era != self._era:
            return
        if self._trying is not None:
            self._tried(self._trying, answered=bool(answered))
        elif answered is not None:
            self._latest.append(answered)
            unanswered = self._latest.count(False)
            if len(self._latest) >= FEWEST and unanswered >= SHARE * len(self._latest):
                self._open()

    def _tried(self, trying: asyncio.Event, *, answered: bool) -> None:
        self._trying = None
        if answered:
            self._era += 1
            self._open_until, self._pause = None, PAUSE
            PROVIDER_PAUSED.labels(self._provider).set(0)
            log.info("a payment provider answers again", provider=self._provider)
        else:
            self._open()
        trying.set()

    def _open(self) -> None:
        self._era += 1
        self._latest.clear()
        self._open_until = self._clock() + self._pause
        PROVIDER_PAUSED.labels(self._provider).set(1)
        log.warning("a payment provider does not answer and is not asked", provider=self._provider, seconds=self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


class Bounds:
    """Calls to one provider: at most ``calls`` in flight, each over within ``seconds``."""

    def __init__(self, provider: str, *, calls: int, seconds: float, clock: Clock = time.monotonic) -> None:
        self._provider = provider
        self._seconds = seconds
        self._room = asyncio.Semaphore(calls)
        self._breaker = Breaker(provider, clock)

    @property
    def accepts(self) -> bool:
        """Whether a call would be sent now."""
        return self._breaker.accepts

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Around one call. The time limit counts from here, the wait for room included.

        Raises ``UnansweredError``: time is over, or the breaker is open.
        """
        sent, outcome = False, "held back"
        try:
            async with asyncio.timeout(self._seconds) as limit, self._room:
                era = await self._breaker.enter()
                sent, outcome = True, "unanswered"
                answered: bool | None = False
                started = time.monotonic()
                try:
                    yield
                    outcome, answered = "answered", True
                except asyncio.CancelledError:
                    # A caller that stops waiting because its own process ends knows nothing of the provider.
                    answered = False if limit.expired() else None
                    raise
                finally:
                    PROVIDER_SECONDS.labels(self._provider).observe(time.monotonic() - started)
                    self._breaker.leave(era, answered=answered)
        except TimeoutError as error:
            why = f"{self._provider} did not answer within {self._seconds:g} s" if sent else "no call had its turn"
            raise UnansweredError(why, refuses_all=not sent) from error
        finally:
            PROVIDER_CALLS.labels(self._provider, outcome).inc()
