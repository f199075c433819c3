"""Requests that arrive at the same instant, so that their commands share a transaction."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from carnet import groups
from carnet.groups import Groups, Piece
from carnet.mongo import NotLoadedError, Unit
from tests.waits import BOUND


class BrokenError(Exception):
    """A fault of Carnet's own."""


class Arriving:
    """Holds the commands of the APIs in this process until all that are sent together have arrived.

    ``sizes`` are those of the groups that were then decided; ``alone`` counts the commands that read more than they
    had declared, so that they left their group.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.alone = 0
        self._broken: str | None = None
        self._missing = 0
        self._all_here = asyncio.Event()
        run, decide_all = Groups.run, groups._decide_all

        async def held(self_: Groups, piece: Piece[Any]) -> Any:
            if self._broken is not None and str(piece.key).endswith(self._broken):
                piece.work = _breaking(piece.work)
            self._missing -= 1
            if self._missing == 0:
                self._all_here.set()
            if self._missing >= 0:
                await self._all_here.wait()
            return await run(self_, piece)

        async def counted(unit: Unit, group: list[Piece[Any]]) -> list[Any]:
            outcomes = await decide_all(unit, group)
            self.sizes.append(len(group))
            self.alone += sum(isinstance(each, NotLoadedError) for each in outcomes)
            return outcomes

        monkeypatch.setattr(Groups, "run", held)
        monkeypatch.setattr(groups, "_decide_all", counted)

    async def send(
        self, *requests: Coroutine[Any, Any, httpx.Response], broken: str | None = None
    ) -> list[httpx.Response | BaseException]:
        """The answers of these requests, whose commands arrive together.

        That with the Idempotency-Key ``broken`` meets a fault once everything is decided.
        """
        self._broken, self._missing = broken, len(requests)
        self._all_here.clear()
        async with asyncio.timeout(BOUND):
            return await asyncio.gather(*requests, return_exceptions=True)


def _breaking(work: Any) -> Any:
    async def breaks(unit: Unit) -> None:
        await work(unit)
        raise BrokenError

    return breaks


def statuses(answers: list[httpx.Response | BaseException]) -> list[int]:
    """The statuses of the answers; 500 for one that broke."""
    return [500 if isinstance(each, BrokenError) else answered(each).status_code for each in answers]


def answered(answer: httpx.Response | BaseException) -> httpx.Response:
    """An answer that is one."""
    assert isinstance(answer, httpx.Response), answer
    return answer
