"""Commands that share a transaction: each in its own savepoint, each answered separately."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import date
from typing import Any

import pytest

from carnet import groups
from carnet.dates import utc_now
from carnet.decisions import Actor, Context, Decision, State
from carnet.events.contracts import ContractCancelled
from carnet.groups import Groups, Loads, Piece
from carnet.ids import new_id
from carnet.mongo import Collection, Database, Unit, Wanted, transact
from carnet.refusals import Refusal, conflict
from tests.integration.kit.conftest import ACCOUNT, TALLIES, Tally
from tests.waits import BOUND

SCHOOL, STUDIO = new_id(), new_id()
TOO_MUCH_FOR_THE_SERVER = 2**70

Work = Callable[[Unit], Coroutine[Any, Any, int]]


def context() -> Context:
    return Context(utc_now(), date(2026, 11, 22), Actor("user", "u"), new_id(), new_id)


def keep(unit: Unit, before: Tally, total: int) -> int:
    """Save the tally with that total and an event; its new version."""
    cancelled = ContractCancelled(contract=before.id, account=ACCOUNT, effective_on=date(2026, 11, 22))
    return unit.decide(TALLIES, Decision(before.model_copy(update={"total": total}), (cancelled,)), context()).version


def adding(tally: str, amount: int = 1, *, organisation: str = SCHOOL) -> Work:
    """Add to a tally, which is made where it is missing."""

    async def work(unit: Unit) -> int:
        await unit.load(TALLIES, [tally])
        before = unit.get(TALLIES, tally) or Tally(id=tally, organisation=organisation)
        return keep(unit, before, before.total + amount)

    return work


def breaking(tally: str) -> Work:
    """Add a lot, and then fail."""

    async def work(unit: Unit) -> int:
        await adding(tally, 1000)(unit)
        raise ZeroDivisionError

    return work


def piece(work: Work, *tallies: str, organisation: str = SCHOOL, key: str | None = None) -> Piece[int]:
    return Piece(organisation, Loads([(TALLIES, tally) for tally in tallies]), work, key)


class Together:
    """Lets commands arrive while a first one is under way, and counts the transactions that they then take."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = database
        self.groups = Groups(database)
        self.sizes: list[int] = []
        decide_all = groups._decide_all

        async def counted(unit: Unit, group: list[Piece[int]]) -> list[object]:
            self.sizes.append(len(group))
            return await decide_all(unit, group)

        monkeypatch.setattr(groups, "_decide_all", counted)

    async def run(self, *pieces: Piece[int]) -> list[int | BaseException]:
        """What became of these commands, which all arrive during one transaction."""
        return await self.during(*(self.groups.run(each) for each in pieces))

    async def during(self, *callers: Coroutine[Any, Any, int]) -> list[int | BaseException]:
        """What became of these callers, whose first commands all arrive during one transaction."""
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_: Unit) -> int:
            begun.set()
            await go_on.wait()
            return 0

        first = asyncio.create_task(self.groups.run(piece(slow)))
        await begun.wait()
        running = [asyncio.create_task(caller) for caller in callers]
        await asyncio.sleep(0)
        go_on.set()
        await first
        return await asyncio.gather(*running, return_exceptions=True)

    async def total(self, tally: str) -> int:
        found = await self.database["tallies"].find_one({"_id": tally})
        return 0 if found is None else int(found["total"])

    async def sequences(self, tally: str) -> list[int]:
        found = await self.database["journal"].find({"aggregate": tally}).sort("sequence", 1).to_list(None)
        return [row["sequence"] for row in found]


@pytest.fixture
def together(database: Database, monkeypatch: pytest.MonkeyPatch) -> Together:
    return Together(database, monkeypatch)


async def test_commands_that_arrive_during_a_transaction_share_the_next_one(together: Together) -> None:
    one, other = new_id(), new_id()
    outcomes = await together.run(piece(adding(one), one), piece(adding(other), other), piece(adding(one), one))
    assert outcomes == [1, 1, 2]  # in order, each on what the one before has left
    assert together.sizes == [3]
    assert (await together.total(one), await together.total(other)) == (2, 1)
    assert await together.sequences(one) == [1, 2]


async def test_one_that_breaks_in_the_middle_leaves_nothing_behind(together: Together) -> None:
    tally = new_id()
    first, broken, last = await together.run(
        piece(adding(tally), tally), piece(breaking(tally), tally), piece(adding(tally), tally)
    )
    assert isinstance(broken, ZeroDivisionError)
    assert (first, last) == (1, 2)
    assert together.sizes == [3]  # a fault that is met in memory costs the others nothing
    assert await together.total(tally) == 2


