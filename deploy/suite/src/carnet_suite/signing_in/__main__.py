"""The process: ``python -m carnet_suite.signing_in``, its settings in the environment (``CARNET_SIGN_IN_...``)."""

import sys
from datetime import timedelta
from pathlib import Path

import uvicorn
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from carnet.observe import configure_logging
from carnet.settings import Settings, load
from carnet_operations.keys import key_files
from carnet_suite.signing_in.provider import LocalProvider


class SignInSettings(BaseSettings):
    """The settings of the provider of the local suite."""

    model_config = SettingsConfigDict(env_prefix="CARNET_", frozen=True, extra="ignore")

    sign_in_url: str
    """Its address, without a slash at the end."""
    sign_in_keys: Path
    """The folder of the suite's key pair."""
    backoffice_url: str
    """The address of its client, to which alone it sends people back."""
    sign_in_host: str = "127.0.0.1"
    sign_in_port: int = Field(default=8000, ge=0, le=65535)
    sign_in_lasts: int = Field(default=900, ge=1, le=86_400)
    """Seconds that an access token is good for."""


def main() -> int:
    """Serve until it is asked to stop; the exit code."""
    settings = load(SignInSettings)
    # Of the settings that services have, a process without their database has only these.
    configure_logging(Settings.model_construct(service="sign-in", log_level="info"), "provider")
    provider = LocalProvider(
        settings.sign_in_url,
        settings.backoffice_url,
        key_files(settings.sign_in_keys),
        timedelta(seconds=settings.sign_in_lasts),
    )
    uvicorn.run(
        provider.app(),
        host=settings.sign_in_host,
        port=settings.sign_in_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
