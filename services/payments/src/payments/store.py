"""The documents of payments, their indexes and queries: the only file here that knows MongoDB."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pymongo import IndexModel, UpdateMany

from carnet.decisions import Context, Decision
from carnet.mongo import Collection, Database, Document, Unit
from carnet.organisations import ORGANISATIONS
from carnet.search import beginning_with, beyond
from payments.domain.cheques import HeldCheque
from payments.domain.follow_up import Account, FollowUp, Names
from payments.domain.receiving import Payment
from payments.domain.schedule import Schedule

Filter = Literal["late", "to_refund", "paid", "open"]
Sorting = Literal["name", "late_since", "due", "paid"]

SORT_FIELDS: Mapping[Sorting, str] = {
    "name": "names.sorted_by",
    "late_since": "next_due",
    "due": "due",
    "paid": "paid",
}

SCHEDULES = Collection(
    "schedules", Schedule, indexes=[IndexModel([("organisation", 1), ("account", 1)], name="of_account")]
)
PAYMENTS = Collection(
    "payments",
    Payment,
    indexes=[IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract")],
)
ACCOUNTS = Collection("accounts", Account)
FOLLOW_UPS = Collection(
    "follow_ups",
    FollowUp,
    indexes=[
        *(
            IndexModel([("organisation", 1), (key, 1), ("_id", 1)], name=f"by_{sorting}")
            for sorting, key in SORT_FIELDS.items()
        ),
        IndexModel([("organisation", 1), ("names.words", 1)], name="by_word"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("refund_due", 1)],
            name="to_refund",
            partialFilterExpression={"refund_due": {"$gt": 0}},
        ),
    ],
)
CHEQUES = Collection(
    "cheques",
    HeldCheque,
    indexes=[
        IndexModel([("organisation", 1), ("due", 1), ("_id", 1)], name="by_deposit"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
    ],
)
COLLECTIONS = (SCHEDULES, PAYMENTS, ACCOUNTS, FOLLOW_UPS, CHEQUES, ORGANISATIONS)


def save_new(unit: Unit, decision: Decision[Schedule], names: Names, context: Context) -> Schedule:
    """Save a schedule that was just opened, with its row of the follow-up."""
    schedule = unit.decide(SCHEDULES, decision, context)
    unit.put(FOLLOW_UPS, FollowUp.of(schedule, names))
    return schedule


def save(unit: Unit, decision: Decision[Schedule], context: Context) -> Schedule:
    """Save what was decided on a schedule, with its cheques and its row of the follow-up, both loaded before."""
    before = unit.get(SCHEDULES, decision.state.id)
    schedule = unit.decide(SCHEDULES, decision, context)
    row = unit.get(FOLLOW_UPS, schedule.id)
    if row is None:
        raise LookupError(f"schedule {schedule.id} has no row in the follow-up")
    unit.put(FOLLOW_UPS, FollowUp.of(schedule, row.names))
    _list_cheques(unit, HeldCheque.of(before) if before else {}, HeldCheque.of(schedule))
    return schedule


def _list_cheques(unit: Unit, before: Mapping[str, HeldCheque], now: Mapping[str, HeldCheque]) -> None:
    """Bring the deposit list up to date with one schedule, writing only what moved."""
    for gone in before.keys() - now.keys():
        unit.remove(CHEQUES, gone)
    for id_, cheque in now.items():
        if cheque != before.get(id_):
            unit.put(CHEQUES, cheque)


async def schedule_to_change(unit: Unit, contract: str) -> Schedule:
    """The schedule of a contract, with its row of the follow-up loaded beside; raises ``unknown-schedule``."""
    await unit.load(FOLLOW_UPS, [contract])
    return await unit.one(SCHEDULES, contract, what="schedule")


def rename(unit: Unit, account: Account) -> None:
    """Write an account's names on all its rows of the follow-up."""
    unit.write(
        FOLLOW_UPS.name,
        UpdateMany(
            {"organisation": account.organisation, "account": account.id},
            {"$set": {"names": account.names.model_dump(mode="json")}},
        ),
    )


def forget_holders(unit: Unit, account: Account) -> None:
    """Remove the holders of an account's cheques, from its schedules and from the deposit list (ORG-4)."""
    cheque = "instalment.cheque"
    of_account: Document = {"organisation": account.organisation, "account": account.id}
    unit.write(CHEQUES.name, UpdateMany(of_account, {"$set": {"holder": None}}))
    unit.write(
        SCHEDULES.name,
        UpdateMany(
            of_account,
            {
                "$set": {
                    "instalments.$[held].cheque.holder": None,
                    f"attempts.$[].taken.$[part].{cheque}.holder": None,
                }
            },
            array_filters=[{"held.cheque": {"$ne": None}}, {f"part.{cheque}": {"$ne": None}}],
        ),
    )


