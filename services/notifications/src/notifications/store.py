"""The documents, indexes and queries of notifications: the only file of the service that knows MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DeleteMany, IndexModel, UpdateMany

from carnet import jobs
from carnet.dates import write_instant
from carnet.due import Due
from carnet.events.catalog import Language
from carnet.mongo import Collection, Database, Unit
from carnet.organisations import ORGANISATIONS, Organisation
from notifications.domain.accounts import Account
from notifications.domain.bursts import Burst
from notifications.domain.dossiers import Dossier
from notifications.domain.letters import SentLetter
from notifications.domain.mails import Mail, Status
from notifications.domain.numbers import NumberedContract
from notifications.domain.templates import Template, Words
from notifications.mails import KINDS, SUPPORT_KINDS

MAILS = Collection(
    "mails",
    Mail,
    indexes=(
        IndexModel([("due", 1), ("slot", 1)], name="due", partialFilterExpression={"due": {"$gt": ""}}),
        IndexModel([("organisation", 1), ("account", 1), ("created_at", -1), ("_id", -1)], name="of_account"),
        IndexModel([("organisation", 1), ("status", 1), ("created_at", -1), ("_id", -1)], name="by_status"),
        IndexModel([("organisation", 1), ("created_at", -1), ("_id", -1)], name="newest"),
        IndexModel([("organisation", 1), ("_id", 1)], name="failed", partialFilterExpression={"status": "failed"}),
        IndexModel([("request", 1)], name="of_request", partialFilterExpression={"request": {"$gt": ""}}),
        IndexModel(
            [("further_requests", 1)],
            name="of_further_request",
            partialFilterExpression={"further_requests": {"$gt": ""}},
        ),
    ),
)
LETTERS = Collection(
    "letters", SentLetter, indexes=(IndexModel([("organisation", 1), ("account", 1)], name="of_account"),)
)
DOSSIERS = Collection("dossiers", Dossier)
ACCOUNTS = Collection("accounts", Account)
TEMPLATES = Collection(
    "templates", Template, indexes=(IndexModel([("organisation", 1), ("kind", 1)], name="of_organisation"),)
)

CONTRACTS = Collection("contracts", NumberedContract)
BURSTS = Collection("bursts", Burst)

COLLECTIONS = (MAILS, LETTERS, DOSSIERS, ACCOUNTS, TEMPLATES, CONTRACTS, BURSTS, ORGANISATIONS, *jobs.COLLECTIONS)
DUE_MAILS = Due(MAILS, instant="due", claims="attempts", claimed={"status": "sending"})
WRITABLE: Mapping[str, Any] = {"kind": {"$in": list(KINDS)}}
"""The mails that this release has words for: one of a kind that a newer release has added waits for a newer worker."""


def erase_from_mails(unit: Unit, organisation: str, account: str) -> None:
    """Remove address, subject and words of every mail that concerns the account, also those to support (ORG-4)."""
    concerned = {"organisation": organisation, "account": account}
    unit.write(MAILS.name, UpdateMany(concerned, {"$set": {"personal": None, "member": None}, "$inc": {"erasures": 1}}))
    unit.write(LETTERS.name, DeleteMany(concerned))


def _failed(organisation: str, until: datetime) -> dict[str, Any]:
    return {"organisation": organisation, "status": "failed", "created_at": {"$lte": write_instant(until)}}


async def failed_mails(
    database: Database, organisation: str, *, until: datetime, after: str | None, limit: int
) -> Sequence[str]:
    """The failed mails that were made up to an instant, in the order of their ids: those after the id ``after``."""
    query = _failed(organisation, until) | ({"_id": {"$gt": after}} if after else {})
    found = await database[MAILS.name].find(query, {"_id": 1}, hint="failed").sort("_id", 1).limit(limit).to_list(None)
    return [document["_id"] for document in found]


async def count_failed(database: Database, organisation: str, *, until: datetime) -> int:
    """How many failed mails were made up to an instant."""
    return await database[MAILS.name].count_documents(_failed(organisation, until), hint="failed")


async def knows_account(database: Database, organisation: str, account: str) -> bool:
    """Whether the organisation has that account."""
    return (
        await database[ACCOUNTS.name].find_one({"_id": account, "organisation": organisation}, {"_id": 1}) is not None
    )


async def find_mail(database: Database, organisation: str, mail: str) -> Mail | None:
    """The mail of that id in the organisation."""
    found = await database[MAILS.name].find_one({"_id": mail, "organisation": organisation})
    return MAILS.read(found) if found else None


async def letter_of(database: Database, organisation: str, mail: str) -> SentLetter | None:
    """The words in which a mail was sent last; None if it was not sent, or a person of the account was erased."""
    found = await database[LETTERS.name].find_one({"_id": mail, "organisation": organisation})
    return LETTERS.read(found) if found else None


async def mails_to_client(
    database: Database,
    organisation: str,
    account: str,
    *,
    contract: str | None = None,
    before: tuple[str, str] | None,
    limit: int,
) -> Sequence[Mail]:
    """The mails to the owner of an account, newest first, those before a creation instant and id (NOT-3).

    Those about one contract alone where it is given.
    """
    about = {} if contract is None else {"content.contract": contract}
    query = {"organisation": organisation, "account": account, "kind": {"$nin": sorted(SUPPORT_KINDS)}, **about}
    return await _newest(database, query, before, limit)


async def mails_of_organisation(
    database: Database, organisation: str, status: Status | None, *, before: tuple[str, str] | None, limit: int
) -> Sequence[Mail]:
    """All mails of an organisation, newest first, of one status or of any."""
    query = {"organisation": organisation, **({"status": status} if status else {})}
    return await _newest(database, query, before, limit)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known now about the account, organisation and contract of a mail; None if no event of it arrived yet."""

    account: Account | None
    organisation: Organisation | None
    templates: tuple[Template, ...]
    number: str = ""
    """The number of the contract that people say; empty if it has none (CON-27)."""

    def own_words(self, language: Language) -> Words | None:
        """The organisation's own words in that language, or None."""
        return next((template.words for template in self.templates if template.language == language), None)


async def surroundings(database: Database, mail: Mail) -> Surroundings:
    """The account, the organisation and its templates for a mail."""
    mine = {"organisation": mail.organisation}
    account = await database[ACCOUNTS.name].find_one({"_id": mail.account, **mine})
    organisation = await database[ORGANISATIONS.name].find_one({"_id": mail.organisation, **mine})
    templates = await database[TEMPLATES.name].find({**mine, "kind": mail.kind}).to_list(None)
    contract = await database[CONTRACTS.name].find_one({"_id": mail.content.contract, **mine})
    return Surroundings(
        ACCOUNTS.read(account) if account else None,
        ORGANISATIONS.read(organisation) if organisation else None,
        tuple(TEMPLATES.read(template) for template in templates),
        CONTRACTS.read(contract).number if contract else "",
    )


async def templates_of(database: Database, organisation: str) -> Sequence[Template]:
    """The templates that the organisation has changed at least once."""
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
