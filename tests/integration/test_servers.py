"""The servers are the real ones: transactions, idempotent producers, mails, data that stays."""

import asyncio
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from carnet_operations.home import carnet_home
from carnet_suite.inbox import LARGEST_MAIL, newest, read_inbox
from carnet_suite.servers import Servers, embedded
from carnet_suite.servers.errors import DataInUseError, PortBusyError, ServerDiedError
from carnet_suite.servers.kafka import KafkaServer, classes_file
from carnet_suite.servers.kafka_classes import keep_classes
from carnet_suite.servers.mongodb import MongoServer, step_down
from carnet_suite.servers.ports import HOST, Ports
from tests.waits import BOUND, until

Documents = MongoClient[dict[str, Any]]


def transfer(url: str, database: str, *, fail: bool = False) -> None:
    """Two writes in one transaction."""
    with Documents(url) as client, client.start_session() as session, session.start_transaction():
        accounts = client[database]["accounts"]
        accounts.insert_one({"_id": "from", "amount": -300}, session=session)
        accounts.insert_one({"_id": "to", "amount": 300}, session=session)
        if fail:
            raise InterruptedError


def amounts(url: str, database: str) -> list[int]:
    with Documents(url) as client:
        return sorted(each["amount"] for each in client[database]["accounts"].find())


async def create_topic(bootstrap: str, topic: str, partitions: int = 3) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1)])
    finally:
        await admin.close()


async def publish(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value, key=b"k")


async def consume(bootstrap: str, topic: str, group: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest")
    async with consumer:
        return [(await asyncio.wait_for(consumer.getone(), BOUND)).value for _ in range(count)]


def send(servers: Servers, recipient: str, subject: str, text: str = "Bonjour", html: str = "<p>Bonjour</p>") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "school@example.org", recipient, subject
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    with smtplib.SMTP(servers.smtp_host, servers.smtp_port, timeout=BOUND) as smtp:
        smtp.send_message(mail)


def test_transactions_are_all_or_nothing(servers: Servers, namespace: str) -> None:
    with pytest.raises(InterruptedError):
        transfer(servers.mongo_url, namespace, fail=True)
    assert amounts(servers.mongo_url, namespace) == []

    transfer(servers.mongo_url, namespace)
    assert amounts(servers.mongo_url, namespace) == [-300, 300]


async def test_a_record_goes_through_kafka(servers: Servers, namespace: str) -> None:
    topic = f"{namespace}.records"
    await create_topic(servers.kafka_bootstrap, topic)
    await publish(servers.kafka_bootstrap, topic, b"hello")
    assert await consume(servers.kafka_bootstrap, topic, f"{namespace}-group", 1) == [b"hello"]


async def test_topics_are_not_made_by_accident(
    servers: Servers, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = f"{namespace}.never-declared"
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap) as producer:
        # For how long it asks the broker again for the partitions of a topic, in place of 40 s.
        monkeypatch.setattr(producer.client, "_request_timeout_ms", 1_000)
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait(topic, b"x")
        assert topic not in (await producer.client.fetch_all_metadata()).topics()


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has mapped is read from /proc")
def test_the_broker_starts_from_the_classes_that_are_kept(breakable_servers: Servers) -> None:
    if not isinstance(breakable_servers.kafka, KafkaServer):
        pytest.skip("the broker runs in a container")
    home = carnet_home()
    assert keep_classes(home), "this Java keeps no classes"
    breakable_servers.kafka.kill()
    breakable_servers.kafka.start()  # once more, if they were not kept when it first started
    mapped = Path(f"/proc/{breakable_servers.kafka.pid}/maps").read_text()
    assert str(classes_file(home)) in mapped


def test_a_mail_is_kept_with_both_its_parts(servers: Servers, namespace: str) -> None:
    recipient, before = f"{namespace}@example.org", newest(servers.inbox)
    send(servers, recipient, "Échéancier modifié", text="Montant : 300 €", html="<b>300 €</b>")
    send(servers, recipient, "Second")

    first, second = [mail for mail in read_inbox(servers.inbox, after=before) if mail.recipient == recipient]
    assert (first.subject, second.subject) == ("Échéancier modifié", "Second")
    assert first.sender == "school@example.org"
    assert first.headers["return-path"] == "<school@example.org>"
    assert first.text is not None
    assert first.html is not None
    assert first.text.strip() == "Montant : 300 €"
    assert first.html.strip() == "<b>300 €</b>"


@pytest.mark.parametrize(
    ("recipient", "text", "code"),
    [
        ("anyone@refused.example", "short", 550),
        ("anyone@busy.example", "short", 451),
        ("anyone@example.org", "x" * (LARGEST_MAIL + 1), 552),
    ],
)
def test_the_mail_server_refuses(servers: Servers, recipient: str, text: str, code: int) -> None:
    before = newest(servers.inbox)
    with pytest.raises(smtplib.SMTPException) as refusal:
        send(servers, recipient, "Refused", text=text)
    assert str(code) in str(refusal.value)
    assert newest(servers.inbox) == before


async def test_data_stays_and_serves_on_other_ports(tmp_path: Path) -> None:
    with embedded(tmp_path) as first:
        transfer(first.mongo_url, "kept")
        await create_topic(first.kafka_bootstrap, "kept")
        await publish(first.kafka_bootstrap, "kept", b"before")
        send(first, "kept@example.org", "Before")

    with embedded(tmp_path) as second:
        assert (second.mongo_url, second.kafka_bootstrap) != (first.mongo_url, first.kafka_bootstrap)
        assert amounts(second.mongo_url, "kept") == [-300, 300]
        await publish(second.kafka_bootstrap, "kept", b"after")
        assert await consume(second.kafka_bootstrap, "kept", "group", 2) == [b"before", b"after"]
        assert [mail.subject for mail in read_inbox(second.inbox)] == ["Before"]

        with pytest.raises(DataInUseError, match=str(os.getpid())), embedded(tmp_path):
            pytest.fail("two instances on one folder")

    assert running_below(tmp_path) == []


def test_a_busy_port_is_reported_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortBusyError, match=f"port {port}"), embedded(tmp_path, Ports(kafka=port)):
            pytest.fail("the port was busy")
    assert running_below(tmp_path) == []


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_servers_end_with_the_process_that_started_them(tmp_path: Path, number: signal.Signals) -> None:
    environment = tmp_path / "environment"
    options = ["--data", str(tmp_path / "data"), "--keep", "--env-file", str(environment)]
    parent = subprocess.Popen([sys.executable, "-m", "carnet_suite.servers", *options])
    try:
        until(environment.exists)
        assert len(running_below(tmp_path)) >= 4
        parent.send_signal(number)
        parent.wait(BOUND)
        until(lambda: running_below(tmp_path) == [])
    finally:
        parent.kill()
        parent.wait()


