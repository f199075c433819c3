"""What is done with a file for the bank as a whole, of debits or of refunds: sent, taken back, its outcome known."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel
from starlette.responses import Response

from carnet.decisions import Context, Decision, State
from carnet.http import Command, Reply
from carnet.mongo import Collection, Unit

S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Kind(Generic[S]):
    """A kind of file: where it is kept, how it is loaded with what is in it, and how it is shown."""

    files: Collection[S]
    load: Callable[[Unit, str], Awaitable[S]]
    show: Callable[[S], BaseModel]


async def moved(
    command: Command,
    kind: Kind[S],
    file: str,
    decide: Callable[[S, Context], Decision[S]],
    effect: Callable[[Unit, S, Context], None],
) -> Response:
    """Move a file that is still as it was seen, and what is in it, in one transaction."""

    async def work(unit: Unit, context: Context) -> Reply:
        found = await kind.load(unit, file)
        command.must_match(found.version)
        decision = decide(found, context)
        effect(unit, found, context)
        saved = unit.decide(kind.files, decision, context)
        return Reply(kind.show(saved), saved.version)

    return await command.run(work)
