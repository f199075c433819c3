"""The whole verification: wait until the suite is quiet, read everything side by side, judge each aggregate."""

import time
from collections.abc import Mapping, Sequence
from importlib import import_module

from carnet_local.verify.journals import Following
from carnet_local.verify.quiet import Watch
from carnet_local.verify.reading import SERVICES, Databases
from carnet_local.verify.report import Report
from carnet_local.verify.topics import read_topics
from carnet_local.verify.walks import Walks

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


async def verify(mongo_url: str, kafka_bootstrap: str, namespace: str = "", *, wait: float = WAIT) -> Report:
    """Prove that the five services agree, to the unit; the report says where they don't.

    A suite that is working is waited for, up to ``wait`` seconds. One that works on while it is
    read is judged again, within the same time, before it is accused.
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
                readings = await read_topics(kafka_bootstrap, namespace, report)
                await Walks(databases, Following(following, readings), report).all()
                moved = (await watch.look()).entries != before.entries
                if report.ok or not moved or time.monotonic() > deadline:
                    break
    finally:
        databases.close()
    if busy is not None:
        report.notes.append(f"The suite was not quiet after {wait:g} s ({busy}): some findings may pass by themselves.")
    elif moved:
        report.notes.append("The suite worked on while it was read: some findings may pass by themselves.")
    report.seconds = time.monotonic() - started
    return report
