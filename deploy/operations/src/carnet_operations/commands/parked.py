"""`carnet parked list|replay|discard`."""

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated

import typer

from carnet import parking, unparking
from carnet.batches import Batches
from carnet.parking import Parked
from carnet.refusals import Refusal
from carnet.worker import Worker
from carnet_operations.errors import CommandError
from carnet_operations.places import closing, worker_of
from carnet_operations.services import SERVICES
from carnet_operations.terminal import faults_shown, out

group = typer.Typer(no_args_is_help=True, help="Events that could not be applied: see, replay, discard.")

Service = Annotated[str, typer.Argument(help="The service that could not apply them.")]
MaybeService = Annotated[str | None, typer.Argument(help="Only those of this service.")]
OfTopic = Annotated[str | None, typer.Option(help="Only those of this topic.")]
OfAggregate = Annotated[str | None, typer.Option(help="Only those of this contract, account, ...")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
By = Annotated[str, typer.Option(help="Who; it is kept. Whoever is logged in by default.")]
MOST_LISTED = 200


def add_to(app: typer.Typer) -> None:
    """Add the group of this file."""
    app.add_typer(group, name="parked")


@group.command("list")
def list_(service: MaybeService = None, topic: OfTopic = None, aggregate: OfAggregate = None) -> None:
    """Show what is parked, in the order in which it would be replayed."""
    with faults_shown():
        services = (service,) if service else SERVICES
        found = {name: asyncio.run(_listed(worker_of(name), topic, aggregate)) for name in services}
    if not any(found.values()):
        out.print("Nothing is parked.")
    for name, parked in found.items():
        for one in parked:
            # Not a table: it would wrap the ids, which are there to be copied.
            out.print(f"{name}  {one.id}", soft_wrap=True, markup=False)
            out.print(f"    {one.type or 'unreadable'}, parked {one.at}: {one.reason}", soft_wrap=True, markup=False)
    if any(len(parked) == MOST_LISTED for parked in found.values()):
        out.print(f"Only the first {MOST_LISTED} of a service are shown: choose with --topic or --aggregate.")


async def _listed(worker: Worker, topic: str | None, aggregate: str | None) -> Sequence[Parked]:
    async with closing(worker):
        return await parking.listing(worker.database, topic=topic, aggregate=aggregate, limit=MOST_LISTED)


@group.command()
def replay(service: Service, aggregate: OfAggregate = None) -> None:
    """Apply parked events in sequence, once their cause is mended. Stops an aggregate at the first that still fails."""
    with faults_shown():
        complete = asyncio.run(_replay(worker_of(service), aggregate))
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
            replayed = await unparking.replay(_batches(worker, topic), worker.database, one)
            complete = complete and replayed.stopped is None
            told = f"{one}: {replayed.applied} applied" + (f"; {replayed.stopped}" if replayed.stopped else "")
            out.print(told, markup=False)
    return complete


@group.command()
def discard(
    service: Service,
    parked: Annotated[str, typer.Argument(help="The id that `carnet parked list` shows.")],
    reason: Reason,
    by: By = "",
) -> None:
    """Take a parked event out for good: it counts as applied. Who, when and why are kept."""
    with faults_shown():
        asyncio.run(_discard(worker_of(service), parked, reason, by or getpass.getuser()))
    out.print(f"Discarded {parked}.", markup=False)


async def _discard(worker: Worker, parked: str, reason: str, by: str) -> None:
    async with closing(worker):
        batches = _batches(worker, parked.partition(":")[0])
        try:
            await unparking.discard(batches, worker.database, parked, reason=reason, by=by)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal


def _batches(worker: Worker, topic: str) -> Batches:
    for table in worker.reactions:
        if table.topic.name == topic:
            return Batches(worker.service, worker.database, table)
    raise CommandError(f"{worker.service} does not react to {topic}.")
