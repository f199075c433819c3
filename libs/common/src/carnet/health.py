"""Health and metrics over HTTP: the same three addresses in an API and beside a worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import orjson
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carnet.server import Server
from carnet.settings import Settings

Problem = Callable[[], str | None]
"""Why the process must count as dead; None if it lives."""

Ready = Callable[[], Awaitable[bool]]
"""Whether what the process needs answers."""


def health_routes(ready: Ready, live: Problem = lambda: None, stopping: asyncio.Event | None = None) -> list[Route]:
    """``/health/live``, ``/health/ready`` (not while stopping) and ``/metrics``."""

    async def show_live(_: Request) -> Response:
        return _health(live())

    async def show_ready(_: Request) -> Response:
        if stopping is not None and stopping.is_set():
            return _health("stopping")
        return _health(None if await ready() else "what it needs does not answer")

    async def show_metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", show_live, methods=["GET"]),
        Route("/health/ready", show_ready, methods=["GET"]),
        Route("/metrics", show_metrics, methods=["GET"]),
    ]


def _health(problem: str | None) -> Response:
    body = {"status": "ok"} if problem is None else {"status": "failing", "reason": problem}
    return Response(orjson.dumps(body), 200 if problem is None else 503, media_type="application/json")


class _Beside(Server):
    """A server beside the work of a process, which leaves the signals to that work."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve_health(
    settings: Settings, *, live: Problem, ready: Ready, stopping: asyncio.Event
) -> AsyncIterator[None]:
    """Answer on the worker's metrics port while the block runs; raises ``OSError`` where the port is taken."""
    app = Starlette(routes=health_routes(ready, live, stopping))
    config = uvicorn.Config(
        app, host=settings.host, port=settings.metrics_port, log_config=None, access_log=False, lifespan="off"
    )
    server = _Beside(config)
    serving = asyncio.create_task(_serve(server), name="health")
    try:
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.01)
        yield
    finally:
        server.end()
        await asyncio.gather(serving, return_exceptions=True)


async def _serve(server: Server) -> None:
    try:
        await server.serve()
    except SystemExit as error:
        # Uvicorn ends the process where it can't listen; the worker says so and ends in order.
        raise OSError(f"can't listen on {server.config.host}:{server.config.port}") from error
