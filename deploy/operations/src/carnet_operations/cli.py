"""The `carnet` command: one small file per group of commands, loaded when one of them is asked for.

Packages bring their commands by entry points: those of a suite on this machine (`carnet up`) exist if it is installed.
"""

import sys
from importlib import import_module
from importlib.metadata import entry_points

import typer

GROUP = "carnet.commands"
"""The entry points by which a package brings commands: the name of each, and the function that adds its file's."""


def app() -> None:
    """Run the command that the arguments ask for, and end the process with its exit code."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    commands(asked)()


def commands(asked: str = "") -> typer.Typer:
    """The commands: those of the file that has `asked`, otherwise all."""
    made = typer.Typer(
        name="carnet",
        help="Look after a Carnet suite.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # With a callback it stays a group, however few commands were loaded.
    made.callback()(_carnet)
    brought = {point.name: point.value for point in entry_points(group=GROUP)}
    files = [brought[asked]] if asked in brought else sorted(set(brought.values()))
    for file in files:
        module, _, function = file.partition(":")
        getattr(import_module(module), function)(made)
    return made


def _carnet() -> None:
    """Look after a Carnet suite."""