async def test_a_refusal_is_the_answer_to_its_own_command_alone(together: Together) -> None:
    tally = new_id()

    async def at_zero(unit: Unit) -> int:
        before = unit.get(TALLIES, tally) or Tally(id=tally, organisation=SCHOOL)
        if before.version != 0:
            raise conflict("version-moved", "It has moved. Read it again.", rule="CON-3")
        return keep(unit, before, before.total + 1)

    outcomes = await together.run(*(piece(at_zero, tally) for _ in range(10)))
    assert outcomes[0] == 1
    assert all(isinstance(outcome, Refusal) for outcome in outcomes[1:])
    assert await together.total(tally) == 1


async def test_what_the_server_refuses_fails_the_command_at_fault_alone(together: Together) -> None:
    tallies = [new_id() for _ in range(8)]
    amounts = [TOO_MUCH_FOR_THE_SERVER if place == 5 else 1 for place in range(8)]
    outcomes = await together.run(
        *(piece(adding(tally, amount), tally) for tally, amount in zip(tallies, amounts, strict=True))
    )
    assert isinstance(outcomes.pop(5), OverflowError)
    assert outcomes == [1] * 7
    assert [await together.total(tally) for tally in tallies] == [1, 1, 1, 1, 1, 0, 1, 1]
    assert together.sizes == [8, 4, 4, 2, 2]


async def test_one_in_a_conflict_with_another_process_is_run_again_without_the_others(together: Together) -> None:
    contested, calm = new_id(), new_id()
    meddled = 0

    async def meddling(unit: Unit) -> int:
        # Only in a group: what it writes meanwhile, by itself, is what another process would.
        nonlocal meddled
        meddled += 1
        return await adding(contested)(unit)

    async def in_between(unit: Unit) -> int:
        return await adding(calm)(unit)

    outside = Database(together.database.client, together.database.name)
    await transact(outside, adding(contested))
    decide_all = groups._decide_all

    async def overtaken(unit: Unit, group: list[Piece[int]]) -> list[object]:
        decided = await decide_all(unit, group)
        if len(group) == 2:
            await transact(outside, adding(contested, 10))
        return decided

    groups._decide_all = overtaken
    try:
        outcomes = await together.run(piece(in_between, calm), piece(meddling, contested))
    finally:
        groups._decide_all = decide_all
    assert outcomes == [1, 3]
    assert await together.total(contested) == 12
    assert meddled == 2


async def test_two_of_the_same_key_never_share_a_transaction(together: Together) -> None:
    tally = new_id()

    async def once(unit: Unit) -> int:
        unit.insert("idempotency", {"_id": "the key", "at": utc_now()})
        return await adding(tally)(unit)

    outcomes = await together.run(*(piece(once, tally, key="the key") for _ in range(3)))
    assert outcomes[0] == 1
    assert all(isinstance(outcome, Exception) for outcome in outcomes[1:])
    assert await together.total(tally) == 1


async def test_organisations_that_share_a_transaction_see_nothing_of_one_another(together: Together) -> None:
    theirs, ours = new_id(), new_id()

    async def reaching(unit: Unit) -> int:
        return (await unit.one(TALLIES, theirs, what="tally")).total

    outcomes = await together.run(
        piece(adding(theirs, organisation=STUDIO), theirs, organisation=STUDIO),
        piece(reaching, theirs),
        piece(adding(ours), ours),
        piece(adding(theirs), theirs),
    )
    assert (outcomes[0], outcomes[2]) == (1, 1)
    assert isinstance(outcomes[1], Refusal)
    assert isinstance(outcomes[3], Exception)
    assert await together.total(theirs) == 1
    assert together.sizes == [4]


async def test_one_that_reads_more_than_it_declared_runs_by_itself(together: Together) -> None:
    said, unsaid = new_id(), new_id()

    async def asking(unit: Unit) -> int:
        await adding(said, 100)(unit)
        return await unit.database["tallies"].count_documents({}, session=unit.session)

    async def waiting(unit: Unit) -> int:
        await asyncio.sleep(0)
        return await adding(unsaid)(unit)

    outcomes = await together.run(
        piece(adding(said), said),
        piece(adding(unsaid)),
        piece(asking, said),
        piece(waiting, unsaid),
    )
    assert outcomes[0] == 1
    assert sorted(outcomes[index] for index in (1, 3)) == [1, 2]
    assert not isinstance(outcomes[2], BaseException)
    assert (await together.total(said), await together.total(unsaid)) == (101, 2)


async def test_what_is_loaded_second_depends_on_the_first(together: Together) -> None:
    first, second = new_id(), new_id()

    def following(unit: Unit) -> Wanted:
        return [(TALLIES, second)] if unit.get(TALLIES, first) else []

    async def both(unit: Unit) -> int:
        return await adding(first)(unit) + await adding(second)(unit)

    await transact(together.database, adding(first))
    piece_of_both = Piece(SCHOOL, Loads([(TALLIES, first)], following), both)
    assert await together.run(piece_of_both, piece(adding(first), first)) == [3, 3]
    assert together.sizes == [2]


async def test_one_whose_caller_is_gone_hinders_nobody(together: Together) -> None:
    tally = new_id()
    gone = piece(adding(tally), tally)
    gone.answer.cancel()
    _, answered = await together.run(gone, piece(adding(tally), tally))
    assert answered == 2


