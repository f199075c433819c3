"""The whole verification: wait until the suite is quiet, read everything side by side, check each aggregate."""

import time
from collections.abc import Mapping

import httpx

from carnet.generation import DatabaseState, database_state
from carnet_operations.reactions import followers
from carnet_operations.verify.money.provider_book import PROVIDER, Book, read_book
from carnet_operations.verify.published.journals import Following
from carnet_operations.verify.published.topics import read_topics
from carnet_operations.verify.quiet import Watch
from carnet_operations.verify.reading import Databases
from carnet_operations.verify.report import Report
from carnet_operations.verify.walks import Walks

WAIT = 30.0
"""Seconds to wait for a busy suite, by default."""


class UnreachableError(Exception):
    """MongoDB or the sandbox does not answer; the message says what to do."""


async def verify(
    mongo_url: str, kafka_bootstrap: str, namespace: str = "", *, sandbox: str | None = None, wait: float = WAIT
) -> Report:
    """Prove that the five services agree, to the minor unit; the report says where they don't.

    It waits up to ``wait`` seconds for a busy suite. If the suite works on while it is read, it is
    checked again within the same time. ``sandbox`` is the address of the provider whose book is
    compared with the orders; with None that is left out.
    """
    started = time.monotonic()
    deadline = started + wait
    following = followers()
    databases = Databases.open(mongo_url, namespace)
    try:
        if not await databases["catalog"].answers():
            raise UnreachableError("MongoDB does not answer. Start it, or check the address.")
        async with Watch(databases, kafka_bootstrap, namespace, following) as watch:
            while True:
                busy = await watch.until_quiet(deadline)
                before = await watch.look()
                report = Report()
                # The book is read before the orders: payments has received what it had delivered by then.
                book = await _book(sandbox)
                states = {name: await database_state(each) for name, each in databases.by_service.items()}
                generations = _generations(states, report)
                readings = await read_topics(kafka_bootstrap, namespace, report, generations)
                await Walks(databases, Following(following, readings), report, book).all()
                moved = (await watch.look()).entries != before.entries
                transient = report.on_their_way or (moved and not report.ok)
                if not transient or time.monotonic() > deadline:
                    break
    finally:
        databases.close()
    if busy is not None:
        report.notes.append(f"The suite was not quiet after {wait:g} s ({busy}): findings may be gone next time.")
    elif moved:
        report.notes.append("The suite worked on while it was read: findings may be gone next time.")
    _note_provider(report)
    report.seconds = time.monotonic() - started
    return report


def _generations(states: Mapping[str, DatabaseState], report: Report) -> dict[str, int]:
    """The generations of the databases, which are the same unless some were restored without the others."""
    generations = {service: state.generation for service, state in states.items()}
    if len(set(generations.values())) > 1:
        expected = "one: all databases are restored together"
        report.find("EVT", "the databases", "the generation", expected=expected, found=generations)
    for service, state in states.items():
        if state.restoring is not None:
            found = f"begun: {state.restoring}"
            report.find("EVT", service, "a restore that has not ended", expected="none: run it again", found=found)
    if (since := states["payments"].collecting_held) is not None:
        report.notes.append(
            f"Nothing is collected automatically since {since}: a restore has lost orders that a provider may have "
            "done. Compare with the provider, then run `carnet collecting --resume`."
        )
    return generations


async def _book(sandbox: str | None) -> Book | None:
    if sandbox is None:
        return None
    try:
        return await read_book(sandbox)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise UnreachableError(
            f"The sandbox at {sandbox} does not answer ({type(error).__name__}). Start it, or "
            "leave out its address: its book is then not compared with the orders."
        ) from error


def _note_provider(report: Report) -> None:
    if report.on_their_way:
        report.notes.append(f"The {PROVIDER} is still delivering {report.on_their_way} outcomes to payments.")
    if report.unreported:
        report.notes.append(
            f"The {PROVIDER} has {report.unreported} outcomes that it reports later, or only when asked."
        )
