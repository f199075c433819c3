"""`carnet secrets`."""

from pathlib import Path
from typing import Annotated

import typer

from carnet_operations.home import SECRETS, carnet_home
from carnet_operations.secrets import make_secrets
from carnet_operations.terminal import out

Folder = Annotated[Path | None, typer.Option(help="Their folder; below $CARNET_HOME or .carnet by default.")]
Owner = Annotated[int | None, typer.Option(min=0, help="The user id that the files are given to, if another.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(secrets)


def secrets(folder: Folder = None, owner: Owner = None) -> None:
    """Make the keys and secrets of a suite, those that are missing."""
    made = make_secrets(folder or carnet_home() / SECRETS, owner)
    out.print(f"The keys are in {made.keys.private.parent}, the secrets in {made.sandbox}.", soft_wrap=True)
