"""The HTTP server of a process: uvicorn, which looks once a second whether it is to end, instead of ten times."""

import asyncio
from types import FrameType

import uvicorn

from carnet.pauses import pause

TICK_SECONDS = 1.0
"""Seconds between two ticks. Each renews the date that answers carry."""


class Server(uvicorn.Server):
    """Uvicorn with a slower tick, which is cut short when the server is to end: an idle suite has ten of them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Accept nothing more, finish what is under way, and return."""
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        """Tick until the server is to end."""
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(10 * ticks):  # uvicorn renews the date with every tenth of its own ticks
            ticks += 1
            await pause(TICK_SECONDS, until=self._ending)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asks the process to end."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ending.set)  # so that the loop is woken, wherever the signal met it
