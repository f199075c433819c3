"""The process: ``python -m backoffice``, its settings in the environment (``CARNET_...``)."""

import sys

import uvicorn

from backoffice.app import build_app
from backoffice.config import BackofficeSettings
from carnet.api_process import KEPT
from carnet.observe import configure_logging
from carnet.settings import Settings, load


def main() -> int:
    """Serve until it is asked to stop; the exit code."""
    settings = load(BackofficeSettings)
    # Of the settings that services have, a process without their database has only these.
    configure_logging(Settings.model_construct(service="backoffice", log_level=settings.log_level), "pages")
    uvicorn.run(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEPT,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
