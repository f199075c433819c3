"""The ports of the suite: a block that starts at one number, or whatever is free."""

import contextlib
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carnet_operations.services import SERVICES
from carnet_suite.servers.errors import PortBusyError
from carnet_suite.servers.ports import HOST, Ports, require_free
from carnet_suite.supervisor.errors import BusyPortError
from carnet_suite.topology import Process

DEFAULT_BASE = 8400
HIGHEST_BASE = 65_400

_SERVERS, _APIS, _WORKERS, _MORE_WORKERS, _SANDBOX, _BACKOFFICE, _SIGN_IN = 50, 1, 11, 20, 40, 41, 42
"""Where in the block each kind begins; the front address is its first port."""


@dataclass(frozen=True, slots=True)
class SuitePorts:
    """Every port of the suite. `processes` is by the name of the process; a worker's is its metrics port."""

    front: int
    sandbox: int
    backoffice: int
    sign_in: int
    processes: Mapping[str, int]
    servers: Ports


def from_base(base: int, planned: Sequence[Process]) -> SuitePorts:
    """The block of ports that starts with the front address at `base`: the same at every start."""
    mongo = base + _SERVERS
    servers = Ports(mongo=mongo, kafka=mongo + 1, kafka_controller=mongo + 2, smtp=mongo + 3)
    return SuitePorts(
        front=base,
        sandbox=base + _SANDBOX,
        backoffice=base + _BACKOFFICE,
        sign_in=base + _SIGN_IN,
        processes={process.name: base + _offset(process) for process in planned},
        servers=servers,
    )


def _offset(process: Process) -> int:
    place = SERVICES.index(process.service)
    if process.role == "api":
        return _APIS + place
    return _WORKERS + place if process.number == 1 else _MORE_WORKERS + process.number


def free(planned: Sequence[Process]) -> SuitePorts:
    """Any free ports."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(len(planned) + 8)]
        for probe in probes:
            probe.bind((HOST, 0))
        numbers = iter([probe.getsockname()[1] for probe in probes])
    return SuitePorts(
        front=next(numbers),
        sandbox=next(numbers),
        backoffice=next(numbers),
        sign_in=next(numbers),
        processes={process.name: next(numbers) for process in planned},
        servers=Ports(mongo=next(numbers), kafka=next(numbers), kafka_controller=next(numbers), smtp=next(numbers)),
    )


def require_all_free(ports: SuitePorts, *, with_servers: bool) -> None:
    """Refuse ports on which something listens.

    Raises:
        BusyPortError: for the first of them.
    """
    wanted = {
        "the front address": ports.front,
        "the back office": ports.backoffice,
        "the provider to sign in at": ports.sign_in,
        "the sandbox": ports.sandbox,
        **ports.processes,
    }
    if with_servers:
        servers = ports.servers
        wanted |= {"MongoDB": servers.mongo, "Kafka": servers.kafka}
        wanted |= {"Kafka's controller": servers.kafka_controller, "the mail server": servers.smtp}
    for what, port in wanted.items():
        try:
            require_free(what, port)
        except PortBusyError as error:
            raise BusyPortError(what, port) from error
