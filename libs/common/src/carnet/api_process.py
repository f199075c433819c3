"""What the process of an API runs: the API of its service, until it is asked to stop (``carnet.run``)."""

import contextlib
import importlib

import uvicorn

from carnet.observe import configure_logging
from carnet.server import Server
from carnet.settings import Settings

KEPT = 75
"""Seconds for which an idle connection is kept: longer than a client does (httpx: 5, the front: 3), so that it is
the client that closes it. Closed by the server, it may meet a request that is just sent."""


def run(service: str) -> int:
    """Serve the API of a service until the process is asked to stop; returns the exit code."""
    app = importlib.import_module(f"{service}.app")
    settings: Settings = app.settings()
    configure_logging(settings, "api")
    config = uvicorn.Config(
        app.build_api(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        ws="none",
        access_log=False,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 1
