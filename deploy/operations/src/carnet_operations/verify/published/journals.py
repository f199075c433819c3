"""The journal of one aggregate is whole, published as it is, and applied by every service that follows it.

ORG-1: an aggregate belongs to one organisation. ORG-4: its sequences are contiguous from 1 and its version is the last
of them, so no entry of the audit trail is lost. EVT: every published entry is on its topic, no other record is, and
the mark of every follower is level with it. Journals are compared with the fingerprints of the records and with the
marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from carnet.dates import utc_now, write_instant
from carnet.events import TOPICS
from carnet.journal import is_tombstone
from carnet.mongo import Document
from carnet_operations.verify.published.topics import OnTopic, Reading, agrees, of_row
from carnet_operations.verify.reading import Side
from carnet_operations.verify.report import Report

KEPT = timedelta(days=30)
"""How long a topic of facts keeps its records: older ones may be in the journal only."""

_TOPICS = {topic.name: topic for topic in TOPICS}

Rows = Sequence[Document]


@dataclass(frozen=True)
class Following:
    """The services that follow each topic, and the records that the topics hold."""

    followers: Mapping[str, Sequence[str]]
    """The services that react to a topic, by its name."""
    readings: Mapping[str, Reading]


def name_of(row: Mapping[str, Any]) -> str:
    """The event's name: ``ProductAdded``."""
    return str(row["type"]).split(".")[2]


def check_journal(service: str, aggregate: str, rows: Rows, state: Document | None, report: Report) -> None:
    """Sequences are contiguous from 1, all of one organisation, and the state's version is the last of them."""
    where = f"{service}.journal {aggregate}"
    report.count("journal rows", len(rows))
    sequences = [row["sequence"] for row in rows]
    if sequences != list(range(1, len(rows) + 1)):
        missing = sorted(set(range(1, max(sequences, default=0) + 1)) - set(sequences))
        report.find(
            "ORG-4",
            where,
            "the journal's sequences",
            expected="each from 1 on, once",
            found=f"missing {missing[:10]}" if missing else f"repeated: {sequences[:20]}",
        )
    organisations = {row["organisation"] for row in rows} | ({state["organisation"]} if state else set())
    if len(organisations) > 1:
        report.find("ORG-1", where, "the organisation", expected="one", found=sorted(organisations))
    if state is None:
        if rows:
            report.find("ORG-4", where, "the state of a journal", expected="a document", found=None)
        return
    last = max(sequences, default=0)
    report.same("ORG-4", where, "the state's version", expected=f"{last}, its last entry", found=_version(state, last))


def _version(state: Document, last: int) -> str:
    version = state["version"]
    return f"{last}, its last entry" if version == last else str(version)


def check_published(service: str, aggregate: str, rows: Rows, following: Following, report: Report) -> None:
    """Every row is on its topic as it is; records that remain in the reading afterwards are in no journal."""
    if not rows:
        return
    where = f"{service}.journal {aggregate}"
    if len({row["topic"] for row in rows}) > 1:
        report.find("EVT", where, "the topic", expected="one", found=sorted({row["topic"] for row in rows}))
        return
    topic = _TOPICS[rows[0]["topic"]]
    there = following.readings[topic.name].aggregates.pop(aggregate, OnTopic())
    unpublished = [row["sequence"] for row in rows if row.get("pending")]
    if unpublished:
        report.find("EVT", where, "unpublished entries", expected="none", found=f"sequences {unpublished[:10]}")
    published = [row for row in rows if not row.get("pending") and not row.get("withheld")]
    if topic.kind == "facts":
        _facts(topic.name, published, there, report)
    elif published:
        _newest(topic.name, aggregate, published[-1], there, report, personal=topic.personal)
    for row in rows:
        print_ = there.records.pop(row["sequence"], None)
        if print_ is not None and not agrees(print_, of_row(row, personal=False)):
            _differs(topic.name, row, report)
    if there.records:
        place = f"{topic.name} {aggregate}"
        report.find(
            "EVT",
            place,
            "records that no journal has",
            expected="none",
            found=f"sequences {sorted(there.records)[:10]}",
        )


def _facts(topic: str, published: Rows, there: OnTopic, report: Report) -> None:
    oldest = write_instant(utc_now() - KEPT)
    for row in published:
        if row["sequence"] not in there.records and row["at"] > oldest:
            place = f"{topic} {row['aggregate']}"
            expected = f"sequence {row['sequence']}, {name_of(row)} {row['_id']}"
            report.find("EVT", place, "a published entry on its topic", expected=expected, found=None)
    report.count("published facts on their topics", len(published))


def _newest(topic: str, aggregate: str, row: Document, there: OnTopic, report: Report, *, personal: bool) -> None:
    """Compaction keeps the newest state of a key; that of an erased aggregate may be gone."""
    report.count("newest states on their topics")
    erased = is_tombstone(row)
    if there.last == 0 and erased:
        return
    place = f"{topic} {aggregate}"
    found = None if there.last == 0 else f"sequence {there.last}"
    if report.same("EVT", place, "the newest state", expected=f"sequence {row['sequence']}", found=found) and (
        not agrees(there.last_whole, of_row(row, personal=personal))
    ):
        _differs(topic, row, report)


def _differs(topic: str, row: Document, report: Report) -> None:
    place = f"{topic} {row['aggregate']}"
    what = f"the record of sequence {row['sequence']}, {name_of(row)}"
    report.find("EVT", place, what, expected=f"as the journal has it, id {row['_id']}", found="another id or content")


def check_marks(service: str, aggregate: str, rows: Rows, side: Side, *, following: Following, report: Report) -> None:
    """Every follower has applied up to the newest published entry, and has nothing of the aggregate parked."""
    topic = rows[0]["topic"] if rows else None
    followers = following.followers.get(topic, ()) if topic else ()
    published = [row["sequence"] for row in rows if not row.get("pending") and not row.get("withheld")]
    for follower in followers:
        marks = side[mark_stream(follower, topic or "")]
        mark = marks[0] if marks else {"sequence": 0, "parked": 0}
        where = f"{follower}.marks {topic}:{aggregate}"
        report.count("marks level with the journals")
        newest = max(published, default=0)
        # A crash between publishing and noting it leaves a row pending that followers have already received.
        if not newest <= mark["sequence"] <= max(newest, rows[-1]["sequence"]):
            what = f"how far {follower} has applied {service}'s journal"
            report.find("EVT", where, what, expected=newest, found=mark["sequence"])
        if mark["parked"]:
            report.find("EVT", where, "parked records", expected=0, found=mark["parked"])
    _strays(service, aggregate, topic, side, report)


def _strays(service: str, aggregate: str, topic: str | None, side: Side, report: Report) -> None:
    """Marks of aggregates that have no journal on that topic."""
    for name, marks in side.items():
        kind, _, rest = name.partition(" ")
        if kind == "marks" and marks and not rest.endswith(f" {topic}"):
            where = f"{rest.split()[0]}.marks {marks[0]['_id']}"
            found = marks[0]["sequence"]
            report.find(
                "EVT", where, f"a mark of {aggregate}, which {service} never published", expected=None, found=found
            )


def mark_stream(follower: str, topic: str) -> str:
    """The name of the stream of a follower's marks of a topic."""
    return f"marks {follower} {topic}"
