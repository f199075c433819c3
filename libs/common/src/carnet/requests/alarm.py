"""What waits for the answer of another service, and since when: nothing is decided by that, it has to be seen.

A store declares where its requests wait (``WaitingIn``). From that its worker shows their age and number and logs the
ones that wait too long, and operators list them (``carnet requests``).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from carnet.dates import utc_now
from carnet.due import rounds
from carnet.leases import Leases
from carnet.mongo import Database
from carnet.observe import REQUEST_OLDEST_SECONDS, REQUESTS_WAITING, log

LOOKED_EVERY = 5.0
"""Seconds between two looks."""

TOO_LONG = timedelta(seconds=60)
"""How long a request may wait before operators should look: an answer takes a moment, or a service is down."""

MOST_READ = 1_000
"""How many requests of a collection are read at a time, the oldest first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request without an answer. ``about`` is what it is about in the service that asks: a contract's id."""

    request: str
    cause: str
    asked_of: str
    about: str
    organisation: str
    asked_at: datetime
    awaited: tuple[str, ...]


@dataclass(frozen=True)
class WaitingIn:
    """Where a service keeps requests that wait.

    ``asked_at`` is the path of the instant at which they were made, by which they are indexed; ``query`` selects those
    that wait, ``fields`` is what ``read`` needs of a document.
    """

    collection: str
    asked_at: str
    fields: Sequence[str]
    read: Callable[[Mapping[str, Any]], Iterable[Waiting]]
    query: Mapping[str, Any] = field(default_factory=dict)


async def waiting_in(database: Database, places: Iterable[WaitingIn], most: int = MOST_READ) -> list[Waiting]:
    """The requests of a service that wait, the oldest first; at most ``most`` of each place."""
    found: list[Waiting] = []
    for place in places:
        query = {place.asked_at: {"$gt": ""}, **place.query}
        fields = dict.fromkeys((*place.fields, place.asked_at, "organisation"), 1)
        cursor = database[place.collection].find(query, fields).sort(place.asked_at, 1).limit(most)
        async for document in cursor:
            found.extend(place.read(document))
    return sorted(found, key=lambda each: each.asked_at)


class Alarm:
    """Timed work of a worker: shows what waits, and logs once that something waits too long."""

    def __init__(self, service: str, database: Database, places: Sequence[WaitingIn]) -> None:
        self._service = service
        self._database = database
        self._places = places
        self._shown: set[tuple[str, str]] = set()
        self._logged: set[tuple[str, str]] = set()

    async def run(self, _leases: Leases, stopping: asyncio.Event) -> None:
        """Look now and then until ``stopping`` is set; every worker shows the same."""
        await rounds(self.look, what="the alarm of requests", idle=LOOKED_EVERY, stopping=stopping)

    async def look(self) -> int:
        """Show the age of the oldest request, in seconds (0 if none waits), and how many wait for what.

        Returns 0: there is no work to go on with.
        """
        found, now = await waiting_in(self._database, self._places), utc_now()
        oldest = max(((now - each.asked_at).total_seconds() for each in found), default=0.0)
        REQUEST_OLDEST_SECONDS.labels(self._service).set(oldest)
        counts: dict[tuple[str, str], int] = dict.fromkeys(self._shown, 0)
        for each in found:
            counts[each.cause, each.asked_of] = counts.get((each.cause, each.asked_of), 0) + 1
        for (cause, asked_of), count in counts.items():
            REQUESTS_WAITING.labels(self._service, cause, asked_of).set(count)
        self._shown |= set(counts)
        self._log({(each.request, each.cause): each for each in found if now - each.asked_at > TOO_LONG})
        return 0

    def _log(self, late: Mapping[tuple[str, str], Waiting]) -> None:
        """One line for all of a cause that wait too long since the last look: a bulk job may have asked thousands."""
        kinds: dict[tuple[str, str], list[Waiting]] = {}
        for key, each in late.items():
            if key not in self._logged:
                kinds.setdefault((each.cause, each.asked_of), []).append(each)
        for (cause, asked_of), (oldest, *others) in kinds.items():
            log.error(
                "a request waits too long",
                waiting=oldest.request,
                cause=cause,
                asked_of=asked_of,
                about=oldest.about,
                since=oldest.asked_at.isoformat(),
                others=len(others),
                todo="carnet requests",
            )
        self._logged = set(late)
