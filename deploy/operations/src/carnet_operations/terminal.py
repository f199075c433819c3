"""What all commands share: the terminal, and faults told in a sentence."""

import contextlib
import os
import sys
from collections.abc import Iterator

import typer
from rich.console import Console

from carnet_operations.errors import CommandError

_WIDE = 160
"""Characters of a line where the output is no terminal, which would tell its own width, and COLUMNS is not set."""


def _width(terminal: bool) -> int | None:
    return None if terminal or "COLUMNS" in os.environ else _WIDE


out = Console(highlight=False, width=_width(sys.stdout.isatty()))
"""For what was asked for."""

err = Console(stderr=True, highlight=False, width=_width(sys.stderr.isatty()))
"""For faults and progress."""


@contextlib.contextmanager
def faults_shown() -> Iterator[None]:
    """Tell a known fault in its own words and end with exit code 1; others keep their traceback."""
    try:
        yield
    except CommandError as fault:
        # Wrapped, the ids in it could not be copied.
        err.print(str(fault), style="bold red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from fault
