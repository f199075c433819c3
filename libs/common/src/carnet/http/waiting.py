"""Waiting a short while for what another service is to answer, while somebody waits for the request."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

R = TypeVar("R")

PATIENCE = 1.5
"""Seconds that an answer is waited for before the answer says where to look."""


async def within_patience(look: Callable[[], Awaitable[R | None]], patience: float | None = None) -> R | None:
    """What ``look`` finds first, looking again and again; None if ``patience`` seconds (``PATIENCE``) bring nothing."""
    deadline = time.monotonic() + (PATIENCE if patience is None else patience)
    pause = 0.01
    while (found := await look()) is None and time.monotonic() + pause <= deadline:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return found
