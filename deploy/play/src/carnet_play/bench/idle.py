"""What a suite costs in which nothing happens: the processor time of its processes and servers."""

import asyncio

from carnet_play.bench import processor
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import Stage
from carnet_suite.topology import processes

SETTLES = 15.0
"""Seconds until the consumer groups have met and all that is done once is done."""

SECONDS = 60.0
MOST = 0.10
"""The part of one core that an idle suite may use in all."""


async def measure(stage: Stage) -> tuple[Reading]:
    """Take the figure: every process of the suite, one worker of each service, with nothing to do."""
    with stage.running(*processes()):
        await asyncio.sleep(SETTLES)
        before = processor.taken()
        await asyncio.sleep(SECONDS)
        used = {name: seconds - before.get(name, 0.0) for name, seconds in processor.taken().items()}
    share = sum(used.values()) / SECONDS
    reading = Reading(
        name="An idle suite: processor time of all its processes, MongoDB and Kafka included",
        read=f"{share:.1%} of a core: {processor.by_process(used, SECONDS / 100, ' %')}",
        goal=f"below {MOST:.0%} of a core",
        reached=share < MOST,
    )
    return (reading,)
