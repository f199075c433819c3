"""The timed work of a worker: reminders of packs whose last day comes, on the organisation's clock (CRE-10).

From its hour on the packs of an organisation are looked at once a day, in the order of their last days, some at a
time. What was reminded is kept with each, so that it goes once, whatever is killed and however often it is looked for.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import rounds
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.organisations import ORGANISATIONS, Organisation, context_for, organisations_in
from credits.packs.domain.reminding import PackReminders, ends_soon, remind, reminder_id, usual
from credits.packs.store import (
    PACK_REMINDER_SETTINGS,
    PACK_REMINDERS,
    PACKS,
    ending,
    is_suspended,
    reminders_in,
    settings_of,
)
from credits.store import SELLING

AT_ONCE = 100
"""How many packs one transaction looks at."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing."""


@dataclass(frozen=True, slots=True)
class _Day:
    """How far this worker has come with an organisation: on which day, by which settings, after which pack."""

    on: date
    settings: int
    after: tuple[str, str] | None = None
    done: bool = False


class PackReminding:
    """Reminds of the last days of packs, of the organisations in the slots held."""

    def __init__(self, database: Database, *, at_once: int = AT_ONCE) -> None:
        self._database = database
        self._at_once = at_once
        self._days: dict[str, _Day] = {}

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Remind until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots),
            what="reminding of packs",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(PACK_REMINDER_SETTINGS.name, ORGANISATIONS.name),
        )

    async def round(self, slots: frozenset[int]) -> int:
        """Look at some packs of each organisation whose day has not been gone through; returns how many."""
        if not slots:
            return 0
        organisations = await organisations_in(self._database, slots)
        known = await settings_of(self._database, [each.id for each in organisations])
        return sum([await self._of(each, known.get(each.id) or usual(each.id)) for each in organisations])

    async def _of(self, organisation: Organisation, settings: PackReminders) -> int:
        local = organisation.local(utc_now())
        if settings.days_before is None or local.hour < settings.hour:
            return 0
        today = local.date()
        day = self._days.get(organisation.id)
        if day is None or (day.on, day.settings) != (today, settings.version):
            day = _Day(today, settings.version)
        if day.done:
            return 0
        until = today + timedelta(days=settings.days_before)
        found = await ending(self._database, organisation.id, today, until, after=day.after, limit=self._at_once)
        if found:
            ids = [id_ for _, id_ in found]
            await transact(self._database, lambda unit: _remind_all(unit, organisation.id, ids))
        after = found[-1] if found else day.after
        self._days[organisation.id] = _Day(today, settings.version, after, done=not found)
        return len(found)


async def _remind_all(unit: Unit, organisation: str, ids: Sequence[str]) -> None:
    with unit.piece(organisation):
        context = await context_for(unit, organisation, Actor("service", "credits"))
        days_before = (await reminders_in(unit, organisation)).days_before
        if days_before is None:
            return
        await unit.load(PACKS, ids)
        packs = [pack for id_ in ids if (pack := unit.get(PACKS, id_)) is not None]
        await unit.load(SELLING, {pack.contract for pack in packs})
        await unit.load(PACK_REMINDERS, [reminder_id(pack, "expires", context.today) for pack in packs])
        for pack in packs:
            known = unit.get(PACK_REMINDERS, reminder_id(pack, "expires", context.today))
            if known is None and ends_soon(pack, days_before, context.today, suspended=is_suspended(unit, pack)):
                unit.decide(PACK_REMINDERS, remind(pack, "expires", context.today), context)
