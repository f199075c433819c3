"""One suite per data folder: the lock, and the file in which it says where it is."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from carnet_local.suite.errors import AlreadyRunningError, SuiteError

_LOCK, _STATE = "suite.lock", "suite.json"
_LEFTOVERS_S = 40.0
"""Longer than the longest grace that a process is given to end."""


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process of a running suite.

    `pid` is None where there is none to name; `born`, in seconds since 1970, tells it from a later
    process with the same id. `health` and `log` are empty where it has none.
    """

    name: str
    pid: int | None
    born: float | None
    health: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running suite is, for the commands that look at it from outside."""

    front: str
    mongo_url: str
    kafka_bootstrap: str
    namespace: str
    inbox: str
    servers: tuple[RunningProcess, ...]
    processes: tuple[RunningProcess, ...]
    variables: dict[str, dict[str, str]]
    """The environment of one worker of each service, by the name of the service."""


def running_process(name: str, pid: int | None, health: str = "", log: Path | None = None) -> RunningProcess:
    """A process as it is now."""
    born = None
    if pid is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            born = psutil.Process(pid).create_time()
    return RunningProcess(name, pid, born, health, str(log or ""))


@contextlib.contextmanager
def sole_instance(folder: Path) -> Iterator[None]:
    """Hold the lock of a data folder while the block lasts.

    Raises:
        AlreadyRunningError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise AlreadyRunningError(folder, lock.read().strip()) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            # Not reached when this process is killed: what is left then tells the next start.
            (folder / _STATE).unlink(missing_ok=True)


def instance_of(folder: Path) -> str | None:
    """The process id of the suite that runs on a data folder; None where none does."""
    try:
        with (folder / _LOCK).open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return lock.read().strip()
    except FileNotFoundError:
        return None
    return None


def write_state(folder: Path, running: Running) -> None:
    """Say where the suite is; readers see the old or the new, never half of it."""
    unfinished = folder / f".{_STATE}.part"
    unfinished.write_text(json.dumps(asdict(running), indent=2) + "\n")
    unfinished.replace(folder / _STATE)


def read_state(folder: Path) -> Running:
    """Where the suite that runs on a data folder is.

    Raises:
        SuiteError: none runs there, or it is still starting.
    """
    if instance_of(folder) is None:
        raise SuiteError(f"No suite runs on {folder}. Start it with `carnet up`.")
    if (state := _stored(folder)) is None:
        raise SuiteError("The suite is still starting: try again in a few seconds.")
    return state


def await_leftovers(folder: Path, notice: Callable[[str], None]) -> None:
    """Wait until the processes of a run that was killed have ended; each does so by itself.

    Raises:
        SuiteError: one of them does not.
    """
    state = _stored(folder)
    if state is None:
        return
    left = [process for process in (*state.servers, *state.processes) if _lives(process)]
    if left:
        notice(f"The last run was killed; waiting for {len(left)} of its processes to end.")
    deadline = time.monotonic() + _LEFTOVERS_S
    while left := [process for process in left if _lives(process)]:
        if time.monotonic() > deadline:
            named = ", ".join(f"{process.name} (process {process.pid})" for process in left)
            raise SuiteError(f"These processes of the last run do not end: {named}. End them, then try again.")
        time.sleep(0.1)
    (folder / _STATE).unlink(missing_ok=True)


def _stored(folder: Path) -> Running | None:
    try:
        state: dict[str, Any] = json.loads((folder / _STATE).read_text())
        servers, processes = ([RunningProcess(**each) for each in state.pop(key)] for key in ("servers", "processes"))
        return Running(**state, servers=tuple(servers), processes=tuple(processes))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # none, or that of another version


def _lives(process: RunningProcess) -> bool:
    if process.pid is None or process.born is None:
        return False
    try:
        found = psutil.Process(process.pid)
        # The clock by which it was born may have been set meanwhile.
        same = abs(found.create_time() - process.born) < 5
        return bool(same and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
