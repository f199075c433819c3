"""A child never outlives whoever started it, and its end is always told."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from carnet_suite.servers.child import Child
from carnet_suite.servers.errors import ServerDiedError, ServerSlowError
from tests.waits import until

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


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


def test_stop_asks_and_waits(tmp_path: Path) -> None:
    child = Child("it", python("import time; time.sleep(60)"), tmp_path / "log")
    assert child.running
    child.stop()
    child.stop()
    assert child.exit_code == 128 + signal.SIGTERM
    assert not alive(child.pid)


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    child = Child("it", python(DEAF), tmp_path / "log", grace=0.2)
    until(lambda: "deaf" in child.log_tail())
    child.stop()
    assert child.exit_code == 128 + signal.SIGKILL


def test_kill_takes_its_own_children_along(tmp_path: Path) -> None:
    code = """
        import subprocess, sys, time
        print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
        time.sleep(60)
    """
    child = Child("it", python(code), tmp_path / "log")
    until(lambda: child.log_tail().strip().isdigit())
    grandchild = int(child.log_tail())
    assert alive(grandchild)
    child.kill()
    until(lambda: not alive(grandchild))
    assert not alive(child.pid)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_the_process_that_started_it(tmp_path: Path, end: signal.Signals) -> None:
    code = f"""
        import pathlib, time
        from carnet_suite.servers.child import Child
        command = [{sys.executable!r}, "-c", "import time; time.sleep(60)"]
        child = Child("it", command, pathlib.Path({str(tmp_path)!r}, "log"))
        print(child.pid, flush=True)
        time.sleep(60)
    """
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(end)
    until(lambda: not alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="the second line of defence is Linux only")
def test_it_ends_even_when_the_leash_is_killed(tmp_path: Path) -> None:
    child = Child("it", python("import time; time.sleep(60)"), tmp_path / "log")
    leash = int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(leash, signal.SIGKILL)
    until(lambda: not alive(child.pid))
    child.stop()


def test_an_early_end_is_told_with_the_last_lines(tmp_path: Path) -> None:
    child = Child("The thing", python("import sys; print('because of this'); sys.exit(7)"), tmp_path / "log")
    with pytest.raises(ServerDiedError, match="The thing ended by itself with exit code 7") as death:
        child.await_ready(lambda: False, 10)
    assert "because of this" in str(death.value)


def test_a_late_answer_is_told(tmp_path: Path) -> None:
    child = Child("The thing", python("import time; time.sleep(60)"), tmp_path / "log")
    try:
        with pytest.raises(ServerSlowError, match=r"did not answer within 0\.2 s"):
            child.await_ready(lambda: False, 0.2)
    finally:
        child.stop()


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerDiedError, match="No such file"):
        Child("it", [str(tmp_path / "nothing")], tmp_path / "log")
