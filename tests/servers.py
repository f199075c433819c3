"""Where the servers of the tests come from: the same tests run on any of them."""

import asyncio
import contextlib
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from pymongo.database import Database as SyncDatabase

from carnet.generation import enter
from carnet.mongo import Collection, Database
from carnet_suite.servers import Servers, embedded
from carnet_suite.servers.errors import ServerError
from carnet_suite.servers.kafka import SETTINGS, has_coordinator
from carnet_suite.servers.kafka_jars import VERSION as KAFKA_VERSION
from carnet_suite.servers.mongodb import REPLICA_SET, TRANSACTION_LIFETIME_S, await_primary
from carnet_suite.servers.ports import HOST, Ports
from carnet_suite.servers.smtp import InboxServer
from tests import plans
from tests.waits import BOUND

MONGO_URL = "CARNET_TEST_MONGO_URL"
KAFKA = "CARNET_TEST_KAFKA"


@contextlib.contextmanager
def provided() -> Iterator[Servers]:
    """Servers whose addresses are in the environment; else in Docker, if it answers; else embedded."""
    given = [name for name in (MONGO_URL, KAFKA) if os.environ.get(name)]
    if len(given) == 1:
        raise ServerError(f"{given[0]} is set alone: give both {MONGO_URL} and {KAFKA}, or neither.")
    with contextlib.ExitStack() as stack:
        if given:
            folder = _folder(stack)
            mail = stack.enter_context(_inbox(folder))
            yield _with_mail(os.environ[MONGO_URL], os.environ[KAFKA], mail)
        else:
            yield stack.enter_context(own())


@contextlib.contextmanager
def own() -> Iterator[Servers]:
    """Servers that nobody else uses, which a test may break: in Docker, if it answers; else embedded."""
    with contextlib.ExitStack() as stack:
        folder = _folder(stack)
        yield stack.enter_context(_in_containers(folder) if docker_answers() else _embedded(folder))


@contextlib.contextmanager
def _embedded(folder: Path) -> Iterator[Servers]:
    """Embedded servers whose queries are looked at in the end: raises ``AssertionError`` for those without an index."""
    with embedded(folder, mongo_configuration=plans.configuration(folder)) as running:
        yield running
    found = plans.unindexed(folder / "mongo.log")
    assert not found, "queries that read a whole collection, without an index:\n" + "\n".join(found)


def open_database(servers: Servers, name: str) -> Database:
    """A database of a service as tests look into it, on connections of their own name."""
    return Database.open(servers.mongo_url, name, appname=plans.OF_TESTS)


async def prepare_once(database: Database, collections: Iterable[Collection[Any]]) -> None:
    """Prepare a database unless a test before has: its collections and indexes stay when it is emptied."""
    wanted = tuple(collections)
    prepared = (database.name, tuple(each.name for each in wanted))
    if prepared in _PREPARED:
        database.generation = await enter(database)
    else:
        await database.prepare(wanted)
        _PREPARED.add(prepared)


_PREPARED: set[tuple[str, tuple[str, ...]]] = set()


