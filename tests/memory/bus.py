"""Kafka in memory: order within an aggregate of a topic, and nothing else that can be relied on.

What is published of an aggregate is a lane. A service reads each lane at its own pace, in batches cut
anywhere; what it has read can come again, and the relay may say things twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from carnet.journal import JournalRow
from carnet.relay import record_of
from tests.records import Given


@dataclass(frozen=True, order=True)
class Lane:
    """What one aggregate publishes on one topic."""

    topic: str
    aggregate: str


@dataclass
class Bus:
    """Every record that was published, by lane, and how far each service has read."""

    records: dict[Lane, list[Given]] = field(default_factory=dict)
    read: dict[tuple[str, Lane], int] = field(default_factory=dict)
    offset: int = 0

    def publish(self, row: JournalRow) -> None:
        """Publish a row of a journal, as the relay does."""
        key, value, headers = record_of(row)
        self.put(Given(row["topic"], row["slot"] % 12, self.offset, key, value, headers), row["aggregate"])

    def put(self, record: Given, aggregate: str) -> None:
        """Put a record at the end of its lane."""
        self.offset += 1
        self.records.setdefault(Lane(record.topic, aggregate), []).append(record)

    def unread(self, service: str, topic: str) -> list[Lane]:
        """The lanes of a topic of which the service has something to read, in the order of their first records."""
        return [
            lane
            for lane, records in self.records.items()
            if lane.topic == topic and self.read.get((service, lane), 0) < len(records)
        ]

    def next_of(self, service: str, lane: Lane, count: int) -> list[Given]:
        """At most ``count`` records that the service reads next of a lane."""
        start = self.read.get((service, lane), 0)
        return self.records[lane][start : start + count]

    def acknowledge(self, service: str, lane: Lane, last: Given) -> None:
        """The service has read a lane up to this record, no matter which of its workers has read on meanwhile."""
        place = next(index for index, record in enumerate(self.records[lane]) if record.offset == last.offset)
        self.read[service, lane] = max(self.read.get((service, lane), 0), place + 1)

    def rewind(self, service: str, lane: Lane, count: int) -> None:
        """The service reads the last ``count`` again: a rebalance, a restart, an acknowledgement that was lost."""
        self.read[service, lane] = max(0, self.read.get((service, lane), 0) - count)


def interleaved(parts: Sequence[Sequence[Given]], order: Sequence[int]) -> list[Given]:
    """The records of several lanes in one batch: ``order`` names the lane that comes next, the rest follow as they are.

    Within a lane the order stays.
    """
    queues = [list(part) for part in parts]
    batch = [queues[place].pop(0) for place in order if place < len(queues) and queues[place]]
    return batch + [record for queue in queues for record in queue]
