"""What several ask for at the same time is read together: one query instead of one for each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from carnet.mongo import is_transient

K = TypeVar("K")
V = TypeVar("V")


class SharedQueries(Generic[K, V]):
    """Questions that arrive while others are being answered wait for these and share the next query.

    There is no timer and nothing is kept: a question that is alone goes at once, and an answer is never older than the
    question. ``answer`` gives the answers in the order of the questions. Where it fails for several, each is asked
    alone, so that only the one at fault fails; a transient fault is that of all.
    """

    def __init__(self, answer: Callable[[Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: K) -> V:
        """The answer to one question."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain(), context=Context())
        return await future

    async def _drain(self) -> None:
        asked: list[tuple[K, asyncio.Future[V]]] = []
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._answer_all(asked)
        finally:
            self._running = None
            for _, future in (*asked, *self._waiting):  # the process is stopped in the middle
                future.cancel()
            self._waiting = []

    async def _answer_all(self, asked: Sequence[tuple[K, asyncio.Future[V]]]) -> None:
        try:
            answers = await self._answer([question for question, _ in asked])
        except Exception as error:
            if len(asked) > 1 and not is_transient(error):
                for one in asked:
                    await self._answer_all([one])
                return
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), answer in zip(asked, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
