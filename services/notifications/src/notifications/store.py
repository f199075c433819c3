"""The documents, indexes and queries of notifications: the only file of the service that knows MongoDB."""

from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DeleteMany, IndexModel, UpdateMany

from carnet import jobs
from carnet.dates import write_instant
from carnet.decisions import S
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
from notifications.mails.facts import NOTHING_KNOWN, ContractNow

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
    return await database.state_of(MAILS, organisation, mail)


async def letter_of(database: Database, organisation: str, mail: str) -> SentLetter | None:
    """The words in which a mail was sent last; None if it was not sent, or a person of the account was erased."""
    return await database.state_of(LETTERS, organisation, mail)


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
    contract_now: ContractNow = NOTHING_KNOWN
    """What may have overtaken the mail."""

    def own_words(self, language: Language) -> Words | None:
        """The organisation's own words in that language, or None."""
        return next((template.words for template in self.templates if template.language == language), None)


async def surroundings(database: Database, mails: Sequence[Mail]) -> Sequence[Surroundings]:
    """The account, the organisation, its templates and the contract for each of a few mails: four queries for all."""
    schools = {mail.organisation for mail in mails}
    accounts = await _by_id(database, ACCOUNTS, {mail.account for mail in mails}, schools)
    organisations = await _by_id(database, ORGANISATIONS, schools, schools)
    contracts = await _by_id(database, CONTRACTS, {mail.content.contract or "" for mail in mails}, schools)
    words = {"organisation": {"$in": sorted(schools)}, "kind": {"$in": sorted({mail.kind for mail in mails})}}
    templates = [TEMPLATES.read(found) for found in await database[TEMPLATES.name].find(words).to_list(None)]
    return [
        Surroundings(
            _mine(mail, accounts.get(mail.account)),
            organisations.get(mail.organisation),
            tuple(each for each in templates if each.kind == mail.kind and _mine(mail, each)),
            contract.number if (contract := _mine(mail, contracts.get(mail.content.contract or ""))) else "",
            ContractNow(contract.renewal, contract.renews_on, contract.withheld) if contract else NOTHING_KNOWN,
        )
        for mail in mails
    ]


async def _by_id(
    database: Database, collection: Collection[S], ids: Several[str], schools: Several[str]
) -> dict[str, S]:
    query = {"_id": {"$in": sorted(ids)}, "organisation": {"$in": sorted(schools)}}
    return {found["_id"]: collection.read(found) for found in await database[collection.name].find(query).to_list(None)}


def _mine(mail: Mail, state: S | None) -> S | None:
    """The state, if it belongs to the organisation of the mail (ORG-1)."""
    return state if state is not None and state.organisation == mail.organisation else None


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
