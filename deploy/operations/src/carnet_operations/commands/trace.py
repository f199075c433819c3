"""`carnet trace`."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from carnet.mongo import Database
from carnet_operations.errors import CommandError
from carnet_operations.home import carnet_home
from carnet_operations.places import Backends, backends
from carnet_operations.running import read_state
from carnet_operations.services import SERVICES
from carnet_operations.terminal import faults_shown, out
from carnet_operations.trace import MOST_ROWS, Way, way_of

Traced = Annotated[
    str, typer.Argument(metavar="ID", help="The `request` of a problem document or a log line, or the id of a change.")
]

MOST_NAMED = 10
"""How many changes of a bulk job are named one by one."""


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(trace)


def trace(id_: Traced) -> None:
    """Show what one request led to in all services, in order of time; exit code 1 if no service knows it."""
    with faults_shown():
        way = asyncio.run(_found(backends(), id_, _logs()))
        if not way.steps:
            raise CommandError(
                f"Nothing bears the id {id_}: no journal, no mail and no log at hand. A request that changed nothing "
                "is in the logs alone."
            )
    _show(way)


async def _found(where: Backends, id_: str, logs: Sequence[Path]) -> Way:
    opened = {service: Database.open(where.mongo_url, f"{where.namespace}carnet_{service}") for service in SERVICES}
    try:
        return await way_of(opened, id_, logs)
    finally:
        for database in opened.values():
            database.close()


def _logs() -> Sequence[Path]:
    """The logs of the suite that runs on this machine; those of servers elsewhere are kept there."""
    if "CARNET_MONGO_URL" in os.environ:
        return ()
    state = read_state(carnet_home())
    return tuple(Path(process.log) for process in state.processes if process.log)


def _show(way: Way) -> None:
    for name, ids in (("request", way.requests), ("change", way.changes), ("organisation", way.organisations)):
        for each in ids[:MOST_NAMED]:
            _say(f"{name} {each}")
        if len(ids) > MOST_NAMED:
            _say(f"and {len(ids) - MOST_NAMED} more")
    width = max(len(step.where) for step in way.steps)
    for step in way.steps:
        _say(f"{step.at}  {step.where:{width}}  {step.what}")
    if way.cut:
        _say(f"Only the first {MOST_ROWS} entries of a service are shown.")


def _say(text: str) -> None:
    # Wrapped, the ids could not be copied; and what a client has sent must not command the terminal.
    out.print("".join(each if each.isprintable() else "?" for each in text), soft_wrap=True, markup=False)
