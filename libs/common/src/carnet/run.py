"""Start one process of a service: ``python -m carnet.run <service> api|worker``."""

import gc
import importlib
import signal
import sys
from types import FrameType
from typing import Any

_BESIDE = (
    "colorama",
    "greenlet",
    "psutil",
    "pydantic.v1",
    "pygments",
    "pymongo.pyopenssl_context",
    "rich",
    "watchfiles",
)
"""What other programs need (the `carnet` command, the local suite, the back office, browsers in tests): if it is
installed beside a service, structlog, httpx, uvicorn, Starlette and OpenTelemetry import it unasked. FastAPI imports
the first version of pydantic to refuse its models: without it there are none. PyMongo would take pyOpenSSL for TLS,
which is not installed, and imports cryptography (9 MB) before it finds that out; without, it takes Python's own ssl."""

ROLES = {"api": "carnet.api_process", "worker": "carnet.worker_process"}
"""The two kinds of process of a service: each imports only what it needs."""


def main(arguments: list[str]) -> int:
    """Run the process that ``arguments`` name; returns its exit code."""
    if len(arguments) != 2 or arguments[1] not in ROLES:
        print("usage: python -m carnet.run SERVICE api|worker", file=sys.stderr)  # noqa: T201 # no logger yet
        return 2
    service, role = arguments
    # Asked to stop while it is still starting, with nothing to finish: that ends in order, too. What a process is
    # made of takes a second to import, so it is imported only now.
    signal.signal(signal.SIGTERM, _nothing_to_finish)
    leave_out_others()
    build_late()
    look_for_cycles_seldom()
    code: int = importlib.import_module(ROLES[role]).run(service)
    return code


def look_for_cycles_seldom() -> None:
    """Have Python look for garbage in cycles less often: batches make many short-lived objects, and none in cycles."""
    gc.set_threshold(50_000, 20, 20)


def leave_out_others() -> None:
    """Keep out of this process what only other programs need: 8 MB of an API, 18 MB of a worker."""
    not_installed: Any = None
    for name in _BESIDE:
        sys.modules.setdefault(name, not_installed)


def build_late() -> None:
    """Have pydantic make the validators of a model when it is first used: 4 MB of an API, most of whose routes rest.

    That counts for models of libraries too: FastAPI has a hundred of its own for the document of an API.
    """
    pydantic = importlib.import_module("pydantic")  # only once others are left out
    pydantic.BaseModel.model_config["defer_build"] = True


def _nothing_to_finish(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
