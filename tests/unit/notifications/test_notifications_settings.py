"""The settings of the service."""

import pytest

from notifications.config import NotificationsSettings, address_in
from tests.links import LINK_KEYS

PHRASE = "hunter2"


def test_the_sender_is_the_address_beside_the_name() -> None:
    assert address_in("Carnet <no-reply@carnet.example>") == "no-reply@carnet.example"
    assert address_in("no-reply@carnet.example") == "no-reply@carnet.example"


@pytest.mark.parametrize("value", ["", "Carnet", "Carnet <a@b@c>"])
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="write an address"):
        address_in(value)


def test_the_password_is_handed_over_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MONGO_URL": "mongodb://db",
        "KAFKA_BOOTSTRAP": "kafka:9092",
        "SMTP_HOST": "smtp.example",
        "SMTP_USERNAME": "carnet",
        "SMTP_PASSWORD": PHRASE,
        "SMTP_SECURITY": "starttls",
        "MAIL_FROM": "Carnet <no-reply@carnet.example>",
        "MAIL_WAITS": "[1, 2.5]",
        "LINK_KEYS": LINK_KEYS.get_secret_value(),
        "PUBLIC_URL": "https://carnet.example",
        "PAYMENTS_URL": "http://payments-api:8000",
        "CREDITS_URL": "http://credits-api:8000",
    }.items():
        monkeypatch.setenv(f"CARNET_{name}", value)
    settings = NotificationsSettings()
    assert settings.database == "carnet_notifications"
    assert settings.sending.waits == (1, 2.5)
    assert settings.sending.server.password == PHRASE
    assert PHRASE not in f"{settings!r} {settings.sending!r}"
    assert LINK_KEYS.get_secret_value() not in repr(settings)
