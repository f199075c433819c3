"""What the bench starts finds all settings that it needs."""

import importlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from carnet.settings import load
from carnet_play.bench.stage import Stage
from carnet_sandbox.config import SandboxSettings
from carnet_suite.servers import Servers
from carnet_suite.topology import Process, processes, sandbox_variables, variables


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    servers = Servers(
        mongo_url="mongodb://127.0.0.1:9",
        kafka_bootstrap="127.0.0.1:9",
        smtp_host="127.0.0.1",
        smtp_port=9,
        inbox=tmp_path / "inbox",
    )
    return Stage(servers, tmp_path, "b-")


def set_all(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_a_process_of_a_service(process: Process, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(variables(process, stage.places), monkeypatch)
    wiring = importlib.import_module(f"{process.service}.{'app' if process.role == 'api' else 'worker'}")
    assert wiring.settings().service == process.service


def test_the_payment_provider_signs_by_the_secret_that_payments_has(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_all(sandbox_variables(stage.places, 9, str(tmp_path / "book.sqlite")), monkeypatch)
    signs_by = load(SandboxSettings).sandbox_secret
    set_all(variables(Process("payments", "api"), stage.places), monkeypatch)
    wiring = importlib.import_module("payments.app")
    assert wiring.settings().sandbox_secret == signs_by
