"""docs/integration/subscribing.md taken at its word: its programs are run as they are written there."""

import ast
import asyncio
import importlib.util
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from carnet_suite.servers import Servers
from carnet_suite.supervisor import Suite, suite
from carnet_suite.topology import Process, variables
from carnet_suite.welcome import welcome
from tests.forked import forked
from tests.pages import blocks
from tests.waits import BOUND

BLOCKS = blocks("integration/subscribing.md")
PROGRAMS = ("paid.py", "pay.py", "start.py")
PAID, REOPENED = "carnet.payments.ContractPaid.v1", "carnet.payments.ContractReopened.v1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The stranger's folder, with the programs of the page."""
    for name in PROGRAMS:
        (tmp_path / name).write_text(BLOCKS[f"file: {name}"], encoding="utf-8")
    return tmp_path


@pytest.fixture
def running(servers: Servers, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite of its own, since all its events are counted."""
    with suite(tmp_path_factory.mktemp("suite"), servers=servers, namespace=namespace, start=forked) as started:
        yield started


def run(*arguments: str, folder: Path, settings: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Subscriber:
    """paid.py as it runs, and what it has written to its standard output by now."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process = process
        self._output = output

    def lines(self, pattern: str) -> list[str]:
        return [line for line in self._output.read_text(encoding="utf-8").splitlines() if re.search(pattern, line)]

    def wait_for(self, pattern: str, count: int = 1) -> list[str]:
        end = time.monotonic() + BOUND
        while len(found := self.lines(pattern)) < count:
            assert self.process.poll() is None, "the subscriber has ended"
            assert time.monotonic() < end, f"no {pattern!r} in: {self._output.read_text(encoding='utf-8')}"
            time.sleep(0.02)
        return found

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(BOUND) == 0


@contextmanager
def subscriber(folder: Path, settings: Mapping[str, str], name: str) -> Iterator[Subscriber]:
    output = folder / f"{name}.txt"
    with output.open("wb") as out:
        process = subprocess.Popen([sys.executable, "paid.py"], cwd=folder, env=os.environ | settings, stdout=out)
        try:
            yield Subscriber(process, output)
        finally:
            process.kill()
            process.wait()


def test_the_page_takes_a_stranger_to_a_subscriber_that_applies_each_event_once(running: Suite, folder: Path) -> None:
    settings = {
        "FRONT": running.front,
        "TOKEN": welcome(running).token,
        "KAFKA": running.servers.kafka_bootstrap,
        "CARNET_NAMESPACE": running.namespace,
    }
    with subscriber(folder, settings, "first") as first:
        contract = run("pay.py", folder=folder, settings=settings).split(":")[0]
        promised = re.sub(r"^[0-9a-f-]{36}", contract, BLOCKS["what it prints"]).strip()
        assert first.wait_for("is paid") == [promised]
        first.stop()
    with subscriber(folder, settings, "second") as second:
        operator = variables(Process("payments", "worker"), running.places)
        replayed = run("-m", "carnet_operations", "events", "replay", "payments", folder=folder, settings=operator)
        assert "Published again: 3." in replayed
        second.wait_for("Processed", count=3)
        second.stop()
        assert second.lines("is paid") == []
    books = sqlite3.connect(folder / "paid.sqlite")
    assert books.execute("SELECT contract, total, currency FROM paid").fetchall() == [(contract, 30000, "EUR")]
    assert books.execute("SELECT * FROM marks").fetchall() == [(contract, 3)]
    assert books.execute("SELECT * FROM waiting").fetchall() == []
    books.close()
    _begin_late(running, folder, settings, operator)


def _begin_late(running: Suite, folder: Path, settings: Mapping[str, str], operator: Mapping[str, str]) -> None:
    """A subscriber whose first events have run out says what it waits for, and begins by a replay or from the state."""
    contract = run("pay.py", folder=folder, settings=settings).split(":")[0]
    asyncio.run(_expire_but_the_last(running, contract))
    (folder / "paid.sqlite").unlink()
    with subscriber(folder, settings, "late") as late:
        assert late.wait_for("waits for") == [f"{contract} waits for its event 1, 3 has come"]
        run("-m", "carnet_operations", "events", "replay", "payments", folder=folder, settings=operator)
        late.wait_for(f"{contract} is paid: 30000 EUR")
        late.stop()
    (folder / "paid.sqlite").unlink()
    begun = run("start.py", folder=folder, settings=settings)
    assert f"{contract} is paid as of its event 3" in begun
    with subscriber(folder, settings, "begun") as begun_late:
        run("-m", "carnet_operations", "events", "replay", "payments", folder=folder, settings=operator)
        begun_late.wait_for("Processed", count=6)
        begun_late.stop()
        assert begun_late.lines("is paid|waits for") == []
    books = sqlite3.connect(folder / "paid.sqlite")
    assert books.execute("SELECT count(*) FROM paid WHERE total = 30000 AND currency = 'EUR'").fetchone() == (2,)
    assert (contract, 3) in books.execute("SELECT * FROM marks").fetchall()
    books.close()


async def _expire_but_the_last(running: Suite, contract: str) -> None:
    """Kafka forgets all of a schedule's events but the newest, as it does after 30 days."""
    topic = f"{running.namespace}payments.schedules"
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=running.servers.kafka_bootstrap, auto_offset_reset="earliest", group_id=None
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=running.servers.kafka_bootstrap)
    await consumer.start()
    await admin.start()
    try:
        seen = 0
        async with asyncio.timeout(BOUND):
            while seen < 3:
                record = await consumer.getone()
                seen += record.key == contract.encode()
        await admin.delete_records({TopicPartition(topic, record.partition): RecordsToDelete(record.offset)})
    finally:
        await consumer.stop()
        await admin.close()


