"""Commands commit in groups: those that arrive while a transaction is under way share the next one.

Each is decided in order, in memory, in a savepoint of its own, and answered by itself once the
transaction is committed; a refused one leaves nothing behind for the others. A command that is alone
goes at once; after a group of several, the next one waits a moment for those who were just answered,
since clients that are busy ask again at once. Where a group meets a conflict or a fault, it is halved,
down to the command at fault, which goes on by itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from carnet.mongo import (
    BusyError,
    Database,
    Link,
    NotLoadedError,
    Unit,
    Wanted,
    is_transient,
    may_be_too_much,
    transact,
)

T = TypeVar("T")
R = TypeVar("R")

MOST = 64
"""The most commands in one transaction: it stays short, and what waits behind it does not wait long."""

WAITS = 0.5
"""The share of a group's duration for which the next one waits until as many commands have arrived again."""

LONGEST_WAIT = 0.02
"""Seconds that it waits at most, however long the last one has taken."""


async def in_halves(
    pieces: Sequence[T],
    together: Callable[[Sequence[T]], Awaitable[None]],
    *,
    alone: Callable[[T, Exception], Awaitable[None]],
    splits: Callable[[Exception], bool],
) -> None:
    """Do ``pieces`` together; where that fails with a fault that ``splits``, halves of them, in order.

    The one at fault is left to ``alone``, with the fault. Any other fault is raised.
    """
    try:
        await together(pieces)
    except Exception as error:
        if not splits(error):
            raise
        if len(pieces) == 1:
            await alone(pieces[0], error)
            return
        middle = len(pieces) // 2
        for half in (pieces[:middle], pieces[middle:]):
            await in_halves(half, together, alone=alone, splits=splits)


@dataclass(frozen=True, slots=True)
class Loads:
    """What a command reads: the states ``first``, and those ``then`` names once the first are loaded.

    What ``links`` lead to from the first is loaded with them.
    """

    first: Wanted
    then: Callable[[Unit], Wanted] | None = None
    links: Sequence[Link] = ()


