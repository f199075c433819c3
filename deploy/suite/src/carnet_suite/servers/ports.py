"""The TCP ports of the embedded servers."""

import contextlib
import socket
from dataclasses import dataclass, fields

from carnet_suite.servers.errors import PortBusyError

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen, on 127.0.0.1 only; 0 means any free port."""

    mongo: int = 0
    kafka: int = 0
    kafka_controller: int = 0
    smtp: int = 0

    def chosen(self) -> "Ports":
        """The same with a free port, each another, in place of every 0."""
        with contextlib.ExitStack() as held:
            return Ports(**{field.name: getattr(self, field.name) or _free_port(held) for field in fields(self)})


def _free_port(held: contextlib.ExitStack) -> int:
    # Held until all are chosen, so that no two are the same.
    probe = held.enter_context(socket.socket())
    probe.bind((HOST, 0))
    port: int = probe.getsockname()[1]
    return port


def require_free(server: str, port: int) -> None:
    """Refuse a port on which something listens.

    Raises:
        PortBusyError: something does.
    """
    with socket.socket() as probe:
        # As the servers do: connections that linger after a restart do not count as busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortBusyError(server, port) from error


def is_open(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
