"""Marks: how far each aggregate that a service hears of has been applied, instead of an inbox.

A mark is kept per topic and aggregate, in the transaction of the effects: the last sequence
applied, and how many of its records are parked. Not above the mark: dropped. The next:
applied. A gap on a topic of facts: parked. On a topic of state the highest sequence wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from pymongo import InsertOne, ReplaceOne

from carnet.events.base import Topic
from carnet.mongo import Unit

MARKS = "marks"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last ``sequence`` applied of one aggregate, and how many of its later records are ``parked``."""

    sequence: int = 0
    parked: int = 0


class Verdict(Enum):
    """What is to be done with a record, going by the mark alone."""

    DROP = "drop"
    APPLY = "apply"
    PARK_GAP = "gap"
    PARK_BEHIND = "behind"


class Marks:
    """The marks of one topic within one unit of work."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._found: dict[str, Mark] = {}
        self._now: dict[str, Mark] = {}

    async def load(self, unit: Unit, aggregates: Iterable[str]) -> None:
        """Read the marks of these aggregates, in one query."""
        ids = [self._id(aggregate) for aggregate in dict.fromkeys(aggregates)]
        cursor = unit.database[MARKS].find({"_id": {"$in": ids}}, session=unit.session, batch_size=len(ids) + 1)
        found = await cursor.to_list(None)
        prefix = len(self._id(""))
        self._found = {mark["_id"][prefix:]: Mark(mark["sequence"], mark["parked"]) for mark in found}
        self._now = dict(self._found)

    def of(self, aggregate: str) -> Mark:
        """The mark of an aggregate; that of one never heard of is zero."""
        return self._now.get(aggregate, Mark())

    def verdict(self, aggregate: str, sequence: int) -> Verdict:
        """What to do with the record of that sequence."""
        mark = self.of(aggregate)
        if sequence <= mark.sequence:
            return Verdict.DROP
        if self._topic.kind == "state":
            return Verdict.APPLY
        if mark.parked:
            return Verdict.PARK_BEHIND
        return Verdict.APPLY if sequence == mark.sequence + 1 else Verdict.PARK_GAP

    def applied(self, aggregate: str, sequence: int) -> None:
        """That sequence has been applied."""
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
            known = aggregate in self._found
            unit.write(MARKS, ReplaceOne({"_id": document["_id"]}, document) if known else InsertOne(document))

    def _id(self, aggregate: str) -> str:
        return f"{self._topic.name}:{aggregate}"
