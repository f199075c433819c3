"""`carnet views rebuild`."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from carnet import views as kept
from carnet.mongo import Collection, Database
from carnet.views import shown
from carnet_operations.errors import CommandError
from carnet_operations.places import backends
from carnet_operations.services import SERVICES
from carnet_operations.terminal import faults_shown, out

group = typer.Typer(no_args_is_help=True, help="What shows states: lists, follow-ups, search keys.")

Service = Annotated[str | None, typer.Argument(help="Only what shows the states of this service.")]
Name = Annotated[
    str | None, typer.Argument(metavar="COLLECTION", help="Only what shows the states of this collection.")
]


def add_to(app: typer.Typer) -> None:
    """Add the group of this file."""
    app.add_typer(group, name="views")


@group.callback()
def views() -> None:
    """What shows states: lists, follow-ups, search keys."""


@group.command()
def rebuild(service: Service = None, collection: Name = None) -> None:
    """Make the views of states anew and say how many differed. The suite may run; an interrupted rebuild goes on."""
    from carnet_operations.collections import COLLECTIONS  # noqa: PLC0415 # imports every service

    with faults_shown():
        if service not in (None, *SERVICES):
            raise CommandError(f"There is no service {service}; there are {', '.join(SERVICES)}.")
        services = (service,) if service else SERVICES
        chosen = {
            name: [each for each in shown(COLLECTIONS[name]) if collection in (None, each.name)] for name in services
        }
        if not any(chosen.values()):
            raise CommandError(f"No view shows a collection {collection} of {', '.join(services)}.")
        asyncio.run(_rebuild(chosen))


async def _rebuild(chosen: dict[str, list[Collection[Any]]]) -> None:
    where = backends()
    for service, collections in chosen.items():
        database = Database.open(where.mongo_url, f"{where.namespace}carnet_{service}")
        try:
            await _of_service(service, database, collections)
        finally:
            database.close()


async def _of_service(service: str, database: Database, collections: Sequence[Collection[Any]]) -> None:
    for collection in collections:
        # A release that shows more has collections and indexes that no process has made yet.
        await database.prepare([collection, *(view.collection for view in collection.views)])
        name = f"{service}.{collection.name}"
        if interrupted := await kept.progress_of(database, collection):
            out.print(f"{name}: goes on after {interrupted.read} states that were read before")
        progress = [each async for each in kept.rebuild(database, collection)][-1]
        out.print(f"{name}: {progress.read} states read, {progress.differed} differences corrected")
        if progress.unreadable:
            out.print(f"{name}: {progress.unreadable} documents can't be read; `carnet verify` names them")
