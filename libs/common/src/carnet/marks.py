"""Marks: how far each aggregate that a service follows has been applied, instead of an inbox.

A mark is kept per topic and aggregate, in the transaction of the effects: the generation and the sequence of the last
event applied, and how many of its records are parked. Generations are compared first, then sequences. Not above the
mark: dropped. The next: applied. A gap on a topic of facts: parked. On a topic of state the highest wins.

All databases are restored to one instant, so what a mark includes is in the journal that was restored with it: every
mark counts as of the generation of its database. A record of an older generation is from a future that a restore has
undone, and is dropped. A fact of a later one says that this database was not restored with the others: it is parked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from pymongo import InsertOne, ReplaceOne

from carnet.envelope import Envelope
from carnet.events.base import Topic
from carnet.mongo import Unit
from carnet.mongo.kit import MARKS


@dataclass(frozen=True, slots=True)
class Mark:
    """The last ``sequence`` applied of one aggregate, its generation, and how many later records are ``parked``."""

    sequence: int = 0
    parked: int = 0
    generation: int = 0


class Verdict(Enum):
    """What is to be done with a record, going by the mark alone."""

    DROP = "drop"
    APPLY = "apply"
    PARK_GAP = "gap"
    PARK_BEHIND = "behind"
    PARK_LATER_GENERATION = "later generation"


class Marks:
    """The marks of one topic within one unit of work."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._found: dict[str, Mark] = {}
        self._now: dict[str, Mark] = {}
        self._generation = 0

    async def load(self, unit: Unit, aggregates: Iterable[str]) -> None:
        """Read the marks of these aggregates, in one query."""
        ids = self.ids(aggregates)
        self.take(unit, (await unit.load_all((), beside={MARKS: ids}))[MARKS] if ids else ())

    def ids(self, aggregates: Iterable[str]) -> Sequence[str]:
        """The ids of the documents that keep the marks of these aggregates."""
        return [self._id(aggregate) for aggregate in dict.fromkeys(aggregates)]

    def take(self, unit: Unit, found: Iterable[Mapping[str, Any]]) -> None:
        """The marks in documents that were read in this unit."""
        prefix, self._generation = len(self._id("")), unit.database.generation
        self._found = {
            mark["_id"][prefix:]: Mark(
                mark["sequence"], mark["parked"], max(mark.get("generation", 0), self._generation)
            )
            for mark in found
        }
        self._now = dict(self._found)

    def of(self, aggregate: str) -> Mark:
        """The mark of an aggregate; the sequence of an unknown one is zero."""
        return self._now.get(aggregate, Mark(generation=self._generation))

    def verdict(self, envelope: Envelope) -> Verdict:
        """What to do with the record of that envelope."""
        mark = self.of(envelope.aggregate)
        if envelope.place <= (mark.generation, mark.sequence):
            return Verdict.DROP
        if self._topic.kind == "state":
            return Verdict.APPLY
        if mark.parked:
            return Verdict.PARK_BEHIND
        if envelope.generation > mark.generation:
            return Verdict.PARK_LATER_GENERATION
        return Verdict.APPLY if envelope.sequence == mark.sequence + 1 else Verdict.PARK_GAP

    def applied(self, envelope: Envelope) -> None:
        """The event of that envelope has been applied."""
        mark = self.of(envelope.aggregate)
        generation = max(mark.generation, envelope.generation)
        self._now[envelope.aggregate] = replace(mark, sequence=envelope.sequence, generation=generation)

    def passed(self, aggregate: str, sequence: int) -> None:
        """That sequence of the mark's generation counts as applied."""
        self._now[aggregate] = replace(self.of(aggregate), sequence=sequence)

    def parked(self, aggregate: str, count: int = 1) -> None:
        """``count`` more records of the aggregate are parked (fewer where it is negative)."""
        mark = self.of(aggregate)
        self._now[aggregate] = replace(mark, parked=mark.parked + count)

    def save(self, unit: Unit) -> None:
        """Write the marks that have moved, with the rest of the unit."""
        for aggregate, mark in self._now.items():
            if mark == self._found.get(aggregate):
                continue
            document = {"_id": self._id(aggregate), "sequence": mark.sequence, "parked": mark.parked}
            if mark.generation:
                document["generation"] = mark.generation
            known = aggregate in self._found
            unit.write(MARKS, ReplaceOne({"_id": document["_id"]}, document) if known else InsertOne(document))

    def _id(self, aggregate: str) -> str:
        return f"{self._topic.name}:{aggregate}"
