"""Schedules with what follows them, and the payments of a contract."""

from collections.abc import Mapping

from pymongo import UpdateMany

from carnet.decisions import Context, Decision
from carnet.mongo import Database, Document, Unit
from payments.domain.cheques import HeldCheque
from payments.domain.follow_up import Account, FollowUp, Names
from payments.domain.receiving import Payment
from payments.domain.schedule import Schedule
from payments.store.documents import ACCOUNTS, CHEQUES, FOLLOW_UPS, PAYMENTS, SCHEDULES


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


async def account_of(database: Database, organisation: str, account: str) -> Account | None:
    """What is known of an account of that organisation; none where there is none (ORG-1)."""
    found = await database[ACCOUNTS.name].find_one({"_id": account, "organisation": organisation})
    return ACCOUNTS.read(found) if found else None


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
