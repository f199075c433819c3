"""The whole verification: wait until the suite is quiet, read everything side by side, judge each aggregate."""

import time
from collections.abc import Mapping, Sequence
from importlib import import_module

import httpx

from carnet_operations.services import SERVICES
from carnet_operations.verify.money.provider_book import PROVIDER, Book, read_book
from carnet_operations.verify.published.journals import Following
from carnet_operations.verify.published.topics import read_topics
from carnet_operations.verify.quiet import Watch
from carnet_operations.verify.reading import Databases
from carnet_operations.verify.report import Report
from carnet_operations.verify.walks import Walks

WAIT = 30.0
"""Seconds that a busy suite is waited for, unless told otherwise."""


class UnreachableError(Exception):
    """A server that everything is read from does not answer; the message says what to do."""


def followers() -> Mapping[str, Sequence[str]]:
    """Which services react to which topic, as their tables of reactions say; the catalog reacts to nothing."""
    found: dict[str, list[str]] = {}
    for service in SERVICES:
        if service != "catalog":
            for table in import_module(f"{service}.reactions").REACTIONS:
                found.setdefault(table.topic.name, []).append(service)
    return found


async def verify(
    mongo_url: str, kafka_bootstrap: str, namespace: str = "", *, sandbox: str | None = None, wait: float = WAIT
) -> Report:
    """Prove that the five services agree, to the unit; the report says where they don't.

    A suite that is working is waited for, up to ``wait`` seconds. One that works on while it is
    read is judged again, within the same time, before it is accused. ``sandbox`` is the address of
    the provider whose book is held against the orders; none leaves that out.
    """
    started = time.monotonic()
    deadline = started + wait
    following = followers()
    databases = Databases.open(mongo_url, namespace)
    try:
        if not await databases["catalog"].answers():
            raise UnreachableError("MongoDB does not answer. Start the suite with `carnet up`, or check the address.")
        async with Watch(databases, kafka_bootstrap, namespace, following) as watch:
            while True:
                busy = await watch.until_quiet(deadline)
                before = await watch.look()
                report = Report()
                # The book is read before the orders: what it then tells, payments has heard.
                book = await _book(sandbox)
                readings = await read_topics(kafka_bootstrap, namespace, report)
                await Walks(databases, Following(following, readings), report, book).all()
                moved = (await watch.look()).entries != before.entries
                passing = report.on_their_way or (moved and not report.ok)
                if not passing or time.monotonic() > deadline:
                    break
    finally:
        databases.close()
    if busy is not None:
        report.notes.append(f"The suite was not quiet after {wait:g} s ({busy}): some findings may pass by themselves.")
    elif moved:
        report.notes.append("The suite worked on while it was read: some findings may pass by themselves.")
    _note_provider(report)
    report.seconds = time.monotonic() - started
    return report


async def _book(sandbox: str | None) -> Book | None:
    if sandbox is None:
        return None
    try:
        return await read_book(sandbox)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise UnreachableError(
            f"The sandbox at {sandbox} does not answer ({type(error).__name__}). Start the suite with `carnet up`, or "
            "leave out its address: its book is then not held against the orders."
        ) from error


def _note_provider(report: Report) -> None:
    if report.on_their_way:
        report.notes.append(f"The {PROVIDER} is telling payments of {report.on_their_way} outcomes still.")
    if report.untold:
        report.notes.append(f"The {PROVIDER} has {report.untold} outcomes that it tells later, or only when asked.")
