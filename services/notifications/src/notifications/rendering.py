"""Renders mails: the default templates in this process, an organisation's own ones in a child that may be killed.

An organisation's template is a stranger's program, however small its language. It is checked and rendered in
one child process with limits of CPU time and memory, one after another. A template that kills the child is
refused when it is saved or previewed; when a mail is sent, the default words are used instead (NOT-2).
"""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

from pydantic import TypeAdapter

from carnet.refusals import Refusal, invalid
from notifications.domain.mails import Wording
from notifications.domain.templates import Words
from notifications.mails.words import default_words
from notifications.templates.process import LENGTH
from notifications.templates.render import Written, write
from notifications.templates.task import Done, Outcome, Refused, Task, TooLarge

IDLE_SECONDS = 60.0
"""How long the process is kept while nobody needs it: it takes memory of its own."""
MEMORY_BYTES = 512 * 1024 * 1024
"""Address space that the process may have. At rest it has about a third of it."""
WALL_SECONDS = 60.0
"""After how long a process that does not answer is killed. Its CPU time is bounded by itself, much earlier."""
LONGEST_ANSWER = 32 * 1024 * 1024

_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


class _KilledError(Exception):
    """The process died of the task: out of time."""


class _DiedError(Exception):
    """The process died of something else."""


class Renderer:
    """Writes mails in the words of organisations, one at a time, in a child process that is made when it is needed."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._idle_seconds = idle_seconds
        self._memory_bytes = memory_bytes
        self._closing: asyncio.TimerHandle | None = None

    async def try_out(self, task: Task) -> Written:
        """The mail in words that staff proposes. Raises the refusal of words that could not be sent (NOT-2)."""
        async with self._turn:
            match await self._outcome(task.model_dump_json().encode()):
                case Done(written=written):
                    return written
                case Refused() as refused:
                    raise refused.refusal()
                case TooLarge():
                    await self._end()
                    raise _too_much()

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    async def _outcome(self, task: bytes) -> Outcome:
        for _ in range(2):
            try:
                return _OUTCOME.validate_json(await self._asked(task))
            except _KilledError:
                return TooLarge()
            except _DiedError:
                # Somebody else may have killed it, so it is asked once more. A task that kills it twice is at fault.
                continue
        return TooLarge()

    async def _asked(self, task: bytes) -> bytes:
        process = await self._started()
        try:
            async with asyncio.timeout(WALL_SECONDS):
                return await _ask(process, task)
        except TimeoutError:
            await self._end()
            raise _KilledError from None
        except (ConnectionError, asyncio.IncompleteReadError):
            ended = await process.wait()
            await self._end()
            raise (_KilledError if ended == -signal.SIGXCPU else _DiedError) from None
        except BaseException:
            # The caller was cancelled: the answer under way would be read as the answer to the next task.
            await self._end()
            raise
        finally:
            self._end_when_idle()

    async def _started(self) -> Process:
        if self._closing is not None:
            self._closing.cancel()
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "notifications.templates.process",
                str(self._memory_bytes),
                stdin=PIPE,
                stdout=PIPE,
                limit=LONGEST_ANSWER,
                start_new_session=True,
                # No setting, since some are secret, goes to the process that fills templates.
                env={name: value for name, value in os.environ.items() if not name.startswith("CARNET_")},
            )
        return self._process

    def _end_when_idle(self) -> None:
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(self._idle_seconds, self._end_input)

    def _end_input(self) -> None:
        if self._process is not None and self._process.stdin is not None and not self._turn.locked():
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def written_somehow(renderer: Renderer, own: Words | None, task: Task) -> tuple[Written, Wording]:
    """The mail in the organisation's ``own`` words, or in the default ones if it has none or they broke (NOT-2).

    ``task`` has the default words. Raises ``UnwritableError`` if even they cannot be written.
    """
    if own is not None:
        with contextlib.suppress(Refusal):
            return await renderer.try_out(task.model_copy(update={"words": own})), "own"
    written = write(default_words(task.kind, task.language), task.view(), task.language)
    return written, "default" if own is None else "fallback"


async def _ask(process: Process, task: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the process has no pipes")
    process.stdin.write(LENGTH.pack(len(task)) + task)
    await process.stdin.drain()
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    return await process.stdout.readexactly(length)


def _too_much() -> Refusal:
    return invalid(
        "template-unwritable",
        "Writing a mail with this template takes more time or memory than a mail may. Make it simpler.",
        rule="NOT-2",
    )
