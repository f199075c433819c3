"""What notifications keeps, and the only place here that knows MongoDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import IndexModel, UpdateMany

from carnet.dates import write_instant
from carnet.events.catalog import Language
from carnet.journal import SLOTS
from carnet.mongo import Collection, Database, Unit
from carnet.organisations import ORGANISATIONS, Organisation
from notifications.domain.accounts import Account
from notifications.domain.content import SUPPORT_KINDS
from notifications.domain.dossiers import Dossier
from notifications.domain.mails import Mail, Status
from notifications.domain.templates import Template, Words

MAILS = Collection(
    "mails",
    Mail,
    indexes=(
        IndexModel([("due", 1), ("slot", 1)], name="due", partialFilterExpression={"due": {"$gt": ""}}),
        IndexModel([("organisation", 1), ("account", 1), ("created_at", -1), ("_id", -1)], name="of_account"),
        IndexModel([("organisation", 1), ("status", 1), ("created_at", -1), ("_id", -1)], name="by_status"),
        IndexModel([("organisation", 1), ("created_at", -1), ("_id", -1)], name="newest"),
    ),
)
DOSSIERS = Collection("dossiers", Dossier)
ACCOUNTS = Collection("accounts", Account)
TEMPLATES = Collection(
    "templates", Template, indexes=(IndexModel([("organisation", 1), ("kind", 1)], name="of_organisation"),)
)

COLLECTIONS = (MAILS, DOSSIERS, ACCOUNTS, TEMPLATES, ORGANISATIONS)


def erase_from_mails(unit: Unit, organisation: str, account: str) -> None:
    """Remove address and subject from every mail that concerns the account, also those to support (ORG-4)."""
    concerned = {"organisation": organisation, "account": account}
    unit.write(MAILS.name, UpdateMany(concerned, {"$set": {"personal": None, "member": None}, "$inc": {"erasures": 1}}))


async def claim_due(
    database: Database, slots: frozenset[int], *, claim: str, now: datetime, until: datetime, limit: int
) -> Sequence[Mail]:
    """Take up to ``limit`` mails that are due in these slots, for as long as ``until``, the longest due first.

    Whoever else looks at the same time, each mail is taken by one: the update looks again.
    """
    mails = database[MAILS.name]
    due: dict[str, Any] = {"due": {"$gt": "", "$lte": write_instant(now)}}
    mine = due if len(slots) == SLOTS else {**due, "slot": {"$in": sorted(slots)}}
    found = await mails.find(mine, {"_id": 1}).sort("due", 1).limit(limit).to_list(None)
    if not found:
        return ()
    ids = [document["_id"] for document in found]
    await mails.update_many(
        {"_id": {"$in": ids}, **due},
        {"$set": {"status": "sending", "claim": claim, "due": write_instant(until)}, "$inc": {"attempts": 1}},
    )
    taken = await mails.find({"_id": {"$in": ids}, "claim": claim}).to_list(None)
    return tuple(MAILS.read(document) for document in taken)


async def count_due(database: Database, now: datetime) -> int:
    """How many mails of all slots are due."""
    return await database[MAILS.name].count_documents({"due": {"$gt": "", "$lte": write_instant(now)}})


async def knows_account(database: Database, organisation: str, account: str) -> bool:
    """Whether the organisation has that account."""
    return (
        await database[ACCOUNTS.name].find_one({"_id": account, "organisation": organisation}, {"_id": 1}) is not None
    )


async def find_mail(database: Database, organisation: str, mail: str) -> Mail | None:
    """The mail of that id in the organisation."""
    found = await database[MAILS.name].find_one({"_id": mail, "organisation": organisation})
    return MAILS.read(found) if found else None


async def mails_to_client(
    database: Database, organisation: str, account: str, *, before: tuple[str, str] | None, limit: int
) -> Sequence[Mail]:
    """The mails to the owner of an account, newest first, those before a creation instant and id (NOT-3)."""
    query = {"organisation": organisation, "account": account, "kind": {"$nin": sorted(SUPPORT_KINDS)}}
    return await _newest(database, query, before, limit)


async def mails_of_organisation(
    database: Database, organisation: str, status: Status | None, *, before: tuple[str, str] | None, limit: int
) -> Sequence[Mail]:
    """All mails of an organisation, newest first, of one status or of any."""
    query = {"organisation": organisation, **({"status": status} if status else {})}
    return await _newest(database, query, before, limit)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of whom a mail concerns, as it is just now; none where nothing was heard yet."""

    account: Account | None
    organisation: Organisation | None
    templates: tuple[Template, ...]

    def own_words(self, language: Language) -> Words | None:
        """The organisation's own words in that language, where it has some."""
        return next((template.words for template in self.templates if template.language == language), None)


async def surroundings(database: Database, mail: Mail) -> Surroundings:
    """The account, the organisation and its templates for a mail."""
    mine = {"organisation": mail.organisation}
    account = await database[ACCOUNTS.name].find_one({"_id": mail.account, **mine})
    organisation = await database[ORGANISATIONS.name].find_one({"_id": mail.organisation, **mine})
    templates = await database[TEMPLATES.name].find({**mine, "kind": mail.kind}).to_list(None)
    return Surroundings(
        ACCOUNTS.read(account) if account else None,
        ORGANISATIONS.read(organisation) if organisation else None,
        tuple(TEMPLATES.read(template) for template in templates),
    )


async def templates_of(database: Database, organisation: str) -> Sequence[Template]:
    """The templates that the organisation ever changed."""
    found = await database[TEMPLATES.name].find({"organisation": organisation}).to_list(None)
    return tuple(TEMPLATES.read(template) for template in found)


async def _newest(
    database: Database, query: dict[str, Any], before: tuple[str, str] | None, limit: int
) -> Sequence[Mail]:
    if before is not None:
        instant, id_ = before
        query = {
            **query,
            "$or": [{"created_at": {"$lt": instant}}, {"created_at": instant, "_id": {"$lt": id_}}],
        }
    order = [("created_at", -1), ("_id", -1)]
    found = await database[MAILS.name].find(query).sort(order).limit(limit).to_list(None)
    return tuple(MAILS.read(document) for document in found)
