"""`carnet docs`: the public documents that are made from the code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from carnet_operations.documents import publish
from carnet_operations.terminal import err, out

_DOCS = Path(__file__).resolve().parents[5] / "docs"

Check = Annotated[
    bool,
    typer.Option("--check", help="Only list what differs from the code; exit code 1 then."),
]
Release = Annotated[bool, typer.Option("--release", help="Also take new events and additions into the released ones.")]
Folder = Annotated[Path, typer.Option(help="Where the documents are.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(docs)


def docs(check: Check = False, release: Release = False, folder: Folder = _DOCS) -> None:
    """Make the OpenAPI and AsyncAPI documents and the JSON Schemas of the events again."""
    if check and release:
        raise typer.BadParameter("give either --check or --release")
    if check:
        drifted = publish.drift(folder)
        _fail_on(drifted, "Make them anew with `carnet docs`.")
        _fail_on([*publish.broken(folder), *publish.rewritten(folder)], "A released event is only ever extended.")
        out.print("The documents are what the code says, and no released event has changed incompatibly.")
        return
    if release:
        _fail_on(publish.release(folder), "A released event is only ever extended.")
    publish.write(folder)
    _fail_on(publish.broken(folder), "A released event is only ever extended.")
    out.print(f"Written to {folder}.")


def _fail_on(problems: Sequence[str], advice: str) -> None:
    if problems:
        for problem in problems:
            err.print(problem, markup=False, soft_wrap=True)
        err.print(advice, style="bold red")
        raise typer.Exit(1)
