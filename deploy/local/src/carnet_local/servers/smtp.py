"""The mail server of carnet_local.inbox as a child process."""

import socket
import sys
from pathlib import Path

from carnet_local.servers.child import Child
from carnet_local.servers.ports import HOST, require_free

START_S = 20.0


class InboxServer:
    """An SMTP server that keeps the mails in a folder."""

    def __init__(self, folder: Path, log: Path, port: int) -> None:
        self.folder = folder
        self.log = log
        self.port = port
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def launch(self) -> None:
        """Start the process, without waiting for it to answer.

        :raises PortBusy: something else listens on the port.
        """
        require_free("The mail server", self.port)
        command = [sys.executable, "-m", "carnet_local.inbox"]
        options = ["--port", str(self.port), "--folder", str(self.folder)]
        self._child = Child("The mail server", [*command, *options], self.log, grace=5)

    def await_ready(self) -> None:
        """Return once it greets.

        :raises ServerDied: the process ended, with the last lines of its log.
        """
        assert self._child is not None, "launch() first"
        self._child.await_ready(lambda: _greets(self.port), START_S)

    def start(self) -> None:
        """launch() and await_ready(); stops again when that fails."""
        try:
            self.launch()
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._child:
            self._child.stop()


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False