@dataclass(eq=False, slots=True)
class Piece(Generic[R]):
    """One command: what it reads, and what it does with that in a unit of work.

    ``work`` may run several times. In a group it reads nothing but what was loaded; where it asks for more it runs
    alone. The others wait while it waits. Two commands of the same ``key`` never share a group.
    """

    organisation: str
    loads: Loads
    work: Callable[[Unit], Coroutine[Any, Any, R]]
    key: Hashable = None
    context: Context = field(default_factory=copy_context)
    answer: "asyncio.Future[R]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Groups:
    """The commands of one process that wait, and the transaction that is under way.

    With ``gathers``, in seconds, each transaction waits that long for further commands: for those whose answer nobody
    waits for.
    """

    def __init__(self, database: Database, *, gathers: float = 0.0) -> None:
        self._database = database
        self._gathers = gathers
        self._waiting: list[Piece[Any]] = []
        self._expected = 0
        self._all_here = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._single: set[asyncio.Task[None]] = set()

    async def run(self, piece: Piece[R]) -> R:
        """Do a command in the next transaction; what its work returned, or raises what it raised."""
        self._waiting.append(piece)
        if self._running is None:
            self._running = asyncio.create_task(self._drain(), context=Context())
        elif len(self._waiting) >= self._expected:
            self._all_here.set()
        return await piece.answer

    async def _drain(self) -> None:
        try:
            while self._waiting:
                group: Sequence[Piece[Any]] = ()
                try:
                    if self._gathers:
                        await asyncio.sleep(self._gathers)
                    group, began = self._next(), time.monotonic()
                    await in_halves(group, self._commit, alone=self._go_alone, splits=_splits)
                    if len(group) > 1 and not self._gathers:
                        await self._gather(len(group), time.monotonic() - began)
                except Exception as error:
                    # The network, or a server that is away: as for a command alone, the caller tries again.
                    for piece in group:
                        _fail(piece, error)
                except BaseException as error:
                    # The process is stopped in the middle: nobody may be left waiting for an answer that never comes.
                    for piece in (*group, *self._waiting):
                        _fail(piece, error)
                    self._waiting = []
                    raise
        finally:
            self._running = None

    async def _gather(self, answered: int, took: float) -> None:
        """Wait a moment, until as many further commands have arrived as were just answered.

        Otherwise those that came a little earlier would go first, alone, and two transactions would do the work of one.
        """
        self._expected = min(len(self._waiting) + answered, MOST)
        if len(self._waiting) >= self._expected:
            return
        self._all_here.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(took * WAITS, LONGEST_WAIT)):
                await self._all_here.wait()
        self._expected = 0

    def _next(self) -> Sequence[Piece[Any]]:
        group: list[Piece[Any]] = []
        later: list[Piece[Any]] = []
        keys: set[Hashable] = set()
        for piece in self._waiting:
            if len(group) == MOST or piece.key in keys:
                later.append(piece)
                continue
            group.append(piece)
            if piece.key is not None:
                keys.add(piece.key)
        self._waiting = later
        return group

    async def _commit(self, group: Sequence[Piece[Any]]) -> None:
        """One transaction. A single one is tried once: a conflict must not keep the others waiting."""
        if len(group) == 1:
            piece = group[0]
            attempt = transact(self._database, lambda unit: _decide_alone(unit, piece), patience=0)
            try:
                result = await asyncio.create_task(attempt, context=piece.context)
            except BusyError:
                raise
            except Exception as error:
                _fail(piece, error)
            else:
                _answer(piece, result)
            return
        outcomes = await transact(self._database, lambda unit: _decide_all(unit, group), patience=0)
        for piece, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, NotLoadedError):
                await self._go_alone(piece, outcome)
            elif isinstance(outcome, Exception):
                _fail(piece, outcome)
            else:
                _answer(piece, outcome)

    async def _go_alone(self, piece: Piece[Any], _fault: Exception) -> None:
        """Let a command go on in transactions of its own, beside the next groups."""

        async def run() -> None:
            try:
                result = await transact(self._database, piece.work)
            except Exception as error:
                _fail(piece, error)
            except BaseException as error:
                _fail(piece, error)
                raise
            else:
                _answer(piece, result)

        task = asyncio.create_task(run(), context=piece.context)
        self._single.add(task)
        task.add_done_callback(self._single.discard)


def _splits(error: Exception) -> bool:
    return may_be_too_much(error) or not is_transient(error)


async def _load(unit: Unit, pieces: Sequence[Piece[Any]]) -> None:
    links = dict.fromkeys(link for piece in pieces for link in piece.loads.links)
    await unit.load_all((wanted for piece in pieces for wanted in piece.loads.first), links=links)
    await unit.load_all(wanted for piece in pieces if piece.loads.then for wanted in piece.loads.then(unit))


async def _decide_alone(unit: Unit, piece: Piece[R]) -> R:
    await _load(unit, [piece])
    return await piece.work(unit)


async def _decide_all(unit: Unit, group: Sequence[Piece[Any]]) -> list[Any]:
    """What each command returned or raised, decided in order."""
    await _load(unit, group)
    with unit.closed():
        return [await _decide(unit, piece) for piece in group]


async def _decide(unit: Unit, piece: Piece[Any]) -> Any:
    try:
        with unit.piece(piece.organisation):
            return await asyncio.create_task(piece.work(unit), context=piece.context)
    except Exception as error:
        return error


def _answer(piece: Piece[R], result: R) -> None:
    if not piece.answer.done():
        piece.answer.set_result(result)


def _fail(piece: Piece[Any], error: BaseException) -> None:
    if piece.answer.done():
        return
    if isinstance(error, asyncio.CancelledError):
        piece.answer.cancel()
    else:
        piece.answer.set_exception(error)
