"""The settings of the payments service: environment variables, all beginning with ``CARNET_``."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from carnet.links import LinkKeys
from carnet.settings import Settings

Url = Annotated[str, Field(pattern=r"^https?://[^/\s]")]
Secret = Annotated[SecretStr, Field(min_length=8)]


class PaymentsSettings(Settings):
    """The settings of payments: those that every service has, and its payment providers'."""

    service: str = Field(default="payments", init=False)
    sandbox_url: Url | None = None
    """Where the sandbox answers; without it there is no such provider."""
    sandbox_secret: Secret | None = None
    """With which the sandbox signs its webhooks."""
    webhook_url: Url | None = None
    """Where the API of payments is for the sandbox, to which it sends its webhooks: ``http://payments-api:8000``."""
    stripe_key: Secret | None = None
    """The secret key of the Stripe account; without it there is no such provider."""
    stripe_webhook_secret: Secret | None = None
    """With which Stripe signs its webhooks."""
    provider_calls: int = Field(default=16, ge=1, le=500)
    """Calls that one process has in flight to each provider at most."""
    provider_timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds within which each call to a provider ends, answered or not."""
    link_keys: LinkKeys
    """With which the links to papers are signed that notifications writes into mails."""

    @model_validator(mode="after")
    def _whole_or_not_at_all(self) -> Self:
        if self.sandbox_url and not (self.sandbox_secret and self.webhook_url):
            raise ValueError("CARNET_SANDBOX_URL needs CARNET_SANDBOX_SECRET and CARNET_WEBHOOK_URL beside it")
        if self.stripe_key and not self.stripe_webhook_secret:
            raise ValueError("CARNET_STRIPE_KEY needs CARNET_STRIPE_WEBHOOK_SECRET beside it")
        return self