def test_the_programs_need_nothing_but_what_the_page_installs() -> None:
    installed = {*sys.stdlib_module_names, "faststream", "paid"}
    for name in PROGRAMS:
        tree = ast.parse(BLOCKS[f"file: {name}"])
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {module.split(".")[0] for module in imported} <= installed


@pytest.fixture
def paid(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """paid.py, imported."""
    monkeypatch.chdir(folder)
    spec = importlib.util.spec_from_file_location("paid", folder / "paid.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    module.books.close()


def receives(paid: ModuleType, sequence: int, event_type: str, **body: object) -> list[str]:
    written = json.dumps({"contract": "c1", "total": 100, "currency": "EUR", **body})
    said: list[str] = paid.apply_in_sequence(paid.Event("c1", sequence, event_type, "o1", written))
    return said


def listed(paid: ModuleType) -> list[tuple[str, str, int, str]]:
    rows: list[tuple[str, str, int, str]] = paid.books.execute("SELECT * FROM paid").fetchall()
    return rows


def test_types_that_nobody_knows_only_move_the_mark(paid: ModuleType) -> None:
    assert receives(paid, 1, "carnet.payments.NobodyKnows.v1") == []
    assert receives(paid, 2, PAID, added_later=True) == ["c1 is paid: 100 EUR"]
    assert listed(paid) == [("c1", "o1", 100, "EUR")]


def test_an_event_that_comes_again_is_dropped(paid: ModuleType) -> None:
    assert receives(paid, 1, PAID) == ["c1 is paid: 100 EUR"]
    assert receives(paid, 2, REOPENED) == ["c1 is no longer paid"]
    assert receives(paid, 1, PAID) == []
    assert listed(paid) == []


def test_what_comes_after_a_gap_waits_for_what_is_missing(paid: ModuleType) -> None:
    assert receives(paid, 3, PAID, total=300) == ["c1 waits for its event 1, 3 has come"]
    assert receives(paid, 2, REOPENED) == ["c1 waits for its event 1, 2 has come"]
    assert listed(paid) == []
    assert receives(paid, 1, PAID) == ["c1 is paid: 100 EUR", "c1 is no longer paid", "c1 is paid: 300 EUR"]
    assert listed(paid) == [("c1", "o1", 300, "EUR")]


def test_a_reaction_that_fails_leaves_neither_effect_nor_mark(paid: ModuleType) -> None:
    with pytest.raises(KeyError):
        paid.apply_in_sequence(paid.Event("c1", 1, PAID, "o1", '{"contract": "c1"}'))
    assert paid.books.execute("SELECT * FROM marks").fetchall() == []
    assert receives(paid, 1, PAID) == ["c1 is paid: 100 EUR"]
