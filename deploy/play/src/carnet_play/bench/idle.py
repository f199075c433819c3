"""What a suite costs in which nothing happens: the processor time of its processes and servers, and their memory."""

import asyncio
from collections.abc import Mapping

from carnet_play.bench import processor
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import Stage
from carnet_suite.topology import processes

SETTLES = 15.0
"""Seconds until the consumer groups have met and all that is done once is done."""

SECONDS = 60.0
MOST = 0.10
"""The part of one core that an idle suite may use in all."""

MOST_MEMORY = 90
"""The resident memory that a process of a service may have, in MB (2**20 bytes)."""


async def measure(stage: Stage) -> tuple[Reading, Reading]:
    """Take both figures: every process of the suite, one worker of each service, with nothing to do."""
    with stage.running(*processes()):
        await asyncio.sleep(SETTLES)
        before = processor.taken()
        await asyncio.sleep(SECONDS)
        used = {name: seconds - before.get(name, 0.0) for name, seconds in processor.taken().items()}
        memory = processor.memory()
    share = sum(used.values()) / SECONDS
    reading = Reading(
        name="An idle suite: processor time of all its processes, MongoDB and Kafka included",
        read=f"{share:.1%} of a core: {processor.by_process(used, SECONDS / 100, ' %')}",
        goal=f"below {MOST:.0%} of a core",
        reached=share < MOST,
    )
    return reading, _memory(memory)


def _memory(taken: Mapping[str, float]) -> Reading:
    of_services = {name: size for name, size in taken.items() if name.endswith((" api", " worker"))}
    return Reading(
        name="Memory of the processes of services at rest, each",
        read=processor.by_process(of_services, 1, " MB"),
        goal=f"below {MOST_MEMORY} MB",
        reached=max(of_services.values()) < MOST_MEMORY,
    )
