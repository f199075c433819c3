"""`carnet requests`."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from carnet.dates import utc_now
from carnet.mongo import Database
from carnet.requests.alarm import TOO_LONG, Waiting
from carnet_operations.places import Backends, backends
from carnet_operations.requests import all_waiting
from carnet_operations.services import SERVICES
from carnet_operations.terminal import faults_shown, out

MOST_LISTED = 200
OVER = int(TOO_LONG.total_seconds())

Over = Annotated[int, typer.Option(min=0, help="Exit code 1 if one waits for longer, in seconds.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(requests)


def requests(over: Over = OVER) -> None:
    """Show what services have asked of each other and have no answer to, the oldest first."""
    with faults_shown():
        found = asyncio.run(_found(backends()))
    now = utc_now()
    if not found:
        out.print("Nothing waits for an answer.")
    for service, each in found[:MOST_LISTED]:
        since = each.asked_at.isoformat(timespec="seconds")
        _say(f"{service} asks {each.asked_of}: {each.cause}, since {since} ({_age(each, now)} s)")
        _say(f"    request {each.request} of {each.about}, organisation {each.organisation}")
        _say(f"    not answered: {', '.join(each.awaited)}")
    if len(found) > MOST_LISTED:
        out.print(f"And {len(found) - MOST_LISTED} more.")
    if any(_age(each, now) > over for _, each in found):
        raise typer.Exit(1)


async def _found(where: Backends) -> list[tuple[str, Waiting]]:
    opened = {service: Database.open(where.mongo_url, f"{where.namespace}carnet_{service}") for service in SERVICES}
    try:
        return await all_waiting(opened)
    finally:
        for database in opened.values():
            database.close()


def _age(waiting: Waiting, now: datetime) -> int:
    return int((now - waiting.asked_at).total_seconds())


def _say(text: str) -> None:
    # Wrapped, the ids could not be copied.
    out.print(text, soft_wrap=True, markup=False, highlight=False)
