"""Workers that are killed one after the other while something goes on."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from carnet.pauses import pause
from tests.chaos.crew import Crew


@asynccontextmanager
async def killing(
    crew: Crew, names: Sequence[str], dice: random.Random
) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """In the block these workers and APIs are killed, two within seconds, and another comes in the place of each.

    After two, those that are left take over all that the dead held, and work for a moment: a worker that is killed
    sooner than the dead are missed has nothing to go on with, however long the block lasts. The block may kill one
    itself by what it is given, which returns once the next one is ready: a test that waits for a worker must not find
    that the other killed it meanwhile.
    """
    over = asyncio.Event()
    one_at_a_time = asyncio.Lock()

    async def kill(name: str) -> None:
        async with one_at_a_time:
            await crew.crash(name)
            await crew.named(name).ready()

    async def go_on() -> None:
        while not await pause(dice.uniform(1.5, 4), until=over):
            await kill(dice.choice(names))
            if not await pause(dice.uniform(0, 3), until=over):
                await kill(dice.choice(names))
                await crew.recovered(until=over)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(go_on())
        try:
            yield kill
        finally:
            over.set()
