"""The demo: a suite of its own, on empty data and free ports, beside whatever else runs."""

from rich.console import Console

from carnet_local.servers.home import carnet_home
from carnet_local.start_display import StartDisplay
from carnet_local.story import play
from carnet_local.suite import suite
from carnet_local.suite.layout import DEMO


def run_demo(console: Console, progress: Console) -> int:
    """Start the suite, play the story on `console`, and stop the suite; the exit code of the story.

    Raises:
        SuiteError: the suite cannot run.
    """
    display = StartDisplay(progress)
    with display, suite(carnet_home() / DEMO, fresh=True, watcher=display) as running:
        display.done()
        return play(running, console)
