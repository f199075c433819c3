"""A request that is right for each route; every wrong one is made from it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from carnet_operations.services import SERVICES
from carnet_play.story.desk import Json
from tests.builders import School


@dataclass(frozen=True)
class Right:
    """A right request: the values of its path, its body where it takes one, the version that it has seen."""

    path: dict[str, str] = field(default_factory=dict)
    body: Json | None = None
    version: int | None = None


@dataclass(frozen=True)
class Case:
    """How a route's right request is made, and who may send it."""

    make: Callable[[School], Awaitable[Right]]
    clients: bool = False
    """Whether a client of another account may read it: what everybody may see."""
    behind: bool = False
    """Whether an unknown id is answered as one that is not known yet: try again in a moment."""
    taken: frozenset[str] = frozenset()
    """The ids of its body that the service takes as they are: it has no copies of what they name, or answers so."""


CASES: dict[str, Case] = {}


def case(
    name: str, *, clients: bool = False, behind: bool = False, taken: Iterable[str] = ()
) -> Callable[[Callable[[School], Awaitable[Right]]], None]:
    """Register the right request of the route of that name."""

    def register(make: Callable[[School], Awaitable[Right]]) -> None:
        CASES[name] = Case(make, clients, behind, frozenset(taken))

    return register


def read(name: str, *, clients: bool = False) -> None:
    """Register a route that reads without an id."""

    async def right(_: School) -> Right:
        return Right()

    case(name, clients=clients)(right)


for _service in SERVICES:
    read(f"GET /{_service}/v1/today", clients=True)
