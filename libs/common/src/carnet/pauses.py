"""A pause that ends early, for what is done again and again until a process is asked to stop."""

import asyncio


async def pause(seconds: float, *, until: asyncio.Event) -> bool:
    """Wait for so many seconds, or until the event is set; whether it is."""
    try:
        return await asyncio.wait_for(until.wait(), seconds)
    except TimeoutError:
        return False
