"""The servers that the suite needs, real and embedded: MongoDB, Apache Kafka and SMTP.

:func:`embedded` runs them below one data folder for as long as its block lasts.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from carnet_operations.home import carnet_home
from carnet_suite.servers.errors import DataInUseError
from carnet_suite.servers.kafka import KafkaServer
from carnet_suite.servers.mongodb import MongoServer
from carnet_suite.servers.ports import HOST, Ports
from carnet_suite.servers.smtp import InboxServer

__all__ = ["Handle", "Ports", "Servers", "embedded", "environment"]


class Handle(Protocol):
    """A server that may be broken on purpose."""

    @property
    def running(self) -> bool:
        """Whether its process lives."""

    def kill(self) -> None:
        """End it at once, as a crash would."""

    def start(self) -> None:
        """Start it on the same data and port; returns when it answers."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are.

    `inbox` is the folder of the mails, read by `carnet_suite.inbox.read_inbox`. The handles are
    None for servers that others run: those are not ours to break.
    """

    mongo_url: str
    kafka_bootstrap: str
    smtp_host: str
    smtp_port: int
    inbox: Path
    mongo: Handle | None = None
    kafka: Handle | None = None


@contextlib.contextmanager
def embedded(
    data: Path, ports: Ports | None = None, home: Path | None = None, *, mongo_configuration: Path | None = None
) -> Iterator[Servers]:
    """Run the three servers on `data` while the block lasts; all answer when it begins.

    The data stays, and serves the next time, on whatever ports. However the block ends, and
    however this process does, none of them is left behind.

    Args:
        data: Their folder; made if it is not there.
        ports: Where they listen; any free ports by default.
        home: Where Kafka's jars are kept; `$CARNET_HOME` or `.carnet` by default.
        mongo_configuration: A file of mongod's own format, for what tests want beside our options.

    Raises:
        ServerError: one of them cannot run; the message says what to do.
    """
    data = data.resolve()
    chosen = (ports or Ports()).chosen()
    mongo = MongoServer(data / "mongo", chosen.mongo, mongo_configuration)
    kafka = KafkaServer(data / "kafka", home or carnet_home(), chosen.kafka, chosen.kafka_controller)
    inbox = InboxServer(data / "inbox", chosen.smtp)
    with _sole_user(data), contextlib.ExitStack() as running:
        # All are launched before any is waited for, since most of a start is waiting.
        for server in (inbox, mongo, kafka):
            running.callback(server.stop)
            server.launch()
        for server in (inbox, mongo, kafka):
            server.await_ready()
        yield Servers(
            mongo_url=mongo.url,
            kafka_bootstrap=kafka.bootstrap,
            smtp_host=HOST,
            smtp_port=inbox.port,
            inbox=inbox.folder,
            mongo=mongo,
            kafka=kafka,
        )


@contextlib.contextmanager
def _sole_user(data: Path) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    with (data / "servers.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise DataInUseError(data, lock.read().strip()) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def environment(servers: Servers) -> dict[str, str]:
    """The variables that make the tests use these servers."""
    return {"CARNET_TEST_MONGO_URL": servers.mongo_url, "CARNET_TEST_KAFKA": servers.kafka_bootstrap}
