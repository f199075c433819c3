"""Workers that are killed one after the other while something goes on."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from tests.chaos.crew import Crew


@asynccontextmanager
async def killing(
    crew: Crew, names: Sequence[str], dice: random.Random
) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """In the block one of these workers and APIs is killed every few seconds, and another comes in its place.

    The block may kill one itself by what it is given, which returns once the next one is ready: whoever waits for a
    worker is not to find that the other killed it meanwhile.
    """
    over = asyncio.Event()
    one_at_a_time = asyncio.Lock()

    async def kill(name: str) -> None:
        async with one_at_a_time:
            await crew.crash(name)
            await crew.named(name).ready()

    async def go_on() -> None:
        while not over.is_set():
            try:
                await asyncio.wait_for(over.wait(), dice.uniform(1.5, 4))
            except TimeoutError:
                await kill(dice.choice(names))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(go_on())
        try:
            yield kill
        finally:
            over.set()
