"""Who waits for changes is woken by the commits of every process, whatever becomes of the change stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bson import Int64
from pymongo.errors import OperationFailure

from carnet import changes as changing
from carnet import relay
from carnet.changes import Changes, ChangeStream
from carnet.ids import new_id
from carnet.journal import ROWS
from carnet.mongo import Database
from carnet.relay import Relay
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.integration.kit.test_relay import Held, decide, records
from tests.waits import BOUND


@asynccontextmanager
async def following(database: Database) -> AsyncIterator[None]:
    """A change stream for the length of a block."""
    stopping = asyncio.Event()
    running = asyncio.create_task(ChangeStream(database).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await running


async def woken(changed: asyncio.Event) -> None:
    """Wait for a wake, and be ready for the next."""
    await asyncio.wait_for(changed.wait(), BOUND)
    changed.clear()


async def cut_off(database: Database) -> None:
    """Have the server drop the change streams of this database, once there is one."""
    cut: list[int] = []
    async with asyncio.timeout(BOUND):
        while not cut:
            asked = database.client.admin.aggregate([{"$currentOp": {"idleCursors": True}}])
            found = [each async for each in asked if each.get("ns", "").startswith(f"{database.name}.")]
            cut = [each["cursor"]["cursorId"] for each in found if each.get("cursor", {}).get("tailable")]
            await database.motor.command({"killCursors": "$cmd.aggregate", "cursors": cut or [Int64(1)]})


@pytest.fixture
async def elsewhere(servers: Servers, database: Database) -> AsyncIterator[Database]:
    """The same database as another process has it open."""
    other = Database.open(servers.mongo_url, database.name)
    yield other
    other.close()


async def test_a_commit_of_another_process_wakes_who_waits_for_its_collection(
    database: Database, elsewhere: Database
) -> None:
    rows, marks = database.changes.of(ROWS), database.changes.of("marks")
    async with following(database):
        await woken(rows)  # once at the beginning: what came before the stream is not missed
        await woken(marks)
        await decide(elsewhere, new_id(), 3)
        await woken(rows)
        assert not marks.is_set()


async def test_a_stream_that_is_cut_off_begins_anew_and_wakes_everybody(
    database: Database, elsewhere: Database
) -> None:
    rows = database.changes.of(ROWS)
    async with following(database):
        await woken(rows)
        for _ in range(2):
            await cut_off(database)
            await woken(rows)  # by the stream's new beginning: nothing was written
        await decide(elsewhere, new_id(), 1)
        await woken(rows)


async def test_a_history_that_the_server_no_longer_has_is_no_fault_that_lasts(
    database: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, refused = database.changes.of(ROWS), 0
    command = database.motor.command

    async def lost(asked: dict[str, object], **named: object) -> object:
        nonlocal refused
        if "getMore" in asked and refused < 2:
            refused += 1
            raise OperationFailure("Resume of change stream was not possible", 286)
        return await command(asked, **named)

    monkeypatch.setattr(database.motor, "command", lost)
    async with following(database):
        while refused < 2:
            await woken(rows)
        await woken(rows)
        await decide(elsewhere, new_id(), 1)
        await woken(rows)


async def test_changes_that_follow_one_another_soon_are_announced_together(
    database: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, announced = database.changes.of(ROWS), list[set[str]]()
    announce = database.changes.announce

    def count(names: set[str]) -> None:
        announced.append(names)
        announce(names)

    sleep, gathers = asyncio.sleep, 3600.0

    async def others_come_meanwhile(seconds: float) -> None:
        if seconds == gathers:
            for _each in range(3):
                await decide(elsewhere, new_id(), 1)
        else:
            await sleep(seconds)

    monkeypatch.setattr(database.changes, "announce", count)
    monkeypatch.setattr(asyncio, "sleep", others_come_meanwhile)
    stopping = asyncio.Event()
    running = asyncio.create_task(ChangeStream(database, gathers=gathers).run(stopping))
    await woken(rows)
    await decide(elsewhere, new_id(), 1)
    await woken(rows)  # the first one after a pause, at once
    await decide(elsewhere, new_id(), 1)
    await woken(rows)
    stopping.set()
    await running
    assert len(announced) == 3  # at the beginning, the first one, and the second with the three that came meanwhile


async def test_a_stream_that_is_read_seldom_only_looks_while_the_server_is_busy(
    database: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "BUSY_WRITES", 1)
    rows, waits = database.changes.of(ROWS), list[object]()
    command = database.motor.command

    async def noted(asked: dict[str, object], **named: object) -> object:
        if "getMore" in asked:
            waits.append(asked["maxTimeMS"])
        return await command(asked, **named)

    monkeypatch.setattr(database.motor, "command", noted)
    stopping = asyncio.Event()
    running = asyncio.create_task(ChangeStream(database, pace=changing.READ_SELDOM).run(stopping))
    await woken(rows)
    for _ in range(2):
        await decide(elsewhere, new_id(), 1)
        await woken(rows)
    async with asyncio.timeout(BOUND):
        while changing.LOOKED_MS not in waits:
            await decide(elsewhere, new_id(), 1)
    rows.clear()
    await decide(elsewhere, new_id(), 1)
    await woken(rows)  # by a look
    stopping.set()
    await running
    assert waits[0] == changing.WAITED_MS


async def test_after_a_look_that_has_found_nothing_the_next_one_comes_later(
    database: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "BUSY_WRITES", 0)
    rows, seen, slept = database.changes.of(ROWS), list[bool](), list[float]()
    command, sleep = database.motor.command, asyncio.sleep

    async def noted(asked: dict[str, object], **named: object) -> Any:
        answer = await command(asked, **named)
        if "getMore" in asked:
            seen.append(bool(answer["cursor"]["nextBatch"]))
        return answer

    async def passes(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(database.motor, "command", noted)
    monkeypatch.setattr(asyncio, "sleep", passes)
    stopping = asyncio.Event()
    running = asyncio.create_task(ChangeStream(database, pace=changing.READ_SELDOM).run(stopping))
    await woken(rows)
    for _ in range(2):
        await decide(elsewhere, new_id(), 1)
        await woken(rows)
        count = len(seen)
        async with asyncio.timeout(BOUND):
            while not (seen[count:] and not any(seen[-2:])):
                await sleep(0.01)
    stopping.set()
    await running
    paces = {True: changing.READ_SELDOM, False: changing.QUIET_PACE}
    first = seen.index(True)  # before it the stream waits, and looks only once it knows that the server is busy
    assert slept[-1] == changing.QUIET_PACE
    assert slept == [paces[found] for found in seen[first:]][: len(slept)]


async def test_one_who_begins_to_wait_later_is_woken_too(database: Database, elsewhere: Database) -> None:
    rows = database.changes.of(ROWS)
    async with following(database):
        await woken(rows)
        tallies = database.changes.of("tallies")
        await woken(tallies)  # by the stream that begins anew, as others are waited for
        await decide(elsewhere, new_id(), 1)
        await woken(tallies)


async def test_rows_are_published_where_no_wake_comes(
    servers: Servers, namespace: str, database: Database, elsewhere: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    publishing, stopping = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace), asyncio.Event()
    running = asyncio.create_task(publishing.run(stopping))
    contract = new_id()
    await decide(elsewhere, contract, 2)  # of which this process is not woken, as it follows no stream
    assert await records(servers, namespace, 2) == {contract: [1, 2]}
    stopping.set()
    await running
    await publishing.close()


async def test_a_commit_of_the_process_itself_is_published_without_the_sweep(
    servers: Servers, namespace: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SWEPT_EVERY", 3600.0)
    await make_topics(servers.kafka_bootstrap, namespace)
    publishing, stopping = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace), asyncio.Event()
    running = asyncio.create_task(publishing.run(stopping))
    contracts = [new_id() for _ in range(3)]
    for contract in contracts:
        await decide(database, contract, 1)
        await asyncio.sleep(0.05)
    assert set(await records(servers, namespace, 3)) == set(contracts)
    stopping.set()
    await running
    await publishing.close()


async def test_a_wake_names_its_collection() -> None:
    changes = Changes()
    rows, jobs, both = changes.of("journal"), changes.of("jobs"), changes.of("journal", "jobs")
    changes.announce({"jobs", "marks"})
    assert not rows.is_set()
    assert jobs.is_set()
    assert both.is_set()
    assert changes.collections == ("jobs", "journal")
