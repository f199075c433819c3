"""Which payment providers a process has is configured from outside."""

import pytest

from payments.config import PaymentsSettings
from payments.provider.configured import providers
from tests.links import LINK_KEYS

NEEDED = {"MONGO_URL": "mongodb://db", "KAFKA_BOOTSTRAP": "kafka:9092", "LINK_KEYS": LINK_KEYS.get_secret_value()}
SANDBOX = {
    "SANDBOX_URL": "http://sandbox:8000",
    "SANDBOX_SECRET": "hush-hush-hush",
    "WEBHOOK_URL": "http://payments-api:8000/",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NEEDED.items():
        monkeypatch.setenv(f"CARNET_{name}", value)
    return monkeypatch


def test_without_a_setting_there_is_no_provider(environment: pytest.MonkeyPatch) -> None:
    assert not providers(PaymentsSettings())


async def test_the_sandbox_is_configured_by_its_address(environment: pytest.MonkeyPatch) -> None:
    for name, value in SANDBOX.items():
        environment.setenv(f"CARNET_{name}", value)
    settings = PaymentsSettings()
    made = providers(settings)
    assert {name: provider.name for name, provider in made.items()} == {"sandbox": "sandbox"}
    assert made["sandbox"].accepts
    await made["sandbox"].close()
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("missing", ["SANDBOX_SECRET", "WEBHOOK_URL"])
def test_half_of_what_the_sandbox_needs_is_refused(environment: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in SANDBOX.items():
        if name != missing:
            environment.setenv(f"CARNET_{name}", value)
    with pytest.raises(ValueError, match=f"CARNET_SANDBOX_URL needs .*{missing}"):
        PaymentsSettings()


async def test_stripe_is_configured_by_its_key(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CARNET_STRIPE_KEY", "sk_test_123")
    environment.setenv("CARNET_STRIPE_WEBHOOK_SECRET", "whsec_123")
    settings = PaymentsSettings()
    (made,) = providers(settings).values()
    assert (made.name, made.accepts) == ("stripe", True)
    await made.close()
    assert "sk_test" not in repr(settings)
    assert "whsec" not in repr(settings)


def test_stripe_needs_the_secret_of_its_webhooks(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CARNET_STRIPE_KEY", "sk_test_123")
    with pytest.raises(ValueError, match="CARNET_STRIPE_KEY needs CARNET_STRIPE_WEBHOOK_SECRET"):
        PaymentsSettings()
