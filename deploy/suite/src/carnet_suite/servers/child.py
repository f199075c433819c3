"""Child processes that never outlive this one, and whose end is always noticed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from carnet_suite.servers.errors import ServerDiedError, ServerSlowError

_LEASH = Path(__file__).parents[1] / "leash.py"
_TAIL_BYTES = 8_192


class Closable(Protocol):
    """What can be closed."""

    def close(self) -> object:
        """Close it; may be called twice."""


class Leash(Protocol):
    """What holds a command: a process, or whatever behaves as one. Closing its standard input lets the command go."""

    @property
    def stdin(self) -> Closable | None:
        """Its standard input."""

    def poll(self) -> int | None:
        """The exit code of the command, once it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """The same, when it ends; raises ``subprocess.TimeoutExpired`` after so many seconds."""


class Child:
    """A running command on a leash (see leash.py), in a process group of its own.

    A Ctrl-C in the terminal does not reach it; the holder of this object stops it, in the order
    that suits. If this process dies, however it does, the command is ended too.

    Args:
        name: How messages call it.
        command: The program and its arguments.
        log: The file that its output is appended to.
        env: Its whole environment; that of this process by default.
        cwd: Its working directory; that of this process by default.
        grace: Seconds between SIGTERM and SIGKILL.

    Raises:
        ServerDiedError: the command could not even be started.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        grace: float = 10.0,
    ) -> None:
        self.name = name
        self.log = log
        self._grace = grace
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._leash, line = self._launch(command, output, env, cwd)
        if not line:
            self.stop()
            raise self.death()
        self.pid = int(line)

    def _launch(
        self, command: Sequence[str], output: BinaryIO, env: Mapping[str, str] | None, cwd: Path | None
    ) -> tuple[Leash, str]:
        """A leash with the command, and the pid of the command; nothing instead if it could not be started."""
        pid_out, pid_in = os.pipe()
        with os.fdopen(pid_out) as answers, os.fdopen(pid_in, "w") as orders:
            leash = subprocess.Popen(  # noqa: S603 # the caller chooses the command
                [sys.executable, "-I", "-S", str(_LEASH), str(self._grace), *command],
                stdin=subprocess.PIPE,
                stdout=orders,
                stderr=output,
                start_new_session=True,
                env=env,
                cwd=cwd,
            )
            orders.close()
            return leash, answers.readline()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 + the signal's number if a signal ended it."""
        return self._leash.poll()

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.exit_code is None

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after the grace; returns when it is gone. May be called twice."""
        self._let_go()
        try:
            self._leash.wait(self._grace + 5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the command and whatever it started; returns when it is gone."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._leash.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._leash.stdin is not None:
            self._leash.stdin.close()

    def await_ready(self, answers: Callable[[], bool], seconds: float) -> None:
        """Return once `answers` says so.

        Raises:
            ServerDiedError: it ended before.
            ServerSlowError: it did not answer within that many seconds.
        """
        deadline = time.monotonic() + seconds
        while self.running:
            if answers():
                return
            if time.monotonic() > deadline:
                raise ServerSlowError(self.name, seconds, self.log, self.log_tail())
            time.sleep(0.05)
        raise self.death()

    def death(self) -> ServerDiedError:
        """What to raise when it ended by itself."""
        return ServerDiedError(self.name, self.exit_code, self.log, self.log_tail())

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of the log, for a message."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])
