"""A cause of the tests, declared as any other: a wardrobe keeps a costume for each workshop that is bought.

It represents what contracts may ask of other services one day, and can be given back.
"""

from typing import Any, ClassVar

from carnet.decisions import Context
from carnet.events import Event, Topic
from carnet.events.contracts import CONTRACTS
from carnet.events.credits import CREDITS
from carnet.ids import Id
from carnet.refusals import Refusal, conflict
from carnet.requests.asked import Cause
from carnet.requests.together import Ask
from contracts.contracts.domain.causes import CAUSES, ChangeCause
from contracts.contracts.domain.contracts import Contract


class CostumesRequested(Event):
    topic: ClassVar[Topic] = CONTRACTS
    contract: Id
    request: Id
    lines: tuple[Id, ...]


class CostumesReturned(Event):
    topic: ClassVar[Topic] = CONTRACTS
    contract: Id
    request: Id
    lines: tuple[Id, ...]


class CostumeKept(Event):
    topic: ClassVar[Topic] = CREDITS
    contract: Id
    request: Id
    line: Id


class CostumesRefused(Event):
    topic: ClassVar[Topic] = CREDITS
    contract: Id
    request: Id
    size: str


EVENTS: tuple[type[Event], ...] = (CostumesRequested, CostumesReturned, CostumeKept, CostumesRefused)


def asks_for_costumes(before: Contract | None, after: Contract, context: Context) -> Ask | None:
    known = {line.id for line in before.lines} if before else set()
    lines = tuple(line.id for line in after.live if line.purchase.kind == "workshop" and line.id not in known)
    body: dict[str, Any] = {"contract": after.id, "request": context.change, "lines": lines}
    return Ask(COSTUMES, lines, CostumesRequested(**body), CostumesReturned(**body)) if lines else None


def no_costume(contract: Contract, answer: CostumesRefused) -> Refusal:
    return conflict("no-costume", "Choose another size.", rule="CAT-7", contract=contract.id, size=answer.size)


COSTUMES = Cause("costumes", "wardrobe", "CAT-7")
BOTH = (
    *CAUSES,
    ChangeCause(
        cause=COSTUMES,
        asks=asks_for_costumes,
        grants={CostumeKept: lambda answer: (answer.line,)},
        refuses={CostumesRefused: no_costume},
    ),
)
