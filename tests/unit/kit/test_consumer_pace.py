"""A consumer with a pace: what comes meanwhile is applied together, and nobody waits after a pause or a full batch."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from carnet import consumer as kit
from carnet.consumer import BATCH, LANES, Consumer
from carnet.mongo import Database

TOPIC = "contracts.contracts"


class Applied:
    """What takes the batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def apply(self, records: Sequence[Any]) -> None:
        self.sizes.append(len(records))


class Fetcher:
    _prefetch_backoff = 0.0


class Records:
    """The consumer, of which each look gives what has come."""

    def __init__(self) -> None:
        self._fetcher = Fetcher()
        self.come: list[Any] = []

    async def getmany(self, **_: Any) -> dict[str, list[Any]]:
        come, self.come = self.come, []
        return {"partition": come}


class Paced(Consumer):
    """A consumer of one topic, without Kafka."""

    def __init__(self, pace: float) -> None:
        paces = {TOPIC: pace, "another": 3600.0}
        super().__init__("credits", cast("Database", None), (), "localhost:1", slots=frozenset, paces=paces)
        self.applied = Applied()
        self._batches = {TOPIC: cast("Any", self.applied)}
        self.records: Any = Records()

    async def go_on(self) -> None:
        await self._apply(TOPIC, await self._next_records(TOPIC, self.records))


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits before a look; more comes during each."""
    waits: list[float] = []

    async def pause(seconds: float, *, until: asyncio.Event) -> bool:
        waits.append(seconds)
        return until.is_set()

    monkeypatch.setattr(kit, "pause", pause)
    return waits


async def test_the_first_records_are_applied_at_once(waited: list[float]) -> None:
    consumer = Paced(60)
    consumer.records.come = ["a"]
    await consumer.go_on()
    assert (waited, consumer.applied.sizes) == ([], [1])


async def test_what_comes_within_the_pace_waits_for_its_end(waited: list[float]) -> None:
    consumer = Paced(60)
    for come in (["a"], ["b", "c"]):
        consumer.records.come = come
        await consumer.go_on()
    assert consumer.applied.sizes == [1, 2]
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


async def test_after_a_full_batch_nobody_waits(waited: list[float]) -> None:
    consumer = Paced(60)
    for come in (["a"] * BATCH * LANES, ["b"]):
        consumer.records.come = come
        await consumer.go_on()
    assert (waited, consumer.applied.sizes) == ([], [BATCH * LANES, 1])


async def test_without_a_pace_nobody_waits(waited: list[float]) -> None:
    consumer = Paced(0)
    for come in (["a"], ["b"]):
        consumer.records.come = come
        await consumer.go_on()
    assert (waited, consumer.applied.sizes) == ([], [1, 1])
