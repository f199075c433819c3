"""Questions asked at the same time share a query; one at fault fails alone."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo.errors import AutoReconnect

from carnet.shared_queries import SharedQueries


class Answers:
    """Answers with the tenfold, a query at a time, each when it may."""

    def __init__(self, *, open_: bool = True) -> None:
        self.asked: list[list[int]] = []
        self.fault: Exception | None = None
        self.begun, self.gate = asyncio.Event(), asyncio.Event()
        if open_:
            self.gate.set()

    async def __call__(self, questions: Sequence[int]) -> Sequence[int]:
        self.asked.append(list(questions))
        self.begun.set()
        await self.gate.wait()
        if self.fault is not None and 3 in questions:
            raise self.fault
        return [question * 10 for question in questions]


async def test_what_is_asked_during_a_query_shares_the_next_one() -> None:
    answers = Answers(open_=False)
    together = SharedQueries(answers)
    asking = [asyncio.create_task(together.ask(1))]
    await answers.begun.wait()
    asking += [asyncio.create_task(together.ask(question)) for question in (2, 3, 2)]
    await asyncio.sleep(0)
    answers.gate.set()
    assert await asyncio.gather(*asking) == [10, 20, 30, 20]
    assert answers.asked == [[1], [2, 3, 2]]
    assert await together.ask(4) == 40
    assert answers.asked[-1] == [4]


async def test_one_that_can_not_be_answered_fails_alone() -> None:
    answers = Answers()
    answers.fault = ValueError("three")
    together = SharedQueries(answers)
    assert await asyncio.gather(*map(together.ask, (1, 2, 3)), return_exceptions=True) == [10, 20, answers.fault]
    assert answers.asked == [[1, 2, 3], [1], [2], [3]]


async def test_a_transient_fault_is_that_of_all_and_they_may_ask_again() -> None:
    answers = Answers()
    answers.fault = AutoReconnect("away")
    together = SharedQueries(answers)
    assert await asyncio.gather(*map(together.ask, (1, 3)), return_exceptions=True) == [answers.fault] * 2
    answers.fault = None
    assert await asyncio.gather(*map(together.ask, (1, 3))) == [10, 30]
    assert answers.asked == [[1, 3], [1, 3]]


async def test_who_gives_up_keeps_nobody_from_the_answer() -> None:
    answers = Answers(open_=False)
    together = SharedQueries(answers)
    gone, waits = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await answers.begun.wait()
    gone.cancel()
    answers.gate.set()
    assert await waits == 20
    with pytest.raises(asyncio.CancelledError):
        await gone
