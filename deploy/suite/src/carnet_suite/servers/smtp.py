"""The mail server of carnet_suite.inbox as a child process."""

import socket
import sys
from pathlib import Path

from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST, require_free
from carnet_suite.servers.server import Server

START_S = 240.0


class InboxServer(Server):
    """An SMTP server that keeps the mails in a folder and its log beside it."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__()
        self.folder = folder
        self.port = port

    def spawn(self) -> Child:
        """Start the mail server."""
        require_free("The mail server", self.port)
        command = [sys.executable, "-m", "carnet_suite.inbox"]
        options = ["--port", str(self.port), "--folder", str(self.folder)]
        return Child("The mail server", [*command, *options], self.folder.with_suffix(".log"), grace=5)

    def await_ready(self) -> None:
        """Return once it greets."""
        self.child.await_ready(lambda: _greets(self.port), START_S)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False
