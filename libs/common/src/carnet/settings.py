"""The settings of a process: environment variables, all beginning with ``CARNET_``."""

import os
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

Algorithm = Literal["RS256", "ES256", "EdDSA"]
"""How a token may be signed: only where verifying does not need what signing needs."""


class Issuer(BaseModel):
    """An issuer whose tokens are accepted, and where its public keys are: a PEM file or a JWKS address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    key_file: Path | None = None
    jwks_url: str | None = Field(default=None, pattern=r"^https?://")
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "ES256", "EdDSA"), min_length=1)

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if (self.key_file is None) == (self.jwks_url is None):
            raise ValueError("give either key_file or jwks_url")
        return self


class Settings(BaseSettings):
    """The settings that every service has; a service adds its own in ``config.py`` and fixes ``service``."""

    model_config = SettingsConfigDict(env_prefix="CARNET_", frozen=True, extra="ignore")

    service: str = Field(min_length=1)
    mongo_url: str = Field(pattern=r"^mongodb(\+srv)?://")
    kafka_bootstrap: str = Field(min_length=1)
    """Addresses of brokers: ``host:port``, separated by commas."""
    namespace: str = Field(default="", pattern=r"^[a-z0-9_-]{0,32}$")
    """Put before the names of databases, topics and groups; empty in production."""
    issuers: tuple[Issuer, ...] = ()
    """The issuers whose tokens the API accepts, as a JSON list of ``Issuer``."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    root_path: str = Field(default="", pattern=r"^(/[a-z0-9_/-]*[a-z0-9_-])?$")
    """The path under which the front shows the API: ``/contracts``."""
    metrics_port: int = Field(default=9100, ge=0, le=65535)
    """Where a worker answers ``/health/live``, ``/health/ready`` and ``/metrics``."""
    mail_smtputf8: bool = False
    """Whether the mail server offers SMTPUTF8, so that addresses with letters beyond ASCII before the @ are taken
    (NOT-5). The same for all services: they refuse at entry what notifications could not send."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def database(self) -> str:
        """The name of the service's database."""
        return f"{self.namespace}carnet_{self.service}"


SettingsType = TypeVar("SettingsType", bound=BaseSettings)


SECRETS = "CARNET_SECRETS"
"""The variable that names folders of settings, separated by ``:``: a file each, called as its variable would be."""


def load(settings: type[SettingsType]) -> SettingsType:
    """The settings from the environment, and from the files of the folders of ``CARNET_SECRETS``; variables come first.

    Where they are not right, it ends the process and says what is wrong with which. The values themselves are not
    repeated: some are secret.
    """
    folders = [folder for folder in os.environ.get(SECRETS, "").split(":") if folder]
    for folder in folders:
        if not Path(folder).is_dir():
            raise SystemExit(f"The settings can't be read: {SECRETS} names {folder}, which is no folder.")
    try:
        return settings(_secrets_dir=folders or None)
    except SettingsError as error:
        raise SystemExit(f"The settings can't be read: {error}. Lists and objects are written as JSON.") from None
    except ValidationError as error:
        lines = [f"  {_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors(include_url=False)]
        raise SystemExit("\n".join(["The settings are not right:", *lines])) from None


def _variable(location: tuple[int | str, ...]) -> str:
    if not location:
        return "CARNET_*"
    first, *rest = location
    return f"CARNET_{str(first).upper()}" + "".join(f"[{part}]" for part in rest)
