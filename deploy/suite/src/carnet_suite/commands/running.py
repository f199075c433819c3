"""`carnet up` and `carnet status`."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer

from carnet_operations.home import carnet_home
from carnet_operations.running import read_state
from carnet_operations.terminal import err, faults_shown, out
from carnet_suite.commands.display import show_addresses, show_status
from carnet_suite.start_display import StartDisplay
from carnet_suite.supervisor import suite
from carnet_suite.supervisor.ports import DEFAULT_BASE, HIGHEST_BASE
from carnet_suite.welcome import welcome

MOST_WORKERS = 12
"""As many as a topic has partitions: further ones would have nothing to do."""

Workers = Annotated[int, typer.Option(min=1, max=MOST_WORKERS, help="How many workers share the work of payments.")]
PortBase = Annotated[int, typer.Option(min=1024, max=HIGHEST_BASE, help="The front port, and the first of 60.")]


_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _StopAskedError(BaseException):
    """One of the signals that end it came; not an Exception, so that nothing on the way takes it for a fault."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(up)
    app.command()(status)


def up(payments_workers: Workers = 1, port_base: PortBase = DEFAULT_BASE) -> None:
    """Run the suite until Ctrl-C. Its data stays in .carnet (or $CARNET_HOME) and serves the next time."""
    with faults_shown(), stoppable():
        display = StartDisplay(err, payments_workers)
        with (
            display,
            suite(port_base=port_base, payments_workers=payments_workers, pages=True, watcher=display) as running,
        ):
            display.done()
            show_addresses(out, running, welcome(running))
            running.wait(threading.Event())


def status() -> None:
    """Show how each process of the running suite is, and what waits in it."""
    with faults_shown():
        if not show_status(out, read_state(carnet_home())):
            raise typer.Exit(1)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and the end of the terminal end the block in order; a second one changes nothing."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in _ENDS:
            signal.signal(number, _still_stopping)
        err.print("\nStopping ...")
        raise _StopAskedError

    before = {number: signal.signal(number, stop) for number in _ENDS}
    try:
        yield
    except _StopAskedError:
        err.print("Stopped. The data is kept; `carnet reset` removes it.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _still_stopping(_number: int, _frame: FrameType | None) -> None:
    err.print("Still stopping: every process finishes what it is doing.")
