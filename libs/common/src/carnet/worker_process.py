"""What the process of a worker runs: the worker of its service, until it is asked to stop (``carnet.run``)."""

import asyncio
import importlib
import signal

import uvloop

from carnet.observe import configure_logging
from carnet.settings import Settings
from carnet.worker import Worker, run_worker


def run(service: str) -> int:
    """Run the worker of a service until it is asked to stop; returns the exit code."""
    wiring = importlib.import_module(f"{service}.worker")
    settings: Settings = wiring.settings()
    configure_logging(settings, "worker")
    return uvloop.run(_work(wiring.build_worker(settings)))


async def _work(worker: Worker) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    return await run_worker(worker, stopping)
