"""`carnet backup`, `carnet restore` and `carnet collecting`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from carnet.dates import utc_now
from carnet.generation import database_state, resume_collecting
from carnet.mongo import Database
from carnet_operations.backup.restoring import Restored, restore, restored_otherwise
from carnet_operations.backup.taking import Progress, take
from carnet_operations.errors import CommandError
from carnet_operations.places import backends
from carnet_operations.terminal import err, faults_shown, out

BackupFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Where to write it; named by the time if absent.")
]
RestoreFile = Annotated[Path | None, typer.Argument(metavar="FILE", help="The backup to put back.")]
LostFile = Annotated[
    Path | None,
    typer.Option("--lost", help="Where to write what is lost; in this folder, named by the time if absent."),
]
Otherwise = Annotated[
    bool,
    typer.Option(
        "--databases-restored", help="All five databases were put back by MongoDB's own means, to one instant."
    ),
]
ReplaceOther = Annotated[
    bool, typer.Option("--replace-other-suite", help="Lose the data of another suite for this backup.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Resume = Annotated[bool, typer.Option("--resume", help="Collect what is due again.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("backup")(back_up)
    app.command("restore")(put_back)
    app.command("collecting")(collecting)


def back_up(file: BackupFile = None) -> None:
    """Take a backup of the whole suite at one instant, while it works."""
    with faults_shown():
        where = backends()
        target = file or Path(f"carnet-{_now()}.zip")
        with _progress() as progress:
            manifest = take(where.mongo_url, where.namespace, target, progress)
        size = target.stat().st_size
        out.print(
            f"{target}: {manifest.documents} documents as of {manifest.taken_at}, {size:,} bytes.", soft_wrap=True
        )


def put_back(
    file: RestoreFile = None,
    lost: LostFile = None,
    databases_restored: Otherwise = False,
    replace_other_suite: ReplaceOther = False,
    yes: Yes = False,
) -> None:
    """Put the whole suite back to a backup and rebuild its topics. Its apis and workers must be stopped."""
    with faults_shown():
        if (file is None) != databases_restored:
            raise CommandError("Give either the FILE of a backup, or --databases-restored.")
        where = backends()
        lost_file = lost or Path(f"carnet-lost-{_now()}.jsonl")
        if not yes:
            typer.confirm("Everything decided since the backup is lost. Restore?", abort=True)
        with _progress() as progress:
            if file is None:
                done = restored_otherwise(where, lost_file, progress=progress)
            else:
                done = restore(where, file, lost_file, replace_other=replace_other_suite, progress=progress)
        _show(done)


def _show(done: Restored) -> None:
    lost = done.lost
    out.print(f"Restored. The generation is {done.generation}, and the topics are rebuilt: start the suite.")
    if not lost.count:
        out.print("Nothing was found that came after the backup.")
    else:
        out.print(
            f"{lost.count} events came after the backup and are lost; they are in {done.lost_file}:", soft_wrap=True
        )
        for name, count in lost.by_type.most_common():
            out.print(f"  {count:6} {name}", markup=False)
    if lost.erased:
        out.print("People of these accounts may have been erased since; erase them again (ORG-4):", style="yellow")
        for account in sorted(lost.erased):
            out.print(f"  {account}", markup=False)
    if done.collecting_held is not None:
        out.print(
            f"Until you run `carnet collecting --resume`, nothing is collected automatically: {done.collecting_held}. "
            "Compare with the provider first.",
            style="yellow",
            soft_wrap=True,
        )


def collecting(resume: Resume = False) -> None:
    """Show whether what is due is collected automatically, or held since a restore; --resume ends that."""
    with faults_shown():
        where = backends()
        out.print(asyncio.run(_collecting(where.mongo_url, f"{where.namespace}carnet_payments", resume=resume)))


async def _collecting(url: str, name: str, *, resume: bool) -> str:
    database = Database.open(url, name)
    try:
        since = (await database_state(database)).collecting_held
        if since is None:
            return "What is due is collected automatically."
        if resume:
            await resume_collecting(database)
            return f"What is due is collected automatically again; it was held since {since}."
        return (
            f"Nothing is collected automatically since {since}: "
            "a restore has lost orders that a provider may have done."
        )
    finally:
        database.close()


@contextmanager
def _progress() -> Iterator[Progress]:
    with err.status("beginning") as status:
        yield status.update


def _now() -> str:
    return f"{utc_now():%Y%m%dT%H%M%SZ}"
