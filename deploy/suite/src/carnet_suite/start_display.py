"""How a start of the suite is shown."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from carnet_suite.topology import processes


class StartDisplay:
    """Follows a start: a bar on a terminal, a line per event elsewhere."""

    def __init__(self, console: Console, payments_workers: int = 1) -> None:
        self._console = console
        self._waiting: list[str] = []
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("Starting the suite"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.description}"),
            console=console,
            transient=True,
        )
        # The servers together are one step; the front, the sandbox, the back office and its provider one each.
        self._task = self._progress.add_task("", total=len(processes(payments_workers)) + 5)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done()

    def starting(self, what: str) -> None:
        """Count it among those that are waited for."""
        self._waiting.append(what)
        self._show()

    def ready(self, what: str) -> None:
        """Count it as done."""
        self._waiting.remove(what)
        self._progress.advance(self._task)
        if not self._console.is_terminal:
            self._console.print(f"ready: {what}")
        self._show()

    def notice(self, sentence: str) -> None:
        """Print it above the bar."""
        self._console.print(sentence, style="yellow", markup=False)

    def done(self) -> None:
        """Take the bar away. Notices go on."""
        self._progress.stop()

    def _show(self) -> None:
        more = len(self._waiting) - 2
        text = ", ".join(self._waiting[:2]) + (f" and {more} more" if more > 0 else "")
        self._progress.update(self._task, description=text)
