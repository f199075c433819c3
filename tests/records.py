"""Records as Kafka hands them over, for tests of what reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from carnet.dates import utc_now, write_instant
from carnet.envelope import Envelope, Published, make_record
from carnet.events.base import Event
from carnet.ids import new_id


@dataclass(frozen=True)
class Given:
    """A Kafka record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    def with_value(self, value: bytes | None) -> "Given":
        return replace(self, value=value)

    def with_header(self, name: str, value: bytes | None) -> "Given":
        kept = [(key, content) for key, content in self.headers if key != name]
        return replace(self, headers=kept if value is None else [*kept, (name, value)])


_offsets = iter(range(10**9))


def record(
    body: Event,
    *,
    aggregate: str,
    sequence: int,
    organisation: str,
    change: str | None = None,
    event_id: str | None = None,
    partition: int = 0,
    generation: int = 0,
) -> Given:
    """The record that publishes ``body``."""
    envelope = Envelope(
        id=event_id or new_id(),
        type=body.type_name(),
        aggregate=aggregate,
        sequence=sequence,
        organisation=organisation,
        time=utc_now(),
        change=change or new_id(),
        actor="user:tester",
        generation=generation,
    )
    content = None if body.tombstone else orjson.dumps(body.model_dump(mode="json"))
    key, value, headers = to_record(envelope, content)
    return Given(body.topic.name, partition, next(_offsets), key, value, headers)


def to_record(envelope: Envelope, body: bytes | None) -> Published:
    """The key, value and headers of the record of an event; no ``body`` makes a tombstone."""
    return make_record(
        body,
        envelope.generation,
        id_=envelope.id,
        type_=envelope.type,
        aggregate=envelope.aggregate,
        sequence=envelope.sequence,
        organisation=envelope.organisation,
        time=write_instant(envelope.time),
        change=envelope.change,
        actor=envelope.actor,
        causation=envelope.causation,
        request=envelope.request,
        traceparent=envelope.traceparent,
    )
