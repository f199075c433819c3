"""The documents of session packs, their indexes and queries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pymongo import IndexModel, UpdateMany

from carnet.decisions import Context, Decision
from carnet.mongo import Collection, Database, Document, Unit, Wanted
from credits.domain.accounts import Account
from credits.domain.packs import Pack, PackEntry, RefusedPackRemoval, entry
from credits.packs.domain.reminding import (
    PackReminder,
    PackReminders,
    comes_to_one,
    remind,
    reminder_id,
    settings_id,
    usual,
)
from credits.packs.domain.using import Attended, SessionUse
from credits.store import SELLING


def _end(pack: Pack) -> str | None:
    """The last day of a pack of which something is left: of that families are reminded."""
    serves = pack.standing == "issued" and pack.left != 0 and pack.expires_on is not None
    return pack.expires_on.isoformat() if serves and pack.expires_on else None


PACKS = Collection(
    "packs",
    Pack,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("ends", 1), ("_id", 1)], name="ends", partialFilterExpression={"ends": {"$gt": ""}}
        ),
    ],
    derived={"ends": _end},
)
PACK_ENTRIES = Collection(
    "pack_entries",
    PackEntry,
    indexes=[IndexModel([("organisation", 1), ("pack", 1), ("version", 1)], name="of_pack", unique=True)],
)
REFUSED_PACK_REMOVALS = Collection("refused_pack_removals", RefusedPackRemoval)
SESSION_USES = Collection(
    "session_uses",
    SessionUse,
    indexes=[IndexModel([("organisation", 1), ("account", 1), ("_id", -1)], name="of_account")],
)
ATTENDED = Collection("attended", Attended)
PACK_REMINDERS = Collection("pack_reminders", PackReminder)
PACK_REMINDER_SETTINGS = Collection("pack_reminder_settings", PackReminders)
PACK_COLLECTIONS = (
    PACKS,
    PACK_ENTRIES,
    SESSION_USES,
    REFUSED_PACK_REMOVALS,
    ATTENDED,
    PACK_REMINDERS,
    PACK_REMINDER_SETTINGS,
)

MOST_CHOSEN_FROM = 200
"""Packs of an account among which one is chosen, the newest."""


def save_pack(
    unit: Unit, before: Pack | None, decision: Decision[Pack], context: Context, *, note: str | None = None
) -> Pack:
    """Save what was decided on a pack, with its movement (CRE-10); ``note`` is what staff wrote as their reason."""
    after = unit.decide(PACKS, decision, context)
    for event in decision.events:
        movement = entry(before, after, event, context.today, note)
        if movement is not None:
            unit.put(PACK_ENTRIES, movement)
    return after


async def remind_of_last(unit: Unit, before: Pack, after: Pack, context: Context) -> None:
    """Remind the family if a movement leaves one session of several: once a day for each pack (CRE-10)."""
    if not comes_to_one(before, after):
        return
    known = reminder_id(after, "one_left", context.today)
    await unit.load(PACK_REMINDERS, [known])
    if unit.get(PACK_REMINDERS, known) is None:
        unit.decide(PACK_REMINDERS, remind(after, "one_left", context.today), context)


async def reminders_in(unit: Unit, organisation: str) -> PackReminders:
    """When the organisation reminds of the last day of packs, loaded to be changed or to decide by."""
    await unit.load(PACK_REMINDER_SETTINGS, [settings_id(organisation)])
    return unit.get(PACK_REMINDER_SETTINGS, settings_id(organisation)) or usual(organisation)


async def settings_of(database: Database, organisations: Iterable[str]) -> Mapping[str, PackReminders]:
    """The settings of those of these organisations that have changed their own."""
    ids = [settings_id(each) for each in organisations]
    found = await database[PACK_REMINDER_SETTINGS.name].find({"_id": {"$in": ids}}).to_list(None)
    return {each.organisation: each for each in map(PACK_REMINDER_SETTINGS.read, found)}


async def ending(
    database: Database, organisation: str, since: date, until: date, *, after: tuple[str, str] | None, limit: int
) -> list[tuple[str, str]]:
    """The packs of an organisation with something left whose last day is in these days: each with it, in order."""
    query: Document = {"organisation": organisation, "ends": {"$gte": since.isoformat(), "$lte": until.isoformat()}}
    if after is not None:
        day, id_ = after
        query["ends"]["$gte"] = day
        query["$or"] = [{"ends": {"$gt": day}}, {"_id": {"$gt": id_}}]
    found = database[PACKS.name].find(query, {"ends": 1}).sort([("ends", 1), ("_id", 1)]).limit(limit)
    return [(document["ends"], document["_id"]) for document in await found.to_list(None)]


async def pack_of(database: Database, organisation: str, pack: str) -> Pack | None:
    """The pack of that id in the organisation; None if it is unknown or foreign (ORG-1)."""
    return await database.state_of(PACKS, organisation, pack)


async def entries_of_pack(
    database: Database, organisation: str, pack: str, *, after: int, limit: int
) -> list[PackEntry]:
    """The movements of a pack in order, those after the movement of that number."""
    query: Document = {"organisation": organisation, "pack": pack, "version": {"$gt": after}}
    found = await database[PACK_ENTRIES.name].find(query).sort("version", 1).limit(limit).to_list(None)
    return [PACK_ENTRIES.read(document) for document in found]


async def suspended_packs(database: Database, organisation: str, packs: Iterable[Pack]) -> Mapping[str, date]:
    """Since when those of these are suspended whose contract has to be paid and is not any more, by id (CRE-2)."""
    sold = {pack.id: pack.contract for pack in packs if pack.details.usable == "paid"}
    query: Document = {"_id": {"$in": list(set(sold.values()))}, "organisation": organisation}
    contracts = await database[SELLING.name].find(query).to_list(None) if sold else []
    reopened = {document["_id"]: SELLING.read(document).reopened_on for document in contracts}
    return {pack: on for pack, contract in sold.items() if (on := reopened.get(contract)) is not None}


def forget_pack_notes(unit: Unit, account: Account) -> None:
    """Remove what staff wrote about an account's packs: it may name its people (ORG-4)."""
    of_account = {"organisation": account.organisation, "account": account.id, "note": {"$gt": ""}}
    unit.write(PACK_ENTRIES.name, UpdateMany(of_account, {"$set": {"note": None}}))


