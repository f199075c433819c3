"""Reminders a second by one worker of payments, and what 10,000 a day cost (PAY-10)."""

import time

import psutil

from carnet.journal import SLOTS
from carnet.mongo import Unit, transact
from carnet_play.bench.owing import Families, must_be
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import Stage
from payments.reminders.domain.calendar import ReminderCalendar, Step, WantedCalendar, change_calendar
from payments.reminders.run import Reminders
from payments.reminders.store import REMINDER_CALENDARS, REMINDERS

FAMILIES = 5_000
A_DAY = 10_000


async def measure(stage: Stage, families: int = FAMILIES) -> tuple[Reading]:
    """Remind so many families of what they owe, as the worker does: looked at, decided, saved, published later."""
    database = stage.database("payments")
    school = await stage.school(stage.database("contracts"))
    await Families(database, school).buy(families)
    context = school.context()
    wanted = WantedCalendar(active=True, hour=0, steps=(), order_steps=(Step(days=0),), staff_after=None)

    async def begin(unit: Unit) -> None:
        none = ReminderCalendar.none_of(school.organisation)
        unit.decide(REMINDER_CALENDARS, change_calendar(none, wanted, context), context)

    await transact(database, begin)
    run, process, slots = Reminders(database), psutil.Process(), frozenset(range(SLOTS))
    before, started = process.cpu_times(), time.perf_counter()
    while await run.round(slots):
        pass
    seconds, after = time.perf_counter() - started, process.cpu_times()
    await must_be(database, REMINDERS.name, families)
    database.close()
    work = (after.user + after.system - before.user - before.system) / families * 1_000
    rate = families / seconds
    reading = Reading(
        name=f"Reminders decided by one worker of payments, {families:,} families that owe something",
        read=f"{rate:,.0f}/s, {work:.1f} ms of its processor time each: {A_DAY:,} a day take {A_DAY / rate:,.0f} s",
        goal=f"{A_DAY:,} in less than ten minutes",
        reached=A_DAY / rate < 600,
    )
    return (reading,)
