"""`carnet logs`."""

import contextlib
from typing import Annotated, Literal

import typer

from carnet_operations.home import carnet_home
from carnet_operations.terminal import faults_shown, out
from carnet_suite.logs import Line, files_of, follow, last_lines, written

Service = Annotated[str, typer.Argument(help="A service, or front, sandbox, mongo, kafka, inbox.")]
OfRole = Annotated[Literal["api", "worker"] | None, typer.Option(help="Only the processes of this role.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Show new lines as they are written, until Ctrl-C.")]
Lines = Annotated[int, typer.Option(min=0, help="How many of the last lines of each process.")]
Raw = Annotated[bool, typer.Option("--raw", help="The lines as they were written, JSON for the most part.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(logs)


def logs(service: Service, role: OfRole = None, follow_on: Follow = False, lines: Lines = 40, raw: Raw = False) -> None:
    """Show what the processes of a service have written, merged in order of time."""

    def show(line: Line) -> None:
        out.print(line.text if raw else written(line), soft_wrap=True, markup=False)

    with faults_shown():
        files = files_of(carnet_home(), service, role)
        for line in last_lines(files, lines):
            show(line)
        if follow_on:
            with contextlib.suppress(KeyboardInterrupt):
                follow(files, show, going_on=lambda: True)
