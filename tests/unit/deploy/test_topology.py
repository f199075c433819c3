"""The environment of each process: settings that it knows, and enough of them."""

import importlib
import json
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from carnet.settings import SECRETS, Settings, load
from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER
from carnet_operations.reactions import followers
from carnet_operations.secrets import LINKS, SANDBOX, SEPA, make_secrets
from carnet_operations.tokens import SCOPES
from carnet_sandbox.config import SandboxSettings
from carnet_suite.topology import (
    ROLES,
    SERVICES,
    Issuer,
    Places,
    Process,
    processes,
    sandbox_variables,
    variables,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of the secrets."""
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder)
    return str(folder)


def places(payments_workers: int = 1, secrets: str = "/secrets") -> Places:
    return Places(
        mongo_url="mongodb://db:27017/?replicaSet=carnet",
        kafka_bootstrap="kafka:9092",
        smtp_host="mail",
        smtp_port=2525,
        issuer=Issuer(ISSUER, AUDIENCE, "/keys/issuer.pub.pem", ALGORITHM),
        apis={service: f"http://{service}:8000" for service in SERVICES},
        host="127.0.0.1",
        ports={process.name: 9000 + number for number, process in enumerate(processes(payments_workers))},
        namespace="n1",
        sandbox="http://sandbox:8000",
        sandbox_secrets=f"{secrets}/{SANDBOX}",
        public="http://front",
        link_keys=f"{secrets}/{LINKS}",
        sepa_keys=f"{secrets}/{SEPA}",
        provider_timeout=2.5,
    )


def test_there_is_a_package_for_every_service_and_a_service_for_every_package() -> None:
    assert sorted(SERVICES) == sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())


def test_the_reactions_of_every_service_are_listed() -> None:
    listed = {service for services in followers().values() for service in services}
    assert listed == {service for service in SERVICES if find_spec(f"{service}.reactions")}


def test_every_service_has_an_api_and_a_worker_and_payments_as_many_workers_as_asked_for() -> None:
    names = [process.name for process in processes(payments_workers=3)]
    assert len(set(names)) == len(names) == 12
    assert {"payments-worker", "payments-worker-2", "payments-worker-3", "credits-api"} < set(names)


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_each_process_can_read_its_settings(process: Process, secrets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = variables(process, places(secrets=secrets))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings: Settings = importlib.import_module(f"{process.service}.app").settings()
    known = {f"CARNET_{name.upper()}" for name in type(settings).model_fields}
    assert given.keys() <= known | {SECRETS}
    assert settings.service == process.service
    assert settings.database == f"n1carnet_{process.service}"
    if process.role == "api":
        assert settings.root_path == f"/{process.service}"
        assert settings.port == places().ports[process.name]
        assert [issuer.issuer for issuer in settings.issuers] == [ISSUER]
    else:
        assert settings.metrics_port == places().ports[process.name]


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_nothing_that_a_process_cannot_do_without_is_left_out(process: Process, secrets: str) -> None:
    module = importlib.import_module(f"{process.service}.app")
    model = module.settings.__annotations__["return"]
    needed = {f"CARNET_{name.upper()}" for name, field in model.model_fields.items() if field.is_required()}
    given = variables(process, places(secrets=secrets))
    files = {file.name for folder in filter(None, given.get(SECRETS, "").split(":")) for file in Path(folder).iterdir()}
    assert needed - {"CARNET_SERVICE"} <= given.keys() | files


def test_the_sandbox_and_payments_are_configured_with_each_other(secrets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = sandbox_variables(places(secrets=secrets), 8000, "/data/book.sqlite")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load(SandboxSettings)
    assert given.keys() <= {f"CARNET_{name.upper()}" for name in SandboxSettings.model_fields} | {SECRETS}
    assert settings.sandbox_port == 8000
    assert len(settings.sandbox_secret.get_secret_value()) > 20
    for role in ROLES:
        payments = variables(Process("payments", role), places(secrets=secrets))
        assert given[SECRETS] in payments[SECRETS].split(":")
        assert payments["CARNET_SANDBOX_URL"] == places().sandbox
        assert payments["CARNET_WEBHOOK_URL"] == places().apis["payments"]
        assert payments["CARNET_PROVIDER_TIMEOUT"] == "2.5"


def test_without_a_sandbox_payments_has_no_such_provider() -> None:
    given = variables(Process("payments", "worker"), replace(places(), sandbox=None))
    assert not {name for name in given if "SANDBOX" in name or "WEBHOOK" in name}


def test_the_issuer_is_configured_as_json() -> None:
    given = variables(Process("catalog", "api"), places())["CARNET_ISSUERS"]
    assert json.loads(given) == [
        {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "key_file": "/keys/issuer.pub.pem",
            "algorithms": [ALGORITHM],
        }
    ]


def test_tokens_may_carry_every_scope_that_a_service_asks_for() -> None:
    code = "".join(path.read_text() for path in (ROOT / "services").glob("*/src/**/*.py"))
    asked = set(re.findall(r"\"((?:catalog|contracts|accounts|payments|credits|notifications):[a-z]+)\"", code))
    assert len(asked) > 8
    assert asked <= set(SCOPES)
