"""The demo: a suite of its own, on empty data and free ports, beside whatever else runs."""

from rich.console import Console

from carnet_operations.home import carnet_home
from carnet_play.story import play
from carnet_suite.layout import DEMO
from carnet_suite.start_display import StartDisplay
from carnet_suite.supervisor import suite


def run_demo(console: Console, progress: Console) -> int:
    """Start the suite, play the story on `console`, and stop the suite; the exit code of the story.

    Raises:
        SuiteError: the suite cannot run.
    """
    display = StartDisplay(progress)
    with display, suite(carnet_home() / DEMO, fresh=True, watcher=display) as running:
        display.done()
        return play(running, console)
