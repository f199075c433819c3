"""A child never outlives the process that started it, and its end is always reported."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from carnet_suite.servers.child import Child
from carnet_suite.servers.errors import ServerDiedError, ServerSlowError
from carnet_suite.supervisor.member import Start
from tests.forked import CAN_FORK, PATIENT, forked
from tests.waits import until

STARTS = (
    Child,
    pytest.param(forked, marks=pytest.mark.skipif(not CAN_FORK, reason="processes are forked on Linux only")),
)
"""What starts a child: as a new process, or as one that is forked from one that has imported much."""

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
SLEEPS = "import time; time.sleep(60)"


@pytest.fixture(params=STARTS, ids=["new", "forked"])
def start(request: pytest.FixtureRequest) -> Start:
    chosen: Start = request.param
    return chosen


@dataclass(frozen=True)
class Programs:
    """Programs that are started as children."""

    start: Start
    folder: Path

    def run(self, code: str, *, grace: float = 10.0) -> Child:
        (self.folder / "program.py").write_text(textwrap.dedent(code))
        command = [sys.executable, "-m", "program"]
        return self.start("The program", command, self.folder / "log", cwd=self.folder, grace=grace)

    def from_another_process(self, code: str) -> "subprocess.Popen[str]":
        """A process that starts it, and writes its pid."""
        (self.folder / "program.py").write_text(textwrap.dedent(code))
        starts = f"""
            import pathlib, sys, time
            from {self.start.__module__} import {self.start.__name__} as start
            folder = pathlib.Path({str(self.folder)!r})
            child = start("it", [sys.executable, "-m", "program"], folder / "log", cwd=folder)
            print(child.pid, flush=True)
            time.sleep(60)
        """
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(starts)], stdout=subprocess.PIPE, text=True)


@pytest.fixture
def programs(start: Start, tmp_path: Path) -> Programs:
    return Programs(start, tmp_path)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that ended but whose parent has not asked yet is still listed.
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:  # no such file system here
        return True
    except ProcessLookupError:  # it ended between the look at the file and its reading
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def test_stop_asks_and_waits(programs: Programs) -> None:
    child = programs.run(SLEEPS)
    assert child.running
    child.stop()
    child.stop()
    assert child.exit_code == 128 + signal.SIGTERM
    assert not alive(child.pid)


def test_stop_kills_what_does_not_listen(programs: Programs) -> None:
    child = programs.run(DEAF, grace=0.2)
    until(lambda: "deaf" in child.log_tail())
    child.stop()
    assert child.exit_code == 128 + signal.SIGKILL


def test_kill_takes_its_own_children_along(programs: Programs) -> None:
    code = """
        import subprocess, sys, time
        print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
        time.sleep(60)
    """
    child = programs.run(code)
    until(lambda: child.log_tail().strip().isdigit())
    grandchild = int(child.log_tail())
    assert alive(grandchild)
    child.kill()
    until(lambda: not alive(grandchild))
    assert not alive(child.pid)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_the_process_that_started_it(programs: Programs, end: signal.Signals) -> None:
    with programs.from_another_process(SLEEPS) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(end)
    until(lambda: not alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="the second line of defence is Linux only")
def test_it_ends_even_when_the_leash_is_killed(programs: Programs) -> None:
    with programs.from_another_process(SLEEPS) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        leash = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        assert leash != parent.pid
        os.kill(leash, signal.SIGKILL)
        until(lambda: not alive(pid))
        parent.kill()


def test_an_early_end_is_reported_with_the_last_lines(programs: Programs) -> None:
    child = programs.run("import sys; print('because of this'); sys.exit(7)")
    with pytest.raises(ServerDiedError, match="The program ended by itself with exit code 7") as death:
        child.await_ready(lambda: False, 10)
    assert "because of this" in str(death.value)


def test_a_late_answer_is_reported(programs: Programs) -> None:
    child = programs.run(SLEEPS)
    try:
        with pytest.raises(ServerSlowError, match=r"did not answer within 0\.2 s"):
            child.await_ready(lambda: False, 0.2)
    finally:
        child.stop()


def test_a_command_that_is_missing_is_reported(start: Start, tmp_path: Path) -> None:
    with pytest.raises(ServerDiedError, match="No such file"):
        start("it", [str(tmp_path / "nothing")], tmp_path / "log")


def test_a_program_finds_what_it_finds_in_a_new_process(start: Start, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(textwrap.dedent(FINDS))
    environment = {**os.environ, **PATIENT, "CARNET_ONLY": "of this one"}
    child = start(
        "it", [sys.executable, "-m", "program", "one", "two"], tmp_path / "log", env=environment, cwd=tmp_path
    )
    until(lambda: not child.running)
    assert child.exit_code == 0, child.log_tail()
    found = json.loads(child.log_tail())
    assert found == {
        "arguments": ["one", "two"],
        "folder": str(tmp_path),
        "environment": sorted(name for name in environment if name.startswith("CARNET_")),
        "leads_group": True,
        "open": [],
        "threads": 1,
        "loop": False,
        "term": "SIG_DFL",
        "kept_out": [],
        "services": [],
    }


FINDS = """
    import asyncio, json, os, signal, sys

    services = "catalog", "contracts", "payments", "credits", "notifications"
    descriptors = [each for each in os.listdir("/proc/self/fd") if int(each) > 2]
    assert __name__ == "__main__"
    print(json.dumps({
        "arguments": sys.argv[1:],
        "folder": os.getcwd(),
        "environment": sorted(name for name in os.environ if name.startswith("CARNET_")),
        "leads_group": os.getpgrp() == os.getpid(),
        "open": [each for each in descriptors if os.path.exists(f"/proc/self/fd/{each}")],
        "threads": len(os.listdir("/proc/self/task")),
        "loop": asyncio._get_running_loop() is not None,
        "term": signal.getsignal(signal.SIGTERM).name,
        "kept_out": [name for name, module in sys.modules.items() if module is None],
        "services": [name for name in services if name in sys.modules],
    }))
"""
