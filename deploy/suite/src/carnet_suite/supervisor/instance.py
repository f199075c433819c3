"""One suite per data folder: the lock, and the file that says where it is."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil

from carnet_operations.running import LOCK, STATE, Running, RunningProcess, stored_state
from carnet_suite.supervisor.errors import AlreadyRunningError, SuiteError

_LEFTOVERS_S = 40.0
"""Longer than the longest grace that a process is given to end."""


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
    with (folder / LOCK).open("a+") as lock:
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
            # Not reached when this process is killed: the file that is left then warns the next start.
            (folder / STATE).unlink(missing_ok=True)


def write_state(folder: Path, running: Running) -> None:
    """Say where the suite is; readers see the old or the new, never half of it."""
    unfinished = folder / f".{STATE}.part"
    unfinished.write_text(json.dumps(asdict(running), indent=2) + "\n")
    unfinished.replace(folder / STATE)


def await_leftovers(folder: Path, notice: Callable[[str], None]) -> None:
    """Wait until the processes of a run that was killed have ended; each does so by itself.

    Raises:
        SuiteError: one of them does not.
    """
    state = stored_state(folder)
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
    (folder / STATE).unlink(missing_ok=True)


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
