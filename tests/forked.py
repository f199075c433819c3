"""Processes of Python that start in a tenth of the time: forked from one that has imported what they need.

A process of a service imports for about a second, and tests start hundreds. What a forked one does is otherwise what a
new one does (see tests/fork_server.py): the same module with the same arguments and environment, its settings, event
loop, threads and connections made by itself.
"""

import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from carnet_suite.servers.child import Child, Leash

PATIENT = {"CARNET_PEERS_TIMEOUT": "120", "CARNET_API_TIMEOUT": "60"}
"""How long processes of tests wait for one another, unless a test says otherwise: as long as a busy machine needs."""
CAN_FORK = sys.platform == "linux"
"""Elsewhere a process that has imported much cannot be relied on after a fork."""


def forked(
    name: str,
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    grace: float = 10.0,
) -> Child:
    """Start a process as ``Child`` does; one of ``python -m MODULE`` is forked, where that can be."""
    can_be_forked = CAN_FORK and list(command[:2]) == [sys.executable, "-m"]
    return (_Forked if can_be_forked else Child)(name, command, log, env=env, cwd=cwd, grace=grace)


class _Forked(Child):
    def _launch(
        self, command: Sequence[str], output: BinaryIO, env: Mapping[str, str] | None, cwd: Path | None
    ) -> tuple[Leash, str]:
        request = {
            "module": command[2],
            "arguments": list(command[3:]),
            "environment": PATIENT | dict(os.environ if env is None else env),
            "folder": str(cwd or Path.cwd()),
            "grace": self._grace,
        }
        connection = _server().ask(json.dumps(request).encode(), output)
        leash = _Connection(connection)
        return leash, leash.line()


class _Server:
    """The process that forks, started with the first request of this process; it ends when this process does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server"],
                stdin=theirs,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    def ask(self, request: bytes, log: BinaryIO) -> socket.socket:
        """The connection to a new process."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            socket.send_fds(self._requests, [request], [log.fileno(), theirs.fileno()])
        return ours


@functools.cache
def _server() -> _Server:
    return _Server()


class _Connection:
    """What ``Child`` asks of a leash, answered by the process that forks."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("r")
        self._code: int | None = None
        self._lock = threading.Lock()
        self.stdin = self

    def line(self) -> str:
        """The next answer; empty if there is none any more."""
        return self._answers.readline()

    def close(self) -> None:
        """Let go of the process."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once there is one; raises ``TimeoutExpired`` as a process does."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self._ended(0.5 if deadline is None else max(0, min(0.5, deadline - time.monotonic())))) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return code

    def _ended(self, seconds: float) -> int | None:
        if self._code is None and self._readable(seconds):
            with self._lock:
                if self._code is None and self._readable(0):
                    # Nothing comes where the process that forks was killed, and its processes with it.
                    self._code = int(self.line() or 128 + signal.SIGKILL)
        return self._code

    def _readable(self, seconds: float) -> bool:
        asked = select.poll()  # which takes descriptors of any number
        asked.register(self._connection, select.POLLIN)
        return bool(asked.poll(seconds * 1000))
