"""`carnet demo`."""

from typing import Annotated

import typer

from carnet_operations.terminal import err, faults_shown, out
from carnet_suite.commands.running import stoppable

Stay = Annotated[bool, typer.Option("--stay", help="Keep the suite running, to look at the story in a browser.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(demo)


def demo(*, stay: Stay = False) -> None:
    """Play the story of a dance school through a suite of its own, and prove the result."""
    from carnet_play.demo import run_demo  # noqa: PLC0415 # slow, and needed by this command only

    code = 1
    with faults_shown(), stoppable():
        code = run_demo(out, err, stay=stay)
    raise typer.Exit(code)
