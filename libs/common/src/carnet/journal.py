"""The append-only journal of a service, which is also its outbox (ORG-4).

A row is written once, in the transaction that changes the state: who, when, what, from which
request. The relay publishes the rows that are still ``pending``. Personal values are in the part named ``personal``,
which ``erase`` removes and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict
from zlib import crc32

import orjson

from carnet.dates import write_instant
from carnet.decisions import Context
from carnet.envelope import LARGEST_EVENT_BODY
from carnet.events import BY_TYPE, TOPICS
from carnet.events.base import Event, Topic
from carnet.ids import new_id
from carnet.observe import REQUEST_ID
from carnet.refusals import invalid

if TYPE_CHECKING:
    from carnet.mongo import Database, Unit

ROWS = "journal"
SLOTS = 256
"""How many slots the aggregates are spread over, for ever: a row keeps the slot it was written with."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: the request, the trace, and the event that is being reacted to."""

    request: str | None = None
    traceparent: str | None = None
    causation: str | None = None


_NOWHERE = Origin()
ORIGIN: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)
"""Set once per request and per event that is reacted to; every journal row takes it along."""


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """While the block lasts, journal rows are written with this origin and log lines with its request."""
    before, request = ORIGIN.set(origin), REQUEST_ID.set(origin.request)
    try:
        yield
    finally:
        REQUEST_ID.reset(request)
        ORIGIN.reset(before)


class JournalRow(TypedDict):
    """An entry of the journal as it is kept."""

    _id: str
    aggregate: str
    sequence: int
    type: str
    topic: str
    organisation: str
    change: str
    causation: str | None
    actor: str
    at: str
    request: str | None
    traceparent: str | None
    data: dict[str, Any]
    personal: NotRequired[dict[str, Any]]
    tombstone: NotRequired[bool]
    """Whether its record has no body. This and what follows is said for a relay that does not know type or topic."""
    state: NotRequired[bool]
    """Whether its topic is one of state."""
    discloses: NotRequired[bool]
    """Whether its topic may carry personal data."""
    slot: int
    pending: NotRequired[bool]
    withheld: NotRequired[bool]


_TOPICS = {topic.name: topic for topic in TOPICS}


def slot_of(aggregate: str) -> int:
    """The slot of an aggregate, from 0 to 255."""
    return crc32(aggregate.encode()) % SLOTS


def rows_of(
    aggregate: str, organisation: str, version: int, events: Sequence[Event], context: Context
) -> list[JournalRow]:
    """The rows of ``events``, in order, after ``version``.

    Raises a refusal where one is larger than an event may be (256 KB).
    """
    origin = ORIGIN.get()
    rows: list[JournalRow] = []
    for sequence, event in enumerate(events, start=version + 1):
        data = event.model_dump(mode="json")
        size = len(orjson.dumps(data))
        if size > LARGEST_EVENT_BODY:
            raise invalid(
                "change-too-large",
                f"This change needs {size} bytes and the most is {LARGEST_EVENT_BODY}. Make it in several changes.",
                size=size,
            )
        personal = data.pop("personal", None)
        row: JournalRow = {
            "_id": new_id(),
            "aggregate": aggregate,
            "sequence": sequence,
            "type": event.type_name(),
            "topic": event.topic.name,
            "organisation": organisation,
            "change": context.change,
            "causation": origin.causation,
            "actor": str(context.actor),
            "at": write_instant(context.now),
            "request": origin.request,
            "traceparent": origin.traceparent,
            "data": data,
            "slot": slot_of(aggregate),
            "pending": True,
        }
        if personal is not None:
            row["personal"] = personal
        if event.tombstone:
            row["tombstone"] = True
        if event.topic.kind == "state":
            row["state"] = True
        if event.topic.personal:
            row["discloses"] = True
        rows.append(row)
    return rows


def is_tombstone(row: Mapping[str, Any]) -> bool:
    """Whether the record of a row has no body; the row itself says so of a type that a newer release has added."""
    known = BY_TYPE.get(row["type"])
    return bool(row.get("tombstone")) if known is None else known.tombstone


def topic_of(row: JournalRow) -> Topic:
    """The topic that a row is published on; the row itself describes one that a newer release has added."""
    known = _TOPICS.get(row["topic"])
    if known is not None:
        return known
    kind: Literal["facts", "state"] = "state" if row.get("state") else "facts"
    return Topic(row["topic"], kind, personal=row.get("discloses", False))


async def read(
    database: "Database", organisation: str, aggregate: str, *, after: int = 0, limit: int = 50
) -> list[JournalRow]:
    """The entries of one aggregate in order, those after sequence ``after``."""
    query = {"aggregate": aggregate, "sequence": {"$gt": after}, "organisation": organisation}
    found = await database[ROWS].find(query).sort("sequence", 1).limit(limit).to_list(None)
    return [row for row in found]  # type: ignore[misc] # noqa: C416 # a document of the journal is a row


async def erase(unit: "Unit", aggregate: str, *, person: str | None = None) -> None:
    """Remove the personal part of every entry of ``aggregate``, and nothing else (ORG-4).

    Where a ``person`` is named, only the item of that id goes from the ``members`` of each
    personal part: what the entries say of others stays. Entries not yet published are
    withheld: what they would have published is no longer to be published. On a topic of state the entry
    written next has the state as it now is.
    """
    rows = unit.database[ROWS]
    await rows.update_many(
        {"aggregate": aggregate, "pending": True},
        {"$set": {"withheld": True}, "$unset": {"pending": ""}},
        session=unit.session,
    )
    concerned: dict[str, Any] = {"aggregate": aggregate, "personal": {"$exists": True}}
    removal: dict[str, Any] = {"$unset": {"personal": ""}}
    if person is not None:
        concerned = {"aggregate": aggregate, "personal.members.id": person}
        removal = {"$pull": {"personal.members": {"id": person}}}
    await rows.update_many(concerned, removal, session=unit.session)
