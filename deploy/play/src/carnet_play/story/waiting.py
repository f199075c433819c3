"""Waiting, with a limit."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from carnet_play.story.faults import StoryError

_LOOK_S = 0.03


async def eventually(holds: Callable[[], Awaitable[bool]], what: str, seconds: float = 90.0) -> None:
    """Return once ``holds`` says so. Raises ``StoryError`` if it does not within so many seconds.

    They are more than a killed worker takes to be started again on a busy machine, and its partitions to find it.
    """
    deadline = time.monotonic() + seconds
    while not await holds():
        if time.monotonic() > deadline:
            raise StoryError(f"Waited {seconds:g} s and it did not happen: {what}.")
        await asyncio.sleep(_LOOK_S)
