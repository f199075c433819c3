"""`carnet parked list|replay|discard|discarded|resume`."""

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated

import typer

from carnet import parking, paused_topics, unparking
from carnet.batches import Batches
from carnet.parking import Discarded, Parked
from carnet.paused_topics import MOST_FAILING_AGGREGATES, Pause
from carnet.refusals import Refusal
from carnet.worker import Worker
from carnet_operations.errors import CommandError
from carnet_operations.places import closing, worker_of
from carnet_operations.services import SERVICES
from carnet_operations.terminal import faults_shown, out

group = typer.Typer(no_args_is_help=True, help="Events that could not be applied: see, replay, discard, go on.")

Service = Annotated[str, typer.Argument(help="The service that could not apply them.")]
MaybeService = Annotated[str | None, typer.Argument(help="Only those of this service.")]
MaybeIds = Annotated[list[str] | None, typer.Argument(help="Only these, as `carnet parked list` shows them.")]
OfTopic = Annotated[str | None, typer.Option(help="Only those of this topic.")]
OfAggregate = Annotated[str | None, typer.Option(help="Only those of this contract, account, ...")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
By = Annotated[str, typer.Option(help="Who does it; kept with the record. The user who is logged in by default.")]
MOST_LISTED = 200
SHOWN = 80
"""How many characters of an unreadable record are shown."""


def add_to(app: typer.Typer) -> None:
    """Add the group of this file."""
    app.add_typer(group, name="parked")


def say(text: str) -> None:
    """A line as it is: wrapped, the ids in it could not be copied."""
    out.print(text, soft_wrap=True, markup=False)


@group.command("list")
def list_(service: MaybeService = None, topic: OfTopic = None, aggregate: OfAggregate = None) -> None:
    """Show which topics are paused and what is parked, in the order in which it would be replayed."""
    with faults_shown():
        services = (service,) if service else SERVICES
        found = {name: asyncio.run(_listed(worker_of(name), topic, aggregate)) for name in services}
    if not any(paused or parked for paused, parked in found.values()):
        out.print("Nothing is parked.")
    for name, (paused, parked) in found.items():
        for one in paused:
            say(f"{name}  {one.topic} is paused since {one.at}")
            say(f"    {one.reason}")
            then = f"carnet parked resume {name} {one.topic}"
            say(f"    Correct the cause, replay or discard what is parked, then: {then}")
        for record in parked:
            say(f"{name}  {record.id}")
            say(f"    {record.type or 'unreadable'}, parked {record.at}: {record.reason}")
            if record.unreadable:
                say(f"    {_beginning(record)}")
    if any(len(parked) == MOST_LISTED for _, parked in found.values()):
        out.print(f"Only the first {MOST_LISTED} of a service are shown: choose with --topic or --aggregate.")


def _beginning(record: Parked) -> str:
    """An unreadable record: its place, its key, the beginning of its body."""
    where = f"partition {record.partition}, offset {record.offset}"
    key = "no key" if record.key is None else f"key {_printable(record.key)}"
    if record.value is None:
        return f"{where}, {key}, no body"
    return f"{where}, {key}, {len(record.value)} bytes: {_printable(record.value)}"


def _printable(content: bytes) -> str:
    # The content may hold control characters; they must not reach the terminal.
    text = content[:SHOWN].decode(errors="replace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


async def _listed(worker: Worker, topic: str | None, aggregate: str | None) -> tuple[Sequence[Pause], Sequence[Parked]]:
    async with closing(worker):
        paused = [each for each in await paused_topics.pauses(worker.database) if topic in (None, each.topic)]
        parked = await parking.listing(worker.database, topic=topic, aggregate=aggregate, limit=MOST_LISTED)
        return paused, parked


@group.command()
def replay(service: Service, ids: MaybeIds = None, aggregate: OfAggregate = None) -> None:
    """Apply parked events in sequence, once their cause is corrected. Stops an aggregate at the first that still fails.

    With ids only these, each alone; one that waits behind an earlier one of its aggregate is refused.
    """
    with faults_shown():
        worker = worker_of(service)
        complete = asyncio.run(_replay_ids(worker, ids) if ids else _replay(worker, aggregate))
    if not complete:
        raise typer.Exit(1)


async def _replay(worker: Worker, aggregate: str | None) -> bool:
    """Whether all could be applied."""
    complete = True
    async with closing(worker):
        waiting = await parking.aggregates(worker.database, aggregate)
        if not waiting:
            out.print("Nothing is parked." if aggregate is None else f"Nothing of {aggregate} is parked.")
        for topic, one in waiting:
            batches = _batches(worker, topic)
            if one:
                replayed = await unparking.replay(batches, worker.database, one)
                complete = complete and replayed.stopped is None
                out.print(
                    f"{one}: {replayed.applied} applied" + (f"; {replayed.stopped}" if replayed.stopped else ""),
                    markup=False,
                )
                continue
            # Their aggregates are unknown, so each is handled alone.
            for record in await parking.listing(worker.database, topic=topic, aggregate=""):
                complete = await _replay_one(batches, worker, record.id) and complete
    return complete


async def _replay_ids(worker: Worker, ids: Sequence[str]) -> bool:
    async with closing(worker):
        return all([await _replay_one(_batches(worker, _topic_of(each)), worker, each) for each in ids])


async def _replay_one(batches: Batches, worker: Worker, parked: str) -> bool:
    try:
        replayed = await unparking.replay_one(batches, worker.database, parked)
    except Refusal as refusal:
        raise CommandError(refusal.detail) from refusal
    say(replayed.stopped or f"{parked}: applied")
    return replayed.stopped is None


@group.command()
def discard(
    service: Service,
    ids: Annotated[list[str], typer.Argument(help="The ids that `carnet parked list` shows.")],
    reason: Reason,
    by: By = "",
) -> None:
    """Take parked events out for good: they count as applied. Who, when and why are kept."""
    if not reason.strip():
        raise typer.BadParameter("say why", param_hint="--reason")
    with faults_shown():
        asyncio.run(_discard(worker_of(service), ids, reason, by or getpass.getuser()))


async def _discard(worker: Worker, ids: Sequence[str], reason: str, by: str) -> None:
    async with closing(worker):
        for parked in ids:
            batches = _batches(worker, _topic_of(parked))
            try:
                await unparking.discard(batches, worker.database, parked, reason=reason, by=by)
            except Refusal as refusal:
                raise CommandError(refusal.detail) from refusal
            say(f"Discarded {parked}.")


@group.command()
def discarded(service: MaybeService = None, topic: OfTopic = None) -> None:
    """Show what was discarded, by whom, when and why; the latest first."""
    with faults_shown():
        services = (service,) if service else SERVICES
        found = {name: asyncio.run(_discarded(worker_of(name), topic)) for name in services}
    if not any(found.values()):
        out.print("Nothing was discarded.")
    for name, records in found.items():
        for one in records:
            say(f"{name}  {one.id}")
            say(f"    discarded {one.at} by {one.by}: {one.reason}")
            say(f"    {one.type or 'unreadable'}, had been parked for: {one.parked_for}")
    if any(len(records) == MOST_LISTED for records in found.values()):
        out.print(f"Only the latest {MOST_LISTED} of a service are shown: choose with --topic.")


async def _discarded(worker: Worker, topic: str | None) -> Sequence[Discarded]:
    async with closing(worker):
        return await parking.discarded(worker.database, topic=topic, limit=MOST_LISTED)


@group.command()
def resume(
    service: Service,
    topic: Annotated[str, typer.Argument(help="The topic that is paused.")],
    limit: Annotated[
        int, typer.Option(min=1, help="So many aggregates may fail in a row before the topic is paused again.")
    ] = MOST_FAILING_AGGREGATES,
    by: By = "",
) -> None:
    """Resume a topic that was paused because too many aggregates failed in a row."""
    with faults_shown():
        resumed = asyncio.run(_resume(worker_of(service), topic, limit, by or getpass.getuser()))
    out.print(f"{service} resumes {topic}." if resumed else f"{topic} is not paused in {service}.")


async def _resume(worker: Worker, topic: str, limit: int, by: str) -> bool:
    async with closing(worker):
        _batches(worker, topic)
        return await paused_topics.resume_topic(worker.database, topic, by=by, limit=limit)


def _topic_of(parked: str) -> str:
    return parked.partition(":")[0]


def _batches(worker: Worker, topic: str) -> Batches:
    for table in worker.reactions:
        if table.topic.name == topic:
            return Batches(worker.service, worker.database, table)
    raise CommandError(f"{worker.service} does not react to {topic}.")
