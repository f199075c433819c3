"""Start one process of a service: ``python -m carnet.run <service> api|worker``."""

import importlib
import signal
import sys
from types import FrameType

ROLES = ("api", "worker")


def main(arguments: list[str]) -> int:
    """Run the process that ``arguments`` name; returns its exit code."""
    if len(arguments) != 2 or arguments[1] not in ROLES:
        print("usage: python -m carnet.run SERVICE api|worker", file=sys.stderr)  # noqa: T201 # no logger yet
        return 2
    # Told to stop while it is still starting, with nothing to finish: that ends in order, too. What a process is
    # made of takes a second to import, so it is imported only now.
    signal.signal(signal.SIGTERM, _nothing_to_finish)
    code: int = importlib.import_module("carnet.processes").run(*arguments)
    return code


def _nothing_to_finish(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
