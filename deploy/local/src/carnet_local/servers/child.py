"""Child processes that never outlive this one, and whose end is always noticed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from carnet_local.servers.errors import ServerDied, ServerSlow

_LEASH = Path(__file__).with_name("leash.py")
_TAIL_BYTES = 8_192


class Child:
    """A running command on a leash (see leash.py), in a process group of its own.

    A Ctrl-C in the terminal does not reach it; whoever holds this object stops it, in the order
    that suits. If this process dies, however it does, the command is ended too.

    :param name: how messages call it.
    :param log: the file that its output is appended to.
    :param grace: seconds between SIGTERM and SIGKILL.
    :raises ServerDied: the command could not even be started.
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
            self._leash = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LEASH), str(grace), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
                env=env,
                cwd=cwd,
            )
        self.pid = self._told_pid()

    def _told_pid(self) -> int:
        assert self._leash.stdout is not None
        with self._leash.stdout as told:
            line = told.readline()
        if not line:
            self._leash.wait()
            raise self.death()
        return int(line)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 + the signal's number if a signal ended it."""
        return self._leash.poll()

    @property
    def running(self) -> bool:
        return self.exit_code is None

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after the grace; returns when it is gone. May be called twice."""
        if self._leash.stdin is not None:
            self._leash.stdin.close()
        try:
            self._leash.wait(self._grace + 5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the command and whatever it started; returns when it is gone."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._leash.wait()
        if self._leash.stdin is not None:
            self._leash.stdin.close()

    def await_ready(self, answers: Callable[[], bool], seconds: float) -> None:
        """Return once `answers` says so.

        :raises ServerDied: it ended before.
        :raises ServerSlow: it did not answer within that many seconds.
        """
        deadline = time.monotonic() + seconds
        while self.running:
            if answers():
                return
            if time.monotonic() > deadline:
                raise ServerSlow(self.name, seconds, self.log, self.log_tail())
            time.sleep(0.05)
        raise self.death()

    def death(self) -> ServerDied:
        return ServerDied(self.name, self.exit_code, self.log, self.log_tail())

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of the log, for a message."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])
