"""Offsets are committed together, soon, and never of what is not applied."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError

from carnet import offsets
from carnet.offsets import Offsets
from tests.waits import BOUND

TOPIC = "contracts.contracts"
FIRST, SECOND = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)


class Consumer:
    """What of a consumer is asked."""

    def __init__(self) -> None:
        self.assigned = {FIRST, SECOND}
        self.commits: list[Mapping[TopicPartition, int]] = []
        self.failures = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.sought: list[tuple[TopicPartition, int]] = []

    def assignment(self) -> set[TopicPartition]:
        return set(self.assigned)

    async def commit(self, wanted: Mapping[TopicPartition, int]) -> None:
        await self.answers.wait()
        if self.failures:
            self.failures -= 1
            raise CommitFailedError("the members change")
        self.commits.append(dict(wanted))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))


def record(partition: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord(TOPIC, partition.partition, offset, 0, 0, b"", b"", None, 0, 0, ())


class Reading:
    """A consumer whose batches are acknowledged."""

    def __init__(self) -> None:
        self.consumer: Any = Consumer()
        self.offsets = Offsets(TOPIC)

    async def apply(self, *records: ConsumerRecord[bytes, bytes]) -> None:
        await self.offsets.of(self.consumer, records).commit()

    async def committed(self, *wanted: Mapping[TopicPartition, int]) -> None:
        await eventually(lambda: bool(self.consumer.commits == list(wanted)))


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND):
        while not holds():  # noqa: ASYNC110 # a timer does it
            await asyncio.sleep(0.002)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setattr(offsets, "QUIET", 0.01)
    monkeypatch.setattr(offsets, "AT_LEAST_EVERY", 0.05)
    return Reading()


async def test_batches_that_follow_each_other_at_their_pace_are_committed_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offsets, "QUIET", 0.01)
    monkeypatch.setattr(offsets, "AT_LEAST_EVERY", 3600.0)
    waits: list[float] = []

    class Watched(Offsets):
        def _wait(self, seconds: float) -> None:
            waits.append(seconds)
            super()._wait(seconds)

    paced = Reading()
    paced.offsets = Watched(TOPIC, pace=0.3)
    await paced.apply(record(FIRST, 1))
    await paced.apply(record(FIRST, 2))
    await paced.committed({FIRST: 3})
    assert waits[0] == pytest.approx(0.31)


async def test_batches_that_follow_each_other_are_committed_together(reading: Reading) -> None:
    await reading.apply(record(FIRST, 4), record(SECOND, 9))
    await reading.apply(record(FIRST, 5))
    assert reading.consumer.commits == []
    await reading.committed({FIRST: 6, SECOND: 10})


async def test_batches_that_never_end_are_committed_all_the_same(reading: Reading) -> None:
    going_on = True

    async def come() -> None:
        offset = 0
        while going_on:
            await reading.apply(record(FIRST, offset))
            offset += 1
            await asyncio.sleep(0)

    coming = asyncio.create_task(come())
    await eventually(lambda: len(reading.consumer.commits) >= 2)
    going_on = False
    await coming
    counted = [commit[FIRST] for commit in reading.consumer.commits]
    assert counted == sorted(counted)


async def test_what_could_not_be_committed_is_committed_later(reading: Reading) -> None:
    reading.consumer.failures = 2
    await reading.apply(record(FIRST, 4))
    await reading.committed({FIRST: 5})


async def test_a_commit_never_overtakes_another(reading: Reading) -> None:
    reading.consumer.answers.clear()
    await reading.apply(record(FIRST, 4))
    await eventually(reading.offsets._one_at_a_time.locked)
    await reading.apply(record(FIRST, 5))
    await asyncio.sleep(0.05)
    reading.consumer.answers.set()
    await reading.committed({FIRST: 5}, {FIRST: 6})


async def test_the_partitions_of_another_member_are_left_to_it(reading: Reading) -> None:
    await reading.apply(record(FIRST, 4), record(SECOND, 9))
    reading.consumer.assigned = {SECOND}
    await reading.committed({SECOND: 10})


async def test_a_worker_that_ends_commits_each_batch_at_once(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "QUIET", 60)
    monkeypatch.setattr(offsets, "AT_LEAST_EVERY", 60)
    await reading.apply(record(FIRST, 4))
    await reading.offsets.end()
    assert reading.consumer.commits == [{FIRST: 5}]
    await reading.apply(record(FIRST, 5))
    assert reading.consumer.commits == [{FIRST: 5}, {FIRST: 6}]


async def test_a_worker_that_ends_waits_for_no_broker_that_refuses(reading: Reading) -> None:
    reading.consumer.failures = 1
    await reading.apply(record(FIRST, 4))
    await reading.offsets.end()
    assert reading.consumer.commits == []


async def test_a_batch_that_is_given_back_is_not_committed(reading: Reading) -> None:
    reading.offsets.of(reading.consumer, [record(FIRST, 4)]).seek(FIRST, 4)
    await reading.offsets.end()
    assert (reading.consumer.sought, reading.consumer.commits) == ([(FIRST, 4)], [])


async def test_another_consumer_begins_with_nothing_to_commit(reading: Reading) -> None:
    await reading.apply(record(FIRST, 4))
    before, reading.consumer = reading.consumer, Consumer()
    await reading.apply(record(SECOND, 2))
    await reading.committed({SECOND: 3})
    assert before.commits == []
