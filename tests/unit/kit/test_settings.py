"""Settings from the environment, and what is said where they are not right."""

import pytest
from pydantic import ValidationError

from carnet.settings import Issuer, Settings, load


class ShelfSettings(Settings):
    service: str = "shelf"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARNET_MONGO_URL", "mongodb://user:hidden@db:27017")
    monkeypatch.setenv("CARNET_KAFKA_BOOTSTRAP", "broker:9092")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARNET_NAMESPACE", "t1")
    monkeypatch.setenv("CARNET_ISSUERS", '[{"issuer": "i", "audience": "a", "jwks_url": "https://i/keys"}]')
    settings = load(ShelfSettings)
    assert settings.database == "t1carnet_shelf"
    assert settings.issuers[0].algorithms == ("RS256", "ES256", "EdDSA")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CARNET_MONGO_URL", "postgres://hidden", "CARNET_MONGO_URL"),
        ("CARNET_PORT", "70000", "CARNET_PORT"),
        ("CARNET_ISSUERS", "[hidden", "issuers"),
        ("CARNET_ISSUERS", '[{"issuer": "i", "audience": "a"}]', "CARNET_ISSUERS[0]"),
        (
            "CARNET_ISSUERS",
            '[{"issuer": "i", "audience": "a", "key_file": "k", "algorithms": ["HS256"]}]',
            "[algorithms]",
        ),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(ShelfSettings)
    assert told in str(ended.value)
    assert "hidden" not in str(ended.value)


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARNET_MONGO_URL")
    with pytest.raises(SystemExit, match="CARNET_MONGO_URL"):
        load(ShelfSettings)


def test_an_issuer_has_one_source_of_keys() -> None:
    with pytest.raises(ValidationError):
        Issuer.model_validate({"issuer": "i", "audience": "a", "key_file": "k", "jwks_url": "https://i/keys"})
