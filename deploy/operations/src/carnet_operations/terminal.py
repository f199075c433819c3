"""Shared by all commands: the terminal, and faults shown as a sentence."""

import contextlib
import os
import sys
from collections.abc import Iterator

import typer
from rich.console import Console

from carnet_operations.errors import CommandError

_WIDE = 160
"""Characters of a line if the output is no terminal, which has a width of its own, and COLUMNS is not set."""


def _width(terminal: bool) -> int | None:
    return None if terminal or "COLUMNS" in os.environ else _WIDE


out = Console(highlight=False, width=_width(sys.stdout.isatty()))
"""For results."""

err = Console(stderr=True, highlight=False, width=_width(sys.stderr.isatty()))
"""For faults and progress."""


@contextlib.contextmanager
def faults_shown() -> Iterator[None]:
    """Show a known fault as a sentence and end with exit code 1; others keep their traceback."""
    try:
        yield
    except CommandError as fault:
        # If it were wrapped, the ids in it could not be copied.
        err.print(str(fault), style="bold red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from fault
