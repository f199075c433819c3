"""`carnet events replay`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from carnet import republishing
from carnet.dates import read_instant
from carnet.events import TOPICS, Topic
from carnet.mongo import Database
from carnet.worker import Worker
from carnet_operations.errors import CommandError
from carnet_operations.places import closing, worker_of
from carnet_operations.terminal import err, faults_shown, out

group = typer.Typer(no_args_is_help=True, help="The events that a service has stored.")

Service = Annotated[str, typer.Argument(help="The service that has published them.")]
OfAggregate = Annotated[str | None, typer.Option(help="Only those of this contract, account, ...")]
OfTopic = Annotated[str | None, typer.Option(help="Only those of this topic.")]
Since = Annotated[str | None, typer.Option(help="Only those decided on this day or at this instant (UTC), or later.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait until the worker has published them.")]


def add_to(app: typer.Typer) -> None:
    """Add the group of this file."""
    app.add_typer(group, name="events")


@group.callback()
def events() -> None:
    """The events that a service has stored."""


@group.command()
def replay(
    service: Service,
    aggregate: OfAggregate = None,
    topic: OfTopic = None,
    since: Since = None,
    wait: Wait = 60,
) -> None:
    """Publish stored events again, with the same ids and sequences. On a topic of state: the newest of each."""
    with faults_shown():
        chosen = _topics(service, topic)
        asyncio.run(_replay(worker_of(service), chosen, aggregate, _instant(since), wait))


def _instant(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        instant = datetime.fromisoformat(written)
        return read_instant((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat())
    except ValueError:
        raise typer.BadParameter(
            "write a day or an instant: 2026-09-01, 2026-09-01T09:00:00Z", param_hint="--since"
        ) from None


def _topics(service: str, name: str | None) -> list[Topic]:
    own = [topic for topic in TOPICS if topic.owner == service]
    chosen = [topic for topic in own if name in (None, topic.name)]
    if not chosen:
        raise CommandError(f"{service} publishes on {', '.join(topic.name for topic in own) or 'no topic'}.")
    return chosen


async def _replay(
    worker: Worker, topics: list[Topic], aggregate: str | None, since: datetime | None, wait: float
) -> None:
    async with closing(worker):
        count = await republishing.publish_again(worker.database, topics, aggregate=aggregate, since=since)
        err.print(f"{count} events are to be published again by the worker of {worker.service}.")
        if count and wait:
            await _until_published(worker.database, wait)
            out.print(f"Published again: {count}.")


async def _until_published(database: Database, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while await republishing.unpublished(database):  # noqa: ASYNC110 # another process publishes
                await asyncio.sleep(0.2)
    except TimeoutError:
        left = await republishing.unpublished(database)
        raise CommandError(
            f"{left} events still wait after {seconds:g} s. Does the worker run? See `carnet status`."
        ) from None
