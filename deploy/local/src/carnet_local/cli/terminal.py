"""What all commands share: the terminal, and faults told in a sentence."""

import contextlib
import sys
from collections.abc import Iterator

import typer
from rich.console import Console

from carnet_local.servers.errors import ServerError
from carnet_local.suite.errors import SuiteError
from carnet_local.tokens import TokenError

_WIDE = 160
"""Characters of a line where the output is no terminal, which would tell its own width."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
"""For what was asked for."""

err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _WIDE)
"""For faults and progress."""


@contextlib.contextmanager
def faults_told() -> Iterator[None]:
    """Tell a known fault in its own words and end with exit code 1; others keep their traceback."""
    try:
        yield
    except (SuiteError, ServerError, TokenError) as fault:
        err.print(str(fault), style="bold red", markup=False)
        raise typer.Exit(1) from fault
