"""The process: ``python -m carnet_sandbox``, its settings in the environment (``CARNET_SANDBOX_...``)."""

import sys

import uvicorn

from carnet.observe import configure_logging
from carnet.settings import Settings, load
from carnet_sandbox.app import create_app
from carnet_sandbox.config import SandboxSettings


def main() -> int:
    """Serve until it is asked to stop; the exit code."""
    settings = load(SandboxSettings)
    # Of the settings that services have, a process without their database has only these.
    configure_logging(Settings.model_construct(service="sandbox", log_level="info"), "provider")
    uvicorn.run(
        create_app(settings),
        host=settings.sandbox_host,
        port=settings.sandbox_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
