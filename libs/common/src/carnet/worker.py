"""The worker process of a service: reactions, relay and timed work, started and stopped in order."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.changes import ChangeStream
from carnet.consumer import Consumer
from carnet.events.base import Topic
from carnet.health import serve_health
from carnet.leases import Leases
from carnet.mongo import Collection, Database
from carnet.observe import log
from carnet.reactions import Reactions
from carnet.relay import Relay
from carnet.settings import Settings

TimedWork = Callable[[Leases, asyncio.Event], Awaitable[None]]
"""Work on a clock: runs until the event is set, on the slots that the leases give."""


STOPPED_WITHIN = 60.0
"""Seconds in which the consumer finishes its batches and leaves its groups."""


@dataclass(frozen=True)
class Worker:
    """What one service's worker is made of."""

    service: str
    settings: Settings
    database: Database
    collections: Sequence[Collection[Any]]
    reactions: Sequence[Reactions] = ()
    paces: Mapping[Topic, float] = field(default_factory=dict)
    """Seconds between two batches of a topic, where nobody waits for what its records bring about (``Consumer``)."""
    publishing_pace: float = 0.0
    """Seconds between two looks for what is to be published (``Relay``), by this process or by others."""
    gathers: float = 0.0
    """Seconds for which what other processes commit in quick succession is gathered (``ChangeStream``)."""
    timed: Sequence[TimedWork] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = field(default=())
    """What to close at the very end: connections of the timed work."""


async def run_worker(worker: Worker, stopping: asyncio.Event) -> int:
    """Run until ``stopping`` is set or the worker can't go on; returns the exit code.

    Stopping: not ready any more, the batches under way are finished and committed, the group is
    left, the relay flushed, the leases given back, the connections closed.
    """
    settings, database = worker.settings, worker.database
    await database.prepare(worker.collections)
    leases = Leases(database, f"{socket.gethostname()}:{os.getpid()}")
    await leases.prepare()
    await leases.tick()
    relay = Relay(database, leases, settings.kafka_bootstrap, settings.namespace, pace=worker.publishing_pace)
    stream = ChangeStream(database, pace=worker.publishing_pace, gathers=worker.gathers)
    failures: list[BaseException] = []

    def must_stop(error: BaseException) -> None:
        failures.append(error)
        stopping.set()

    consumer = Consumer(
        worker.service,
        database,
        worker.reactions,
        settings.kafka_bootstrap,
        settings.namespace,
        slots=lambda: leases.slots,
        paces={topic.name: pace for topic, pace in worker.paces.items()},
    )
    # Leases and relay have an end of their own: they outlive the consumers, whose last events they publish.
    publishing_ends = asyncio.Event()

    async def ready() -> bool:
        return all(await asyncio.gather(database.answers(), consumer.answers()))

    async with serve_health(settings, live=consumer.problem, ready=ready, stopping=stopping):
        tasks = [
            asyncio.create_task(_guard(work, must_stop), name=name)
            for name, work in {
                "leases": leases.run(publishing_ends),
                "relay": relay.run(publishing_ends),
                "changes": stream.run(publishing_ends),
                "measures": consumer.run_measures(stopping),
                **{f"timed-{index}": timed(leases, stopping) for index, timed in enumerate(worker.timed)},
            }.items()
        ]
        await consumer.start()
        log.info("worker started", service=worker.service)
        await stopping.wait()
        log.info("worker stopping", service=worker.service)
        await _stopped(consumer)
        publishing_ends.set()
        await asyncio.gather(*tasks)
    await relay.close()
    await leases.release()
    for close in worker.closing:
        await close()
    database.close()
    for failure in failures:
        log.error("worker ends because it can't go on", service=worker.service, reason=type(failure).__name__)
    return 1 if failures else 0


async def _stopped(consumer: Consumer) -> None:
    """Stop the consumer, or go on without it: what it has not committed comes again, and is applied once."""
    try:
        async with asyncio.timeout(STOPPED_WITHIN):
            await consumer.stop()
    except TimeoutError:
        log.error("the consumer did not stop in time")


async def _guard(work: Awaitable[None], must_stop: Callable[[BaseException], None]) -> None:
    """A part that fails for good ends the worker: it is started again rather than left half alive."""
    try:
        await work
    except Exception as error:
        log.exception("a part of the worker failed")
        must_stop(error)
