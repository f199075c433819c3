"""Accesses end once their last day is over, on the organisation's clock (CON-20, MON-5)."""

import asyncio

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import rounds
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.organisations import ORGANISATIONS, all_organisations, by_day, context_for
from contracts.access.domain import Access, apply_lines
from contracts.access.store import ACCESSES, ended_accesses, save

AT_ONCE = 100
"""How many accesses one look takes."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing."""


class Ender:
    """The timed work of a worker: settles the accesses whose last day is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """End what is over in the slots held, until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots),
            what="ending accesses",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(ACCESSES.name, ORGANISATIONS.name),
        )

    async def round(self, slots: frozenset[int]) -> int:
        """Apply the lines of some accesses whose last day is over; returns how many."""
        now = utc_now()
        days = by_day(await all_organisations(self._database), lambda each: each.today(now))
        found = await ended_accesses(self._database, days, slots, limit=AT_ONCE)
        by_organisation: dict[str, list[Access]] = {}
        for access in found:
            by_organisation.setdefault(access.organisation, []).append(access)
        for organisation, accesses in by_organisation.items():
            await transact(self._database, lambda unit, o=organisation, a=accesses: _apply_lines(unit, o, a))  # type: ignore[misc] # defaults of a lambda
        return len(found)


async def _apply_lines(unit: Unit, organisation: str, accesses: list[Access]) -> None:
    with unit.piece(organisation):
        await unit.load(ACCESSES, [access.id for access in accesses])
        context = await context_for(unit, organisation, Actor("service", "contracts"))
        for known in (unit.get(ACCESSES, access.id) for access in accesses):
            if known is not None:
                save(unit, known, apply_lines(known, context), context)