async def test_two_hundred_clients_on_twenty_tallies_lose_and_double_nothing(together: Together) -> None:
    tallies = [new_id() for _ in range(20)]

    async def client(number: int) -> None:
        for _ in range(3):
            await together.groups.run(piece(adding(tallies[number % 20]), tallies[number % 20]))

    # Beside them another process changes the same ones, each command in a transaction of its own.
    outside = Database(together.database.client, together.database.name)
    await asyncio.gather(
        *(client(number) for number in range(200)), *(transact(outside, adding(tally)) for tally in tallies)
    )
    assert [await together.total(tally) for tally in tallies] == [31] * 20
    assert [await together.sequences(tally) for tally in tallies] == [list(range(1, 32))] * 20
    assert max(together.sizes) > 1


async def test_groups_of_two_processes_lose_and_double_nothing(together: Together) -> None:
    tallies = [new_id() for _ in range(5)]
    other = Groups(Database(together.database.client, together.database.name))

    async def client(groups: Groups, tally: str) -> None:
        for _ in range(3):
            await groups.run(piece(adding(tally), tally))

    await asyncio.gather(
        *(client(groups, tally) for groups in (together.groups, other) for tally in tallies for _ in range(4))
    )
    assert [await together.total(tally) for tally in tallies] == [24] * 5
    assert [await together.sequences(tally) for tally in tallies] == [list(range(1, 25))] * 5


async def test_those_who_were_just_answered_share_the_next_transaction_with_who_came_meanwhile(
    together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "WAITS", 1e6)
    monkeypatch.setattr(groups, "LONGEST_WAIT", BOUND)
    tally = new_id()
    meanwhile: list[asyncio.Task[int]] = []

    async def joined(unit: Unit) -> int:
        if not meanwhile:
            meanwhile.append(asyncio.create_task(together.groups.run(piece(adding(tally), tally))))
        return await adding(tally)(unit)

    async def client() -> int:
        await together.groups.run(piece(joined, tally))
        return await together.groups.run(piece(adding(tally), tally))

    versions = await together.during(client(), client(), client())
    assert sorted([*versions, await meanwhile[0]]) == [4, 5, 6, 7]
    assert together.sizes == [3, 4]  # without waiting the one that came meanwhile would go alone, before them


class Owned(State):
    account: str


OWNED = Collection("tallies", Owned)


async def test_each_concerns_only_the_accounts_of_what_it_saw_itself(together: Together) -> None:
    concerned: dict[str, list[str]] = {}

    def naming(account: str, *others: str) -> Piece[int]:
        async def work(unit: Unit) -> int:
            known = [unit.get(OWNED, other) for other in others]
            unit.put(OWNED, Owned(id=account, organisation=SCHOOL, account=account))
            concerned[account] = list(unit.concerned)
            return len(known)

        return Piece(SCHOOL, Loads([(OWNED, each) for each in (account, *others)]), work)

    one, other, third = sorted(new_id() for _ in range(3))
    assert await together.run(naming(one), naming(other), naming(third, one)) == [0, 0, 1]
    assert together.sizes == [3]
    assert concerned == {one: [one], other: [other], third: [one, third]}


class Stopped(BaseException):
    """What stops a process in the middle of a transaction."""


async def test_nobody_waits_for_ever_where_a_group_is_stopped_in_the_middle(together: Together) -> None:
    one, other = new_id(), new_id()

    async def stopped(_: Unit) -> int:
        raise Stopped

    async with asyncio.timeout(BOUND):
        outcomes = await together.run(piece(adding(one), one), piece(stopped), piece(adding(other), other))
    assert [type(outcome) for outcome in outcomes] == [Stopped] * 3
    assert (await together.total(one), await together.total(other)) == (0, 0)
    assert await together.groups.run(piece(adding(one), one)) == 1


async def test_what_nobody_waits_for_is_gathered_into_one_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = list[int]()
    commit = Groups._commit

    async def counted(self: Groups, group: Sequence[Piece[Any]]) -> None:
        sizes.append(len(group))
        await commit(self, group)

    monkeypatch.setattr(Groups, "_commit", counted)
    gathering, tallies = Groups(database, gathers=2.0), [new_id() for _ in range(3)]
    saved = []
    for tally in tallies:
        saved.append(asyncio.create_task(gathering.run(piece(adding(tally), tally))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert await asyncio.gather(*saved) == [1, 1, 1]
    assert sizes == [3]


async def test_who_waits_for_a_transaction_that_never_begins_is_cancelled(database: Database) -> None:
    gathering, tally = Groups(database, gathers=3600.0), new_id()
    saved = asyncio.create_task(gathering.run(piece(adding(tally), tally)))
    while gathering._running is None:  # noqa: ASYNC110 # it begins as soon as the loop runs
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    gathering._running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(saved, BOUND)
