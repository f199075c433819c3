"""The suite as `carnet up` runs it: real processes, started, broken and stopped from outside."""

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from carnet_operations.home import carnet_home
from carnet_operations.running import Running, RunningProcess, instance_of, read_state
from carnet_operations.services import SERVICES
from carnet_suite.servers.errors import UnsupportedMachineError
from carnet_suite.servers.kafka import java_binary
from carnet_suite.servers.kafka_jars import jars_folder
from carnet_suite.servers.mongodb import mongod_binary
from carnet_suite.servers.ports import is_open
from tests.waits import BOUND, until


def free_block() -> int:
    """The first of a block of ports below those that clients are given, on which nothing listens."""
    while True:
        first = 21_400 + 60 * secrets.randbelow(180)
        if not any(is_open(port) for port in range(first, first + 60)):
            return first


BASE = free_block()
FRONT = f"http://127.0.0.1:{BASE}"
get, post = partial(httpx.get, timeout=BOUND), partial(httpx.post, timeout=BOUND)


@dataclass
class Home:
    """A folder of data, and the `carnet` commands that work on it."""

    folder: Path
    base: int = BASE
    started: "subprocess.Popen[bytes] | None" = None
    output: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The jars of Kafka are fetched once per checkout, not once per test.
        jars_folder(carnet_home())
        (self.folder / "cache").symlink_to(carnet_home() / "cache")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CARNET_", "COLUMNS"))}
        self.environment = {**clean, "CARNET_HOME": str(self.folder)}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "carnet_operations", *arguments]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=BOUND, check=False
        )

    @property
    def runs(self) -> bool:
        return self.started is not None and self.started.poll() is None

    def up(self, *options: str) -> None:
        """Start the suite and return when it says that it runs."""
        log = self.folder / "up.txt"
        with log.open("wb") as out:
            self.started = subprocess.Popen(
                self.command("up", "--port-base", str(self.base), *options),
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        until(lambda: self.started is None or self.started.poll() is not None or "Stop with Ctrl-C" in self.said())
        assert self.started is not None
        assert self.started.poll() is None, self.said()

    def said(self) -> str:
        return (self.folder / "up.txt").read_text()

    @property
    def state(self) -> Running:
        return read_state(self.folder)

    def processes(self) -> list[psutil.Process]:
        """Everything that the suite has started, whatever its depth."""
        assert self.started is not None
        return psutil.Process(self.started.pid).children(recursive=True)

    def token(self) -> str:
        found = re.search(r"^export TOKEN=(\S+)$", self.said(), re.MULTILINE)
        assert found, self.said()
        return found[1]


def gone(processes: list[psutil.Process]) -> bool:
    return not any(_runs(process) for process in processes)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:  # it has just ended
        return False


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    try:
        mongod_binary()
        java_binary()
    except UnsupportedMachineError as none:
        pytest.skip(str(none))
    home = Home(tmp_path_factory.mktemp("suite"))
    yield home
    if home.runs:
        assert home.started is not None
        home.started.terminate()
        home.started.wait(BOUND)


@pytest.fixture
def home(ours: Home) -> Home:
    """The suite as it runs: started by the first test, and again after one that has ended it."""
    if not ours.runs:
        ours.up("--payments-workers", "3")
    return ours


def test_every_process_is_ready(home: Home) -> None:
    processes = home.state.processes
    more_workers, front_and_sandbox, pages_and_sign_in = 2, 2, 2
    assert len(processes) == 2 * len(SERVICES) + more_workers + front_and_sandbox + pages_and_sign_in
    for process in processes:
        until(lambda health=process.health: _ready(health), process.name)
    for service in SERVICES:
        assert get(f"{FRONT}/{service}/health/live").status_code == 200
    until(lambda: home.run("status").returncode == 0, "not all are ready")
    assert "payments-worker-3" in home.run("status").stdout


@pytest.mark.parametrize("service", SERVICES)
def test_the_documents_of_each_service_work_behind_the_front_address(home: Home, service: str) -> None:
    page = get(f"{FRONT}/{service}/docs")
    named = re.search(r"url: '([^']+)'", page.text)
    assert named
    document = get(FRONT + named[1]).json()
    assert document["servers"] == [{"url": f"/{service}"}]
    assert all(path.startswith("/v1/") for path in document["paths"] if not path.startswith("/health"))
    assert f'href="/{service}/docs"' in get(FRONT).text


def test_the_addresses_are_printed_as_the_variables_of_the_documentation(home: Home) -> None:
    printed = dict(re.findall(r"^export ([A-Z]+)=(\S+)$", home.said(), re.MULTILINE))
    assert printed["FRONT"] == FRONT
    assert get(f"{printed['SANDBOX']}/health/ready").status_code == 200
    assert printed["KAFKA"] == home.state.kafka_bootstrap


def test_the_token_that_is_printed_opens_the_test_organisation(home: Home) -> None:
    answer = get(f"{FRONT}/catalog/v1/organisation", headers={"Authorization": f"Bearer {home.token()}"})
    assert answer.status_code == 200
    assert answer.json()["mode"] == "test"
    made = home.run("token", "--scopes", "catalog:write", "--expires", "5m").stdout.strip()
    refused = get(f"{FRONT}/catalog/v1/organisation", headers={"Authorization": f"Bearer {made}"})
    assert refused.status_code == 403


def test_an_event_of_one_service_reaches_the_others(home: Home) -> None:
    # All three payments workers, and every other service that copies organisations, have received it and nothing is
    # parked.
    headers = {"Authorization": f"Bearer {home.token()}"}
    until(lambda: get(f"{FRONT}/payments/v1/follow-up", headers=headers).status_code == 200)
    assert "Nothing is parked" in home.run("parked", "list").stdout


def test_a_second_instance_is_refused_with_the_name_of_the_one_that_runs(home: Home) -> None:
    assert home.started is not None
    refused = home.run("up", "--port-base", "21500")
    assert refused.returncode == 1
    assert f"already runs on {home.folder} (process {home.started.pid})" in refused.stderr
    assert home.run("reset", "--yes").returncode == 1
    until(lambda: _ready(f"{FRONT}/credits/health/ready"))


def test_a_busy_port_is_named_with_what_to_do(home: Home, tmp_path: Path) -> None:
    refused = Home(tmp_path).run("up", "--port-base", str(BASE))
    assert refused.returncode == 1
    assert f"Port {BASE}, which the front address needs, is in use" in refused.stderr
    assert "--port-base" in refused.stderr


@pytest.mark.parametrize(
    ("name", "logs"), [("payments-worker-2", ["payments", "--role", "worker"]), ("front", ["front"])]
)
def test_a_process_that_is_killed_comes_back(home: Home, name: str, logs: list[str]) -> None:
    def process() -> RunningProcess:
        return next(each for each in home.state.processes if each.name == name)

    before = process()
    os.kill(before.pid or 0, signal.SIGKILL)
    until(lambda: process().pid != before.pid)
    until(lambda: _ready(before.health))
    assert f"{name} ended (SIGKILL) and has been started again as process {process().pid}" in home.said()
    assert name in home.run("logs", *logs).stdout


def test_the_payment_provider_that_is_killed_comes_back_and_has_forgotten_nothing(home: Home) -> None:
    def sandbox() -> RunningProcess:
        return next(each for each in home.state.processes if each.name == "sandbox")

    before = sandbox()
    address = before.health.removesuffix("/health/ready")
    charge = {"key": "k1", "merchant": "m1", "amount": 5000, "currency": "EUR", "token": "tok_success", "kind": "card"}
    answer = post(f"{address}/charges", json=charge).json()
    os.kill(before.pid or 0, signal.SIGKILL)
    until(lambda: sandbox().pid != before.pid)
    until(lambda: _ready(before.health))
    assert post(f"{address}/charges", json=charge).json() == answer
    assert [entry["key"] for entry in get(f"{address}/book").json()] == ["k1"]
    assert f"{address}/docs" in home.said()
    assert home.run("logs", "sandbox").returncode == 0


def _ready(health: str) -> bool:
    try:
        return get(health).status_code == 200
    except httpx.TransportError:
        return False


def test_sigterm_ends_everything_in_order_and_the_data_serves_the_next_time(home: Home) -> None:
    assert home.started is not None
    processes = home.processes()
    assert len(processes) > 2 * 14
    home.started.terminate()
    assert home.started.wait(BOUND) == 0
    assert gone(processes)
    assert "Stopped. The data is kept" in home.said()
    assert instance_of(home.folder) is None
    assert home.run("status").returncode == 1
    _the_data_serves_the_next_time_and_a_kill_leaves_no_process(home)


def _the_data_serves_the_next_time_and_a_kill_leaves_no_process(home: Home) -> None:
    home.up()
    mails = home.folder / "data" / "inbox"
    assert mails.is_dir()
    events = home.run("events", "replay", "catalog")
    # The two schools of the people who can sign in.
    assert "Published again: 2." in events.stdout, events.stderr
    processes = home.processes()
    assert home.started is not None
    home.started.kill()
    home.started.wait()
    until(lambda: gone(processes))
    assert "Removed data" in home.run("reset", "--yes").stdout
    assert not mails.exists()