@pytest.mark.chaos
async def test_kafka_comes_back_from_a_crash_with_what_it_acknowledged(breakable_servers: Servers) -> None:
    kafka, bootstrap = breakable_servers.kafka, breakable_servers.kafka_bootstrap
    assert kafka is not None
    topic = f"crash-{time.time_ns()}"
    await create_topic(bootstrap, topic)
    await publish(bootstrap, topic, b"before")

    kafka.kill()
    assert not kafka.running
    kafka.start()

    await publish(bootstrap, topic, b"after")
    assert await consume(bootstrap, topic, topic, 2) == [b"before", b"after"]


@pytest.mark.chaos
def test_mongodb_comes_back_from_a_crash_and_from_a_step_down(breakable_servers: Servers) -> None:
    mongo, url = breakable_servers.mongo, breakable_servers.mongo_url
    assert mongo is not None
    database = f"crash-{time.time_ns()}"
    transfer(url, database)

    mongo.kill()
    assert not mongo.running
    mongo.start()
    assert amounts(url, database) == [-300, 300]

    with Documents(url) as client, client.start_session() as session:
        accounts = client[database]["accounts"]
        session.start_transaction()
        accounts.insert_one({"amount": 1}, session=session)
        step_down(url)
        with pytest.raises(PyMongoError) as lost:
            session.commit_transaction()
        assert lost.value.has_error_label("TransientTransactionError")
        accounts.insert_one({"amount": 2})
    assert amounts(url, database) == [-300, 2, 300]


def test_a_server_that_dies_is_reported_with_its_log(tmp_path: Path) -> None:
    data = tmp_path / "mongo"
    data.mkdir()
    (data / "storage.bson").write_bytes(b"not a database")
    server = MongoServer(data, Ports().chosen().mongo)
    with pytest.raises(ServerDiedError, match=r"MongoDB ended by itself with exit code \d+") as death:
        server.start()
    assert str(tmp_path / "mongo.log") in str(death.value)
    assert not server.running


def running_below(folder: Path) -> list[psutil.Process]:
    """The processes that name the folder in their command."""
    found = psutil.process_iter(["cmdline"])
    return [each for each in found if any(str(folder) in part for part in each.info["cmdline"] or [])]
