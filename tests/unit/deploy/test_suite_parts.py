"""The parts of the suite alone: ports, the lock, the watching of processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from carnet_operations.errors import CommandError
from carnet_operations.running import Running, instance_of, read_state
from carnet_suite.servers.ports import HOST, Ports
from carnet_suite.supervisor.crew import MOST_DEATHS, Crew
from carnet_suite.supervisor.errors import (
    AlreadyRunningError,
    BusyPortError,
    ProcessDiedError,
    ProcessSlowError,
    SuiteError,
)
from carnet_suite.supervisor.instance import (
    await_leftovers,
    running_process,
    sole_instance,
    write_state,
)
from carnet_suite.supervisor.member import Plan
from carnet_suite.supervisor.ports import DEFAULT_BASE, free, from_base, require_all_free
from carnet_suite.topology import processes
from tests.waits import until

SERVES = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


# Ports


@pytest.mark.parametrize("workers", [1, 12])
def test_the_ports_of_a_block_are_all_different_and_within_sixty(workers: int) -> None:
    ports = from_base(DEFAULT_BASE, processes(workers))
    every = [
        ports.front,
        ports.sandbox,
        ports.backoffice,
        ports.sign_in,
        *ports.processes.values(),
        *asdict(ports.servers).values(),
    ]
    assert len(set(every)) == len(every)
    assert all(DEFAULT_BASE <= port < DEFAULT_BASE + 60 for port in every)


def test_free_ports_are_all_different() -> None:
    ports = free(processes(3))
    every = [
        ports.front,
        ports.sandbox,
        ports.backoffice,
        ports.sign_in,
        *ports.processes.values(),
        *asdict(ports.servers).values(),
    ]
    assert len(set(every)) == len(every) == 12 + 8


def test_a_busy_port_is_named_with_what_to_do() -> None:
    ports = free(processes())
    with socket.socket() as other:
        other.bind((HOST, ports.processes["credits-worker"]))
        other.listen()
        with pytest.raises(BusyPortError, match=f"{ports.processes['credits-worker']}.*credits-worker.*--port-base"):
            require_all_free(ports, with_servers=True)


def test_the_ports_of_servers_that_run_elsewhere_may_be_busy() -> None:
    ports = free(processes())
    with socket.socket() as other:
        other.bind((HOST, ports.servers.kafka))
        other.listen()
        require_all_free(ports, with_servers=False)
        with pytest.raises(BusyPortError, match="Kafka"):
            require_all_free(ports, with_servers=True)


def test_a_block_holds_the_servers_too() -> None:
    assert from_base(9000, processes()).servers == Ports(9050, 9051, 9052, 9053)


# One instance


def state(*pids: int | None) -> Running:
    return Running(
        front="http://127.0.0.1:1",
        mongo_url="mongodb://x",
        kafka_bootstrap="x:1",
        namespace="",
        inbox="/x",
        servers=(),
        processes=tuple(running_process(f"p{number}", pid) for number, pid in enumerate(pids)),
        variables={"payments": {"A": "b"}},
    )


def test_a_second_instance_is_refused_with_the_process_that_runs(tmp_path: Path) -> None:
    with sole_instance(tmp_path):
        assert instance_of(tmp_path) == str(os.getpid())
        with pytest.raises(AlreadyRunningError, match=str(os.getpid())), sole_instance(tmp_path):
            raise AssertionError("unreachable")
        assert instance_of(tmp_path) == str(os.getpid())
    assert instance_of(tmp_path) is None
    with sole_instance(tmp_path):
        pass


def test_where_it_is_can_be_read_while_it_runs_and_not_after(tmp_path: Path) -> None:
    with sole_instance(tmp_path):
        with pytest.raises(CommandError, match="still starting"):
            read_state(tmp_path)
        written = state(os.getpid(), None)
        write_state(tmp_path, written)
        assert read_state(tmp_path) == written
    with pytest.raises(CommandError, match="carnet up"):
        read_state(tmp_path)


def test_the_next_start_waits_for_the_processes_of_a_run_that_was_killed(tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert left.stdin is not None
    write_state(tmp_path, state(left.pid))
    said: list[str] = []

    def notice(words: str) -> None:
        said.append(words)
        left.communicate(b"end\n")

    await_leftovers(tmp_path, notice)
    assert left.returncode == 0
    assert len(said) == 1
    await_leftovers(tmp_path, notice)
    assert len(said) == 1


def test_a_process_that_only_took_over_the_number_is_not_waited_for(tmp_path: Path) -> None:
    written = asdict(state(os.getpid()))
    written["processes"][0]["born"] -= 1000
    written["processes"] = tuple(running_process("p", None).__class__(**each) for each in written["processes"])
    write_state(tmp_path, Running(**written))
    said: list[str] = []
    await_leftovers(tmp_path, said.append)
    assert said == []


# Watching


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def make_crew(tmp_path: Path, notices: list[str]) -> Iterator[Callable[..., Crew]]:
    made: list[Crew] = []

    def make(**programs: str) -> Crew:
        plans = []
        for name, program in programs.items():
            with socket.socket() as probe:
                probe.bind((HOST, 0))
                port = probe.getsockname()[1]
            command = [sys.executable, "-c", program, str(port)]
            plans.append(Plan(name, command, {}, f"http://{HOST}:{port}/health/ready", tmp_path / f"{name}.log"))
        crew = Crew(plans, notices.append, lambda: None)
        made.append(crew)
        return crew

    yield make
    for crew in made:
        crew.stop([list(crew.members)])


def test_all_are_ready_when_it_has_started_and_gone_when_it_has_stopped(make_crew: Callable[..., Crew]) -> None:
    crew = make_crew(one=SERVES, two=SERVES)
    ready: list[str] = []
    crew.start(ready.append)
    assert sorted(ready) == ["one", "two"]
    pids = [member.pid for member in crew.members.values()]
    crew.stop([["one"], ["two"]])
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_dies_is_started_again_with_a_notice(make_crew: Callable[..., Crew], notices: list[str]) -> None:
    crew = make_crew(one=SERVES)
    crew.start(lambda _: None)
    before = crew.members["one"].pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until(lambda: crew.members["one"].pid != before)
    crew.await_ready(["one"])
    assert notices == [f"one ended (SIGKILL) and has been started again as process {crew.members['one'].pid}."]


def test_a_process_that_is_to_stay_down_does_until_it_is_launched(
    make_crew: Callable[..., Crew], notices: list[str]
) -> None:
    crew = make_crew(one=SERVES)
    crew.start(lambda _: None)
    crew.kill("one", signal.SIGKILL, restart=False)
    time.sleep(0.4)
    assert not crew.members["one"].running
    assert notices == []
    crew.launch("one")
    crew.await_ready(["one"])


def test_a_process_that_dies_again_and_again_is_given_up_with_its_last_words(
    make_crew: Callable[..., Crew], notices: list[str]
) -> None:
    crew = make_crew(fine=SERVES, broken="import sys; sys.exit('the settings are wrong')")
    with pytest.raises(ProcessDiedError, match=r"broken died 5 times.*\n.*the settings are wrong") as died:
        crew.start(lambda _: None)
    assert crew.failure is died.value
    assert len(notices) == MOST_DEATHS - 1
    assert crew.members["fine"].running


def test_ends_that_were_asked_for_are_no_deaths(make_crew: Callable[..., Crew]) -> None:
    crew = make_crew(one=SERVES)
    crew.start(lambda _: None)
    for _ in range(MOST_DEATHS + 1):
        before = crew.members["one"].pid
        crew.kill("one", signal.SIGKILL, restart=True)
        until(lambda before=before: crew.members["one"].running and crew.members["one"].pid != before)
    assert crew.failure is None


def test_a_process_that_never_gets_ready_is_named_with_its_log(make_crew: Callable[..., Crew], tmp_path: Path) -> None:
    crew = make_crew(slow="import time; print('thinking', flush=True); time.sleep(60)")
    with pytest.raises(SuiteError):
        crew.await_ready(["slow"], seconds=0)
    crew.members["slow"].start()
    until(lambda: "thinking" in (tmp_path / "slow.log").read_text())
    with pytest.raises(ProcessSlowError, match=r"slow is not ready after 1 s .*\n.*thinking"):
        crew.await_ready(["slow"], seconds=1)
