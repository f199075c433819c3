"""What the two kinds of process of a service do: serve its API, or work."""

import asyncio
import gc
import importlib
import signal

import uvicorn
import uvloop

from carnet.observe import configure_logging
from carnet.settings import Settings
from carnet.worker import Worker, run_worker


def run(service: str, role: str) -> int:
    """Run the ``api`` or the ``worker`` of a service until it is told to stop; returns the exit code."""
    app = importlib.import_module(f"{service}.app")
    settings: Settings = app.settings()
    configure_logging(settings, role)
    # Batches make many short-lived objects: looking for cycles among them again and again finds nothing.
    gc.set_threshold(50_000, 20, 20)
    if role == "api":
        uvicorn.run(
            app.build_api(settings),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=10,
            proxy_headers=False,
        )
        return 0
    return uvloop.run(_work(app.build_worker(settings)))


async def _work(worker: Worker) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    return await run_worker(worker, stopping)
