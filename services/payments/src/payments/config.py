"""The settings of the payments service: environment variables, all beginning with ``CARNET_``."""

import re
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from carnet.links import LinkKeys
from carnet.settings import Settings

Url = Annotated[str, Field(pattern=r"^https?://[^/\s]")]
Secret = Annotated[SecretStr, Field(min_length=8)]
_FERNET = re.compile(r"[A-Za-z0-9_-]{43}=")


class PaymentsSettings(Settings):
    """The settings of payments: those that every service has, and its payment providers'."""

    service: str = Field(default="payments", init=False)
    sandbox_url: Url | None = None
    """Where the sandbox answers; without it there is no such provider."""
    sandbox_secret: Secret | None = None
    """The secret by which the sandbox signs its webhooks."""
    webhook_url: Url | None = None
    """Where the API of payments is for the sandbox, to which it sends its webhooks: ``http://payments-api:8000``."""
    stripe_key: Secret | None = None
    """The secret key of the Stripe account; without it there is no such provider."""
    stripe_webhook_secret: Secret | None = None
    """The secret by which Stripe signs its webhooks."""
    sepa_keys: SecretStr | None = None
    """Keys that encrypt the IBANs of direct debits: 32 bytes each in URL-safe base64, separated by commas. The first
    one encrypts, all of them read; without one there are no direct debits."""
    provider_calls: int = Field(default=16, ge=1, le=500)
    """Calls that one process has in flight to each provider at most."""
    provider_timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds within which each call to a provider ends, answered or not."""
    books_settle: float = Field(default=20.0, ge=0, le=120)
    """Seconds for which the export of what was just closed waits, so that all that was begun before is saved."""
    public_url: Url | None = None
    """The address at which clients reach the front: links that staff hands to families begin with it."""
    link_keys: LinkKeys
    """The keys that sign the links to papers which notifications writes into mails."""

    @field_validator("sepa_keys")
    @classmethod
    def _fernet(cls, given: SecretStr | None) -> SecretStr | None:
        keys = [key.strip() for key in given.get_secret_value().split(",")] if given else []
        if not all(_FERNET.fullmatch(key) for key in keys):
            raise ValueError("each key is 32 random bytes in URL-safe base64, as `carnet vault --new` prints")
        return given

    @model_validator(mode="after")
    def _whole_or_not_at_all(self) -> Self:
        if self.sandbox_url and not (self.sandbox_secret and self.webhook_url):
            raise ValueError("CARNET_SANDBOX_URL needs CARNET_SANDBOX_SECRET and CARNET_WEBHOOK_URL beside it")
        if self.stripe_key and not self.stripe_webhook_secret:
            raise ValueError("CARNET_STRIPE_KEY needs CARNET_STRIPE_WEBHOOK_SECRET beside it")
        return self
