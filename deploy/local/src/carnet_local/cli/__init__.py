"""The `carnet` command: one small file per group of commands, loaded when one of them is asked for."""

import sys
from importlib import import_module

import typer

_FILES = {
    "up": "running",
    "status": "running",
    "logs": "logs",
    "reset": "data",
    "fetch": "data",
    "token": "tokens",
    "topics": "topics",
    "parked": "parked",
    "events": "events",
    "docs": "documents",
    "verify": "proof",
    "demo": "proof",
}
"""In which file each command is, in the order of the help."""


def app() -> None:
    """Run the command that the arguments ask for, and end the process with its exit code."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    commands(asked)()


def commands(asked: str = "") -> typer.Typer:
    """The commands: those of one file where `asked` is in it, otherwise all."""
    made = typer.Typer(
        name="carnet",
        help="Run and look after the Carnet suite on this machine.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # With a callback it stays a group, however few commands were loaded.
    made.callback()(_carnet)
    files = [_FILES[asked]] if asked in _FILES else dict.fromkeys(_FILES.values())
    for file in files:
        import_module(f"{__name__}.{file}").add_to(made)
    return made


def _carnet() -> None:
    """Run and look after the Carnet suite on this machine."""
