"""A clock and ids that are the same in each run, so that what a test found can be found again."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import uuid_utils

from carnet import dates
from carnet.http import waiting

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


@dataclass
class Nature:
    """The instant that it is: each look at it is a millisecond later."""

    now: datetime = START
    numbers: int = 0

    def look(self) -> datetime:
        """The present instant."""
        self.now += TICK
        return self.now

    def next_uuid(self) -> UUID:
        """An id of the shape of a UUIDv7, above all that were made before."""
        self.numbers += 1
        return UUID(int=0x0193_0000_0000_7000_8000_0000_0000_0000 + self.numbers)


class Hasty(asyncio.SelectorEventLoop):
    """A loop in which waiting takes no time: where nothing else is to be done, it is later at once.

    Its clock stands still otherwise, and its tasks are numbered, so that sets of them have an order:
    what happens is the same in each run, however slow the machine.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self.set_task_factory(Numbered)

    def time(self) -> float:
        """The seconds of the loop's clock."""
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0].when())
        super()._run_once()


class Numbered(asyncio.Task[Any]):
    """A task that differs from others by its number, not by where in memory it is."""

    numbers = itertools.count()

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> None:
        self.number = next(self.numbers)
        super().__init__(work, loop=loop, **options)

    def __hash__(self) -> int:
        return self.number


LOOP = Hasty()


@contextmanager
def natural() -> Iterator[Nature]:
    """Everything of Carnet that asks for the time or for a new id gets it from the one that is yielded."""
    nature = Nature()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return nature.look().astimezone(tz)

    Numbered.numbers = itertools.count()
    kept = dates.datetime, uuid_utils.uuid7, waiting.time
    dates.datetime, uuid_utils.uuid7 = Clock, nature.next_uuid
    waiting.time = SimpleNamespace(monotonic=LOOP.time)
    try:
        yield nature
    finally:
        dates.datetime, uuid_utils.uuid7, waiting.time = kept
