"""A transaction reads and writes several collections together; a commit of unknown outcome is sent again."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect

from carnet.decisions import State
from carnet.ids import new_id
from carnet.mongo import Collection as States
from carnet.mongo import Database, Link, Unit, transact
from carnet.mongo import database as kit
from carnet.mongo.collections import Document
from tests.integration.kit.conftest import TALLIES, Tally
from tests.waits import BOUND

ORGANISATION = new_id()


class TallyList(State):
    tallies: tuple[str, ...]


LISTS = States("tally_lists", TallyList)


def tally() -> Tally:
    return Tally(id=new_id(), organisation=ORGANISATION)


async def put(unit: Unit, each: Tally) -> None:
    unit.put(TALLIES, each)
    unit.insert("idempotency", {"_id": each.id, "at": datetime(2026, 11, 29, 12, tzinfo=UTC)})


async def kept(database: Database, each: Tally) -> tuple[int, int]:
    found = {"_id": each.id}
    return await database[TALLIES.name].count_documents(found), await database["idempotency"].count_documents(found)


class Commits:
    """The first commit ends with an error, after or instead of what it does; the driver's own ones are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, label: str, *, done: bool) -> None:
        self.first = self.again = 0
        commit, commit_again = ClientSession.commit_transaction, AsyncIOMotorClientSession.commit_transaction

        def once(session: ClientSession) -> None:
            self.first += 1
            if done or self.first > 1:
                commit(session)
            else:
                session.abort_transaction()
            if self.first == 1:
                raise AutoReconnect("the connection is gone", errors={"errorLabels": [label]})

        async def counted(session: AsyncIOMotorClientSession) -> None:
            self.again += 1
            await commit_again(session)

        monkeypatch.setattr(ClientSession, "commit_transaction", once)
        monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", counted)


async def test_a_commit_that_nobody_answered_is_sent_again_and_nothing_is_done_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, each, runs = Commits(monkeypatch, "UnknownTransactionCommitResult", done=True), tally(), 0

    async def work(unit: Unit) -> str:
        nonlocal runs
        runs += 1
        await put(unit, each)
        return "done"

    assert await transact(database, work) == "done"
    assert (commits.first, commits.again, runs) == (1, 1, 1)
    assert await kept(database, each) == (1, 1)


async def test_a_transaction_that_its_commit_has_aborted_runs_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, each, runs = Commits(monkeypatch, "TransientTransactionError", done=False), tally(), 0

    async def work(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        await put(unit, each)

    await transact(database, work)
    assert (commits.first, commits.again, runs) == (2, 0, 2)
    assert await kept(database, each) == (1, 1)


async def test_a_commit_whose_outcome_stays_unknown_is_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: AsyncIOMotorClientSession) -> None:
        raise AutoReconnect("the connection is gone", errors={"errorLabels": ["UnknownTransactionCommitResult"]})

    Commits(monkeypatch, "UnknownTransactionCommitResult", done=True)
    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", fail)
    monkeypatch.setattr("carnet.mongo.transactions.COMMITTED_WITHIN", 0.05)
    with pytest.raises(AutoReconnect):
        await transact(database, lambda unit: put(unit, tally()))


async def test_what_is_being_written_when_its_task_is_cancelled_is_written_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    each, first, go_on, bulk_write = tally(), threading.Event(), threading.Event(), Collection.bulk_write

    def once_and_wait(collection: Any, *arguments: Any, **options: Any) -> Any:
        result = bulk_write(collection, *arguments, **options)
        first.set()
        assert go_on.wait(BOUND)
        return result

    monkeypatch.setattr(Collection, "bulk_write", once_and_wait)
    writing = asyncio.create_task(transact(database, lambda unit: put(unit, each)))
    assert await asyncio.to_thread(first.wait, BOUND)
    writing.cancel()
    await asyncio.wait([writing], timeout=0.1)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await kept(database, each) == (1, 1)


@pytest.mark.parametrize("most", [0, kit.MOST_JOINED])
async def test_what_is_read_together_is_what_is_read_in_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(kit, "MOST_JOINED", most)
    first, second, unknown = tally(), tally(), new_id()

    async def write(unit: Unit) -> None:
        for each in (first, second):
            await put(unit, each)

    await transact(database, write)
    found: dict[str, Any] = {}

    async def read(unit: Unit) -> None:
        wanted = [(TALLIES, first.id), (TALLIES, unknown), (TALLIES, second.id)]
        found.update(await unit.load_all(wanted, beside={"idempotency": [first.id, unknown], "marks": [unknown]}))
        assert unit.get(TALLIES, first.id) == first
        assert unit.get(TALLIES, second.id) == second
        assert unit.get(TALLIES, unknown) is None

    await transact(database, read)
    noon: Document = {"_id": first.id, "at": datetime(2026, 11, 29, 12, tzinfo=UTC)}
    assert found == {"idempotency": [noon], "marks": []}


@pytest.mark.parametrize("most", [0, kit.MOST_JOINED])
async def test_what_a_link_leads_to_is_read_with_what_it_leads_from(
    database: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(kit, "MOST_JOINED", most)
    await database.prepare([LISTS])
    named, changed = tally(), tally()
    several = TallyList(id=new_id(), organisation=ORGANISATION, tallies=(named.id, changed.id, new_id()))

    async def write(unit: Unit) -> None:
        unit.put(LISTS, several)
        for each in (named, changed):
            unit.put(TALLIES, each)

    await transact(database, write)

    async def read(unit: Unit) -> None:
        unit.put(TALLIES, changed.model_copy(update={"total": 99}))
        await unit.load_all([(LISTS, several.id)], links=[Link(LISTS, "tallies", TALLIES)])
        with unit.piece(ORGANISATION):
            assert {each.id: each.total for each in unit.loaded(TALLIES)} == (
                {changed.id: 99, named.id: 0} if most else {changed.id: 99}
            )
        await unit.load(TALLIES, [named.id, changed.id])
        assert unit.get(TALLIES, named.id) == named

    await transact(database, read)
