"""Accesses are withheld while a payment is late by the days that the organisation says, and given back after (CON-20).

Whether they are withheld depends on the schedule as it is now, and on the organisation's setting and its date, not on
the order in which these changed. Contracts keeps of a schedule from when something is due, and whether accesses are
withheld; a contract where the one does not follow from the other is found and corrected. It is saved with its accesses,
so that a change of it at the same instant does not miss them. If the accesses that a plan opens are moved by that, the
contract publishes it, and the client is informed.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.due import rounds
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.organisations import ORGANISATIONS, Organisation, all_organisations, by_day, context_for
from contracts.access.informing import inform
from contracts.access.store import follow_plans, moved_accesses
from contracts.contracts.store import CONTRACTS, SCHEDULES, late_query, schedules_found, withheld_query

AT_ONCE = 100
"""How many contracts one look takes, of either kind."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing."""


class Withholder:
    """The timed work of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Withhold and give back in the slots held, until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots),
            what="withholding accesses",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(SCHEDULES.name, ORGANISATIONS.name),
        )

    async def round(self, slots: frozenset[int]) -> int:
        """Withhold and give back for some contracts of all organisations; returns how many contracts."""
        if not slots:
            return 0
        days = by_day(await all_organisations(self._database), late_since)
        back = await schedules_found(self._database, withheld_query(days, slots), AT_ONCE)
        late = await schedules_found(self._database, late_query(days, slots), AT_ONCE)
        moved = 0
        for found, withheld in ((back, False), (late, True)):
            for organisation, contracts in found.items():
                move = partial(_move, organisation=organisation, contracts=contracts, withheld=withheld)
                moved += await transact(self._database, move)
        return moved


def late_since(organisation: Organisation) -> date | None:
    """What was due by that day withholds accesses today; None if the organisation never does."""
    if organisation.access_late_days is None:
        return None
    return organisation.today(utc_now()) - timedelta(days=organisation.access_late_days)


async def _move(unit: Unit, organisation: str, contracts: Sequence[str], *, withheld: bool) -> int:
    with unit.piece(organisation):
        await unit.load(SCHEDULES, contracts)
        await unit.load(CONTRACTS, contracts)
        context = await context_for(unit, organisation, Actor("service", "contracts"))
        await unit.load(ORGANISATIONS, [organisation])
        profile = unit.get(ORGANISATIONS, organisation)
        late_from = late_since(profile) if profile else None
        return sum([await _move_one(unit, each, late_from, context, withheld=withheld) for each in contracts])


async def _move_one(unit: Unit, id_: str, late_from: date | None, context: Context, *, withheld: bool) -> bool:
    known, before = unit.get(SCHEDULES, id_), unit.get(CONTRACTS, id_)
    if known is None or before is None:
        return False
    late = late_from is not None and known.due_since is not None and known.due_since <= late_from
    if late != withheld or known.withheld == withheld:
        return False  # it was paid, or fell due, since it was found
    unit.put(SCHEDULES, known.model_copy(update={"withheld": withheld}))
    after = before.model_copy(update={"withheld": withheld})
    decision = inform(after, await moved_accesses(unit, before, after, context), known.due_since, context)
    if decision.events:
        after = unit.decide(CONTRACTS, decision, context)
    else:
        unit.put(CONTRACTS, after)
    await follow_plans(unit, before, after, context)
    return True
