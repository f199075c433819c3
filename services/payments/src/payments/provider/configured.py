"""The payment providers that a process has: those that its settings name."""

from collections.abc import Mapping

from payments.config import PaymentsSettings
from payments.provider.bounds import Bounds
from payments.provider.interface import Provider
from payments.provider.sandbox import Sandbox

WEBHOOKS = "/v1/providers/{provider}/webhooks"
"""Where the API takes the webhooks of a provider."""


def providers(settings: PaymentsSettings) -> Mapping[str, Provider]:
    """The providers by their names; the caller closes them."""

    def bounds(provider: str) -> Bounds:
        return Bounds(provider, calls=settings.provider_calls, seconds=settings.provider_timeout)

    made: list[Provider] = []
    if settings.sandbox_url and settings.sandbox_secret and settings.webhook_url:
        made.append(
            Sandbox(
                settings.sandbox_url,
                secret=settings.sandbox_secret.get_secret_value(),
                webhooks=settings.webhook_url.rstrip("/") + WEBHOOKS.format(provider=Sandbox.name),
                bounds=bounds(Sandbox.name),
            )
        )
    if settings.stripe_key and settings.stripe_webhook_secret:
        from payments.provider.stripe import Stripe  # noqa: PLC0415 # 8 MB, which a process without it need not have

        made.append(
            Stripe(
                settings.stripe_key.get_secret_value(),
                webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
                bounds=bounds(Stripe.name),
            )
        )
    return {provider.name: provider for provider in made}
