"""Schedules: their documents, indexes and queries, and what is saved with them."""

from collections.abc import AsyncIterator, Mapping

from pymongo import IndexModel, UpdateMany

from carnet.dates import read_instant
from carnet.decisions import Context, Decision
from carnet.events import BY_TYPE
from carnet.events import payments as told
from carnet.groups import Wanted
from carnet.journal import JournalRow, read, slot_of
from carnet.mongo import Collection, Database, Document, Unit
from payments.follow_up.domain import Account, FollowUp, Names
from payments.follow_up.store import FOLLOW_UPS
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.store import CHEQUES, PAYMENTS
from payments.schedules.domain.explaining import Entry
from payments.schedules.domain.schedule import Schedule


def _found_by(schedule: Schedule) -> Document:
    """What the run finds it by: the date from which it collects one of its instalments, and the slot (PAY-11)."""
    on = schedule.collect_on
    return {"collect_on": on.isoformat() if on else None, "slot": slot_of(schedule.id)}


TO_COLLECT = "to_collect"
"""The index by which what is due is found: named to MongoDB, since a wrong guess would read every schedule."""

TRIED = "tried"
"""The index by which failed attempts are found: named to MongoDB, so that no other schedule is read."""

SCHEDULES = Collection(
    "schedules",
    Schedule,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("collect_on", 1), ("slot", 1), ("_id", 1)],
            name=TO_COLLECT,
            partialFilterExpression={"collect_on": {"$gt": ""}},
        ),
        IndexModel([("organisation", 1)], name=TRIED, partialFilterExpression={"instalments.tries": {"$gt": 0}}),
    ],
    derived=_found_by,
)


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
    unit.put(FOLLOW_UPS, row.moved(schedule, decision.events, context))
    _list_cheques(unit, HeldCheque.of(before) if before else {}, HeldCheque.of(schedule))
    return schedule


def _list_cheques(unit: Unit, before: Mapping[str, HeldCheque], now: Mapping[str, HeldCheque]) -> None:
    """Bring the deposit list up to date with one schedule, writing only what moved."""
    for gone in before.keys() - now.keys():
        unit.remove(CHEQUES, gone)
    for id_, cheque in now.items():
        if cheque != before.get(id_):
            unit.put(CHEQUES, cheque)


def schedule_loads(contract: str) -> Wanted:
    """What every change of a schedule reads."""
    return (FOLLOW_UPS, contract), (SCHEDULES, contract)


async def schedule_to_change(unit: Unit, contract: str) -> Schedule:
    """The schedule of a contract, with its row of the follow-up loaded beside; raises ``unknown-schedule``."""
    await unit.load_all(schedule_loads(contract))
    return await unit.one(SCHEDULES, contract, what="schedule")


def forget_holders(unit: Unit, account: Account) -> None:
    """Remove the holders of an account's cheques: from schedules, the deposit list and what payments took (ORG-4)."""
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
    unit.write(
        PAYMENTS.name,
        UpdateMany(
            {**of_account, f"took.taken.{cheque}": {"$type": "object"}},
            {"$set": {f"took.taken.$[part].{cheque}.holder": None}},
            array_filters=[{f"part.{cheque}": {"$ne": None}}],
        ),
    )


async def schedule_of(database: Database, organisation: str, contract: str) -> Schedule | None:
    """The schedule of a contract of that organisation, as it is now; None if there is none (ORG-1)."""
    found = await database[SCHEDULES.name].find_one({"_id": contract, "organisation": organisation})
    return SCHEDULES.read(found) if found else None


_AT_ONCE = 500


async def history_of(database: Database, organisation: str, schedule: Schedule) -> AsyncIterator[Entry]:
    """The entries of a schedule's journal up to its version, in order."""
    after = 0
    while after < schedule.version:
        rows = await read(database, organisation, schedule.id, after=after, limit=_AT_ONCE)
        if not rows:
            return
        for row in rows:
            if row["sequence"] <= schedule.version and (entry := entry_of(row)) is not None:
                yield entry
        after = rows[-1]["sequence"]


def entry_of(row: JournalRow) -> Entry | None:
    """An entry of the journal as the domain reads it; None where it moves nothing.

    An event that a newer release has added is read by what every move of a schedule carries.
    """
    type_ = BY_TYPE.get(row["type"])
    if type_ is None:
        if "balance" not in row["data"]:
            return None
        type_ = told.ScheduleMoved
    event = type_.model_validate(row["data"])
    return Entry(sequence=row["sequence"], at=read_instant(row["at"]), actor=row["actor"], event=event)
