"""Settings from the environment, and what is said where they are not right."""

from pathlib import Path

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


def test_settings_come_from_files_too_and_a_variable_goes_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "CARNET_NAMESPACE").write_text("from_file\n")
    (tmp_path / "CARNET_PORT").write_text("9001")
    monkeypatch.setenv("CARNET_SECRETS", str(tmp_path))
    monkeypatch.setenv("CARNET_PORT", "9002")
    settings = load(ShelfSettings)
    assert (settings.namespace, settings.port) == ("from_file", 9002)


def test_settings_may_be_in_several_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("NAMESPACE", "from_file"), ("PORT", "9001")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"CARNET_{name}").write_text(value)
    monkeypatch.setenv("CARNET_SECRETS", f"{tmp_path}/NAMESPACE:{tmp_path}/PORT")
    settings = load(ShelfSettings)
    assert (settings.namespace, settings.port) == ("from_file", 9001)
    monkeypatch.setenv("CARNET_SECRETS", f"{tmp_path}/NAMESPACE:{tmp_path}/none")
    with pytest.raises(SystemExit, match=r"CARNET_SECRETS names .*/none, which is no folder"):
        load(ShelfSettings)


def test_a_folder_of_settings_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CARNET_SECRETS", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match=r"CARNET_SECRETS names .*none, which is no folder"):
        load(ShelfSettings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
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
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(ShelfSettings)
    assert message in str(ended.value)
    assert "hidden" not in str(ended.value)


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARNET_MONGO_URL")
    with pytest.raises(SystemExit, match="CARNET_MONGO_URL"):
        load(ShelfSettings)


def test_an_issuer_has_one_source_of_keys() -> None:
    with pytest.raises(ValidationError):
        Issuer.model_validate({"issuer": "i", "audience": "a", "key_file": "k", "jwks_url": "https://i/keys"})
