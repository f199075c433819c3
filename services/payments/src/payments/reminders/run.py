"""The timed work of a worker: reminders of what is due, on each organisation's calendar and clock (PAY-10, NOT-4).

Once the hour of an organisation's day has come, its accounts are looked at in the order of their ids, some at a time:
the reminders of these and how far the day has come are one transaction. So a worker that takes over goes on where the
last one was, and each step goes once whatever is killed; a day on which no worker ran is made up for on the next one,
with the steps that have come by then. An account at fault is left out on that day, and stops no other.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.due import all_or_each, rounds
from carnet.generation import database_state
from carnet.journal import slot_of
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.observe import log
from carnet.organisations import ORGANISATIONS, all_organisations, context_for
from payments.reminders.domain.calendar import ReminderCalendar
from payments.reminders.domain.reminding import Reminded, remind
from payments.reminders.store import (
    REMINDER_CALENDARS,
    REMINDER_DAYS,
    ReminderDay,
    accounts_with_debts,
    active_calendars,
    calendar_in,
    days_under_way,
    load_day,
    load_reminders,
    save_reminded,
    schedules_of,
)

AT_ONCE = 100
"""How many accounts one transaction looks at."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing."""


class Reminders:
    """Reminds the accounts of the organisations in the slots held."""

    def __init__(self, database: Database, *, at_once: int = AT_ONCE) -> None:
        self._database = database
        self._at_once = at_once

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Remind until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots),
            what="reminding",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(REMINDER_CALENDARS.name, ORGANISATIONS.name),
        )

    async def round(self, slots: frozenset[int]) -> int:
        """Look at some accounts of each organisation whose day has not been gone through; returns how many.

        None while collecting is held: a restore has lost what was reminded since the backup.
        """
        if not slots:
            return 0
        calendars = [each for each in await active_calendars(self._database) if slot_of(each.organisation) in slots]
        if not calendars or (await database_state(self._database)).collecting_held is not None:
            return 0
        looked = 0
        for day in await days_under_way(self._database, await self._todays(calendars)):
            looked += await self._of(day)
        return looked

    async def _todays(self, calendars: Iterable[ReminderCalendar]) -> Mapping[str, date]:
        """The date of each organisation whose hour has come."""
        known, now = {each.id: each for each in await all_organisations(self._database)}, utc_now()
        times = [(each, known[each.organisation].local(now)) for each in calendars if each.organisation in known]
        return {each.organisation: local.date() for each, local in times if local.hour >= each.hour}

    async def _of(self, day: ReminderDay) -> int:
        organisation = day.organisation
        accounts = await accounts_with_debts(self._database, organisation, after=day.position, limit=self._at_once)
        before = dict(zip(accounts, (day.position, *accounts), strict=False))

        async def remind(some: Sequence[str], *, left_out: bool = False) -> int:
            seen = day.model_copy(update={"position": before[some[0]]}) if some else day
            return await transact(self._database, lambda unit: _remind_all(unit, seen, some, left_out=left_out))

        async def leave_out(account: str) -> int:
            log.exception("an account could not be reminded today", account=account)
            return await remind([account], left_out=True)

        return sum(await all_or_each(accounts, remind, leave_out))


async def _remind_all(unit: Unit, seen: ReminderDay, accounts: Sequence[str], *, left_out: bool) -> int:
    organisation = seen.organisation
    with unit.piece(organisation):
        day = await load_day(unit, organisation)
        if day is not None and day.on == seen.on and (day.position, day.done) != (seen.position, seen.done):
            return 0  # another worker has gone on
        context = await context_for(unit, organisation, Actor("service", "payments"))
        if context.today != seen.on:
            return 0  # midnight passed, or the clock was moved: the next look begins that day
        for reminded in await decided(unit, organisation, () if left_out else accounts, context):
            if reminded.decision.events:
                save_reminded(unit, reminded, context)
        unit.put(REMINDER_DAYS, _further(day or seen, seen, accounts))
        return max(len(accounts), 1)


def _further(kept: ReminderDay, seen: ReminderDay, accounts: Sequence[str]) -> ReminderDay:
    position = accounts[-1] if accounts else seen.position
    return kept.model_copy(update={"on": seen.on, "position": position, "done": not accounts})


async def decided(unit: Unit, organisation: str, accounts: Iterable[str], context: Context) -> list[Reminded]:
    """What the calendar sends today to each of these accounts: the decision of the worker, and of its preview."""
    ids = list(accounts)
    calendar = await calendar_in(unit, organisation)
    known, schedules = await load_reminders(unit, organisation, ids), await schedules_of(unit, ids)
    return [remind(known[each], schedules.get(each, ()), calendar, context) for each in ids]