async def schedule_of(database: Database, organisation: str, contract: str) -> Schedule | None:
    """The schedule of a contract of that organisation, as it is now; none where there is none (ORG-1)."""
    found = await database[SCHEDULES.name].find_one({"_id": contract, "organisation": organisation})
    return SCHEDULES.read(found) if found else None


async def payments_of(
    database: Database, organisation: str, contract: str, *, after: str | None, limit: int
) -> list[Payment]:
    """The payments of a contract in the order of their recording, those after the id ``after``."""
    query: Document = {"organisation": organisation, "contract": contract}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[PAYMENTS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [PAYMENTS.read(document) for document in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of the follow-up, in which order: ``today`` is the organisation's (MON-5)."""

    organisation: str
    today: date
    search: str = ""
    only: Filter | None = None
    sorting: Sorting = "name"
    descending: bool = False

    def query(self) -> Document:
        """The filter of the rows."""
        query: Document = {"organisation": self.organisation, **beginning_with("names.words", self.search)}
        match self.only:
            case "late":
                query["next_due"] = {"$lt": self.today.isoformat()}
            case "to_refund":
                query["refund_due"] = {"$gt": 0}
            case "paid":
                query["fully_paid"] = True
            case "open":
                query["open"] = True
            case None:
                pass
        return query

    def order(self) -> list[tuple[str, int]]:
        """The order of the rows, ties by contract."""
        direction = -1 if self.descending else 1
        return [(SORT_FIELDS[self.sorting], direction), ("_id", direction)]

    def key_of(self, row: FollowUp) -> tuple[str | int, str]:
        """Where a row stands in this order."""
        keys: dict[Sorting, str | int] = {
            "name": row.names.sorted_by,
            "late_since": row.next_due.isoformat(),
            "due": row.due,
            "paid": row.paid,
        }
        return keys[self.sorting], row.id


async def follow_up(
    database: Database, wanted: Wanted, *, after: tuple[str | int, str] | None, limit: int
) -> list[FollowUp]:
    """A page of the follow-up: the rows after the key ``after``."""
    query = wanted.query()
    if after is not None:
        query = {"$and": [query, beyond(SORT_FIELDS[wanted.sorting], after, descending=wanted.descending)]}
    found = await database[FOLLOW_UPS.name].find(query).sort(wanted.order()).limit(limit).to_list(None)
    return [FOLLOW_UPS.read(document) for document in found]


async def whole_follow_up(database: Database, wanted: Wanted) -> AsyncIterator[FollowUp]:
    """Every row of the follow-up, one by one, however many there are."""
    async for document in database[FOLLOW_UPS.name].find(wanted.query()).sort(wanted.order()):
        yield FOLLOW_UPS.read(document)


@dataclass(frozen=True, slots=True)
class Deposits:
    """Which held cheques, by deposit date: from a day to a day, both included; none where there is no bound."""

    organisation: str
    since: date | None = None
    until: date | None = None

    def query(self) -> Document:
        """The filter of the cheques."""
        bounds = {"$gte": self.since, "$lte": self.until}
        due = {bound: day.isoformat() for bound, day in bounds.items() if day is not None}
        return {"organisation": self.organisation, **({"due": due} if due else {})}


DEPOSIT_ORDER = [("due", 1), ("_id", 1)]


async def held_cheques(
    database: Database, deposits: Deposits, *, after: tuple[str, str] | None, limit: int
) -> list[HeldCheque]:
    """A page of the deposit list, the first to deposit first: the cheques after this date and id."""
    query = deposits.query()
    if after is not None:
        query = {"$and": [query, beyond("due", after)]}
    found = await database[CHEQUES.name].find(query).sort(DEPOSIT_ORDER).limit(limit).to_list(None)
    return [CHEQUES.read(document) for document in found]


async def all_held_cheques(database: Database, deposits: Deposits) -> AsyncIterator[HeldCheque]:
    """Every cheque of the deposit list, one by one, however many there are."""
    async for document in database[CHEQUES.name].find(deposits.query()).sort(DEPOSIT_ORDER):
        yield CHEQUES.read(document)
