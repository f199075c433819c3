"""CloudEvents in Kafka's binary mode: an event with its envelope, out to a record and in from one.

Attributes travel as ``ce_*`` headers (``ce_id``, ``ce_type``, ``ce_source``, ``ce_subject`` the
aggregate, ``ce_time``, and the extensions ``ce_sequence``, ``ce_generation``, ``ce_organisation``, ``ce_changeid``,
``ce_causationid``, ``ce_actor``, ``ce_requestid``, ``ce_traceparent``), the body as JSON of at most 256 KB.
"""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from pydantic import ValidationError

from carnet.dates import read_instant
from carnet.events import BY_TYPE
from carnet.events.base import Event, Topic
from carnet.generation import LARGEST_GENERATION

LARGEST_EVENT_BODY = 256 * 1024
"""The largest body of an event in bytes; the journal refuses to write a larger one."""

_TYPE = re.compile(r"carnet\.(?P<owner>[a-z]+)\.(?P<name>[A-Za-z]+)\.v(?P<major>[0-9]+)")

_NEEDED = ("ce_id", "ce_type", "ce_source", "ce_organisation", "ce_changeid", "ce_actor")
_KNOWN = {*_NEEDED, "ce_specversion", "ce_subject", "ce_time", "ce_sequence", "ce_generation"}
_KNOWN |= {"ce_causationid", "ce_requestid", "ce_traceparent"}
_EXTENSION = re.compile(r"ce_[a-z0-9]+")

LARGEST_SEQUENCE = 2**63 - 1
"""The largest sequence that the storage can hold."""

E_co = TypeVar("E_co", bound=Event, covariant=True)


class Record(Protocol):
    """What is read of a Kafka record."""

    @property
    def topic(self) -> str: ...  # noqa: D102 # the names say it
    @property
    def partition(self) -> int: ...  # noqa: D102 # likewise
    @property
    def offset(self) -> int: ...  # noqa: D102 # likewise
    @property
    def key(self) -> bytes | None: ...  # noqa: D102 # likewise
    @property
    def value(self) -> bytes | None: ...  # noqa: D102 # likewise
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...  # noqa: D102 # likewise


