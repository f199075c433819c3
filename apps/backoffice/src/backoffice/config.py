"""The settings of the back office: environment variables, all beginning with ``CARNET_``."""

from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_SHORTEST_KEY = 32


class BackofficeSettings(BaseSettings):
    """The settings of the back office. Secrets may be files of the folder ``CARNET_SECRETS``."""

    model_config = SettingsConfigDict(env_prefix="CARNET_", frozen=True, extra="ignore")

    front_url: str = Field(pattern=r"^https?://[^/]+(/.*[^/])?$")
    """The front address of the APIs, without a slash at the end."""
    backoffice_url: str = Field(pattern=r"^https?://[^/]+$")
    """The address at which people reach the back office, without a slash at the end."""
    session_keys: SecretStr
    """What seals the cookies: texts of at least 32 characters, apart by commas. The first seals, all open; so a key is
    replaced by putting a new one first, and taking the old one away a day later."""
    sign_in_url: str = Field(pattern=r"^https?://[^/]+(/.*[^/])?$")
    """The issuer of the provider at which people sign in; ``/.well-known/openid-configuration`` is below it."""
    sign_in_client: str = Field(default="carnet-backoffice", min_length=1)
    """The id of this client at the provider."""
    sign_in_secret: SecretStr | None = None
    """The secret of this client at the provider; none for a public client, which PKCE protects alone."""
    sign_in_scope: str = "openid profile"
    """What is asked of the provider. It must bring the claims of Carnet in the access token."""
    sign_in_internal_url: str | None = Field(default=None, pattern=r"^https?://[^/]+(/.*[^/])?$")
    """Where this process reaches the provider, if that is not the address that browsers use."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    api_timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds within which an API answers; later, the part of the page that needs it says that it is away."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("session_keys")
    @classmethod
    def _long_enough(cls, keys: SecretStr) -> SecretStr:
        if any(len(key.strip()) < _SHORTEST_KEY for key in keys.get_secret_value().split(",")):
            raise ValueError(f"write keys of at least {_SHORTEST_KEY} characters")
        return keys

    @cached_property
    def secure(self) -> bool:
        """Whether people reach it by https, so that cookies are sent on nothing else."""
        return self.backoffice_url.startswith("https://")

    @cached_property
    def provider_origin(self) -> str:
        """The origin of the provider, to which signing out leads."""
        parts = urlsplit(self.sign_in_url)
        return f"{parts.scheme}://{parts.netloc}"
