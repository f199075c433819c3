"""What can keep an embedded server from running, each with what to do about it."""

from pathlib import Path

from carnet_operations.errors import CommandError

ELSEWHERE = "Give the addresses of servers that already run (CARNET_TEST_MONGO_URL, CARNET_TEST_KAFKA) or start Docker."


class ServerError(CommandError):
    """A server cannot run. The message is for a person and says what to do."""


class UnsupportedMachineError(ServerError):
    """No build of the server fits this operating system, processor or set of libraries."""


class PortBusyError(ServerError):
    """Something else listens on the port that the server was to take."""

    def __init__(self, server: str, port: int) -> None:
        super().__init__(
            f"{server} cannot take port {port}: something else uses it. "
            f"Stop that (see `lsof -i :{port}`), or choose another port."
        )


class DataInUseError(ServerError):
    """Another instance runs on the same data folder."""

    def __init__(self, folder: Path, owner: str) -> None:
        instance = f"another instance (process {owner})" if owner else "another instance"
        super().__init__(f"The data in {folder} is in use by {instance}. Stop that one, or choose another folder.")


class JarsUnavailableError(ServerError):
    """Jars could not be fetched, or differ from the known ones."""


class ServerDiedError(ServerError):
    """The server's process ended by itself; carries the last lines of its log."""

    def __init__(self, server: str, exit_code: int | None, log: Path, tail: str) -> None:
        self.exit_code = exit_code
        self.tail = tail
        super().__init__(f"{server} ended by itself with exit code {exit_code}. {_log_of(log, tail)}")


class ServerSlowError(ServerError):
    """The server runs but did not answer in time; carries the last lines of its log."""

    def __init__(self, server: str, seconds: float, log: Path, tail: str) -> None:
        late = f"{server} did not answer within {seconds:g} s"
        super().__init__(f"{late}. The machine may be overloaded: try again. {_log_of(log, tail)}")


def _log_of(log: Path, tail: str) -> str:
    return f"The last lines of {log}:\n{tail}" if tail else f"Its log {log} is empty."
