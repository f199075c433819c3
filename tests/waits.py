"""Waits of tests: each ends on what it waits for. The bound says that it hangs, and is no measure of how fast it is."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from carnet.http import waiting

R = TypeVar("R")

BOUND = 240.0
"""Seconds: far above what is needed, also on a machine that others load (a command of 1.5 s of CPU
has taken 120 s on one)."""

_OWN = waiting.PATIENCE
_WANTED: list[float] = []
"""What blocks want that have not ended; they may overlap, as requests do."""


def until(holds: Callable[[], bool], what: str = "it did not happen") -> None:
    """Return once it holds; ``what`` says what is wrong if it never does."""
    deadline = time.monotonic() + BOUND
    while not holds():
        assert time.monotonic() < deadline, f"{what}, in {BOUND:.0f} s"
        time.sleep(0.02)


@contextmanager
def apis_wait(seconds: float) -> Iterator[None]:
    """In the block the APIs in this process wait so many seconds for what another service is to answer."""
    _WANTED.append(seconds)
    waiting.PATIENCE = seconds
    try:
        yield
    finally:
        _WANTED.remove(seconds)
        waiting.PATIENCE = _WANTED[-1] if _WANTED else _OWN


async def patiently(request: Awaitable[R]) -> R:
    """A request to an API in this process that waits until the test has let the other service answer."""
    with apis_wait(BOUND):
        return await request