@dataclass(frozen=True, slots=True)
class Envelope:
    """What goes with the body of every event.

    ``sequence`` is contiguous per ``aggregate`` from 1. All events of one change share
    ``change``; ``causation`` is the event that this one reacts to; ``actor`` is
    ``kind:id`` (ORG-4); ``request`` is the request that everything began with: absent from
    what timed work began, and from records of releases that did not publish it. ``generation``
    is raised by each restore (``carnet.generation``), and absent from records, which means 0, before the first.
    """

    id: str
    type: str
    aggregate: str
    sequence: int
    organisation: str
    time: datetime
    change: str
    actor: str
    causation: str | None = None
    request: str | None = None
    traceparent: str | None = None
    generation: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Its place among the events of the aggregate: the generation, then the sequence."""
        return self.generation, self.sequence


@dataclass(frozen=True, slots=True)
class Received(Generic[E_co]):
    """An event as a reaction gets it: its envelope and its body."""

    envelope: Envelope
    body: E_co

    @property
    def id(self) -> str:
        """The event's id."""
        return self.envelope.id

    @property
    def aggregate(self) -> str:
        """The aggregate whose event it is."""
        return self.envelope.aggregate

    @property
    def sequence(self) -> int:
        """Its place among the aggregate's events, from 1."""
        return self.envelope.sequence

    @property
    def organisation(self) -> str:
        """The organisation that it belongs to (ORG-1)."""
        return self.envelope.organisation

    @property
    def change(self) -> str:
        """The change that it is part of."""
        return self.envelope.change

    @property
    def request(self) -> str | None:
        """The request that it comes from, however many events lie between."""
        return self.envelope.request

    @property
    def actor(self) -> str:
        """Who decided it, as ``kind:id`` (ORG-4)."""
        return self.envelope.actor

    @property
    def time(self) -> datetime:
        """When it was decided."""
        return self.envelope.time


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that the reader does not want, or of a name that it does not know, since types are only ever added."""

    envelope: Envelope


class UnreadableError(Exception):
    """A record that is not an event of Carnet. ``envelope`` is there where its headers could be read."""

    def __init__(self, reason: str, envelope: Envelope | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.envelope = envelope


_OF_TYPE: dict[str, tuple[bytes, bytes]] = {}
"""By type: the values of its headers ``ce_type`` and ``ce_source``."""

Published = tuple[bytes, bytes | None, list[tuple[str, bytes]]]
"""The key, value and headers of a record."""


def make_record(
    body: bytes | None,
    generation: int,
    *,
    id_: str,
    type_: str,
    aggregate: str,
    sequence: int,
    organisation: str,
    time: str,
    change: str,
    actor: str,
    causation: str | None,
    request: str | None,
    traceparent: str | None,
) -> Published:
    """The key, value and headers of the record of an event; no ``body`` makes a tombstone.

    The parts of its envelope are given as the journal has them, ``time`` as ``write_instant`` writes it: to make an
    envelope of each row took the relay a fifth of its time. The headers are those that the CloudEvents library makes,
    which takes ten times as long; a test compares them.
    """
    of_type = _OF_TYPE.get(type_)
    if of_type is None:
        of_type = _OF_TYPE[type_] = type_.encode(), f"/carnet/{type_.split('.')[1]}".encode()
    key = aggregate.encode()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", id_.encode()),
        ("ce_type", of_type[0]),
        ("ce_source", of_type[1]),
        ("ce_subject", key),
        ("ce_time", time.encode()),
        ("content-type", b"application/json"),
        ("ce_sequence", b"%d" % sequence),
        ("ce_organisation", organisation.encode()),
        ("ce_changeid", change.encode()),
        ("ce_actor", actor.encode()),
    ]
    if generation:
        headers.append(("ce_generation", b"%d" % generation))
    if causation is not None:
        headers.append(("ce_causationid", causation.encode()))
    if request is not None:
        headers.append(("ce_requestid", request.encode()))
    if traceparent is not None:
        headers.append(("ce_traceparent", traceparent.encode()))
    return key, body, headers


def read(record: Record, topic: Topic, wanted: Container[type[Event]] | None = None) -> Received[Event] | Ignored:
    """The event in a record of ``topic``.

    A name that this release does not know is ``Ignored`` where the topic's owner could have
    added it, and so is a type that is not ``wanted``: its body is not read. Everything else
    that is not right raises ``UnreadableError``: no or broken headers, a type of another owner
    or another major version, a body that is too big, not JSON, or not of the type's shape (an
    amount that is a float, say).
    """
    envelope = _read_envelope(record)
    parts = _TYPE.fullmatch(envelope.type)
    if parts is None or parts["owner"] != topic.owner:
        raise UnreadableError(f"type {envelope.type!r} is not one that {topic.owner} publishes", envelope)
    event_type = BY_TYPE.get(envelope.type)
    if event_type is None:
        if parts["major"] == "1":
            return Ignored(envelope)
        raise UnreadableError(f"type {envelope.type!r} is of a major version that is not known", envelope)
    if event_type.topic.name != topic.name:
        raise UnreadableError(f"type {envelope.type!r} does not belong on {topic.name}", envelope)
    if wanted is not None and event_type not in wanted:
        return Ignored(envelope)
    value = record.value
    if value is None:
        if not event_type.tombstone:
            raise UnreadableError(f"{envelope.type} has no body", envelope)
        return Received(envelope, event_type())
    if len(value) > LARGEST_EVENT_BODY:
        raise UnreadableError(f"the body has {len(value)} bytes, the most is {LARGEST_EVENT_BODY}", envelope)
    try:
        return Received(envelope, event_type.model_validate_json(value))
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in issue['loc']) or 'body'}: {issue['msg']}"
            for issue in error.errors(include_input=False, include_url=False)[:3]
        )
        raise UnreadableError(f"the body is not a {event_type.__name__}: {places}", envelope) from None


def _read_envelope(record: Record) -> Envelope:
    try:
        found = {name.lower(): value.decode() for name, value in record.headers if value is not None}
        subject, sequence = found["ce_subject"], int(found["ce_sequence"])
        if not subject or not 1 <= sequence <= LARGEST_SEQUENCE:
            raise ValueError("ce_subject and ce_sequence are both needed")  # noqa: TRY301 # one way out
        generation = int(found.get("ce_generation") or 0)
        if not 0 <= generation <= LARGEST_GENERATION:
            raise ValueError("ce_generation is out of range")  # noqa: TRY301 # one way out
        _check_attributes(found)
        return Envelope(
            id=found["ce_id"],
            type=found["ce_type"],
            aggregate=subject,
            sequence=sequence,
            organisation=found["ce_organisation"],
            time=read_instant(found["ce_time"]),
            change=found["ce_changeid"],
            actor=found["ce_actor"],
            causation=found.get("ce_causationid"),
            request=found.get("ce_requestid"),
            traceparent=found.get("ce_traceparent"),
            generation=generation,
        )
    except Exception as error:
        # Headers come from outside: whatever is wrong with them, the record is set aside, never the worker.
        raise UnreadableError(f"the headers are not those of an event: {error!r}") from None


def _check_attributes(headers: Mapping[str, str]) -> None:
    """Raise ``ValueError`` where the headers break a rule of CloudEvents, or lack what Carnet adds to these."""
    if headers.get("ce_specversion", "1.0") != "1.0":
        raise ValueError("ce_specversion must be 1.0")
    for name in _NEEDED:
        if not headers.get(name):
            raise ValueError(f"{name} is missing")
    for name in headers.keys() - _KNOWN:
        if name in ("content-type", "ce_datacontenttype", "ce_dataschema"):
            if not headers[name]:
                raise ValueError(f"{name} is empty")
        elif name.startswith("ce_") and (name == "ce_data" or not _EXTENSION.fullmatch(name)):
            raise ValueError(f"{name} is no attribute of an event")
