"""A process that has imported what processes of services need, and forks one whenever it is asked: a script.

It is the leash of what it forks (see carnet_suite/leash.py): each has a process group of its own, gets SIGTERM
and after its grace SIGKILL when the process that asked lets go of it, or is gone, and dies with this process. What a
forked process then does is what ``python -m MODULE`` does in a new one: nothing of it has run before the fork but
imports.

Standard input is the socket for requests, each one message: JSON (see ``Request``) with two descriptors, the log
and the end of a connection. On the connection the pid and the exit code are written, each a line; it closes on the
other side to let go.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field

from carnet_suite.leash import die_with_parent, raise_open_files, signal_group

IMPORTED = (
    "carnet.api_process",
    "carnet.worker_process",
    "carnet.http",
    "carnet.http.exports",
    "carnet.http.papers",
    "carnet.mongo",
)
"""What processes of all services import. What only one service does, each imports itself, as a new process would."""

LARGEST_REQUEST = 1 << 20


@dataclass(frozen=True)
class Request:
    """A process to fork. Its environment is whole; ``grace`` is in seconds."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    grace: float


@dataclass
class Forked:
    """A process that runs, and the connection to the process that asked for it."""

    pid: int
    ended: int
    """A descriptor that can be read once the process has ended."""
    connection: socket.socket
    grace: float
    kill_at: float | None = None
    """When it is killed, by the monotonic clock; None unless it was let go."""


@dataclass
class ForkServer:
    """The loop. It has no thread and no handler of a signal, so that what it forks has none."""

    requests: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    running: list[Forked] = field(default_factory=list)

    def serve(self) -> Request | None:
        """Return in each process that was forked with its request; here with none, once nobody can ask any more."""
        self.selector.register(self.requests, selectors.EVENT_READ, None)
        asked = True
        while asked or self.running:
            for key, _ in self.selector.select(self._patience()):
                if key.data is None:
                    message, descriptors, *_ = socket.recv_fds(self.requests, LARGEST_REQUEST, 2)
                    if message:
                        request = Request(**json.loads(message))
                        if self._fork(request, *descriptors):
                            return request
                    else:
                        self.selector.unregister(self.requests)
                        asked = False
                elif key.fd == key.data.ended:
                    self._reap(key.data)
                else:
                    self._let_go(key.data)
            self._kill_late()
        return None

    def _fork(self, request: Request, log: int, connection: int) -> bool:
        """Whether this is the new process."""
        pid = os.fork()
        if pid == 0:
            os.close(connection)
            self._close()
            _become(request, log)
            return True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
        os.close(log)
        forked = Forked(pid, os.pidfd_open(pid), socket.socket(fileno=connection), request.grace)
        self.running.append(forked)
        self.selector.register(forked.ended, selectors.EVENT_READ, forked)
        self.selector.register(forked.connection, selectors.EVENT_READ, forked)
        _write(forked, pid)
        return False

    def _close(self) -> None:
        """Close in a new process what only the server uses."""
        self.selector.close()
        self.requests.detach()
        for each in self.running:
            os.close(each.ended)
            each.connection.close()

    def _let_go(self, forked: Forked) -> None:
        self.selector.unregister(forked.connection)
        signal_group(forked.pid, signal.SIGTERM)
        forked.kill_at = time.monotonic() + forked.grace

    def _kill_late(self) -> None:
        for forked in self.running:
            if forked.kill_at is not None and forked.kill_at <= time.monotonic():
                signal_group(forked.pid, signal.SIGKILL)

    def _patience(self) -> float | None:
        ends = [each.kill_at for each in self.running if each.kill_at is not None]
        return max(0.05, min(ends) - time.monotonic()) if ends else None

    def _reap(self, forked: Forked) -> None:
        _, status = os.waitpid(forked.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        signal_group(forked.pid, signal.SIGKILL)
        self.selector.unregister(forked.ended)
        if forked.kill_at is None:
            self.selector.unregister(forked.connection)
        os.close(forked.ended)
        _write(forked, code if code >= 0 else 128 - code)
        forked.connection.close()
        self.running.remove(forked)


def _write(forked: Forked, number: int) -> None:
    with contextlib.suppress(OSError):  # the process that asked may be gone
        forked.connection.sendall(f"{number}\n".encode())


def _become(request: Request, log: int) -> None:
    """Make of a forked process what ``python -m`` would have started."""
    os.setpgid(0, 0)
    die_with_parent()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, standard)
    os.close(nothing)
    os.close(log)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.chdir(request.folder)
    sys.path[0] = request.folder
    sys.argv = [request.module, *request.arguments]


def _import_what_all_need() -> list[str]:
    """The names of the modules that are kept out of a process of a service."""
    run = importlib.import_module("carnet.run")
    run.leave_out_others()
    run.build_late()
    del sys.modules["carnet.run"]  # it is run as the main module
    for name in IMPORTED:
        importlib.import_module(name)
    return [name for name, module in sys.modules.items() if module is None]


def main() -> None:
    """Serve until nobody can ask any more; in each forked process, run what was asked for."""
    raise_open_files()
    kept_out = _import_what_all_need()
    # What was imported stays, and is shared by all as long as no collection of garbage writes on it.
    gc.collect()
    gc.freeze()
    request = ForkServer(socket.socket(fileno=0)).serve()
    if request is None:
        return
    if request.module != "carnet.run":
        for name in kept_out:
            del sys.modules[name]
    runpy.run_module(request.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
