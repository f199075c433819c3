"""Timed work of the worker: how long the oldest change has waited for credits (CRE-4).

Nothing is decided by that: a change waits until it is answered. It only has to be seen.
"""

import asyncio

from carnet.dates import utc_now
from carnet.leases import Leases
from carnet.mongo import Database, is_passing
from carnet.observe import REQUEST_OLDEST_SECONDS, log
from contracts.store.contracts import oldest_pending

LOOKED_EVERY = 5.0
"""Seconds between two looks."""


class Watch:
    """Shows the age of the oldest change that waits."""

    def __init__(self, service: str, database: Database) -> None:
        self._gauge = REQUEST_OLDEST_SECONDS.labels(service)
        self._database = database

    async def run(self, _leases: Leases, stopping: asyncio.Event) -> None:
        """Look now and then until ``stopping`` is set; every worker shows the same."""
        while not stopping.is_set():
            try:
                await self.look()
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("could not look for changes that wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stopping.wait(), LOOKED_EVERY)
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Set the gauge to the age of the oldest, in seconds; to 0 where none waits."""
        since = await oldest_pending(self._database)
        self._gauge.set(0 if since is None else (utc_now() - since).total_seconds())
