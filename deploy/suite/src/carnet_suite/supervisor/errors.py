"""What keeps the suite from running, in words for a person, with what to do about it."""

from pathlib import Path

from carnet_operations.errors import CommandError


class SuiteError(CommandError):
    """The suite cannot run, or cannot go on. The message says what to do."""


class AlreadyRunningError(SuiteError):
    """Another instance runs on the same data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"The suite already runs on {folder} ({who}). See it with `carnet status`; "
            f"stop it with Ctrl-C where it was started{f', or `kill {pid}`' if pid else ''}."
        )


class BusyPortError(SuiteError):
    """Something else listens on a port that the suite needs."""

    def __init__(self, what: str, port: int) -> None:
        super().__init__(
            f"Port {port}, which {what} needs, is in use by something else (see `lsof -i :{port}`). "
            "Stop that, or let the suite take other ports: `carnet up --port-base 9400`."
        )


class ProcessDiedError(SuiteError):
    """A process of the suite dies as often as it is started."""

    def __init__(self, name: str, deaths: int, seconds: float, log: Path, tail: str) -> None:
        super().__init__(
            f"{name} died {deaths} times in {seconds:g} s and is not started again. "
            f"The last lines of {log}:\n{tail or '(nothing)'}"
        )


class ProcessSlowError(SuiteError):
    """A process of the suite runs and does not get ready."""

    def __init__(self, name: str, seconds: float, answer: str, log: Path, tail: str) -> None:
        super().__init__(
            f"{name} is not ready after {seconds:g} s ({answer}). The machine may be overloaded: try again. "
            f"The last lines of {log}:\n{tail or '(nothing)'}"
        )


class ServerGoneError(SuiteError):
    """One of the servers below the suite ended by itself."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(
            f"{name} has ended by itself, so the suite stops; what it had acknowledged is kept. "
            f"Its log is {log}. Start the suite again with `carnet up`."
        )
