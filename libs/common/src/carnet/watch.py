"""Timed work of a worker: how long the oldest request to another service has waited for its answer.

Nothing is decided by that: what was asked waits until it is answered. It only has to be seen.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from carnet.dates import utc_now
from carnet.due import rounds
from carnet.leases import Leases
from carnet.mongo import Database
from carnet.observe import REQUEST_OLDEST_SECONDS

LOOKED_EVERY = 5.0
"""Seconds between two looks."""


class Watch:
    """Shows the age of the oldest request of a service that waits; ``oldest`` says since when it does."""

    def __init__(
        self, service: str, database: Database, oldest: Callable[[Database], Awaitable[datetime | None]]
    ) -> None:
        self._gauge = REQUEST_OLDEST_SECONDS.labels(service)
        self._database = database
        self._oldest = oldest

    async def run(self, _leases: Leases, stopping: asyncio.Event) -> None:
        """Look now and then until ``stopping`` is set; every worker shows the same."""
        await rounds(self.look, what="the watch on requests", idle=LOOKED_EVERY, stopping=stopping)

    async def look(self) -> int:
        """Set the gauge to the age of the oldest, in seconds; to 0 where none waits. Returns 0: it finds no work."""
        since = await self._oldest(self._database)
        self._gauge.set(0 if since is None else (utc_now() - since).total_seconds())
        return 0
