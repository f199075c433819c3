"""What every decision is made of: a state, a context, and the new state with its events.

A decision is a pure function ``decide(state, command, context) -> Decision`` or raises a
``Refusal``. It reads no clock, makes no id and does no I/O, so a preview is the decision
without the save, and cannot drift from the confirmation (CON-3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from pydantic import ConfigDict

from carnet.events.base import Event
from carnet.tolerance import Tolerant


class State(Tolerant):
    """The frozen state of one aggregate, as it is kept.

    ``version`` is the sequence of its last event (0 before the first): only the journal
    raises it, a decision leaves it alone. Fields that a newer release has added stay, while
    releases change over.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    id: str
    organisation: str
    version: int = 0

    @property
    def concerns(self) -> str | None:
        """The client account whose people it may name, in what staff wrote too; None if it names nobody (ORG-4)."""
        account = getattr(self, "account", None)
        return account if isinstance(account, str) else None


S = TypeVar("S", bound=State)
S_co = TypeVar("S_co", bound=State, covariant=True)


ActorKind = Literal["user", "client", "service", "support"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user (staff), a client, a service, or platform support (ORG-3, ORG-4)."""

    kind: ActorKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know of its surroundings.

    ``now`` is the instant in UTC, ``today`` the organisation's date (MON-5), or the date on
    which the change that is being reacted to takes effect. ``change`` is the id that all
    events of one change share, ``new_id`` gives fresh ids.
    """

    now: datetime
    today: date
    actor: Actor
    change: str
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Decision(Generic[S_co]):
    """The state that a command leads to and the events that describe it, in order.

    ``state.version`` is still the version before: saving adds the number of events to it.
    """

    state: S_co
    events: tuple[Event, ...] = ()
