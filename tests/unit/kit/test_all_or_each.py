"""What is done in one transaction is done one by one if that fails, and one at fault stops no other."""

from collections.abc import Sequence

import pytest
from pymongo.errors import AutoReconnect

from carnet.due import all_or_each


class Work:
    """Work on items of which some are at fault, each with what it raises."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.asked: list[str] = []
        self.failed: list[str] = []

    async def do(self, items: Sequence[str]) -> str:
        done = "".join(items)
        self.asked.append(done)
        for item in items:
            if item in self.faults:
                raise self.faults[item]
        return done

    async def leave(self, item: str) -> str:
        self.failed.append(item)
        return f"not {item}"


async def test_items_are_done_at_once() -> None:
    work = Work()
    assert await all_or_each(["a", "b", "c"], work.do, work.leave) == ["abc"]
    assert (work.asked, work.failed) == (["abc"], [])


async def test_if_one_in_the_middle_is_at_fault_each_is_done_alone() -> None:
    work = Work(b=ValueError())
    assert await all_or_each(["a", "b", "c"], work.do, work.leave) == ["a", "not b", "c"]
    assert (work.asked, work.failed) == (["abc", "a", "b", "c"], ["b"])


async def test_a_transient_fault_is_nobodys_and_is_raised() -> None:
    work = Work(b=AutoReconnect())
    with pytest.raises(AutoReconnect):
        await all_or_each(["a", "b", "c"], work.do, work.leave)
    assert (work.asked, work.failed) == (["abc"], [])


async def test_a_fault_without_items_is_raised() -> None:
    async def do(items: Sequence[str]) -> str:
        raise ValueError(items)

    with pytest.raises(ValueError, match="\\[\\]"):
        await all_or_each([], do, Work().leave)
