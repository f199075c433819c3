"""`carnet secrets`."""

from pathlib import Path
from typing import Annotated

import typer

from carnet_operations.home import carnet_home
from carnet_operations.terminal import out
from carnet_suite.layout import SECRETS
from carnet_suite.secrets import make_secrets

Folder = Annotated[Path | None, typer.Option(help="Their folder; below $CARNET_HOME or .carnet by default.")]
Owner = Annotated[int | None, typer.Option(min=0, help="The user id that the files are given to, if another.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(secrets)


def secrets(folder: Folder = None, owner: Owner = None) -> None:
    """Make the keys and secrets of a suite, those that are missing; `carnet up` does so automatically."""
    made = make_secrets(folder or carnet_home() / SECRETS, owner)
    out.print(f"The keys are in {made.keys.private.parent}, the secrets in {made.sandbox}.", soft_wrap=True)
