"""The settings of the sandbox: environment variables, all beginning with ``CARNET_SANDBOX_``."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SandboxSettings(BaseSettings):
    """The settings of the sandbox."""

    model_config = SettingsConfigDict(env_prefix="CARNET_", frozen=True, extra="ignore")

    sandbox_file: Path
    """The SQLite file of everything that it did; made if missing, with its folder."""
    sandbox_secret: SecretStr = Field(min_length=8)
    """The secret that signs its webhooks."""
    sandbox_host: str = "127.0.0.1"
    sandbox_port: int = Field(default=8000, ge=0, le=65535)
    sandbox_latency: float = Field(default=0.0, ge=0, le=60)
    """Seconds that every answer takes."""
    sandbox_silence: float = Field(default=90.0, gt=0, le=600)
    """Seconds that a request without an answer stays open: longer than any client waits."""
