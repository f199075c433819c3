"""The suite put back to a backup: services, a documented subscriber and a new one all end at the right amounts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from carnet.ids import new_id
from carnet_operations.verify import verify
from carnet_play.story.desk import Desk, Product
from carnet_suite.servers import Servers
from carnet_suite.supervisor import Suite, suite
from carnet_suite.topology import Process, variables
from tests.builders import ON_SITE, Contract, School
from tests.e2e.test_subscribing import BLOCKS, Subscriber, run, subscriber
from tests.forked import forked
from tests.waits import BOUND

COURSE, WORKSHOP, JAZZ = 30_000, 6_000, 9_900


def operator(running: Suite) -> dict[str, str]:
    return variables(Process("payments", "worker"), running.places)


def reading(servers: Servers, namespace: str) -> dict[str, str]:
    return {"KAFKA": servers.kafka_bootstrap, "CARNET_NAMESPACE": namespace}


def empty_folder(folder: Path) -> Path:
    """The folder of a subscriber of its own: another group, another database."""
    folder.mkdir()
    program = BLOCKS["file: paid.py"].replace("paid-list", f"paid-list-{folder.name}")
    (folder / "paid.py").write_text(program, encoding="utf-8")
    return folder


def paid_list(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "paid.sqlite")) as books:
        return dict(books.execute("SELECT contract, total FROM paid").fetchall())


async def paid_in_full(school: School, contract: Contract, amount: int, subscribers: Subscriber, total: int) -> None:
    await school.desk.pay(contract.id, amount, "cash")
    subscribers.wait_for(f"{contract.id} is paid: {total} EUR")


async def with_jazz(school: School, contract: Contract) -> Contract:
    jazz: Product = await school.desk.sell("Jazz", {"kind": "workshop"}, JAZZ)
    return await school.change(await school.followed(contract.id), {"add": [jazz.bought()]})


@pytest.fixture
def follower(servers: Servers, namespace: str, tmp_path: Path) -> Iterator[Subscriber]:
    """A subscriber that stays connected through everything."""
    with subscriber(empty_folder(tmp_path / "old"), reading(servers, namespace), "first") as first:
        yield first


async def test_a_backup_that_is_put_back_leaves_no_service_and_no_subscriber_in_the_lost_future(
    servers: Servers, namespace: str, tmp_path: Path, follower: Subscriber
) -> None:
    home, organisation, backup = tmp_path / "suite", new_id(), tmp_path / "backup.zip"
    old, new, lost_file = tmp_path / "old", empty_folder(tmp_path / "new"), tmp_path / "lost.jsonl"
    with suite(home, servers=servers, namespace=namespace, start=forked) as running:
        environment = operator(running)
        async with httpx.AsyncClient(base_url=running.front, timeout=BOUND) as client:
            school = School(Desk(client, running.token(organisation)), organisation)
            await school.open()
            family = await school.family()
            contract = await school.contract(family, sale=ON_SITE, mode="on_site")
            await paid_in_full(school, contract, COURSE, follower, COURSE)

            said = run("-m", "carnet_operations", "backup", str(backup), folder=tmp_path, settings=environment)
            assert "documents as of" in said

            workshop = {"add": [school.bought("workshop", family)]}
            await school.change(await school.followed(contract.id), workshop)
            await paid_in_full(school, contract, WORKSHOP, follower, COURSE + WORKSHOP)
            born_later = await school.contract(family, sale=ON_SITE, mode="on_site")
            await paid_in_full(school, born_later, COURSE, follower, COURSE)
    assert paid_list(old) == {contract.id: COURSE + WORKSHOP, born_later.id: COURSE}

    options = ("restore", str(backup), "--yes", "--lost", str(lost_file))
    said = run("-m", "carnet_operations", *options, folder=tmp_path, settings=environment)
    assert "events came after the backup and are lost" in said
    assert born_later.id in lost_file.read_text()
    follower.wait_for(f"{contract.id} is paid: {COURSE} EUR", count=2)
    assert paid_list(old) == {contract.id: COURSE}

    with (
        suite(home, servers=servers, namespace=namespace, start=forked) as running,
        subscriber(new, reading(servers, namespace), "second") as newcomer,
    ):
        async with httpx.AsyncClient(base_url=running.front, timeout=BOUND) as client:
            school = School(Desk(client, running.token(organisation)), organisation)
            changed = await with_jazz(school, contract)
            await paid_in_full(school, changed, JAZZ, follower, COURSE + JAZZ)
            newcomer.wait_for(f"{contract.id} is paid: {COURSE + JAZZ} EUR")
            schedule = await school.desk.schedule(contract.id)
            assert schedule.body["balance"]["paid"]["amount"] == COURSE + JAZZ
            report = await verify(
                servers.mongo_url, servers.kafka_bootstrap, namespace, sandbox=running.sandbox, wait=BOUND
            )
            assert report.findings == []
    assert newcomer.lines(str(COURSE + WORKSHOP)) == []
    assert paid_list(old) == paid_list(new) == {contract.id: COURSE + JAZZ}
