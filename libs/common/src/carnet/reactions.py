"""What a service does on which event: a table per topic, as data.

A reaction is a pure function on states that were loaded before: it says what it ``loads``
beside its name, reads them with ``unit.get`` and saves with ``unit.decide`` or ``unit.put``.
It never waits and never asks: where something from another topic is not yet there, it writes
what it knows, and the other event's reaction completes it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from carnet.envelope import Received
from carnet.events.base import Event, Topic
from carnet.mongo import Unit, Wanted

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is done on one type of event, and what has to be loaded for it."""

    apply: Callable[[Received[Any], Unit], None]
    loads: Callable[[Received[Any]], Wanted]
    then_loads: Callable[[Received[Any], Unit], Wanted] | None = None


@dataclass(frozen=True)
class Reactions:
    """The table of one topic: event type to reaction. Types that are not in it are passed over."""

    topic: Topic
    table: dict[type[Event], Reaction] = field(default_factory=dict)

    def on(
        self,
        *events: type[E],
        loads: Callable[[Received[E]], Wanted],
        then_loads: Callable[[Received[E], Unit], Wanted] | None = None,
    ) -> Callable[[Callable[[Received[E], Unit], None]], Callable[[Received[E], Unit], None]]:
        """Register the decorated function for ``events``, all of this topic.

        ``then_loads`` names what can only be known once ``loads`` is there (the account of a
        contract, say). A type is registered once.
        """

        def register(apply: Callable[[Received[E], Unit], None]) -> Callable[[Received[E], Unit], None]:
            for event in events:
                if event.topic.name != self.topic.name:
                    raise ValueError(f"{event.__name__} is published on {event.topic.name}, not on {self.topic.name}")
                if event in self.table:
                    raise ValueError(f"{event.__name__} has a reaction already")
                self.table[event] = Reaction(
                    cast("Callable[[Received[Any], Unit], None]", apply),
                    cast("Callable[[Received[Any]], Wanted]", loads),
                    then_loads,
                )
            return apply

        return register

    def of(self, event: Received[Event]) -> Reaction | None:
        """The reaction to an event, where there is one."""
        return self.table.get(type(event.body))

    def wanted(self, events: Iterable[Received[Event]]) -> Wanted:
        """What the reactions to these events read first."""
        return (
            wanted for event in events if (reaction := self.of(event)) is not None for wanted in reaction.loads(event)
        )

    async def load_rest(self, unit: Unit, events: Iterable[Received[Event]]) -> None:
        """Load what they read once that is loaded."""
        await unit.load_all(
            wanted
            for event in events
            if (reaction := self.of(event)) is not None and reaction.then_loads is not None
            for wanted in reaction.then_loads(event, unit)
        )

    async def load(self, unit: Unit, events: Sequence[Received[Event]]) -> None:
        """Load all that the reactions to these events read."""
        await unit.load_all(self.wanted(events))
        await self.load_rest(unit, events)
