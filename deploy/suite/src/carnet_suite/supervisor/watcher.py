"""What the suite reports while it starts and runs, for whatever shows it."""

from typing import Protocol


class Watcher(Protocol):
    """Somebody who follows. May be called from any thread."""

    def starting(self, what: str) -> None:
        """`what` has been started and is not ready yet."""

    def ready(self, what: str) -> None:
        """`what` is ready."""

    def notice(self, sentence: str) -> None:
        """Something happened that a person should know."""


class _Silent:
    def starting(self, what: str) -> None:
        """Say nothing."""

    def ready(self, what: str) -> None:
        """Say nothing."""

    def notice(self, sentence: str) -> None:
        """Say nothing."""


SILENT: Watcher = _Silent()
