"""The demo: a suite of its own, on empty data and free ports, beside whatever else runs."""

import threading

from rich.console import Console

from carnet_operations.home import carnet_home
from carnet_operations.tokens import TEST_ORGANISATION
from carnet_play.story import play
from carnet_suite.layout import DEMO
from carnet_suite.signing_in.people import PEOPLE, Person
from carnet_suite.start_display import StartDisplay
from carnet_suite.supervisor import suite


def run_demo(console: Console, progress: Console, *, stay: bool = False) -> int:
    """Start the suite, play the story on `console`, and stop the suite; the exit code of the story.

    With `stay` the story is that of the school whose people can sign in, and the suite runs until it is
    asked to stop, so that the story can be looked at in a browser.

    Raises:
        SuiteError: the suite cannot run.
    """
    display = StartDisplay(progress)
    with display, suite(carnet_home() / DEMO, fresh=True, pages=stay, watcher=display) as running:
        display.done()
        code = play(running, console, organisation=TEST_ORGANISATION if stay else None)
        if stay:
            console.print(f"\nLook at its families and their payments: {running.backoffice}/follow-up", highlight=False)
            staff = ", ".join(f"{person.name} ({person.role})" for person in PEOPLE.values() if _is_staff(person))
            console.print(f"Sign in as one of its staff: {staff}. Stop with Ctrl-C.", highlight=False, soft_wrap=True)
            running.wait(threading.Event())
        return code


def _is_staff(person: Person) -> bool:
    return person.organisation == TEST_ORGANISATION
