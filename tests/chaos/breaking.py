"""Workers that are killed one after the other while something goes on."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.chaos.crew import Crew


@asynccontextmanager
async def killing(crew: Crew, names: Sequence[str], dice: random.Random) -> AsyncIterator[None]:
    """In the block one of these workers is killed every few seconds, and another comes in its place."""
    over = asyncio.Event()

    async def go_on() -> None:
        while not over.is_set():
            try:
                await asyncio.wait_for(over.wait(), dice.uniform(1.5, 4))
            except TimeoutError:
                name = dice.choice(names)
                await crew.crash(name)
                await crew.workers[name].ready()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(go_on())
        try:
            yield
        finally:
            over.set()
