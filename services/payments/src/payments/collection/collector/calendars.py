"""Which organisations collect up to which date now, and the clocks that providers know."""

import time
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from carnet.generation import database_state
from carnet.journal import slot_of
from carnet.mongo import Database
from carnet.observe import log
from carnet.organisations import Organisation
from payments.collection.domain.calendars import CollectionCalendar, collected_until
from payments.collection.store.calendars import all_calendars
from payments.provider.interface import Provider, UnansweredError

FRESH_SECONDS = 2.0
"""How old what is known of organisations may be: a clock moved or a calendar changed is noticed after that."""


class Calendars:
    """The organisations with their calendars, as they were a moment ago."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Mapping[str, tuple[Organisation, CollectionCalendar]] = {}
        self._read_at = -FRESH_SECONDS
        self.held = False
        """Whether nothing due is started, since a restore (``carnet.generation``)."""

    async def refresh(self) -> None:
        """Read them again where that was some time ago."""
        if time.monotonic() - self._read_at >= FRESH_SECONDS:
            self._read_at = time.monotonic()
            self._known = {each[0].id: each for each in await all_calendars(self._database)}
            self.held = (await database_state(self._database)).collecting_held is not None

    async def organisation(self, organisation: str) -> Organisation | None:
        """One of them; read again where it is not known."""
        if organisation not in self._known:
            self._read_at = -FRESH_SECONDS
            await self.refresh()
        known = self._known.get(organisation)
        return known[0] if known else None

    @property
    def organisations(self) -> Collection[Organisation]:
        """All of them."""
        return [organisation for organisation, _ in self._known.values()]

    def groups(self, now: datetime, *, but: Collection[str]) -> Mapping[date, list[str]]:
        """The organisations, but some, by the date up to which each collects now (PAY-11)."""
        groups: dict[date, list[str]] = {}
        for organisation, calendar in self._known.values():
            until = collected_until(calendar, organisation.local(now))
            if until is not None and organisation.id not in but:
                groups.setdefault(until, []).append(organisation.id)
        return groups


class Clocks:
    """Sends providers how far the clocks of test organisations are ahead, for what takes days there (ORG-5)."""

    def __init__(self, calendars: Calendars, providers: Mapping[str, Provider]) -> None:
        self._calendars = calendars
        self._providers = providers
        self._sent: dict[tuple[str, str], int] = {}

    async def know(self, provider: Provider, organisation: str) -> None:
        """Return once a provider knows the clock of that organisation. Raises ``UnansweredError``."""
        if (provider.name, organisation) in self._sent:
            return
        known = await self._calendars.organisation(organisation)
        if known is not None:
            await self._send(provider, known)

    async def send_moved(self, slots: frozenset[int]) -> None:
        """Send providers the clocks that moved of the organisations of these slots, and of those sent before."""
        for provider in self._providers.values():
            try:
                for organisation in self._calendars.organisations:
                    sent = self._sent.get((provider.name, organisation.id))
                    mine = organisation.clock_ahead != 0 and slot_of(organisation.id) in slots
                    if organisation.clock_ahead != sent and (mine or sent is not None):
                        await self._send(provider, organisation)
            except UnansweredError as error:
                log.info("a clock could not be sent to a provider", provider=provider.name, why=str(error))

    async def _send(self, provider: Provider, organisation: Organisation) -> None:
        if organisation.mode == "test":
            await provider.send_clock(organisation.id, timedelta(seconds=organisation.clock_ahead))
        self._sent[provider.name, organisation.id] = organisation.clock_ahead
