"""Where the suite that runs on this machine is: the file that it writes about itself, read by every command."""

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carnet_operations.errors import CommandError

LOCK, STATE = "suite.lock", "suite.json"
"""The files in its data folder: the lock that it holds while it runs, and the file that says what runs where."""


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process of a running suite.

    `pid` is None if there is none; `born`, in seconds since 1970, distinguishes it from a later
    process with the same id. `health` and `log` are empty if it has none.
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


def instance_of(folder: Path) -> str | None:
    """The process id of the suite that runs on a data folder; None if none does."""
    try:
        with (folder / LOCK).open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return lock.read().strip()
    except FileNotFoundError:
        return None
    return None


def read_state(folder: Path) -> Running:
    """Where the suite that runs on a data folder is.

    Raises:
        CommandError: none runs there, or it is still starting.
    """
    if instance_of(folder) is None:
        raise CommandError(
            f"No suite runs on {folder}. Start it with `carnet up`, or name the servers of another one in "
            "CARNET_MONGO_URL and CARNET_KAFKA_BOOTSTRAP."
        )
    if (state := stored_state(folder)) is None:
        raise CommandError("The suite is still starting: try again in a few seconds.")
    return state


def stored_state(folder: Path) -> Running | None:
    """The file in the folder, of a suite that runs or was killed; None if another version wrote it."""
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_text())
        servers, processes = ([RunningProcess(**each) for each in state.pop(key)] for key in ("servers", "processes"))
        return Running(**state, servers=tuple(servers), processes=tuple(processes))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # none, or that of another version
