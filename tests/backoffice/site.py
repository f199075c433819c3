"""The back office over hand-written APIs, at an address of this machine: for a browser."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from tests.backoffice.people import Office
from tests.waits import BOUND


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is, and what it runs on."""

    address: str
    office: Office


class _Server(uvicorn.Server):
    """A server in a thread of its own, which says when it accepts connections and leaves the signals to the tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepts = threading.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepts.set()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application while the block lasts; its address."""
    kept = int(BOUND)  # a test looks at a page for longer than the 5 s after which an idle connection is closed
    server = _Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_keep_alive=kept)
    )
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    if not server.accepts.wait(BOUND):
        raise RuntimeError("the site did not start")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(BOUND)
