"""The API process of a service."""

import importlib

import uvicorn

from carnet.observe import configure_logging
from carnet.settings import Settings


def run(service: str) -> int:
    """Serve the API of a service until the process is asked to stop; returns the exit code."""
    app = importlib.import_module(f"{service}.app")
    settings: Settings = app.settings()
    configure_logging(settings, "api")
    uvicorn.run(
        app.build_api(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        ws="none",
        access_log=False,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
    )
    return 0
