"""A backlog: while one page is sent the next is read and others are marked, and no row overtakes its elder."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from pymongo.errors import AutoReconnect

from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.events.contracts import ContractCancelled
from carnet.ids import new_id
from carnet.journal import JournalRow, rows_of
from carnet.mongo import Database
from carnet.relay import Page, Relay
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.integration.kit.conftest import ACCOUNT
from tests.integration.kit.test_relay import ORGANISATION, Held, decide, never_out_of_order, records

Answers = Sequence[BaseException | None]


def row(contract: str, sequence: int, id_: str) -> JournalRow:
    """The row of an event of the contract; rows are read in the order of their ids."""
    event = ContractCancelled(contract=contract, account=ACCOUNT, effective_on=date(2026, 11, 22))
    context = Context(utc_now(), date(2026, 11, 22), Actor("user", "u"), new_id(), new_id)
    (made,) = rows_of(contract, ORGANISATION, sequence - 1, (event,), context)
    return {**made, "_id": id_}


async def keep(database: Database, *rows: JournalRow) -> None:
    await database["journal"].insert_many([dict(each) for each in rows])


async def unpublished(database: Database) -> int:
    return await database["journal"].count_documents({"pending": True})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows."""
    monkeypatch.setattr("carnet.relay.PAGE", 2)


async def test_all_of_a_backlog_is_published_once_and_in_sequence_while_more_is_committed(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    contracts = [new_id() for _ in range(5)]
    for _ in range(4):
        for contract in contracts:
            await decide(database, contract, 3)
    relay, stopping = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace), asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    for _ in range(10):
        await asyncio.gather(*(decide(database, contract, 1) for contract in contracts))
    stopping.set()
    await running
    await relay.close()
    assert await unpublished(database) == 0
    assert await records(servers, namespace, 5 * 22) == {contract: list(range(1, 23)) for contract in contracts}


async def test_a_look_ends_after_some_pages_so_that_what_was_committed_late_has_its_turn(
    servers: Servers, namespace: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    monkeypatch.setattr("carnet.relay.PAGES", 3)
    relay = Relay(database, Held(database, "one"), servers.kafka_bootstrap, namespace)
    contract, late = new_id(), new_id()
    await keep(database, *(row(contract, sequence, f"b{sequence:02}") for sequence in range(1, 14)))
    assert await relay.publish() == 6
    await keep(database, row(late, 1, "a"))
    assert await relay.publish() == 6
    assert await database["journal"].count_documents({"pending": True, "aggregate": late}) == 0
    assert [await relay.publish(), await relay.publish()] == [2, 0]
    await relay.close()
    assert await records(servers, namespace, 14) == {contract: list(range(1, 14)), late: [1]}


@pytest.mark.parametrize("newest", [3, 4, 5], ids=["the last page", "a full one", "a full one and another"])
async def test_a_row_does_not_overtake_its_elder_which_was_committed_behind_the_page(
    servers: Servers, namespace: str, database: Database, newest: int
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    contract, other = new_id(), new_id()

    class Reading(Relay):
        async def _page(self, after: str | None = None) -> Page:
            if after == "b2":  # the clock of the process that decided the second one was slow
                await keep(database, row(contract, 2, "a"))
                await keep(database, *(row(contract, sequence, f"c{sequence}") for sequence in range(3, newest + 1)))
            return await super()._page(after)

    relay = Reading(database, Held(database, "one"), servers.kafka_bootstrap, namespace)
    await keep(database, row(contract, 1, "b1"), row(other, 1, "b2"))
    assert await relay.publish() == newest + 1
    assert await unpublished(database) == 0
    await relay.close()
    assert await records(servers, namespace, newest + 1) == {contract: list(range(1, newest + 1)), other: [1]}


async def test_what_follows_a_row_that_was_not_acknowledged_is_not_sent_before_it(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    contract, other = new_id(), new_id()
    sent: list[list[str]] = []

    class Failing(Relay):
        async def _send(self, producer: AIOKafkaProducer, rows: Sequence[JournalRow]) -> Answers:
            sent.append([each["_id"] for each in rows])
            if len(sent) != 2:
                return await super()._send(producer, rows)
            (answer,) = await super()._send(producer, rows[1:])
            return [KafkaTimeoutError(), answer]

    relay = Failing(database, Held(database, "one"), servers.kafka_bootstrap, namespace)
    for sequence in (1, 2, 3):
        await keep(database, row(contract, sequence, f"{sequence}a"), row(other, sequence, f"{sequence}b"))
    assert await relay.publish() == 3
    assert await unpublished(database) == 3
    assert sent == [["1a", "1b"], ["2a", "2b"]]
    assert await relay.publish() == 3
    await relay.close()
    assert await unpublished(database) == 0
    assert await records(servers, namespace, 6) == {contract: [1, 2, 3], other: [1, 2, 3]}


async def test_pages_whose_slots_are_lost_meanwhile_are_not_sent(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    losing, contract = Held(database, "one"), new_id()

    class Paused(Relay):
        async def _send(self, producer: AIOKafkaProducer, rows: Sequence[JournalRow]) -> Answers:
            answers = await super()._send(producer, rows)
            losing.held = frozenset()
            return answers

    relay = Paused(database, losing, servers.kafka_bootstrap, namespace)
    await keep(database, *(row(contract, sequence, f"{sequence}") for sequence in range(1, 6)))
    assert await relay.publish() == 2
    await relay.close()
    assert await unpublished(database) == 3


async def test_a_look_that_fails_ends_what_is_under_way_and_the_next_one_begins_in_sequence(
    servers: Servers, namespace: str, database: Database
) -> None:
    await make_topics(servers.kafka_bootstrap, namespace)
    contract, others = new_id(), [new_id() for _ in range(4)]
    marked: list[int] = []

    class Interrupted(Relay):
        async def _mark(self, rows: Sequence[JournalRow]) -> None:
            marked.append(len(rows))
            if len(marked) == 2:
                raise AutoReconnect
            await super()._mark(rows)

    relay = Interrupted(database, Held(database, "one"), servers.kafka_bootstrap, namespace)
    for sequence, other in enumerate(others, start=1):
        await keep(database, row(contract, sequence, f"{sequence}a"), row(other, 1, f"{sequence}b"))
    before = asyncio.all_tasks()
    with pytest.raises(AutoReconnect):
        await relay.publish()
    under_way = {task for task in asyncio.all_tasks() - before if "_mark" in str(task) or "_page" in str(task)}
    assert not under_way
    assert await unpublished(database) == 2
    assert await relay.publish() == 2
    await relay.close()
    assert await unpublished(database) == 0
    received = await records(servers, namespace, 8)
    assert set(received[contract]) == {1, 2, 3, 4}
    assert never_out_of_order(received[contract])
