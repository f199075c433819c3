"""A consumer that reads nothing any more, though Kafka answers, ends its worker: it is started again."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aiokafka.errors import KafkaError
from structlog.testing import capture_logs

from carnet import consumer as kit
from carnet.consumer import Consumer, LostPositionError
from carnet.mongo import Database

TOPIC = "contracts.contracts"


@dataclass
class Positions:
    """The consumer of one partition; ``known`` is set once it has a position."""

    known: asyncio.Event = field(default_factory=asyncio.Event)
    read: int = 3
    """How many of the five records it has taken."""

    def assignment(self) -> set[str]:
        return {"partition"}

    async def end_offsets(self, _: Any) -> dict[str, int]:
        return {"partition": 5}

    async def position(self, _: str) -> int:
        await self.known.wait()
        return self.read


@dataclass
class Subscriber:
    """A subscriber that is running."""

    consumer: Positions
    running: bool = True


class Reading(Consumer):
    """A consumer of one topic, without Kafka."""

    def __init__(self, positions: Positions) -> None:
        super().__init__("payments", cast("Database", None), (), "localhost:1", slots=frozenset)
        self.kafka_answers = True
        self._subscribers = {TOPIC: cast("Any", Subscriber(positions))}

    async def answers(self) -> bool:
        return self.kafka_answers

    async def look(self) -> None:
        """Measure once and see whether it goes on."""
        with contextlib.suppress(TimeoutError):
            await self._measure_lag(TOPIC)
        await self.must_go_on()

    def takes_a_batch(self) -> None:
        """As its subscriber notes it."""
        self._begun[TOPIC] += 1


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "LAG_WITHIN", 0.01)
    monkeypatch.setattr(kit, "LOST_AFTER", 0.0)


async def test_a_consumer_without_a_position_is_lost_while_kafka_answers() -> None:
    reading = Reading(Positions())
    with pytest.raises(LostPositionError, match=r"contracts\.contracts"):
        await reading.look()


async def test_while_kafka_does_not_answer_nothing_is_lost() -> None:
    reading = Reading(Positions())
    reading.kafka_answers = False
    for _ in range(3):
        await reading.look()


async def test_a_consumer_that_found_its_position_goes_on() -> None:
    positions = Positions()
    reading = Reading(positions)
    reading.kafka_answers = False
    await reading.look()
    positions.known.set()
    await reading.look()
    reading.kafka_answers = True
    await reading.must_go_on()


async def test_a_consumer_that_takes_no_batch_though_there_are_records_is_lost() -> None:
    positions = Positions()
    positions.known.set()
    reading = Reading(positions)
    await reading.look()
    with pytest.raises(LostPositionError, match=r"contracts\.contracts"):
        await reading.look()


async def test_a_consumer_that_takes_batches_has_one_under_way_or_has_read_all_goes_on() -> None:
    positions = Positions()
    positions.known.set()
    reading = Reading(positions)
    for _ in range(3):
        await reading.look()
        reading.takes_a_batch()
    reading._busy_since[TOPIC] = 0.0
    for _ in range(3):
        await reading.look()
    reading._busy_since.clear()
    positions.read = 5
    for _ in range(3):
        await reading.look()


class Failing:
    """A consumer that can't read."""

    def __init__(self) -> None:
        self._fetcher = self

    async def getmany(self, **_: Any) -> dict[str, Any]:
        raise KafkaError("no coordinator")


async def test_why_a_topic_cannot_be_read_is_logged() -> None:
    with capture_logs() as logged, pytest.raises(KafkaError):
        await Reading(Positions())._next_records(TOPIC, cast("Any", Failing()))
    assert [(entry["event"], entry["topic"], entry["error"]) for entry in logged] == [
        ("could not read", TOPIC, "KafkaError('no coordinator')")
    ]
