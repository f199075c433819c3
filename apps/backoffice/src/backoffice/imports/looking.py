"""Files that are looked through beside the pages: those of a large school take minutes (IMP-1).

Reading the rows and asking contracts about each family is a task of this process. A page waits for it a moment, then
shows how far it is. What was found is kept here until the import is run or discarded, a day at most; what contracts
keeps meanwhile, the families that wait, stays with the import.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from fastapi import FastAPI

from backoffice.apis import Api, Json, Problem, ServiceAwayError
from carnet.ids import new_id
from carnet.importing.families import Reading
from carnet.importing.problems import FileError
from carnet.importing.sending import Found, RefusedError, look_through

AT_ONCE = 2
"""How many files one process looks through at a time; the others wait for their turn."""

MOST_KEPT = 50
KEPT_FOR = 86_400.0
"""Seconds."""

PATIENCE = 5.0
"""Seconds that a page waits for the result before it shows the progress instead."""

TRIES, PAUSE = 20, 3.0
"""How often a service that is away is asked again, and after how many seconds."""

CONTRACTS = "/contracts"
UNAUTHORISED = 401


@dataclass
class Looking:
    """The files of one import while they are looked through, and what was found then."""

    import_: str
    organisation: str
    api: Api
    """The APIs with the token of the person who followed it last: it is valid while somebody follows."""
    begun: bool = False
    """Whether its turn has come."""
    families: int | None = None
    """How many families the files have; None until they are read."""
    found: Found | None = None
    """What was found; not all of it before it is ``done``."""
    fault: Exception | None = None
    """Why it ended early: a file that cannot be read after all, a refusal, or a service that stays away."""
    kept_at: float = field(default_factory=time.monotonic)
    task: asyncio.Task[None] | None = None
    followed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.task is not None and self.task.done()

    def follow(self, api: Api) -> None:
        """Somebody asks for the progress: it goes on with their token."""
        self.api = api
        self.followed.set()

    async def waited(self, seconds: float) -> bool:
        """Wait for its end, so long at most; whether it has ended."""
        assert self.task is not None  # noqa: S101 # it is made with its task
        done, _ = await asyncio.wait([self.task], timeout=seconds)
        return bool(done)

    async def send(self, path: str, body: Any) -> tuple[int, Any]:
        """Send to contracts: again if it is away for a moment, and with a new token once somebody follows again."""
        key, tries = new_id(), 0
        while True:
            self.followed.clear()
            try:
                answer = await self.api.send(f"{CONTRACTS}{path}", body, key=key)
            except ServiceAwayError:
                tries += 1
                if tries == TRIES:
                    raise
                await asyncio.sleep(PAUSE)
            except Problem as problem:
                if problem.status != UNAUTHORISED:
                    errors = [{"field": each, "problem": ""} for each in problem.fields]
                    return problem.status, {"errors": errors, "params": problem.params}
                await self.followed.wait()
            else:
                return answer.status, answer.body


class Lookings:
    """Those of one process. ``patience`` is how long a page waits for what is found, in seconds."""

    def __init__(self) -> None:
        self.patience = PATIENCE
        self._places = asyncio.Semaphore(AT_ONCE)
        self._kept: dict[str, Looking] = {}

    def of(self, import_: str, organisation: str) -> Looking | None:
        """That of an import of the organisation (ORG-1); None if this process does not know it."""
        found = self._kept.get(import_)
        return found if found is not None and found.organisation == organisation else None

    def begin(self, looking: Looking, files: ExitStack, read: Callable[[], Reading]) -> None:
        """Look through the files that ``read`` reads, and close them then."""
        self._forget_old()
        looking.task = asyncio.create_task(self._look(looking, files, read))
        self._kept[looking.import_] = looking

    def forget(self, import_: str) -> None:
        """Forget what was found, and look no further."""
        found = self._kept.pop(import_, None)
        if found is not None and found.task is not None:
            found.task.cancel()

    def close(self) -> None:
        """Stop looking through files: the process stops."""
        for import_ in list(self._kept):
            self.forget(import_)

    async def _look(self, looking: Looking, files: ExitStack, read: Callable[[], Reading]) -> None:
        def note(found: Found) -> None:
            looking.found = found

        with files:
            try:
                async with self._places:
                    looking.begun = True
                    reading = await asyncio.to_thread(read)
                    looking.families = len(reading.families)
                    looking.found = await look_through(reading, looking.send, note, import_=looking.import_)
            except RefusedError as error:
                looking.fault = Problem(error.status, _slug(error.body))
            except (FileError, ServiceAwayError) as fault:
                looking.fault = fault

    def _forget_old(self) -> None:
        old = time.monotonic() - KEPT_FOR
        ended = [each for each in self._kept.values() if each.done]
        for each in sorted(ended, key=lambda each: each.kept_at):
            if each.kept_at < old or len(self._kept) >= MOST_KEPT:
                self.forget(each.import_)


def _slug(body: Json) -> str:
    return str(body.get("type", "")).rpartition(":")[2] or "internal" if isinstance(body, dict) else "internal"


def lookings_of(app: FastAPI) -> Lookings:
    """Those of this process."""
    state = app.state
    if not hasattr(state, "lookings"):
        state.lookings = Lookings()
        state.shared.closing.append(state.lookings.close)
    lookings: Lookings = state.lookings
    return lookings


def copied(files: Sequence[tuple[str, BinaryIO]], kept: ExitStack) -> list[tuple[str, BinaryIO]]:
    """The files, which go with their request, copied to the disk until ``kept`` is closed."""
    copies = list[tuple[str, BinaryIO]]()
    for name, file in files:
        copy = kept.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # it is closed with the others
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copies.append((name, copy))
    return copies
