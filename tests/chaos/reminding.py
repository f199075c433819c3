"""Families that owe something, days that pass for them, and what they must have been reminded of (PAY-10)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from carnet.dates import utc_now
from carnet.organisations import ORGANISATIONS as KNOWN
from catalog.domain.organisations import move_clock
from catalog.store import ORGANISATIONS
from notifications.store import MAILS
from payments.reminders.domain.calendar import ReminderCalendar, Step, WantedCalendar, calendar_id, change_calendar
from payments.reminders.store import REMINDER_CALENDARS, REMINDERS
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.invoicing import PaidContracts
from tests.chaos.load import Load, eventually
from tests.integration.verify.plot import there

DAYS = 3
"""On how many days, one after the other, a step of the calendar falls."""


class Debtors:
    """Families of one contract each, of which all is due on no date."""

    def __init__(self, load: Load) -> None:
        self._world = load.world
        self._sold = PaidContracts(load)
        self._payments = load.world.databases["payments"]
        self._began = utc_now().date()
        self.days: list[date] = []
        """The days on which they were to be reminded."""

    async def owe(self, count: int) -> None:
        """So many families owe a purchase."""
        await self._sold.sell(count)

    async def begin(self) -> None:
        """The school reminds from today on, at whatever hour: of each debt on the day that it is due, and after."""
        none = ReminderCalendar.none_of(self._world.organisation)
        steps = [Step(days=days) for days in range(DAYS)]
        wanted = WantedCalendar(active=True, hour=0, steps=(), order_steps=steps, staff_after=None)
        await self._world.decide(
            "payments",
            REMINDER_CALENDARS,
            calendar_id(self._world.organisation),
            lambda _, context: change_calendar(none, wanted, context),
        )
        self.days.append(self._began)

    async def day_passes(self) -> None:
        """The school's clock shows noon of the next day; payments knows it."""
        day = self._began + timedelta(days=len(self.days))
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        school = self._world.organisation
        await self._world.decide(
            "catalog", ORGANISATIONS, school, lambda before, context: move_clock(there(before), noon, context)
        )
        self.days.append(day)

        async def known() -> bool:
            found = await self._payments[KNOWN.name].find_one({"_id": school})
            return found is not None and KNOWN.read(found).today(utc_now()) >= day

        await eventually(known, "payments knows the date")

    async def some(self, share: float) -> None:
        """Return once so large a share of them has been reminded today."""
        wanted = round(share * len(self._sold.opened))

        async def missing() -> dict[str, int]:
            reminded = await self._payments[REMINDERS.name].count_documents({"on": self.days[-1].isoformat()})
            return {"families to remind": max(wanted - reminded, 0)}

        await comes_to_nothing(missing)

    async def all_mailed(self) -> None:
        """Return once each reminder has its mail, which was sent."""
        mails = self._world.databases["notifications"][MAILS.name]
        wanted = len(self._sold.opened) * len(self.days)

        async def missing() -> dict[str, int]:
            sent = await mails.count_documents({"kind": "payment_reminder", "status": "sent"})
            return {"mails to send": max(wanted - sent, 0)}

        await comes_to_nothing(missing)

    async def hold(self) -> None:
        """Each family was reminded once a day, of its debt, in the journal as in the documents, with one mail each."""
        reminders = await self._payments[REMINDERS.name].find().to_list(None)
        days = sorted(day.isoformat() for day in self.days)
        by_account: dict[str, list[str]] = {}
        for each in reminders:
            by_account.setdefault(each["account"], []).append(each["on"])
            assert [debt["kind"] for debt in each["debts"]] == ["order"]
        assert len(by_account) == len(self._sold.opened)
        assert all(sorted(found) == days for found in by_account.values()), by_account
        assert Counter(each["debts"][0]["contract"] for each in reminders) == Counter(
            {contract: len(days) for contract in self._sold.opened}
        )
        rows = self._payments["journal"].find({"type": "carnet.payments.PaymentsReminded.v1"})
        published = Counter([row["data"]["reminder"] async for row in rows])
        assert published == Counter(each["_id"] for each in reminders)
        mails = self._world.databases["notifications"][MAILS.name]
        sent = await mails.find({"kind": "payment_reminder"}).to_list(None)
        assert Counter(mail["content"]["reminder"] for mail in sent) == published
        assert {mail["status"] for mail in sent} == {"sent"}
