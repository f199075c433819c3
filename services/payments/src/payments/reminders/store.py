"""Reminders: their calendars, what each account was reminded of, and how far a day has come (PAY-10)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pymongo import IndexModel, UpdateMany

from carnet.decisions import Context, State
from carnet.mongo import Collection, Database, Document, Unit
from payments.follow_up.store.rows import FOLLOW_UPS, OPEN_OF_ACCOUNT
from payments.reminders.domain.calendar import ReminderCalendar, calendar_id
from payments.reminders.domain.reminding import (
    AccountReminders,
    Reminded,
    Reminder,
    reminders_id,
    reminders_of,
)
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES


class ReminderDay(State):
    """How far the reminders of one organisation have come on a day; its id is the calendar's."""

    on: date
    position: str | None = None
    """The last account that was looked at."""
    done: bool = False


def _is_active(calendar: ReminderCalendar) -> str | None:
    return calendar.organisation if calendar.active_since else None


REMINDER_CALENDARS = Collection(
    "reminder_calendars",
    ReminderCalendar,
    indexes=[IndexModel([("active", 1)], name="active", partialFilterExpression={"active": {"$gt": ""}})],
    derived={"active": _is_active},
)
ACCOUNT_REMINDERS = Collection("account_reminders", AccountReminders)
REMINDERS = Collection(
    "reminders",
    Reminder,
    indexes=[IndexModel([("organisation", 1), ("account", 1), ("_id", -1)], name="of_account")],
)
REMINDER_DAYS = Collection("reminder_days", ReminderDay)
REMINDER_COLLECTIONS = (REMINDER_CALENDARS, ACCOUNT_REMINDERS, REMINDERS, REMINDER_DAYS)


async def active_calendars(database: Database) -> Sequence[ReminderCalendar]:
    """The calendars that are turned on, of all organisations."""
    found = await database[REMINDER_CALENDARS.name].find({"active": {"$gt": ""}}).to_list(None)
    return [REMINDER_CALENDARS.read(document) for document in found]


async def calendar_of(database: Database, organisation: str) -> ReminderCalendar:
    """The calendar of an organisation, or the one that it begins with."""
    query = {"_id": calendar_id(organisation), "organisation": organisation}
    found = await database[REMINDER_CALENDARS.name].find_one(query)
    return REMINDER_CALENDARS.read(found) if found else ReminderCalendar.none_of(organisation)


async def calendar_in(unit: Unit, organisation: str) -> ReminderCalendar:
    """The same, loaded to be changed or to decide by."""
    await unit.load(REMINDER_CALENDARS, [calendar_id(organisation)])
    return unit.get(REMINDER_CALENDARS, calendar_id(organisation)) or ReminderCalendar.none_of(organisation)


async def days_under_way(database: Database, todays: Mapping[str, date]) -> Sequence[ReminderDay]:
    """How far the reminders of today have come in each organisation where they are not done, in their order."""
    query: Document = {"_id": {"$in": [calendar_id(organisation) for organisation in todays]}}
    found = [REMINDER_DAYS.read(each) for each in await database[REMINDER_DAYS.name].find(query).to_list(None)]
    kept = {day.organisation: day for day in found if day.on == todays[day.organisation]}
    days = [
        kept.get(each) or ReminderDay(id=calendar_id(each), organisation=each, on=on) for each, on in todays.items()
    ]
    return [day for day in days if not day.done]


async def load_day(unit: Unit, organisation: str) -> ReminderDay | None:
    """What is kept of how far the reminders have come, whatever the day."""
    await unit.load(REMINDER_DAYS, [calendar_id(organisation)])
    return unit.get(REMINDER_DAYS, calendar_id(organisation))


async def accounts_with_debts(database: Database, organisation: str, *, after: str | None, limit: int) -> Sequence[str]:
    """Up to so many accounts with something due or under way, in the order of their ids, by an index."""
    query: Document = {"organisation": organisation, "open": True, **({"account": {"$gt": after}} if after else {})}
    rows = database[FOLLOW_UPS.name].find(query, {"_id": 0, "account": 1}, hint=OPEN_OF_ACCOUNT)
    found = await rows.sort([("organisation", 1), ("account", 1)]).limit(limit).to_list(None)
    return list(dict.fromkeys(document["account"] for document in found))


async def schedules_of(unit: Unit, accounts: Iterable[str]) -> Mapping[str, list[Schedule]]:
    """The schedules of these accounts as they are now, by account."""
    query: Document = {"organisation": unit.organisation, "account": {"$in": list(accounts)}}
    found: dict[str, list[Schedule]] = {}
    async for document in unit.database[SCHEDULES.name].find(query, session=unit.session):
        schedule = SCHEDULES.read(document)
        found.setdefault(schedule.account, []).append(schedule)
    return found


async def load_reminders(unit: Unit, organisation: str, accounts: Iterable[str]) -> Mapping[str, AccountReminders]:
    """What these accounts were reminded of."""
    ids = {account: reminders_id(account) for account in accounts}
    await unit.load(ACCOUNT_REMINDERS, ids.values())
    return {
        account: unit.get(ACCOUNT_REMINDERS, id_) or reminders_of(organisation, account) for account, id_ in ids.items()
    }


def save_reminded(unit: Unit, reminded: Reminded, context: Context) -> AccountReminders:
    """Save what was decided for an account, loaded before."""
    if reminded.reminder is not None:
        unit.put(REMINDERS, reminded.reminder)
    return unit.decide(ACCOUNT_REMINDERS, reminded.decision, context)


async def reminder_of(unit: Unit, account: str, reminder: str) -> Reminder | None:
    """A reminder of an account."""
    query: Document = {"_id": reminder, "organisation": unit.organisation, "account": account}
    found = await unit.database[REMINDERS.name].find_one(query, session=unit.session)
    return REMINDERS.read(found) if found else None


async def list_reminders(
    database: Database, organisation: str, account: str, *, before: str | None, limit: int
) -> Sequence[Reminder]:
    """The reminders of an account, the newest first, those before an id."""
    query: Document = {"organisation": organisation, "account": account, **({"_id": {"$lt": before}} if before else {})}
    found = await database[REMINDERS.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return [REMINDERS.read(document) for document in found]


def forget_texts(unit: Unit, organisation: str, account: str) -> None:
    """Remove what staff wrote to the people of an account (ORG-4)."""
    query: Document = {"organisation": organisation, "account": account, "by_hand": True}
    unit.write(REMINDERS.name, UpdateMany(query, {"$set": {"text_en": "", "text_fr": ""}}))
