"""What was decided after the backup and is undone by the restore, from the topics and the journals as they were.

It is written down before anything of it is deleted: what it says has been sent in mails, moved at payment providers,
and received by subscribers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import orjson

from carnet.envelope import Record
from carnet.events import TOPICS
from carnet.generation import LARGEST_GENERATION
from carnet.journal import ROWS
from carnet.mongo import Database
from carnet_operations.verify.published.topics import generation_of, partitions_of, read_to_end

AT_ONCE = 1_000

ERASED = "carnet.contracts.AccountErased.v1"
ORDERED = "carnet.payments.CollectionStarted.v1"

_HEADERS = ("id", "type", "subject", "sequence", "organisation", "time", "actor", "changeid")

Line = dict[str, Any]
"""An event: its topic, the attributes of its envelope and its body without personal values."""


@dataclass
class Lost:
    """The events of the lost future, counted; each is a line of ``file``, as JSON."""

    file: IO[bytes]
    by_type: Counter[str] = field(default_factory=Counter)
    erased: set[str] = field(default_factory=set)
    """The accounts whose people, or some of them, may have been erased after the backup (ORG-4)."""
    generation: int = 0
    """The latest generation on the topics."""
    missing: list[str] = field(default_factory=list)
    """Topics that are not there, so that nobody knows what was on them."""
    _seen: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many events were lost."""
        return sum(self.by_type.values())

    @property
    def orders(self) -> int:
        """How many orders to providers."""
        return self.by_type[ORDERED]

    async def add(self, databases: Mapping[str, Database], lines: Iterable[Line]) -> None:
        """Add those of the events that no restored journal has."""
        by_owner: dict[str, dict[str, Line]] = {}
        for line in lines:
            if line["id"] not in self._seen:
                by_owner.setdefault(line["topic"].split(".")[0], {})[line["id"]] = line
        for owner, theirs in by_owner.items():
            rows = databases[owner][ROWS].find({"_id": {"$in": list(theirs)}}, {"_id": 1})
            kept = {row["_id"] async for row in rows}
            for id_, line in theirs.items():
                if id_ not in kept:
                    self._lose(line)

    def _lose(self, line: Line) -> None:
        self._seen.add(line["id"])
        self.by_type[line["type"]] += 1
        members = (line["body"] or {}).get("members", ()) if line["topic"] == "contracts.accounts" else ()
        if line["type"] == ERASED or any(member.get("erased") for member in members):
            self.erased.add(line["subject"])
        self.file.write(orjson.dumps(line) + b"\n")


async def at_hand(databases: Mapping[str, Database]) -> list[Line]:
    """The entries of the present journals that the topics may not have: unpublished ones, and erasures."""
    lines: list[Line] = []
    for database in databases.values():
        query = {"$or": [{"pending": True}, {"type": ERASED}]}
        async for row in database[ROWS].find(query):
            attributes = (
                row["_id"],
                row["type"],
                row["aggregate"],
                str(row["sequence"]),
                row["organisation"],
                row["at"],
                row["actor"],
                row["change"],
            )
            lines.append({"topic": row["topic"], **dict(zip(_HEADERS, attributes, strict=True)), "body": row["data"]})
    return lines


async def read(databases: Mapping[str, Database], bootstrap: str, namespace: str, lost: Lost) -> None:
    """Add what is on the topics and in no journal."""
    names = {namespace + topic.name: topic.name for topic in TOPICS}
    there = await partitions_of(bootstrap, names)
    lost.missing = [topic for name, topic in names.items() if name not in there]
    waiting: list[Line] = []

    async def take(record: Record) -> None:
        line = _line(names[record.topic], record)
        if line is None:
            return  # no event of Carnet: it goes with the rest
        lost.generation = max(lost.generation, _generation(record))
        waiting.append(line)
        if len(waiting) >= AT_ONCE:
            await lost.add(databases, waiting)
            waiting.clear()

    partitions = [partition for group in there.values() for partition in group]
    await read_to_end(bootstrap, partitions, lambda _partition, _offset: None, take)
    await lost.add(databases, waiting)


def _line(topic: str, record: Record) -> Line | None:
    headers = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    line: Line = {"topic": topic, **{name: headers.get(f"ce_{name}") for name in _HEADERS}}
    if line["id"] is None or line["type"] is None:
        return None
    try:
        body = None if record.value is None else orjson.loads(record.value)
    except ValueError:
        return None
    if isinstance(body, dict):
        body.pop("personal", None)
    return {**line, "body": body if isinstance(body, dict) else None}


def _generation(record: Record) -> int:
    try:
        return min(max(generation_of(record), 0), LARGEST_GENERATION - 1)
    except ValueError:
        return 0
