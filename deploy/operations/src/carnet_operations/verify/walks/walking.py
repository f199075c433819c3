"""A walk through databases: each aggregate with everything that some collections keep of it, side by side."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from carnet.journal import ROWS
from carnet.mongo import Document
from carnet_operations.verify.informed.mails import kinds_about, mail_stream
from carnet_operations.verify.published.journals import (
    Following,
    check_journal,
    check_marks,
    check_published,
    mark_stream,
)
from carnet_operations.verify.reading import Databases, Group, Side, grouped, side_by_side
from carnet_operations.verify.report import Report

_UNCHECKED = ("traceparent", "slot")
"""Fields of the journal that no check reads."""

_MALFORMED = (KeyError, IndexError, TypeError, AttributeError, ValueError)
"""Raised on a document that lacks a field or holds a value of another type."""

Check = Callable[[str, Side], None]


@dataclass(frozen=True)
class Walk:
    """What the walks of one suite share: its data and one report."""

    databases: Databases
    following: Following
    report: Report

    async def walk(self, streams: Mapping[str, AsyncIterator[Group]], check: Check) -> None:
        """Check each aggregate that one of these streams has; one that cannot be read is a finding."""
        async for aggregate, side in side_by_side(streams):
            with readable(aggregate, self.report):
                check(aggregate, side)

    def journal(self, service: str, key: str = "aggregate", query: Document | None = None) -> AsyncIterator[Group]:
        """The journal of a service, by aggregate or another field."""
        return grouped(self.databases[service], ROWS, key, query=query, then="sequence", leave_out=_UNCHECKED)

    def kept(
        self, service: str, collection: str, key: str = "_id", then: str | None = None, query: Document | None = None
    ) -> AsyncIterator[Group]:
        """The documents of a collection, by id or another field."""
        return grouped(self.databases[service], collection, key, query=query, then=then)

    def mails(self, facts: Iterable[str]) -> dict[str, AsyncIterator[Group]]:
        """The mails about aggregates of some sorts, by the facts that are their ids."""
        found = self.databases["notifications"]
        return {
            mail_stream(fact): grouped(found, "mails", f"content.{fact}", query={"kind": kinds_about(fact)})
            for fact in facts
        }

    def marks(self, *topics: str) -> dict[str, AsyncIterator[Group]]:
        """The marks of each follower of these topics, by aggregate."""
        return {
            mark_stream(follower, topic): _by_aggregate(self.databases, follower, topic)
            for topic in topics
            for follower in self.following.followers.get(topic, ())
        }

    def common(
        self, service: str, aggregate: str, rows: Sequence[Document], state: Document | None, side: Side
    ) -> None:
        """The checks of every aggregate: its journal, its topic, the marks of the services that follow it."""
        with readable(aggregate, self.report):
            check_journal(service, aggregate, rows, state, self.report)
            check_published(service, aggregate, rows, self.following, self.report)
            check_marks(service, aggregate, rows, side, following=self.following, report=self.report)


async def _by_aggregate(databases: Databases, follower: str, topic: str) -> AsyncIterator[Group]:
    prefix = f"{topic}:"
    # ";" comes right after ":", so that the range holds the marks of this topic.
    query = {"_id": {"$gte": prefix, "$lt": f"{topic};"}}
    async for name, marks in grouped(databases[follower], "marks", "_id", query=query):
        yield name.removeprefix(prefix), marks


@contextmanager
def readable(aggregate: str, report: Report) -> Iterator[None]:
    """A malformed document is a finding; the checks of the others go on."""
    try:
        yield
    except _MALFORMED as error:
        found = f"{type(error).__name__}: {error}"
        report.find("ORG-4", aggregate, "its documents and journal", expected="whole and of their shape", found=found)


def only(documents: Sequence[Document]) -> Document | None:
    """The document of a group that has one at most."""
    return documents[0] if documents else None
