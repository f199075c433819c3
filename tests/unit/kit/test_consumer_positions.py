"""A consumer that reads nothing any more, though Kafka answers, ends its worker: it is started again."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from carnet import consumer as kit
from carnet.consumer import Consumer, LostPositionError
from carnet.mongo import Database


@dataclass
class Positions:
    """The consumer of one partition; ``known`` is set once it has a position."""

    known: asyncio.Event = field(default_factory=asyncio.Event)

    def assignment(self) -> set[str]:
        return {"partition"}

    async def end_offsets(self, _: Any) -> dict[str, int]:
        return {"partition": 5}

    async def position(self, _: str) -> int:
        await self.known.wait()
        return 3


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
        self._subscribers = {"contracts.contracts": cast("Any", Subscriber(positions))}

    async def answers(self) -> bool:
        return self.kafka_answers

    async def look(self) -> None:
        """Measure once and see whether it goes on."""
        try:
            await self._measure_lag("contracts.contracts")
        except TimeoutError:
            await self.must_go_on()


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