async def issued_packs(database: Database, organisation: str, account: str) -> list[str]:
    """The ids of the packs of an account among which one is chosen, as of now: those whose sale is not cancelled."""
    query: Document = {"organisation": organisation, "account": account, "standing": "issued"}
    found = database[PACKS.name].find(query, {"_id": 1}).sort("_id", -1).limit(MOST_CHOSEN_FROM)
    return [each["_id"] for each in await found.to_list(None)]


def packs_then_load(unit: Unit, packs: Iterable[str], today: date) -> Wanted:
    """What decides on these packs once they are loaded: the contracts that sold them, and today's reminders."""
    for pack in filter(None, (unit.get(PACKS, id_) for id_ in packs)):
        yield SELLING, pack.contract
        if (pack.left or 0) > 1:  # commands before it in its group may leave one session of any that has several
            yield PACK_REMINDERS, reminder_id(pack, "one_left", today)


async def load_packs(unit: Unit, packs: Sequence[str]) -> list[Pack]:
    """Load these packs of the organisation, with the contracts that sold them."""
    await unit.load(PACKS, packs)
    found = [pack for id_ in packs if (pack := unit.get(PACKS, id_)) is not None]
    await unit.load(SELLING, [pack.contract for pack in found])
    return found


def is_suspended(unit: Unit, pack: Pack) -> bool:
    """Whether the contract of a pack has to be paid and is not any more (CRE-2); it has to be loaded."""
    selling = unit.get(SELLING, pack.contract)
    return pack.details.usable == "paid" and selling is not None and selling.reopened_on is not None


async def passes_of(database: Database, organisation: str, account: str, today: date) -> list[Pack]:
    """The packs of an account in force on a day (CON-14): something is left, and it is not over. The family's first."""
    query: Document = {"organisation": organisation, "account": account, "standing": "issued", "left": {"$ne": 0}}
    found = await database[PACKS.name].find(query).sort("_id", -1).limit(MOST_CHOSEN_FROM).to_list(None)
    packs = (PACKS.read(document) for document in found)
    passes = [pack for pack in packs if pack.expires_on is None or pack.expires_on >= today]
    return sorted(passes, key=lambda pack: (pack.member is not None, pack.id))


async def uses_of(
    database: Database, organisation: str, account: str, *, before: str | None, limit: int
) -> list[SessionUse]:
    """The uses of an account's packs, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation, "account": account}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = await database[SESSION_USES.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return [SESSION_USES.read(document) for document in found]
