"""A suite that runs: it ends with a clear word when it cannot go on, and makes tokens."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from carnet.auth import Tokens
from carnet.ids import new_id
from carnet.settings import Issuer
from carnet_operations.keys import AUDIENCE, ISSUER, key_files
from carnet_suite.containers import CONTAINERS
from carnet_suite.servers import Servers
from carnet_suite.servers.ports import HOST
from carnet_suite.supervisor import Suite, SuiteError
from carnet_suite.supervisor.crew import Crew
from carnet_suite.supervisor.errors import ServerGoneError


@dataclass
class Server:
    running: bool = True

    def kill(self) -> None:
        self.running = False

    def start(self) -> None:
        self.running = True


@dataclass
class Standing:
    suite: Suite
    crew: Crew
    mongo: Server
    kafka: Server
    mail: socket.socket


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    with socket.socket() as mail:
        mail.bind((HOST, 0))
        mail.listen()
        mongo, kafka = Server(), Server()
        servers = Servers("mongodb://x", "x:1", HOST, mail.getsockname()[1], tmp_path / "inbox", mongo, kafka)
        crew = Crew([], lambda _: None, lambda: None)
        keys = key_files(tmp_path / "keys")
        suite = Suite(
            front="http://127.0.0.1:8400",
            servers=servers,
            namespace="",
            inbox=servers.inbox,
            folder=tmp_path,
            places=CONTAINERS,
            backoffice=None,
            _keys=keys,
            _crew=crew,
        )
        yield Standing(suite, crew, mongo, kafka, mail)


def test_it_waits_until_it_is_stopped(standing: Standing) -> None:
    asked = threading.Event()
    threading.Timer(0.7, asked.set).start()
    standing.suite.wait(asked)
    assert asked.is_set()


@pytest.mark.parametrize(("name", "log"), [("MongoDB", "mongo.log"), ("Kafka", "kafka.log"), ("mail", "inbox.log")])
def test_a_server_that_is_gone_ends_it_with_its_name_and_its_log(standing: Standing, name: str, log: str) -> None:
    if name == "mail":
        standing.mail.close()
    else:
        {"MongoDB": standing.mongo, "Kafka": standing.kafka}[name].kill()
    with pytest.raises(ServerGoneError, match=rf"{name}.*ended by itself.*data/{log}"):
        standing.suite.wait(threading.Event())


def test_a_process_that_is_given_up_ends_it(standing: Standing) -> None:
    standing.crew.failure = SuiteError("payments-worker died 5 times")
    with pytest.raises(SuiteError, match="payments-worker died 5 times"):
        standing.suite.wait(threading.Event())


async def test_its_tokens_are_for_the_organisation_that_is_named(standing: Standing, tmp_path: Path) -> None:
    organisation, account = new_id(), new_id()
    token = standing.suite.token(organisation, ["credits:read"], kind="client", account=account)
    verifier = Tokens((Issuer(issuer=ISSUER, audience=AUDIENCE, key_file=tmp_path / "keys" / "issuer.pub.pem"),))
    principal = await verifier.verify(token)
    assert (principal.organisation, principal.account, principal.scopes) == (organisation, account, {"credits:read"})


def test_each_service_is_below_the_front_address(standing: Standing) -> None:
    assert standing.suite.url("contracts") == "http://127.0.0.1:8400/contracts"