def docker_answers() -> bool:
    try:
        asked = subprocess.run(
            ["docker", "info", "--format", "{{.ServerVersion}}"], capture_output=True, timeout=2, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _folder(stack: contextlib.ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carnet-test-")))


@contextlib.contextmanager
def _inbox(folder: Path) -> Iterator[InboxServer]:
    server = InboxServer(folder / "inbox", Ports().chosen().smtp)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _with_mail(mongo_url: str, kafka_bootstrap: str, mail: InboxServer) -> Servers:
    return Servers(
        mongo_url=mongo_url,
        kafka_bootstrap=kafka_bootstrap,
        smtp_host=HOST,
        smtp_port=mail.port,
        inbox=mail.folder,
    )


class Container:
    """A server in a container: the handle that Servers promises."""

    def __init__(self, container: Any, await_answer: Callable[[], None]) -> None:
        self._container = container
        self._await_answer = await_answer

    @property
    def running(self) -> bool:
        self._container.reload()
        return bool(self._container.status == "running")

    def kill(self) -> None:
        wrapped = self._container.get_wrapped_container()
        wrapped.kill()
        wrapped.wait()

    def start(self) -> None:
        self._container.get_wrapped_container().start()
        self._await_answer()


@contextlib.contextmanager
def _in_containers(folder: Path) -> Iterator[Servers]:
    # The ports are the same inside and outside: a replica set and a broker give clients their own addresses, and a
    # container that is started again must keep them.
    ports = Ports().chosen()
    with contextlib.ExitStack() as stack:
        mail = stack.enter_context(_inbox(folder))
        mongo = stack.enter_context(_mongo_container(ports.mongo))
        kafka = stack.enter_context(_kafka_container(ports.kafka, ports.kafka_controller))
        mongo_address = f"{mongo.get_docker_client().host()}:{ports.mongo}"
        kafka_host = kafka.get_docker_client().host()
        await_primary(mongo_address)
        _await_kafka(kafka_host, ports.kafka)
        yield replace(
            _with_mail(f"mongodb://{mongo_address}/?replicaSet={REPLICA_SET}", f"{kafka_host}:{ports.kafka}", mail),
            mongo=Container(mongo, lambda: await_primary(mongo_address)),
            kafka=Container(kafka, lambda: _await_kafka(kafka_host, ports.kafka)),
        )


def _mongo_container(port: int) -> Any:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 # needs Docker's settings when imported

    return (
        DockerContainer("mongo:8")
        .with_bind_ports(port, port)
        .with_command(
            f"mongod --replSet {REPLICA_SET} --bind_ip_all --port {port}"
            f" --setParameter transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}"
        )
    )


def _kafka_container(port: int, controller_port: int) -> Any:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 # needs Docker's settings when imported

    container = DockerContainer(f"apache/kafka:{KAFKA_VERSION}").with_bind_ports(port, port)
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{container.get_docker_client().host()}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@localhost:{controller_port}",
        **SETTINGS,
    }
    for name, value in settings.items():
        container.with_env("KAFKA_" + name.replace(".", "_").upper(), str(value))
    return container


def _await_kafka(host: str, port: int) -> None:
    deadline = time.monotonic() + BOUND
    while not has_coordinator(host, port):
        if time.monotonic() > deadline:
            raise ServerError(f"Kafka at {host}:{port} does not answer after {BOUND:g} s.")
        time.sleep(0.1)


class Names:
    """Names to prefix databases and topics with.

    Making the collections and indexes of a service takes most of the time of a small test. So where a
    test has made no topics, its collections are emptied, and the name is given to the next test.
    """

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._emptied: list[str] = []

    def __enter__(self) -> Self:
        self._mongo = MongoClient[dict[str, Any]](self._servers.mongo_url)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._emptied:
            _drop_databases(self._mongo, name)
        self._mongo.close()

    def take(self) -> str:
        """A name under which there are no topics, and at most empty collections."""
        return self._emptied.pop() if self._emptied else f"t{secrets.token_hex(4)}"

    async def give_back(self, name: str) -> None:
        """The process that took it has ended."""
        if await _drop_topics(self._servers.kafka_bootstrap, name):
            await asyncio.to_thread(_drop_databases, self._mongo, name)
            return
        await asyncio.to_thread(_empty_databases, self._mongo, name)
        self._emptied.append(name)


async def sweep(servers: Servers, namespace: str) -> None:
    """Drop the databases and topics whose names begin with the namespace."""
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        await asyncio.to_thread(_drop_databases, client, namespace)
    await _drop_topics(servers.kafka_bootstrap, namespace)


async def _drop_topics(bootstrap: str, namespace: str) -> bool:
    """Whether there were some."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = [name for name in await admin.list_topics() if name.startswith(namespace)]
        if topics:
            await admin.delete_topics(topics)
    finally:
        await admin.close()
    return bool(topics)


def _databases(client: MongoClient[dict[str, Any]], namespace: str) -> list[str]:
    return [name for name in client.list_database_names() if name.startswith(namespace)]


def _drop_databases(client: MongoClient[dict[str, Any]], namespace: str) -> None:
    for name in _databases(client, namespace):
        client.drop_database(name)


def _empty_databases(client: MongoClient[dict[str, Any]], namespace: str) -> None:
    for name in _databases(client, namespace):
        for collection in _filled(client[name]):
            client[name][collection].delete_many({})


def _filled(database: SyncDatabase[dict[str, Any]]) -> list[str]:
    """The collections with documents, by one command: most have none, and asking each takes ten times as long."""
    counted: dict[str, Any] = {"$collStats": {"count": {}}}
    names = database.list_collection_names()
    if not names:
        return []
    others = ({"$unionWith": {"coll": name, "pipeline": [counted]}} for name in names[1:])
    found = database[names[0]].aggregate([counted, *others, {"$match": {"count": {"$gt": 0}}}])
    return [each["ns"].partition(".")[2] for each in found]
